using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>
/// What each accessor costs in loads, stores, atomics and cache lines when nobody else writes: docs/performance.md. Counted in the code that is checked, by
/// running its lifted form.
/// </summary>
public sealed unsafe class CostTests : IDisposable
{
    private const ulong Address = 0x4020_0000;
    private static readonly ulong s_folio = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstHugePage);
    private readonly Arena _arena = new();
    private readonly AddressSpace* _mm;
    private readonly Pte* _ptes;

    public CostTests()
    {
        _mm = AddressSpace.Create<Arm64>(_arena, Address);
        _ptes = AddressSpace.FirstPte<Arm64>(_mm, Address);
        _arena.UseFolio(s_folio, 16, "A");
    }

    public static TheoryData<Type, int, int> Blocks => new()
    {
        { typeof(Block16), 16, 2 },
        { typeof(Block128Of16K), 128, 16 },
        { typeof(Block32Of64K), 32, 4 },
    };

    public void Dispose() => _arena.Dispose();

    [Theory]
    [InlineData(typeof(Arm64), 1)]
    [InlineData(typeof(X86_64), 1)]
    [InlineData(typeof(X86Pae), 3)]
    public void A_lockless_read_of_a_single_entry_is_one_load_or_three_halves(Type architecture, int loads)
    {
        var counts = Counts.Of(architecture, nameof(IArch.ReadLockless), (ulong)_ptes);
        Assert.Equal((loads, 0, 0), counts.Accesses);
        Assert.Equal(1, counts.Lines);
    }

    [Theory]
    [InlineData("PtepGet")]
    [InlineData("PtepGetLockless")]
    [InlineData("PtepGetLocklessWithEarlyExit")]
    [InlineData("PtepGetWithEarlyExit")]
    [InlineData("PtepGetGupFast")]
    [InlineData("PtepGetLocklessNorecency")]
    public void A_getter_of_an_entry_outside_a_block_is_one_load(string getter)
    {
        *_ptes = Arm64.MakeSharedPage(s_folio);
        Assert.Equal((1, 0, 0), Get(typeof(Block16), getter, 0).Accesses);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void The_getters_of_v6_9_load_the_whole_block(Type block, int entries, int lines)
    {
        Fold(entries, block, youngDirty: false);
        foreach (var (getter, loads) in new[] { ("PtepGet", 1 + entries), ("PtepGetLockless", 2 + entries) })
        {
            var counts = Get(block, getter, entries / 2);
            Assert.Equal((loads, 0, 0), counts.Accesses);
            Assert.Equal(lines, counts.Lines);
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_raw_read_of_a_folded_entry_is_one_load(Type block, int entries, int lines)
    {
        Assert.True(lines > 1);
        Fold(entries, block, youngDirty: false);
        foreach (var getter in new[] { "PtepGetGupFast", "PtepGetLocklessNorecency" })
        {
            var counts = Get(block, getter, entries / 2);
            Assert.Equal((1, 0, 0), counts.Accesses);
            Assert.Equal(1, counts.Lines);
        }
    }

    [Theory]
    [InlineData("PtepGetWithEarlyExit", 3, 18)]
    [InlineData("PtepGetLocklessWithEarlyExit", 4, 19)]
    public void The_getters_since_v6_17_stop_at_the_second_flag(string getter, int best, int worst)
    {
        Fold(16, typeof(Block16), youngDirty: true);
        var fewest = Get(typeof(Block16), getter, 0);
        Assert.Equal((best, 0, 0), fewest.Accesses);
        Assert.Equal(1, fewest.Lines);

        // Dirty in the middle and accessed nowhere: the entry with dirty is read again, and then all the rest.
        Fold(16, typeof(Block16), youngDirty: false);
        for (var i = 0; i < 16; i++)
        {
            _ptes[i] = Arm64.MkOld(_ptes[i]);
        }

        _ptes[7] = Arm64.MkDirty(_ptes[7]);
        var most = Get(typeof(Block16), getter, 0);
        Assert.Equal((worst, 0, 0), most.Accesses);
        Assert.Equal(2, most.Lines);
    }

    [Theory]
    [InlineData(typeof(Block16), 16, 288, 16)]
    [InlineData(typeof(Block128Of16K), 128, 16640, 128)]
    public void Reading_a_block_entry_by_entry_is_quadratic_with_the_precise_getter(Type block, int entries, int precise, int raw)
    {
        Fold(entries, block, youngDirty: false);
        Assert.Equal(precise, Enumerable.Range(0, entries).Sum(i => Get(block, "PtepGetLockless", i).Loads));
        Assert.Equal(raw, Enumerable.Range(0, entries).Sum(i => Get(block, "PtepGetGupFast", i).Loads));
    }

    [Theory]
    [InlineData("precise", 36)]
    [InlineData("precise, re-check by ptep_get", 35)]
    [InlineData("raw", 2)]
    public void GUP_fast_reads_the_entry_twice(string how, int loads)
    {
        var precise = typeof(PreciseRead<Block16, FullGatherTest>);
        var (read, again) = how switch
        {
            "precise" => (precise, precise),
            "raw" => (typeof(GupFastRead), typeof(GupFastRead)),
            _ => (precise, typeof(GatheredRead<Block16>)),
        };
        Fold(16, typeof(Block16), youngDirty: false);
        var recheck = typeof(RecheckBoth<,,>).MakeGenericType(typeof(Arm64), typeof(RawRead<Arm64>), again);
        var method = typeof(CostTests).GetMethod(nameof(Walk))!.MakeGenericMethod(typeof(Arm64), read, recheck);

        Assert.Equal((loads, 0, 0), Counts.Of((ulong)_ptes, 128, method, (ulong)_mm).Accesses);
        Assert.Equal((2, 0, 0), Counts.Of((ulong)AddressSpace.FirstPmdEntry<Arm64>(_mm, Address), 8, method, (ulong)_mm).Accesses);
        var reference = Counts.Of((ulong)PhysicalMemory.FolioOf(_mm, s_folio), 64, method, (ulong)_mm);
        Assert.Equal((2, 0, 1), reference.Accesses); // the count; the flags once, since they say referenced already
        Assert.Equal(1UL, reference.Result);
    }

    [Theory]
    [InlineData(typeof(Block16), 1, 2)]
    [InlineData(typeof(WithoutBreakBeforeMake<Block16>), 0, 0)]
    public void Splitting_and_folding_exchange_and_store_every_entry(Type block, int invalidations, int barriers)
    {
        Fold(16, block, youngDirty: false);
        var split = Counts.Of(typeof(Contpte<>).MakeGenericType(block), "TryUnfold", Address, (ulong)_ptes);
        Assert.Equal((1, 16, 16), split.Accesses);
        Assert.Equal((invalidations, barriers), (split.Invalidations, split.Barriers));
        Assert.False(Arm64.IsValidCont(*_ptes));

        var fold = Counts.Of(typeof(Contpte<>).MakeGenericType(block), "TryFold", Address, (ulong)_ptes, _ptes->Raw);
        Assert.Equal((16, 16, 16), fold.Accesses);
        Assert.Equal((invalidations, barriers), (fold.Invalidations, fold.Barriers));
        Assert.True(Arm64.IsValidCont(*_ptes));
    }

    [Fact]
    public void A_fault_on_a_folded_entry_compares_or_gathers_and_then_updates_every_entry()
    {
        Fold(16, typeof(Block16), youngDirty: false);
        Contpte<Block16>.PtepTestAndClearYoung(_ptes);
        Pte wanted = Arm64.MkYoung(_ptes[15]);

        var type = typeof(CostTests);
        var gathered = Counts.Of((ulong)_ptes, 128, type.GetMethod(nameof(SetAccessFlags))!.MakeGenericMethod(typeof(GatheredTest)), (ulong)(_ptes + 15), wanted.Raw);
        Assert.Equal((1 + 17 + 16, 0, 16), gathered.Accesses); // the hint, the gather, then each entry

        Contpte<Block16>.PtepTestAndClearYoung(_ptes);
        _ptes[0] = Arm64.MkYoung(_ptes[0]);
        var each = Counts.Of((ulong)_ptes, 128, type.GetMethod(nameof(SetAccessFlags))!.MakeGenericMethod(typeof(EachEntryTest)), (ulong)(_ptes + 15), wanted.Raw);
        Assert.Equal((1 + 2 + 16, 0, 16), each.Accesses); // the test stops at the first that lacks a flag
    }

    public static ulong Walk<TArch, TReader, TRecheck>(AddressSpace* mm)
        where TArch : IArch
        where TReader : IEntryReader
        where TRecheck : IRecheck<TArch> =>
        GupFast<TArch, TReader, FullReference, TRecheck, IrqOffSection>.TryGetOne(mm, Address + 0xF000, isWrite: false, out _, out _) ? 1UL : 0;

    public static bool SetAccessFlags<TTest>(Pte* ptep, Pte wanted)
        where TTest : INothingToDoTest => Contpte<Block16>.PtepSetAccessFlags<TTest>(Address + 0xF000, ptep, wanted, isWrite: false);

    private Counts Get(Type block, string getter, int index) =>
        Counts.Of(typeof(Contpte<>).MakeGenericType(block), getter, (ulong)(_ptes + index));

    private void Fold(int entries, Type block, bool youngDirty)
    {
        for (var i = 0; i < entries; i++)
        {
            ulong shift = block == typeof(Block128Of16K) ? 14UL : block == typeof(Block32Of64K) ? 16UL : 12;
            Pte pte = Arm64.MkCont(Arm64.MakeSharedPage(s_folio + ((ulong)i << (int)(shift - 12))));
            _ptes[i] = youngDirty ? Arm64.MkDirty(pte) : pte;
        }
    }
}
