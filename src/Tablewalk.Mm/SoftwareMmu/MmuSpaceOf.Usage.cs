namespace Tablewalk.Mm;

/// <content>Who uses pages, and what they need not keep.</content>
internal sealed unsafe partial class MmuSpaceOf<TArch, TPtes, TReader, THardware, TFault>
{
    /// <inheritdoc/>
    public override IReadOnlyList<ulong> CollectDirty(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.ReadScope scope = Regions.EnterRead();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        SplitRange(address, length, isAll: true);

        List<ulong> dirty = [];
        for (ulong at = address; at < address + length; at += PhysicalMemory.PageSize)
        {
            ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(Mm, at);
            if (pmdp == null || !TArch.IsTable(new Pmd(TArch.ReadLockless(pmdp))))
            {
                at = (at | (PageTables<TArch>.PmdSize - 1)) + 1 - PhysicalMemory.PageSize;
            }
            else if (CollectPage(at))
            {
                dirty.Add(at);
            }
        }

        return dirty;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ulong> CollectYoung(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.ReadScope scope = Regions.EnterRead();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        List<ulong> young = [];
        for (ulong at = address; at < address + length; at += PhysicalMemory.PageSize)
        {
            if (Cleaning<TArch, TPtes, NoticeOf<TFault>>.ClearYoung(Mm, at))
            {
                young.Add(at);
            }
        }

        return young;
    }

    /// <inheritdoc/>
    public override void AdviseFree(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.ReadScope scope = Regions.EnterRead();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        SplitRange(address, length, isAll: true);
        Cleaning<TArch, TPtes, NoticeOf<TFault>>.MadviseFree(Mm, address, length >> PhysicalMemory.PageShift);
    }

    /// <inheritdoc/>
    public override int DropFree(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.ReadScope scope = Regions.EnterRead();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        int dropped = 0;
        for (ulong at = address; at < address + length; at += PhysicalMemory.PageSize)
        {
            dropped += Reclaim<TArch, TPtes>.TryDropLazyFree<FullShareBarrier>(Mm, at) ? 1 : 0;
        }

        return dropped;
    }

    /// <inheritdoc/>
    public override void HintFaults(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.ReadScope scope = Regions.EnterRead();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        SplitRange(address, length, isAll: true);
        Protect<TArch, TPtes>.NumaHint(Mm, address, length >> PhysicalMemory.PageShift);
    }

    private bool CollectPage(ulong address)
    {
        BringIn(address);
        return Cleaning<TArch, TPtes, NoticeOf<TFault>>.CollectDirty(Mm, address);
    }

    // Under the regions' lock.
    private void BringIn(ulong address)
    {
        while (true)
        {
            Pte pte = LocklessWalk<TArch>.Lookup<RcuReadSection>(Mm, address);
            if (!SwapEntry.Is<TArch>(pte) || Regions.AtOrNull(address) is not { } region)
            {
                return;
            }

            FaultResult result = FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.HandleSwap(
                Mm, address, pte, isWrite: false, RegionMap.FlagsOf(region.Access));
            if (result == FaultResult.OutOfMemory)
            {
                throw Machine.OutOfMemory();
            }
        }
    }
}
