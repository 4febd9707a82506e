using CsCheck;
using Xunit;

namespace Tablewalk.Mm.Tests.Contpte;

public sealed class ContpteOf2 : ContpteTests<Block2>;

public sealed class ContpteOf4 : ContpteTests<Block4>;

public sealed class ContpteOf8 : ContpteTests<Block8>;

public sealed class ContpteOf16 : ContpteTests<Block16>;

public sealed class ContpteOf16WithoutBreakBeforeMake : ContpteTests<WithoutBreakBeforeMake<Block16>>;

public sealed class ContpteOf128Pages16K : ContpteTests<Block128Of16K>;

public sealed class ContpteOf32Pages64K : ContpteTests<Block32Of64K>;

/// <summary>The contiguous layer with nobody else around.</summary>
[Collection("native")]
public abstract unsafe class ContpteTests<TBlock> : IDisposable
    where TBlock : IBlockSize
{
    private const ulong Address = 0x4020_0000;
    private static readonly ulong s_folio = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstHugePage);
    private static readonly ulong s_stride = 1UL << (TBlock.PageShift - PhysicalMemory.PageShift);
    private readonly Arena _arena = new();
    private readonly Pte* _ptes;

    protected ContpteTests() => _ptes = AddressSpace.FirstPte<Arm64>(AddressSpace.Create<Arm64>(_arena, Address), Address);

    private static int Entries => (int)TBlock.Entries;

    public void Dispose()
    {
        _arena.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_covered_and_aligned_block_is_set_with_the_hint()
    {
        Fold();
        Assert.All(Block(), static pte => Assert.True(Arm64.IsValidCont(pte)));
        Assert.Equal(Enumerable.Range(0, Entries).Select(static i => s_folio + ((ulong)i * s_stride)), Block().Select(Arm64.PfnOf));
    }

    [Fact]
    public void A_block_of_misaligned_pages_is_set_without_the_hint()
    {
        Contpte<TBlock>.SetPtes(_ptes, Arm64.MakeSharedPage(s_folio + s_stride), TBlock.Entries);
        Assert.All(Block(), static pte => Assert.True(Arm64.IsValid(pte) && !Arm64.IsValidCont(pte)));
    }

    [Fact]
    public void Writing_the_last_entry_folds_the_block()
    {
        for (int i = 0; i < Entries; i++)
        {
            Assert.False(Arm64.IsValidCont(*_ptes));
            Contpte<TBlock>.SetPte(Address + ((ulong)i << TBlock.PageShift), _ptes + i, Arm64.MakeSharedPage(s_folio + ((ulong)i * s_stride)));
        }

        Assert.All(Block(), static pte => Assert.True(Arm64.IsValidCont(pte)));
    }

    [Fact]
    public void Pages_of_different_folios_are_not_folded()
    {
        ulong single = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage / 2);
        for (int i = 0; i < Entries; i++)
        {
            Contpte<TBlock>.SetPte(Address, _ptes + i, Arm64.MakeSharedPage(single + ((ulong)i * s_stride)));
        }

        Assert.All(Block(), static pte => Assert.False(Arm64.IsValidCont(pte)));
    }

    [Fact]
    public void Entries_with_different_protection_are_not_folded()
    {
        Contpte<TBlock>.SetPte(Address, _ptes, Arm64.WrProtect(Arm64.MakeSharedPage(s_folio)));
        for (int i = 1; i < Entries; i++)
        {
            Contpte<TBlock>.SetPte(Address, _ptes + i, Arm64.MakeSharedPage(s_folio + ((ulong)i * s_stride)));
        }

        Assert.All(Block(), static pte => Assert.False(Arm64.IsValidCont(pte)));
    }

    [Fact]
    public void Splitting_gives_the_flags_of_any_entry_to_every_entry() =>
        Gen.Int[0, Entries - 1].Sample(dirty =>
        {
            Clear();
            Contpte<TBlock>.SetPtes(_ptes, Arm64.MkOld(Arm64.MakeSharedPage(s_folio)), TBlock.Entries);
            MakeDirtyByHardware(dirty);
            Contpte<TBlock>.TryUnfold(Address, _ptes);
            return Block().TrueForAll(static pte => !Arm64.IsValidCont(pte) && Arm64.IsDirty(pte) && !Arm64.IsYoung(pte));
        }, threads: 1);

    [Fact]
    public void Changing_one_entry_splits_the_block_and_leaves_the_others_in_place()
    {
        Fold();
        MakeDirtyByHardware(Entries - 1);
        Pte old = Contpte<TBlock>.PtepGetAndClear(Address, _ptes);
        Assert.True(Arm64.IsDirty(old) && !Arm64.IsValidCont(old));
        Assert.Equal(0UL, _ptes->Raw);
        Assert.All(Block().Skip(1), static pte => Assert.True(Arm64.IsDirty(pte) && !Arm64.IsValidCont(pte)));
    }

    [Fact]
    public void Clearing_one_entry_splits_the_block()
    {
        Fold();
        Contpte<TBlock>.PteClear(Address, _ptes);
        Assert.Equal(0UL, _ptes->Raw);
        Assert.All(Block().Skip(1), static pte => Assert.True(Arm64.IsValid(pte) && !Arm64.IsValidCont(pte)));
    }

    [Fact]
    public void Clearing_a_whole_block_gathers_its_flags()
    {
        Fold();
        MakeDirtyByHardware(Entries - 1);
        Pte first = Contpte<TBlock>.GetAndClearFullPtes(_ptes, TBlock.Entries);
        Assert.True(Arm64.IsDirty(first));
        Assert.All(Block(), static pte => Assert.Equal(0UL, pte.Raw));
    }

    [Fact]
    public void All_precise_getters_agree_when_nobody_else_writes() =>
        Gen.Select(Gen.Bool, Gen.Int[-1, Entries - 1], Gen.Int[-1, Entries - 1], Gen.Int[0, Entries - 1]).Sample((cont, dirty, young, target) =>
        {
            Clear();
            Contpte<TBlock>.SetPtes(_ptes, Arm64.MkOld(Arm64.MakeSharedPage(cont ? s_folio : s_folio + s_stride)), TBlock.Entries);
            MakeDirtyByHardware(dirty);
            if (young >= 0)
            {
                _ptes[young] = Arm64.MkYoung(_ptes[young]);
            }

            Pte expected = _ptes[target];
            expected = cont && dirty >= 0 ? Arm64.MkDirty(expected) : expected;
            expected = cont && young >= 0 ? Arm64.MkYoung(expected) : expected;
            Pte raw = Contpte<TBlock>.PtepGetGupFast(_ptes + target);
            Pte norecency = Contpte<TBlock>.PtepGetLocklessNorecency(_ptes + target);
            return Contpte<TBlock>.PtepGet(_ptes + target) == expected
                && Contpte<TBlock>.PtepGetLockless(_ptes + target) == expected
                && Contpte<TBlock>.PtepGetLocklessWithEarlyExit(_ptes + target) == expected
                && Contpte<TBlock>.PtepGetWithEarlyExit(_ptes + target) == expected
                && raw == _ptes[target]
                && norecency == Arm64.MkOld(Arm64.MkClean(raw));
        }, threads: 1);

    [Fact]
    public void An_entry_that_is_not_valid_is_read_as_it_is() =>
        Gen.ULong.Sample(raw =>
        {
            *_ptes = new Pte(raw & ~Arm64.Valid);
            return Contpte<TBlock>.PtepGet(_ptes) == *_ptes && Contpte<TBlock>.PtepGetLockless(_ptes) == *_ptes
                && Contpte<TBlock>.PtepGetLocklessNorecency(_ptes) == *_ptes;
        }, threads: 1);

    [Fact]
    public void A_block_larger_than_its_folio_is_not_folded()
    {
        ulong large = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage);
        for (int i = 0; i < Entries; i++)
        {
            Contpte<TBlock>.SetPte(Address + ((ulong)i << TBlock.PageShift), _ptes + i, Arm64.MakeSharedPage(large + ((ulong)i * s_stride)));
        }

        Assert.Equal(TBlock.Entries * s_stride <= PhysicalMemory.LargeFolioPages, Arm64.IsValidCont(*_ptes));
    }

    [Fact]
    public void Write_protection_of_whole_blocks_does_not_split_them_and_keeps_dirty()
    {
        Fold();
        MakeDirtyByHardware(1);
        Contpte<TBlock>.WrprotectPtes(Address, _ptes, TBlock.Entries);
        Assert.All(Block(), static pte => Assert.True(Arm64.IsValidCont(pte) && !Arm64.IsWritable(pte)));
        Assert.True(Arm64.IsDirty(Contpte<TBlock>.PtepGet(_ptes)));
    }

    [Fact]
    public void A_range_splits_only_the_blocks_that_stick_out_of_it()
    {
        Fold();
        Contpte<TBlock>.SetPtes(_ptes + Entries, Arm64.MakeSharedPage(s_folio), TBlock.Entries);
        Contpte<TBlock>.WrprotectPtes(Address, _ptes, TBlock.Entries + 1);
        Assert.All(Block(), static pte => Assert.True(Arm64.IsValidCont(pte) && !Arm64.IsWritable(pte)));
        Assert.False(Arm64.IsValidCont(_ptes[Entries]) || Arm64.IsWritable(_ptes[Entries]));
        Assert.True(!Arm64.IsValidCont(_ptes[Entries + 1]) && Arm64.IsWritable(_ptes[Entries + 1]));
        Contpte<TBlock>.ClearFullPtes(Address + (1UL << TBlock.PageShift), _ptes + 1, TBlock.Entries - 1);
        Assert.True(Arm64.IsValid(*_ptes) && !Arm64.IsValidCont(*_ptes));
        Assert.All(Block().Skip(1), static pte => Assert.Equal(0UL, pte.Raw));
    }

    [Fact]
    public void Age_is_a_property_of_the_block()
    {
        Fold();
        Assert.True(Contpte<TBlock>.PtepTestAndClearYoung(_ptes + 1));
        Assert.All(Block(), static pte => Assert.True(Arm64.IsValidCont(pte) && !Arm64.IsYoung(pte)));
        Assert.False(Contpte<TBlock>.PtepTestAndClearYoung(_ptes));
        _ptes[0] = Arm64.MkYoung(_ptes[0]);
        Assert.True(Contpte<TBlock>.PtepClearFlushYoung(Address, _ptes + 1));
        Assert.False(Arm64.IsYoung(_ptes[0]));
    }

    [Fact]
    public void Cleaning_a_part_cleans_the_blocks_that_it_touches()
    {
        Fold();
        MakeDirtyByHardware(0);
        Contpte<TBlock>.ClearYoungDirtyPtes(_ptes + 1, 1);
        Assert.All(Block(), static pte => Assert.True(Arm64.IsValidCont(pte) && !Arm64.IsYoung(pte) && !Arm64.IsDirty(pte)));
    }

    [Fact]
    public void Access_flags_go_to_every_entry_of_the_block()
    {
        Fold();
        Contpte<TBlock>.PtepTestAndClearYoung(_ptes);
        Pte wanted = Arm64.MkYoung(Arm64.MkDirty(_ptes[1]));
        Assert.True(Contpte<TBlock>.PtepSetAccessFlags<EachEntryTest>(Address, _ptes + 1, wanted, isWrite: true));
        Assert.All(Block(), static pte => Assert.True(Arm64.IsValidCont(pte) && Arm64.IsYoung(pte) && Arm64.IsDirty(pte)));
        Assert.Equal(Enumerable.Range(0, Entries).Select(static i => s_folio + ((ulong)i * s_stride)), Block().Select(Arm64.PfnOf));
        Assert.False(Contpte<TBlock>.PtepSetAccessFlags<EachEntryTest>(Address, _ptes + 1, wanted, isWrite: true));
    }

    [Fact]
    public void Write_permission_for_one_entry_splits_the_block()
    {
        Fold();
        Contpte<TBlock>.WrprotectPtes(Address, _ptes, TBlock.Entries);
        Pte wanted = Arm64.MkWrite(Arm64.MkDirty(_ptes[1]));
        Assert.True(Contpte<TBlock>.PtepSetAccessFlags<EachEntryTest>(Address, _ptes + 1, wanted, isWrite: true));
        Assert.True(Arm64.IsWritable(_ptes[1]) && Arm64.IsDirty(_ptes[1]));
        Assert.All(Block(), static pte => Assert.False(Arm64.IsValidCont(pte)));
        Assert.False(Arm64.IsWritable(_ptes[0]));
    }

    [Fact] // T94: a device or CPU that looks at its own entry faults again and again
    public void A_gathered_test_leaves_an_entry_without_the_flag_that_another_one_has()
    {
        Fold();
        Contpte<TBlock>.PtepTestAndClearYoung(_ptes);
        _ptes[0] = Arm64.MkYoung(_ptes[0]);
        Pte wanted = Arm64.MkYoung(_ptes[1]);
        Assert.False(Contpte<TBlock>.PtepSetAccessFlags<GatheredTest>(Address, _ptes + 1, wanted, isWrite: false));
        Assert.False(Arm64.IsYoung(_ptes[1]));
        Assert.True(Contpte<TBlock>.PtepSetAccessFlags<EachEntryTest>(Address, _ptes + 1, wanted, isWrite: false));
        Assert.True(Arm64.IsYoung(_ptes[1]));
    }

    private void Fold()
    {
        Clear();
        Contpte<TBlock>.SetPtes(_ptes, Arm64.MakeSharedPage(s_folio), TBlock.Entries);
    }

    private void Clear()
    {
        for (int i = 0; i < 2 * Entries; i++)
        {
            _ptes[i] = default;
        }
    }

    private void MakeDirtyByHardware(int index)
    {
        if (index >= 0)
        {
            _ptes[index] = new Pte(_ptes[index].Raw & ~Arm64.ReadOnly);
        }
    }

    private List<Pte> Block()
    {
        List<Pte> block = [];
        for (int i = 0; i < Entries; i++)
        {
            block.Add(_ptes[i]);
        }

        return block;
    }
}
