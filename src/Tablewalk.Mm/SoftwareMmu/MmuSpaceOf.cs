namespace Tablewalk.Mm;

/// <summary>An address space over the tables of one architecture.</summary>
internal sealed unsafe partial class MmuSpaceOf<TArch, TPtes, TReader, THardware, TFault>(MmuMachine machine) : MmuSpace(machine)
    where TArch : IArch
    where TPtes : IPtes
    where TReader : IEntryReader
    where THardware : IHardwareWalk
    where TFault : ISeededFault
{
    private const ulong PagesPerBatch = 64;

    /// <inheritdoc/>
    public override bool TryTranslate(ulong address, out ulong physicalAddress)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Pte pte = LocklessWalk<TArch>.Lookup<IrqOffSection>(Mm, address);
        physicalAddress = (TArch.PfnOf(pte) << PhysicalMemory.PageShift) | (address & (PhysicalMemory.PageSize - 1));
        return TArch.IsAccessPermitted(pte, write: false);
    }

    /// <inheritdoc/>
    public override void Populate(ulong address, ulong length)
    {
        CheckRange(address, length);
        for (ulong at = address; at < address + length; at += PhysicalMemory.PageSize)
        {
            if (!TryTranslate(at, out _))
            {
                Fault(at, IsWritable(at));
            }
        }
    }

    /// <inheritdoc/>
    public override MmuPins Pin(ulong address, int count, bool isWrite)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        CheckRange(address, (ulong)count << PhysicalMemory.PageShift);
        GupFlags flags = GupFlags.Pin | (isWrite ? GupFlags.Write : GupFlags.None);
        List<ulong> pfns = [];
        ulong* found = (ulong*)Machine.TakeScratch();
        try
        {
            while (pfns.Count < count)
            {
                ulong at = address + ((ulong)pfns.Count << PhysicalMemory.PageShift);
                ulong wanted = Math.Min((ulong)(count - pfns.Count), PagesPerBatch);
                ulong taken = GupFast<TArch, TReader, FullReference, RecheckBoth<TArch, LocklessRead<TArch>, TReader>, IrqOffSection>.GetPages(
                    Mm, at, wanted, flags, found);
                for (ulong i = 0; i < taken; i++)
                {
                    pfns.Add(found[i]);
                }

                if (taken < wanted)
                {
                    // A read-only pin needs the page to be exclusive, and only a write fault makes it so.
                    at = address + ((ulong)pfns.Count << PhysicalMemory.PageShift);
                    Fault(at, isWrite || IsWritable(at));
                }
            }
        }
        catch
        {
            pfns.ForEach(pfn => Unpin(pfn));
            throw;
        }
        finally
        {
            Machine.GiveScratch(found);
        }

        Machine.CountPinned(count);
        return new MmuPins(Machine, address, [.. pfns], isWrite ? UnpinDirty : Unpin);
    }

    /// <inheritdoc/>
    public override int PageSizeAt(ulong address)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return address >= Machine.AddressLimit ? 0 : (int)PageSizeWalk<TArch, TPtes, TReader, IrqOffSection>.SizeOf(Mm, address);
    }

    /// <inheritdoc/>
    public override int SwapOut(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.ReadScope scope = Regions.EnterRead();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ulong* batch = (ulong*)Machine.TakeScratch();
        ulong count = length >> PhysicalMemory.PageShift;
        ulong taken = 0;
        for (ulong done = 0; done < count; done += PagesPerBatch)
        {
            taken += Reclaim<TArch, TPtes>.SwapOut<WholePageCopy, FullShareBarrier, ReclaimFlushOf<TFault>>(
                Mm, address + (done << PhysicalMemory.PageShift), Math.Min(PagesPerBatch, count - done), batch);
        }

        Machine.GiveScratch(batch);
        return (int)taken;
    }

    /// <inheritdoc/>
    public override int Collapse(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.WriteScope scope = Regions.EnterWrite();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        int done = 0;
        ulong size = PageTables<TArch>.PmdSize;
        for (ulong at = (address + size - 1) & ~(size - 1); at + size <= address + length; at += size)
        {
            if (Regions.AtOrNull(at) is { Access: MmuAccess.ReadWrite } region && region.End >= at + size)
            {
                CollapseSwapIn<TArch, TPtes, ExactComparison, WholePageCopy, TReader>.BringIn(
                    Mm, at, size >> PhysicalMemory.PageShift, RegionMap.FlagsOf(region.Access));
                done += Huge.TryCollapse(at, Mm) ? 1 : 0;
            }
        }

        Machine.FreeDeferredLater();
        return done;
    }

    /// <inheritdoc/>
    public override MmuCpu CreateCpu()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return new MmuCpuOf<TArch, THardware>(this, Fault);
    }

    /// <inheritdoc/>
    public override MmuSecond AttachSecond(ulong address, ulong length)
    {
        CheckRange(address, length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length >> PhysicalMemory.PageShift, SecondaryMmu.MostPages);
        if (Mm->SecondaryMmu != 0)
        {
            throw new InvalidOperationException("the address space has a second MMU already");
        }

        SecondaryMmu* mmu = SecondaryMmu.AttachOrNull(Mm, address, length >> PhysicalMemory.PageShift);
        if (mmu == null)
        {
            throw Machine.OutOfMemory();
        }

        return new MmuSecond(address, length, mmu, (at, isWrite) =>
        {
            while (true)
            {
                FaultResult result = SecondaryFault<TArch, TReader, RecheckBoth<TArch, LocklessRead<TArch>, TReader>, WritableRule, SequenceOf<TFault>>.Handle(
                    Mm, mmu, at, isWrite);
                if (result == FaultResult.Done)
                {
                    return;
                }

                if (result == FaultResult.BadAccess)
                {
                    Fault(at, isWrite);
                }
            }
        });
    }

    private protected override void UnmapRange(ulong address, ulong length)
    {
        SplitRange(address, length, isAll: false);

        (ulong floor, ulong ceiling) = Regions.GapAround(address, address + length);
        Gather* gather = (Gather*)Machine.TakeScratch();
        Unmap<TArch, TPtes, OrderOf<TFault>>.RangeAndTables(Mm, address, length, floor, ceiling, gather);
        Machine.GiveScratch(gather);
        Machine.FreeDeferredLater();
    }

    private protected override void DiscardRange(ulong address, ulong length)
    {
        SplitRange(address, length, isAll: false);

        Gather* gather = (Gather*)Machine.TakeScratch();
        Unmap<TArch, TPtes, OrderOf<TFault>>.Range(Mm, address, length, gather);
        Machine.GiveScratch(gather);
    }

    private protected override void MoveRange(ulong address, ulong to, ulong length)
    {
        // Where one cannot stay huge it is split.
        SplitRange(address, length, isAll: ((address ^ to) & (PageTables<TArch>.PmdSize - 1)) != 0);
        ulong done = Move<TArch, TPtes, FlushUnderLock>.Range(Mm, address, to, length);
        if (done < length)
        {
            // The tables for the way back are there, or go back themselves.
            Move<TArch, TPtes, FlushUnderLock>.Range(Mm, to, address, done);
            throw Machine.OutOfMemory();
        }
    }

    private protected override void ProtectRange(ulong address, ulong length, RegionFlags flags)
    {
        SplitRange(address, length, isAll: true);
        Protect<TArch, TPtes>.Range(Mm, address, length >> PhysicalMemory.PageShift, flags);
    }

    private protected override bool TryCopyTo(MmuSpace child, Region region) =>
        Huge.TrySplitRange(Mm, region.Start, region.End - region.Start, isAll: true)
        && Fork<TArch, TPtes, WholePageCopy, ForkOf<TFault>>.TryCopyRange(
            Mm, child.Mm, region.Start, region.End - region.Start, RegionMap.FlagsOf(region.Access));

    private protected override void DisposeTables()
    {
        foreach (Region region in Regions.All)
        {
            UnmapRange(region.Start, region.End - region.Start);
        }

        Regions.Remove(0, ulong.MaxValue);
        FreeUpperTables();
        if (Mm->SecondaryMmu != 0)
        {
            FolioAllocator.Put(Mm, Mm->SecondaryMmu >> PhysicalMemory.PageShift, 1);
        }

        if (TFault.KeepsSpaces)
        {
            FullReference.TryAdd(PhysicalMemory.FolioOf(Mm, PhysicalMemory.PhysicalOf(Mm) >> PhysicalMemory.PageShift), 1);
        }
    }

    private void SplitRange(ulong address, ulong length, bool isAll)
    {
        if (!Huge.TrySplitRange(Mm, address, length, isAll))
        {
            throw Machine.OutOfMemory();
        }
    }

    // Nobody walks these tables any more.
    private void FreeUpperTables()
    {
        ulong* pgd = AddressSpace.Pgd(Mm);
        for (ulong i = 0; i < TArch.PtrsPerPgd; i++)
        {
            FreeTable(new Pmd(pgd[i]), TArch.HasPud ? 2 : 1);
        }
    }

    private void FreeTable(Pmd upper, int levelsBelow)
    {
        if (!TArch.IsTable(upper))
        {
            return;
        }

        ulong* entries = PageTables<TArch>.EntryIn(Mm, upper, 0, TArch.PageShift);
        for (ulong i = 0; i < TArch.PtrsPerTable && levelsBelow > 0; i++)
        {
            FreeTable(new Pmd(entries[i]), levelsBelow - 1);
        }

        FolioAllocator.Put(Mm, TArch.TableAddressOf(upper) >> PhysicalMemory.PageShift, 1);
    }

    private void Fault(ulong address, bool isWrite)
    {
        while (true)
        {
            FaultResult result;
            using (Regions.EnterRead())
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                Region region = Regions.AtOrNull(address) ?? throw new MmuFaultException(address, isWrite, Describe(address));
                result = FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.Handle(Mm, address, isWrite, RegionMap.FlagsOf(region.Access));
                if (result == FaultResult.BadAccess)
                {
                    throw new MmuFaultException(
                        address, isWrite, $"the region 0x{region.Start:x} to 0x{region.End:x} allows {(region.Access == MmuAccess.None ? "no access" : "reading only")}");
                }
            }

            if (result == FaultResult.OutOfMemory && Machine.FreeDeferred() == 0)
            {
                throw Machine.OutOfMemory();
            }

            if (result == FaultResult.Done)
            {
                return;
            }

            Thread.Yield();
        }
    }

    private string Describe(ulong address) =>
        address >= Machine.AddressLimit ? $"the address space ends at 0x{Machine.AddressLimit:x}" : "the address is not mapped";

    private bool IsWritable(ulong address)
    {
        using RegionMap.ReadScope scope = Regions.EnterRead();
        return Regions.AtOrNull(address) is { Access: MmuAccess.ReadWrite };
    }

    private void UnpinDirty(ulong pfn) =>
        GupFast<TArch, TReader, FullReference, NoRecheck<TArch>, IrqOffSection>.UnpinDirty(Mm, pfn);

    private void Unpin(ulong pfn) =>
        GupFast<TArch, TReader, FullReference, NoRecheck<TArch>, IrqOffSection>.PutPages(Mm, pfn, 1, GupFlags.Pin);

    private static class Huge
    {
        internal static bool TrySplitRange(AddressSpace* mm, ulong address, ulong length, bool isAll) =>
            HugePages<TArch, TPtes, WholePageCopy, SyncByIpi>.TrySplitRange(mm, address, length, isAll);

        internal static bool TryCollapse(ulong address, AddressSpace* mm) =>
            HugePages<TArch, TPtes, WholePageCopy, SyncByIpi>.TryCollapse(mm, address);
    }
}
