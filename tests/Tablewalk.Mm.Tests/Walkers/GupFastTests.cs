using Xunit;

namespace Tablewalk.Mm.Tests.Walkers;

public sealed class GupFastOnArm64 : GupFastTests<Arm64>;

public sealed class GupFastOnX86_64 : GupFastTests<X86_64>;

public sealed class GupFastOnX86Pae : GupFastTests<X86Pae>;

/// <summary>The walk and the updaters with nobody else around.</summary>
[Collection("native")]
public abstract unsafe class GupFastTests<TArch> : IDisposable
    where TArch : IArch
{
    private const ulong Address = 0x4021_0000;
    private static readonly ulong s_page = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage - 56);
    private readonly Arena _arena = new();
    private readonly AddressSpace* _mm;
    private readonly Pte* _ptep;
    private readonly Folio* _folio;
    private readonly Gather* _gather;

    protected GupFastTests()
    {
        _gather = (Gather*)_arena.AllocatePages();
        _mm = AddressSpace.Create<TArch>(_arena, Address);
        _ptep = AddressSpace.FirstPte<TArch>(_mm, Address);
        _folio = _arena.UseFolio(s_page, 1, "A");
        _folio->Mapcount = 1;
        _folio->Flags = Folio.Anonymous | Folio.Exclusive;
        *_ptep = TArch.MakeSharedPage(s_page);
    }

    public void Dispose()
    {
        _arena.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_mapped_page_is_pinned()
    {
        Assert.True(Pin(write: true, out Pte used));
        Assert.Equal(s_page, TArch.PfnOf(used));
        Assert.Equal(2UL, _folio->Refcount);
    }

    [Fact]
    public void Write_access_is_refused_on_a_read_only_entry()
    {
        *_ptep = TArch.WrProtect(*_ptep);
        Assert.False(Pin(write: true, out _));
        Assert.True(Pin(write: false, out _));
        Assert.Equal(2UL, _folio->Refcount);
    }

    [Fact]
    public void A_free_page_is_refused()
    {
        _folio->Refcount = 0;
        Assert.False(Pin(write: false, out _));
        Assert.Equal(0UL, _folio->Refcount);
    }

    [Fact]
    public void An_empty_entry_of_each_level_stops_the_walk()
    {
        ulong* pmdp = AddressSpace.FirstPmdEntry<TArch>(_mm, Address);
        ulong pmd = *pmdp;
        *pmdp = 0;
        Assert.False(Pin(write: false, out _));
        *pmdp = pmd;
        Assert.True(Pin(write: false, out _));
        Assert.False(PinAt(Address + PhysicalMemory.PageSize));
        Assert.False(PinAt(Address + (1UL << AddressSpace.PmdShift)));
        Assert.False(PinAt(Address + (1UL << TArch.PgdShift)));
        Assert.Equal(2UL, _folio->Refcount);
    }

    [Fact]
    public void A_failed_recheck_gives_the_reference_back()
    {
        bool pinned = GupFast<TArch, LocklessRead<TArch>, FullReference, NeverUnchanged<TArch>, IrqOffSection>.TryGetOne(
            _mm, Address, isWrite: false, out _, out Pte used);
        Assert.False(pinned);
        Assert.Equal(0UL, used.Raw);
        Assert.Equal(1UL, _folio->Refcount);
    }

    [Fact]
    public void Unmapping_the_last_mapping_frees_and_poisons_the_page()
    {
        Unmap();
        Assert.Equal(0UL, _ptep->Raw);
        Assert.Equal(0UL, _folio->Refcount);
        Assert.Equal(Cpu.PoisonPattern, *(ulong*)PhysicalMemory.VirtualOf(_mm, s_page << PhysicalMemory.PageShift));
        Unmap();
        Assert.Equal(0UL, _folio->Refcount);
    }

    [Fact]
    public void Unmapping_leaves_a_pinned_page_alone()
    {
        Assert.True(Pin(write: false, out _));
        Unmap();
        Assert.Equal(1UL, _folio->Refcount);
        Assert.True(FolioAllocator.Put(_mm, s_page, 1));
    }

    [Fact]
    public void A_table_goes_with_its_last_page_and_is_poisoned_after_a_grace_period()
    {
        Unmap<TArch, SinglePtes<TArch, LocklessRead<TArch>, FlushByIpi, ArchAccessFlags>, FlushThenFree>.RangeAndTables(
            _mm, Address, PhysicalMemory.PageSize, 0, ulong.MaxValue, _gather);
        Assert.Equal(0UL, *AddressSpace.FirstPmdEntry<TArch>(_mm, Address));
        Assert.Equal(s_page, FolioAllocator.TryAllocate(_mm, FolioAllocator.SingleZone));
        Assert.NotEqual(Cpu.PoisonPattern, _ptep->Raw);
        Assert.Equal(1UL, DeferredFrees.Free(_mm));
        Assert.Equal(Cpu.PoisonPattern, _ptep->Raw);
        Assert.Equal(0UL, DeferredFrees.Free(_mm));
    }

    [Fact]
    public void A_table_stays_while_a_region_below_or_above_may_use_it()
    {
        ulong* pmdp = AddressSpace.FirstPmdEntry<TArch>(_mm, Address);
        ulong pmd = *pmdp;
        Unmap<TArch, SinglePtes<TArch, LocklessRead<TArch>, FlushByIpi, ArchAccessFlags>, FlushThenFree>.RangeAndTables(
            _mm, Address, PhysicalMemory.PageSize, Address, ulong.MaxValue, _gather);
        Unmap<TArch, SinglePtes<TArch, LocklessRead<TArch>, FlushByIpi, ArchAccessFlags>, FlushThenFree>.RangeAndTables(
            _mm, Address, PhysicalMemory.PageSize, 0, Address + PhysicalMemory.PageSize, _gather);
        Assert.Equal(pmd, *pmdp);
        Assert.Equal(0UL, DeferredFrees.Free(_mm));
    }

    [Fact]
    public void Entries_come_back_as_they_were_written()
    {
        Pte page = TArch.MkDirty(TArch.MakeSharedPage(PhysicalMemory.PageFrame(2, PhysicalMemory.FirstLargePage - 56)));
        TArch.Clear((ulong*)_ptep);
        Assert.Equal(0UL, TArch.ReadRaw((ulong*)_ptep));
        TArch.Write((ulong*)_ptep, page.Raw);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(page.Raw, TArch.ReadRaw((ulong*)_ptep));
        }

        Assert.Equal(page.Raw, TArch.ReadLockless((ulong*)_ptep));
        Assert.Equal(page.Raw, TArch.GetAndClear((ulong*)_ptep));
        Assert.Equal(0UL, _ptep->Raw);
    }

    private void Unmap() => Unmap<TArch, SinglePtes<TArch, LocklessRead<TArch>, FlushByIpi, ArchAccessFlags>, FlushThenFree>.Range(
        _mm, Address, PhysicalMemory.PageSize, _gather);

    private bool Pin(bool write, out Pte used) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckBoth<TArch, LocklessRead<TArch>, LocklessRead<TArch>>, IrqOffSection>
            .TryGetOne(_mm, Address, write, out _, out used);

    private bool PinAt(ulong address) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, NoRecheck<TArch>, RcuReadSection>.TryGetOne(_mm, address, isWrite: false, out _, out _);
}

public readonly unsafe struct NeverUnchanged<TArch> : IRecheck<TArch>
    where TArch : IArch
{
    public static bool IsUnchanged(ulong* pmdp, Pmd pmd, ulong* ptep, PteReading first) => false;
}
