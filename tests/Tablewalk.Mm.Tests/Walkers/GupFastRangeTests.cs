using Xunit;

namespace Tablewalk.Mm.Tests.Walkers;

public sealed class RangesOnArm64 : GupFastRangeTests<Arm64, ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>>;

public sealed class RangesOnArm64Of16K
    : GupFastRangeTests<Arm64<Granule16K>, ContiguousPtes<Block128Of16K, PreciseRead<Block128Of16K, FullGatherTest>, EachEntryTest>>;

public sealed class RangesOnX86_64 : GupFastRangeTests<X86_64, SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>>;

public sealed class RangesOnX86Pae : GupFastRangeTests<X86Pae, SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, ArchAccessFlags>>;

/// <summary>GUP-fast over ranges, levels and pins, with nobody else around.</summary>
[Collection("native")]
public abstract unsafe class GupFastRangeTests<TArch, TPtes> : IDisposable
    where TArch : IArch
    where TPtes : IPtes
{
    private const ulong Address = 0x4020_0000;
    private static readonly ulong s_huge = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstHugePage);
    private static readonly ulong s_gigantic = PhysicalMemory.PageFrame(PhysicalMemory.GiganticBank, 0);
    private readonly Machine<TArch> _machine = new();

    protected GupFastRangeTests()
    {
        for (int i = 0; i < 6; i++)
        {
            FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.Handle(
                _machine.Mm, Machine<TArch>.At(i), isWrite: false, RegionFlags.Read | RegionFlags.Write);
        }
    }

    public void Dispose()
    {
        _machine.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Pages_are_taken_up_to_the_first_that_is_missing()
    {
        Assert.Equal(6UL, Get(Address, 10, GupFlags.Write));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(TArch.PfnOf(*_machine.PtepOf(Machine<TArch>.At(i))), _machine.Words[i]);
            Assert.Equal(2UL, _machine.PageAt(Machine<TArch>.At(i))->Refcount);
            Assert.NotEqual(0UL, _machine.PageAt(Machine<TArch>.At(i))->Flags & Folio.Referenced);
        }

        Assert.Equal(0UL, Get(Address + (1UL << TArch.PmdShift), 1, GupFlags.None));
        Assert.Equal(0UL, Get(Address + (1UL << TArch.PgdShift), 1, GupFlags.None));
    }

    [Fact]
    public void A_read_only_page_stops_a_walk_for_writing()
    {
        Pte* second = _machine.PtepOf(Machine<TArch>.At(1));
        *second = TArch.WrProtect(*second);
        Assert.Equal(1UL, Get(Address, 3, GupFlags.Write));
        Assert.Equal(3UL, Get(Address, 3, GupFlags.None));
        *second = TArch.Modify(*second, TArch.ProtNone);
        Assert.Equal(1UL, Get(Address, 3, GupFlags.None));
    }

    [Fact]
    public void A_pin_of_a_single_page_is_a_biased_reference_and_of_a_large_folio_a_count()
    {
        bool isSingle = PageTables<TArch>.PageZone == FolioAllocator.SingleZone;
        Folio* folio = _machine.PageAt(Address);
        Assert.Equal(1UL, Get(Address, 1, GupFlags.Pin | GupFlags.Write));
        Assert.Equal(isSingle ? (1 + Folio.PinBias, 0UL) : (2UL, 1UL), (folio->Refcount, folio->Pincount));
        Assert.Equal(1UL, _machine.Mm->HasPinned);
        Put(_machine.Words[0], 1, GupFlags.Pin);
        Assert.Equal((1UL, 0UL), (folio->Refcount, folio->Pincount));
    }

    [Fact]
    public void A_pin_for_reading_needs_the_page_to_be_exclusive()
    {
        Pte* ptep = _machine.PtepOf(Address);
        *ptep = TArch.WrProtect(*ptep);
        Assert.Equal(1UL, Get(Address, 1, GupFlags.Pin));
        Put(_machine.Words[0], 1, GupFlags.Pin);
        _machine.PageAt(Address)->Flags &= ~Folio.Exclusive;
        Assert.Equal(0UL, Get(Address, 1, GupFlags.Pin));
        Assert.Equal(1UL, _machine.PageAt(Address)->Refcount);
        Assert.Equal(1UL, Get(Address, 1, GupFlags.None));
    }

    [Fact]
    public void A_fork_that_runs_refuses_pins()
    {
        SeqCount.WriteBegin(&_machine.Mm->WriteProtectSeq);
        Assert.Equal(0UL, Get(Address, 1, GupFlags.Pin | GupFlags.Write));
        Assert.Equal(1UL, Get(Address, 1, GupFlags.Write));
        SeqCount.WriteEnd(&_machine.Mm->WriteProtectSeq);
        Assert.Equal(1UL, Get(Address, 1, GupFlags.Pin | GupFlags.Write));
    }

    [Fact] // the pins that were taken before the counter moved are given back
    public void A_fork_that_ran_meanwhile_undoes_pins()
    {
        ForkInside.Mm = _machine.Mm;
        ulong pinned = GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckBoth<TArch, LocklessRead<TArch>, LocklessRead<TArch>>, ForkInside>.GetPages(
            _machine.Mm, Address, 3, GupFlags.Pin | GupFlags.Write, _machine.Words);
        Assert.Equal(0UL, pinned);
        Assert.Equal(1UL, _machine.PageAt(Address)->Refcount);
    }

    [Fact]
    public void A_PMD_leaf_gives_as_many_pages_as_it_has_left()
    {
        ulong huge = (Address | ((1UL << TArch.PmdShift) - 1)) + 1;
        *PageTables<TArch>.PmdAllocOrNull(_machine.Mm, huge) = TArch.MakeLeaf(TArch.MakeSharedPage(s_gigantic)).Raw;
        Folio* folio = PhysicalMemory.FolioOf(_machine.Mm, s_gigantic);
        folio->Refcount = 1;
        Assert.Equal(4UL, Get(huge + (2UL << TArch.PageShift), 4, GupFlags.Write));
        Assert.Equal(5UL, folio->Refcount);
        ulong step = 1UL << (TArch.PageShift - PhysicalMemory.PageShift);
        Assert.Equal([s_gigantic + (2 * step), s_gigantic + (3 * step), s_gigantic + (4 * step), s_gigantic + (5 * step)], new ReadOnlySpan<ulong>(_machine.Words, 4).ToArray());
        Assert.Equal(2UL, Get(huge + ((TArch.PtrsPerTable - 2) << TArch.PageShift), 4, GupFlags.Pin | GupFlags.Write));
        Assert.Equal((7UL, 2UL), (folio->Refcount, folio->Pincount));
        Assert.Equal(1UL << TArch.PmdShift, SizeOf(huge));
    }

    [Fact]
    public void A_PUD_leaf_gives_pages_of_a_gigantic_folio()
    {
        if (!TArch.HasPud)
        {
            return; // three levels have no such leaf
        }

        ulong gigantic = Address + (2UL << TArch.PudShift);
        ulong pfn = PhysicalMemory.PageFrame(PhysicalMemory.GiganticBank, 0);
        PageTables<TArch>.PmdAllocOrNull(_machine.Mm, gigantic);
        Pmd top = new(*PageTables<TArch>.PgdOffset(_machine.Mm, gigantic));
        *PageTables<TArch>.EntryIn(_machine.Mm, top, gigantic, TArch.PudShift) = TArch.MakeLeaf(TArch.MakeSharedPage(pfn)).Raw;
        PhysicalMemory.FolioOf(_machine.Mm, pfn)->Refcount = 1;
        Assert.Equal(3UL, Get(gigantic + PhysicalMemory.PageSize, 3, GupFlags.Write));
        Assert.Equal(pfn + 1, _machine.Words[0] - ((gigantic & ((1UL << TArch.PudShift) - 1)) >> PhysicalMemory.PageShift));
        Assert.Equal(4UL, PhysicalMemory.FolioOf(_machine.Mm, pfn)->Refcount);
        Assert.Equal(1UL << TArch.PudShift, SizeOf(gigantic));
    }

    [Fact]
    public void The_size_of_a_mapping_is_that_of_its_entry()
    {
        Assert.Equal(PageTables<TArch>.PageSize, SizeOf(Address));
        Assert.Equal(0UL, SizeOf(Machine<TArch>.At(9)));
        Assert.Equal(0UL, SizeOf(Address + (1UL << TArch.PmdShift)));
        Assert.Equal(0UL, SizeOf(Address + (1UL << TArch.PgdShift)));
        Pte* ptep = _machine.PtepOf(Address + (32UL << TArch.PageShift));
        TPtes.SetPtes(Address, _machine.PtepOf(Address + (128UL << TArch.PageShift)), TArch.MakeSharedPage(s_huge), 128);
        Assert.Equal(TPtes.MappedBytes(*_machine.PtepOf(Address + (128UL << TArch.PageShift))), SizeOf(Address + (128UL << TArch.PageShift)));
        Assert.Equal(0UL, ptep->Raw);
    }

    [Fact]
    public void One_page_comes_with_its_entry()
    {
        Assert.True(GupFast<TArch, LocklessRead<TArch>, FullReference, NoRecheck<TArch>, IrqOffSection>.TryGetOne(
            _machine.Mm, Address + 8, isWrite: true, out ulong pfn, out Pte used));
        Assert.Equal(*_machine.PtepOf(Address), used);
        Assert.Equal(TArch.PfnOf(used), pfn);
    }

    private ulong Get(ulong address, ulong count, GupFlags flags) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckBoth<TArch, LocklessRead<TArch>, LocklessRead<TArch>>, IrqOffSection>.GetPages(
            _machine.Mm, address, count, flags, _machine.Words);

    private void Put(ulong pfn, ulong count, GupFlags flags) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, NoRecheck<TArch>, IrqOffSection>.PutPages(_machine.Mm, pfn, count, flags);

    private ulong SizeOf(ulong address) => PageSizeWalk<TArch, TPtes, RawRead<TArch>, IrqOffSection>.SizeOf(_machine.Mm, address);
}

/// <summary>A section at whose end a fork has run.</summary>
public readonly unsafe struct ForkInside : IWalkSection
{
    [ThreadStatic]
    private static AddressSpace* t_mm;

    public static AddressSpace* Mm
    {
        get => t_mm;
        set => t_mm = value;
    }

    public static void Enter()
    {
    }

    public static void Leave()
    {
        SeqCount.WriteBegin(&Mm->WriteProtectSeq);
        SeqCount.WriteEnd(&Mm->WriteProtectSeq);
    }
}
