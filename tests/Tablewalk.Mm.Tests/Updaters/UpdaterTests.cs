using Xunit;

namespace Tablewalk.Mm.Tests.Updating;

public sealed class UpdatersOnArm64 : UpdaterTests<Arm64, ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>>;

public sealed class UpdatersOnArm64WithoutBreakBeforeMake : UpdaterTests<
    Arm64,
    ContiguousPtes<WithoutBreakBeforeMake<Block16>, PreciseRead<WithoutBreakBeforeMake<Block16>, FullGatherTest>, EachEntryTest>>;

public sealed class UpdatersOnX86_64 : UpdaterTests<X86_64, SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>>;

public sealed class UpdatersOnX86Pae : UpdaterTests<X86Pae, SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, ArchAccessFlags>>;

/// <summary>The updaters with nobody else around: what each leaves behind, and that nothing leaks.</summary>
[Collection("native")]
public abstract unsafe class UpdaterTests<TArch, TPtes> : IDisposable
    where TArch : IArch
    where TPtes : IPtes
{
    private const RegionFlags ReadWrite = RegionFlags.Read | RegionFlags.Write;
    private const ulong Address = Machine<TArch>.Address;
    private readonly Machine<TArch> _machine = new(hasSecondary: true);
    private readonly Gather* _gather;

    protected UpdaterTests() => _gather = (Gather*)_machine.Words;

    public void Dispose()
    {
        _machine.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Unmapping_frees_pages_and_tables()
    {
        Fill(20, isWrite: true);
        ulong upper = TArch.HasPud ? 2UL : 1;
        Assert.Equal(20 + 1 + upper, _machine.UsedPages);
        Zap(Address, 20);
        Assert.Equal(1 + upper, _machine.UsedPages);
        Assert.Equal(0UL, _machine.PtepOf(Address)->Raw);
        Unmap<TArch, TPtes, FlushThenFree>.RangeAndTables(_machine.Mm, Address, PageTables<TArch>.PageSize, 0, ulong.MaxValue, _gather);
        Assert.Equal(upper, _machine.UsedPages);
        Assert.Equal(0UL, _machine.Mm->FlushPending);
    }

    [Fact]
    public void A_pinned_page_outlives_its_mapping()
    {
        Fill(1, isWrite: true);
        ulong pfn = TArch.PfnOf(*_machine.PtepOf(Address));
        Folio* folio = PhysicalMemory.FolioOf(_machine.Mm, pfn);
        Assert.Equal(1UL, Pin(GupFlags.Write | GupFlags.Pin, out ulong pinned));
        Zap(Address, 1);
        Assert.Equal((pfn, Folio.PinBias, 0UL), (pinned, folio->Refcount, folio->Mapcount));
    }

    [Fact]
    public void More_pages_than_a_gather_takes_are_unmapped_all_the_same()
    {
        Fill((int)Gather.Capacity + 100, isWrite: false);
        Zap(Address, Gather.Capacity + 100);
        Assert.Equal((TArch.HasPud ? 2UL : 1) + 2, _machine.UsedPages);
    }

    [Fact]
    public void A_dirty_page_of_a_file_marks_it_when_unmapped()
    {
        FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.Handle(_machine.Mm, Address, isWrite: true, ReadWrite | RegionFlags.Shared);
        Folio* folio = _machine.PageAt(Address);
        folio->Refcount++; // the file's
        Zap(Address, 1);
        Assert.Equal((Folio.Dirty, 1UL), (folio->Flags & Folio.Dirty, folio->Refcount));
    }

    [Fact]
    public void Fork_shares_pages_and_a_write_copies_them()
    {
        Fill(3, isWrite: true);
        *_machine.ContentsAt(Address) = 5;
        Assert.True(ForkRange(3));
        Assert.Equal(TArch.PfnOf(*_machine.PtepOf(Address)), TArch.PfnOf(*ChildPtep(Address)));
        Assert.False(TArch.IsWritable(*_machine.PtepOf(Address)) || TArch.IsWritable(*ChildPtep(Address)));
        Assert.True(TArch.IsDirty(*ChildPtep(Address)));
        Assert.Equal((2UL, 2UL), (_machine.PageAt(Address)->Refcount, _machine.PageAt(Address)->Mapcount));

        Fault(Address, isWrite: true);
        *_machine.ContentsAt(Address) = 6;
        Assert.Equal(5UL, *Machine<TArch>.ContentsAt(_machine.Child, Address));
        Assert.Equal(0UL, _machine.Mm->WriteProtectSeq & 1);
    }

    [Fact]
    public void Fork_copies_a_pinned_page_at_once()
    {
        Fill(2, isWrite: true);
        *_machine.ContentsAt(Address) = 5;
        Pin(GupFlags.Write | GupFlags.Pin, out ulong pfn);
        Assert.True(ForkRange(2));
        Assert.Equal(pfn, TArch.PfnOf(*_machine.PtepOf(Address)));
        Assert.NotEqual(pfn, TArch.PfnOf(*ChildPtep(Address)));
        Assert.True(TArch.IsWritable(*_machine.PtepOf(Address)) && TArch.IsWritable(*ChildPtep(Address)));
        Assert.Equal(5UL, *Machine<TArch>.ContentsAt(_machine.Child, Address));
    }

    [Fact]
    public void Fork_of_shared_memory_leaves_it_writable()
    {
        FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.Handle(_machine.Mm, Address, isWrite: true, ReadWrite | RegionFlags.Shared);
        Assert.True(Fork<TArch, TPtes, WholePageCopy, FullyOrderedFork>.TryCopyRange(
            _machine.Mm, _machine.Child, Address, PageTables<TArch>.PageSize, ReadWrite | RegionFlags.Shared));
        Assert.True(TArch.IsWritable(*_machine.PtepOf(Address)) && TArch.IsWritable(*ChildPtep(Address)));
        Assert.False(TArch.IsDirty(*ChildPtep(Address)) || TArch.IsYoung(*ChildPtep(Address)));
    }

    [Fact]
    public void Pages_go_out_and_come_back()
    {
        Fill(4, isWrite: true);
        for (int i = 0; i < 4; i++)
        {
            *_machine.ContentsAt(Machine<TArch>.At(i)) = (ulong)i + 10;
        }

        ulong used = _machine.UsedPages;
        Assert.Equal(4UL, SwapOut<FlushOfBatch>(4));
        Assert.Equal(used - 4, _machine.UsedPages);
        Assert.Equal(0UL, _machine.Mm->FlushBatched);
        for (int i = 0; i < 4; i++)
        {
            Assert.True(SwapEntry.Is<TArch>(*_machine.PtepOf(Machine<TArch>.At(i))));
            Fault(Machine<TArch>.At(i), isWrite: false);
            Assert.Equal((ulong)i + 10, *_machine.ContentsAt(Machine<TArch>.At(i)));
        }

        Assert.Equal(4UL, SwapOut<FlushOfEach>(4));
        Zap(Address, 4);
        Assert.Equal(used - 4, _machine.UsedPages);
        for (int i = 0; i < 32; i++)
        {
            Assert.NotEqual(0UL, SwapArea.TryAllocate(_machine.Mm));
        }

        Assert.Equal(0UL, SwapArea.TryAllocate(_machine.Mm));
    }

    [Fact]
    public void A_page_that_is_out_is_in_parent_and_child()
    {
        Fill(1, isWrite: true);
        *_machine.ContentsAt(Address) = 9;
        SwapOut<FlushOfBatch>(1);
        Assert.True(ForkRange(1));
        Fault(Address, isWrite: true);
        *_machine.ContentsAt(Address) = 10;
        Assert.Equal(FaultResult.Done, FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.Handle(_machine.Child, Address, isWrite: false, ReadWrite));
        Assert.Equal(9UL, *Machine<TArch>.ContentsAt(_machine.Child, Address));
    }

    [Fact]
    public void A_pinned_page_stays()
    {
        Fill(1, isWrite: true);
        Pte before = *_machine.PtepOf(Address);
        Pin(GupFlags.Write | GupFlags.Pin, out _);
        Assert.Equal(0UL, SwapOut<FlushOfBatch>(1));
        Assert.Equal(before, *_machine.PtepOf(Address));
    }

    [Fact]
    public void Cleaning_write_protects_and_tells_whether_it_was_dirty()
    {
        Fill(1, isWrite: true);
        Assert.True(Cleaning<TArch, TPtes, WithNotice>.MkClean(_machine.Mm, Address));
        Assert.False(TArch.IsDirty(*_machine.PtepOf(Address)) || TArch.IsWritable(*_machine.PtepOf(Address)));
        Assert.False(Cleaning<TArch, TPtes, WithNotice>.MkClean(_machine.Mm, Address));
        Fault(Address, isWrite: true);
        Assert.True(TArch.IsDirty(*_machine.PtepOf(Address)));
    }

    [Fact]
    public void Ageing_tells_whether_a_page_was_used()
    {
        Fill(1, isWrite: false);
        Assert.True(Cleaning<TArch, TPtes, WithNotice>.ClearYoung(_machine.Mm, Address));
        Assert.False(Cleaning<TArch, TPtes, WithNotice>.ClearYoung(_machine.Mm, Address));
        Fault(Address, isWrite: true);
        *_machine.PtepOf(Address) = TArch.MkYoung(*_machine.PtepOf(Address)); // on x86 hardware does it
        Assert.True(Cleaning<TArch, TPtes, WithNotice>.ClearYoung(_machine.Mm, Address));
        Assert.False(Cleaning<TArch, TPtes, WithNotice>.ClearYoung(_machine.Mm, Address + (1UL << TArch.PgdShift)));
    }

    [Fact]
    public void A_freed_range_is_dropped_unless_it_is_written_to_or_referenced()
    {
        Fill(3, isWrite: true);
        Cleaning<TArch, TPtes, WithNotice>.MadviseFree(_machine.Mm, Address, 3);
        Assert.False(TArch.IsDirty(*_machine.PtepOf(Address)));
        *_machine.PtepOf(Machine<TArch>.At(1)) = TArch.MkDirty(*_machine.PtepOf(Machine<TArch>.At(1)));
        _machine.PageAt(Machine<TArch>.At(2))->Refcount++;
        Assert.True(Drop(0));
        Assert.False(Drop(1));
        Assert.False(Drop(2));
        Assert.Equal(0UL, _machine.PtepOf(Address)->Raw);
        Assert.NotEqual(0UL, _machine.PtepOf(Machine<TArch>.At(1))->Raw);
        Assert.False(Drop(1));
    }

    [Fact]
    public void Permissions_come_and_go_without_losing_dirty()
    {
        Fill(1, isWrite: true);
        Protect<TArch, TPtes>.Range(_machine.Mm, Address, 1, RegionFlags.Read);
        Assert.False(TArch.IsWritable(*_machine.PtepOf(Address)));
        Protect<TArch, TPtes>.Range(_machine.Mm, Address, 1, RegionFlags.None);
        Assert.False(TArch.IsAccessPermitted(*_machine.PtepOf(Address), write: false));
        Protect<TArch, TPtes>.Range(_machine.Mm, Address, 1, ReadWrite);
        Assert.True(TArch.IsAccessPermitted(*_machine.PtepOf(Address), write: true) && TArch.IsDirty(*_machine.PtepOf(Address)));
        Protect<TArch, TPtes>.NumaHint(_machine.Mm, Address, 1);
        Assert.True(TArch.IsProtNone(*_machine.PtepOf(Address)));
        Fault(Address, isWrite: true);
        Assert.True(TArch.IsAccessPermitted(*_machine.PtepOf(Address), write: true));
    }

    [Fact]
    public void Moving_takes_pages_and_swap_entries_along()
    {
        Fill(2, isWrite: true);
        *_machine.ContentsAt(Machine<TArch>.At(1)) = 3;
        SwapOut<FlushOfBatch>(1);
        ulong to = Address + (1UL << TArch.PmdShift);
        Pte first = *_machine.PtepOf(Address);
        Assert.Equal(3UL << TArch.PageShift, Move<TArch, TPtes, FlushUnderLock>.Range(_machine.Mm, Address, to, 3UL << TArch.PageShift));
        Assert.Equal(0UL, _machine.PtepOf(Address)->Raw);
        Assert.Equal(first, *_machine.PtepOf(to));
        Assert.Equal(3UL, *_machine.ContentsAt(to + PageTables<TArch>.PageSize));
    }

    [Fact]
    public void A_full_table_becomes_a_huge_page_and_small_ones_again()
    {
        Fill((int)TArch.PtrsPerTable, isWrite: true);
        *_machine.ContentsAt(Machine<TArch>.At(7)) = 70;
        ulong used = _machine.UsedPages;
        Assert.True(HugePages<TArch, TPtes, WholePageCopy, SyncByIpi>.TryCollapse(_machine.Mm, Address));
        Assert.Equal(used - TArch.PtrsPerTable - 1, _machine.UsedPages);
        Pmd leaf = new(*PageTables<TArch>.PmdOffsetOrNull(_machine.Mm, Address));
        Assert.True(TArch.IsLeaf(leaf));
        Folio* huge = PhysicalMemory.FolioOf(_machine.Mm, TArch.PfnOf(new Pte(leaf.Raw)));
        Assert.Equal((1UL, 1UL), (huge->Refcount, huge->Mapcount));

        Assert.True(HugePages<TArch, TPtes, WholePageCopy, SyncByIpi>.TrySplitRange(_machine.Mm, Address, 3UL << TArch.PageShift, isAll: false));
        Assert.Equal(70UL, *_machine.ContentsAt(Machine<TArch>.At(7)));
        Assert.Equal((TArch.PtrsPerTable, TArch.PtrsPerTable), (huge->Refcount, huge->Mapcount));
        Assert.True(TArch.IsDirty(*_machine.PtepOf(Address)) && TArch.IsWritable(*_machine.PtepOf(Address)));
        Zap(Address, TArch.PtrsPerTable);
        Assert.Equal((0UL, 0UL), (huge->Refcount, FolioAllocator.Zone(_machine.Mm, FolioAllocator.HugeZone)->UsedCount));
    }

    [Fact]
    public void A_huge_page_is_unmapped_whole()
    {
        Fill((int)TArch.PtrsPerTable, isWrite: true);
        Assert.True(HugePages<TArch, TPtes, WholePageCopy, SyncByIpi>.TryCollapse(_machine.Mm, Address));
        Zap(Address, TArch.PtrsPerTable);
        Assert.Equal(0UL, FolioAllocator.Zone(_machine.Mm, FolioAllocator.HugeZone)->UsedCount);
    }

    [Fact]
    public void A_page_that_somebody_uses_is_not_collapsed()
    {
        Fill((int)TArch.PtrsPerTable, isWrite: true);
        Pin(GupFlags.None, out _);
        Pte before = *_machine.PtepOf(Address);
        Assert.False(HugePages<TArch, TPtes, WholePageCopy, SyncByIpi>.TryCollapse(_machine.Mm, Address));
        Assert.Equal(before, *_machine.PtepOf(Address));
        Assert.Equal(0UL, FolioAllocator.Zone(_machine.Mm, FolioAllocator.HugeZone)->UsedCount);
    }

    [Fact]
    public void A_second_MMU_follows_the_first()
    {
        SecondaryMmu* mmu = _machine.Secondary;
        Assert.Equal(FaultResult.BadAccess, GuestFault(isWrite: false));
        Fill(2, isWrite: true);
        Assert.Equal(FaultResult.Done, GuestFault(isWrite: true));
        Assert.True(GuestAccess.TryStore(mmu, Address + 8, 44));
        Assert.Equal(44UL, _machine.ContentsAt(Address)[1]);
        Assert.NotEqual(0UL, _machine.PageAt(Address)->Flags & Folio.Dirty);
        Assert.Equal(1UL, _machine.PageAt(Address)->Refcount);

        Cleaning<TArch, TPtes, WithNotice>.MkClean(_machine.Mm, Address);
        Assert.False(GuestAccess.TryStore(mmu, Address, 1));
        Assert.Equal(FaultResult.BadAccess, GuestFault(isWrite: true));
        Assert.Equal(FaultResult.Done, GuestFault(isWrite: false));
        Assert.True(GuestAccess.TryLoad(mmu, Address + 8, out ulong value) && value == 44);
        Assert.False(GuestAccess.TryStore(mmu, Address, 1));
        Zap(Address, 2);
        Assert.False(GuestAccess.TryLoad(mmu, Address, out _));
        Assert.Equal(0UL, mmu->InProgress);
    }

    [Fact]
    public void A_second_MMU_may_insist_on_dirty()
    {
        Fill(1, isWrite: false);
        Assert.Equal(FaultResult.BadAccess, SecondaryFault<TArch, LocklessRead<TArch>, NoRecheck<TArch>, DirtyWritableRule, SequenceFirst>.Handle(
            _machine.Mm, _machine.Secondary, Address, isWrite: true));
        Fault(Address, isWrite: true);
        Assert.Equal(FaultResult.Done, SecondaryFault<TArch, LocklessRead<TArch>, NoRecheck<TArch>, DirtyWritableRule, SequenceFirst>.Handle(
            _machine.Mm, _machine.Secondary, Address, isWrite: true));
        Assert.Equal(1UL, _machine.PageAt(Address)->Refcount);
    }

    [Fact]
    public void An_invalidation_in_progress_holds_faults_of_its_range_back()
    {
        Fill(2, isWrite: true);
        SecondaryMmu.InvalidateStart(_machine.Secondary, Address, PageTables<TArch>.PageSize);
        Assert.Equal(FaultResult.Retry, GuestFault(isWrite: true));
        SecondaryMmu.InvalidateEnd(_machine.Secondary);
        Assert.Equal(FaultResult.Done, GuestFault(isWrite: true));
    }

    private void Fill(int count, bool isWrite)
    {
        for (int i = 0; i < count; i++)
        {
            Fault(Machine<TArch>.At(i), isWrite);
        }
    }

    private void Fault(ulong address, bool isWrite) => Assert.Equal(
        FaultResult.Done, FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.Handle(_machine.Mm, address, isWrite, ReadWrite));

    private void Zap(ulong address, ulong count) =>
        Unmap<TArch, TPtes, FlushThenFree>.Range(_machine.Mm, address, count << TArch.PageShift, _gather);

    private bool ForkRange(ulong count) => Fork<TArch, TPtes, WholePageCopy, FullyOrderedFork>.TryCopyRange(
        _machine.Mm, _machine.Child, Address, count << TArch.PageShift, ReadWrite);

    private Pte* ChildPtep(ulong address) => Machine<TArch>.PtepOf(_machine.Child, address);

    private ulong SwapOut<TFlush>(ulong count)
        where TFlush : IReclaimFlush =>
        Reclaim<TArch, TPtes>.SwapOut<WholePageCopy, FullShareBarrier, TFlush>(_machine.Mm, Address, count, _machine.Words);

    private bool Drop(int page) => Reclaim<TArch, TPtes>.TryDropLazyFree<FullShareBarrier>(_machine.Mm, Machine<TArch>.At(page));

    private ulong Pin(GupFlags flags, out ulong pfn)
    {
        ulong count = GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckBoth<TArch, LocklessRead<TArch>, LocklessRead<TArch>>, IrqOffSection>.GetPages(
            _machine.Mm, Address, 1, flags, _machine.Words);
        pfn = _machine.Words[0];
        return count;
    }

    private FaultResult GuestFault(bool isWrite) =>
        SecondaryFault<TArch, LocklessRead<TArch>, RecheckBoth<TArch, LocklessRead<TArch>, LocklessRead<TArch>>, WritableRule, SequenceFirst>.Handle(
            _machine.Mm, _machine.Secondary, Address, isWrite);
}
