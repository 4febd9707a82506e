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

    protected GupFastTests()
    {
        _mm = AddressSpace.Create<TArch>(_arena, Address);
        _ptep = AddressSpace.FirstPte(_mm, Address);
        _folio = _arena.UseFolio(s_page, 1, "A");
        Updaters.MapPage<ArchSetter<TArch>>(_mm, _ptep, TArch.MakeSharedPage(s_page));
    }

    public void Dispose()
    {
        _arena.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_mapped_page_is_pinned()
    {
        Assert.True(Pin(write: true, out ulong used));
        Assert.Equal(s_page, TArch.PfnOf(new Pte(used)));
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
        ulong* pmdp = AddressSpace.FirstPmdEntry(_mm, Address);
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
        bool pinned = GupFast<TArch, LocklessRead<TArch>, FullReference, NeverUnchanged<TArch>, IrqOffSection>.TryGetPage(
            _mm, Address, write: false, out ulong used);
        Assert.False(pinned);
        Assert.Equal(0UL, used);
        Assert.Equal(1UL, _folio->Refcount);
    }

    [Fact]
    public void Zap_of_the_last_mapping_frees_and_poisons_the_page()
    {
        Assert.True(Updaters.ZapRange<TArch, FlushByIpi>(_mm, Address, _ptep, 1));
        Assert.Equal(0UL, _ptep->Raw);
        Assert.Equal(0UL, _folio->Refcount);
        Assert.Equal(Cpu.PoisonPattern, *(ulong*)PhysicalMemory.VirtualOf(_mm, s_page << PhysicalMemory.PageShift));
        Assert.False(Updaters.ZapRange<TArch, FlushByIpi>(_mm, Address, _ptep, 1));
    }

    [Fact]
    public void Zap_leaves_a_pinned_page_alone()
    {
        Assert.True(Pin(write: false, out _));
        Assert.False(Updaters.ZapRange<TArch, FlushByBroadcast>(_mm, Address, _ptep, 1));
        Assert.Equal(1UL, _folio->Refcount);
        Assert.True(FolioReferences.Put(_mm, s_page));
    }

    [Fact]
    public void Zap_of_a_table_poisons_it_and_hands_the_page_on()
    {
        ulong* pmdp = AddressSpace.FirstPmdEntry(_mm, Address);
        Assert.True(Updaters.ZapRangeAndTable<TArch, FlushByIpi, TakenAtOnce>(_mm, Address, _ptep, 1, pmdp));
        Assert.Equal(0UL, *pmdp);
        Assert.Equal(1UL, _folio->Refcount);
        Assert.Equal(Cpu.PoisonPattern, _ptep->Raw);
    }

    [Fact]
    public void Collapse_takes_a_page_only_if_nobody_has_it_pinned()
    {
        ulong* pmdp = AddressSpace.FirstPmdEntry(_mm, Address);
        ulong pmd = *pmdp;
        Assert.True(Pin(write: false, out _));
        Assert.False(Collapse.TryTakePage<TArch, FlushByIpi, SyncByIpi>(_mm, Address, pmdp, _ptep));
        Assert.Equal(pmd, *pmdp);
        Assert.False(FolioReferences.Put(_mm, s_page));
        Assert.True(Collapse.TryTakePage<TArch, FlushByIpi, SyncByIpi>(_mm, Address, pmdp, _ptep));
        Assert.Equal(0UL, *pmdp);
    }

    [Fact]
    public void Entries_come_back_as_they_were_written()
    {
        Pte page = TArch.MkDirty(TArch.MakeSharedPage(PhysicalMemory.PageFrame(2, PhysicalMemory.FirstLargePage - 56)));
        PteAccessors.PteClear<TArch>(_ptep);
        Assert.Equal(0UL, PteAccessors.PtepGet<TArch>(_ptep).Raw);
        PteAccessors.SetPte<TArch>(_ptep, page);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(page, PteAccessors.PtepGet<TArch>(_ptep));
        }

        Assert.Equal(page, PteAccessors.PtepGetLockless<TArch>(_ptep));
        Assert.Equal(page, PteAccessors.PtepGetAndClear<TArch>(_ptep));
        Assert.Equal(0UL, _ptep->Raw);
    }

    private bool Pin(bool write, out ulong used) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckBoth<TArch, LocklessRead<TArch>, LocklessRead<TArch>>, IrqOffSection>
            .TryGetPage(_mm, Address, write, out used);

    private bool PinAt(ulong address) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, NoRecheck<TArch>, RcuReadSection>.TryGetPage(_mm, address, write: false, out _);
}

public readonly unsafe struct NeverUnchanged<TArch> : IRecheck<TArch>
    where TArch : IArch
{
    public static bool IsUnchanged(ulong* pmdp, Pmd pmd, ulong* ptep, PteReading first) => false;
}
