namespace Tablewalk.Mm;

/// <summary>What orders fork's announcement before its look at pins (D4).</summary>
public interface IForkBarrier
{
    /// <summary>After the counter turned odd.</summary>
    static abstract void AfterBegin();

    /// <summary>Whether translations from before are flushed at the end.</summary>
    static virtual bool FlushesAtEnd => true;
}

/// <summary>For scenarios: nothing but the counter's own store barrier and the page-table lock. LINUX: copy_page_range.</summary>
public readonly struct LockOrderedFork : IForkBarrier
{
    /// <inheritdoc/>
    public static void AfterBegin()
    {
    }
}

/// <summary>A full barrier besides.</summary>
public readonly struct FullyOrderedFork : IForkBarrier
{
    /// <inheritdoc/>
    public static void AfterBegin() => Cpu.SmpMb();
}

/// <summary>Giving a child the pages of its parent, without writing to be shared. LINUX: copy_page_range. Updater U2.</summary>
/// <remarks>
/// Both address spaces' regions are locked for writing, so nobody faults in either; but GUP-fast walks the parent, and other CPUs write to its pages through
/// translations from before, until the flush at the end. The caller has split huge pages of the range.
/// </remarks>
public static unsafe class Fork<TArch, TPtes, TCopy, TBarrier>
    where TArch : IArch
    where TPtes : IPtes
    where TCopy : IPageCopy
    where TBarrier : IForkBarrier
{
    /// <summary>Copies the entries of a range.</summary>
    /// <param name="parent">The parent.</param>
    /// <param name="child">The child, in which the range is empty.</param>
    /// <param name="start">The first address, at a page.</param>
    /// <param name="length">In bytes, whole pages.</param>
    /// <param name="region">What the region allows in both.</param>
    /// <returns>False if memory is short; the child then has a part of the range.</returns>
    public static bool TryCopyRange(AddressSpace* parent, AddressSpace* child, ulong start, ulong length, RegionFlags region)
    {
        bool isPrivate = (region & RegionFlags.Shared) == RegionFlags.None;
        if (isPrivate)
        {
            Notifier.Start(parent, start, length);
            SeqCount.WriteBegin(&parent->WriteProtectSeq);
            TBarrier.AfterBegin();
        }

        bool isDone = true;
        for (ulong at = start; at < start + length && isDone; at += PageTables<TArch>.PageSize)
        {
            isDone = TryCopyPage(parent, child, at, isPrivate);
        }

        if (isPrivate)
        {
            SeqCount.WriteEnd(&parent->WriteProtectSeq);

            // Until here some CPU may write through a translation from before; what it writes, both may still see.
            if (TBarrier.FlushesAtEnd)
            {
                TPtes.FlushRange(start, length);
            }

            Notifier.End(parent, start, length);
        }

        return isDone;
    }

    private static bool TryCopyPage(AddressSpace* parent, AddressSpace* child, ulong address, bool isPrivate)
    {
        ulong* parentPmdp = PageTables<TArch>.PmdOffsetOrNull(parent, address);
        if (parentPmdp == null || !TArch.IsTable(new Pmd(TArch.ReadLockless(parentPmdp))))
        {
            return true;
        }

        ulong* childPmdp = PageTables<TArch>.PmdAllocOrNull(child, address);
        if (childPmdp == null || !PageTables<TArch>.TryInstallTable(child, childPmdp))
        {
            return false;
        }

        if (CopyEntry(parent, child, parentPmdp, childPmdp, address, isPrivate, 0) != Outcome.NeedsPage)
        {
            return true;
        }

        // Nothing is allocated under the locks: once more, with a page for the copy. LINUX: page_copy_prealloc.
        ulong spare = FolioAllocator.TryAllocate(child, PageTables<TArch>.PageZone);
        if (spare == 0)
        {
            return false;
        }

        if (CopyEntry(parent, child, parentPmdp, childPmdp, address, isPrivate, spare) != Outcome.TookPage)
        {
            FolioAllocator.Put(child, spare, 1);
        }

        return true;
    }

    private static Outcome CopyEntry(
        AddressSpace* parent, AddressSpace* child, ulong* parentPmdp, ulong* childPmdp, ulong address, bool isPrivate, ulong spare)
    {
        Outcome outcome = Outcome.Done;
        Cpu.SpinLock(&child->PageTableLock);
        Cpu.SpinLock(&parent->PageTableLock);
        Pte* parentPtep = (Pte*)PageTables<TArch>.EntryIn(parent, new Pmd(TArch.ReadRaw(parentPmdp)), address, TArch.PageShift);
        Pte* childPtep = (Pte*)PageTables<TArch>.EntryIn(child, new Pmd(TArch.ReadRaw(childPmdp)), address, TArch.PageShift);
        Pte pte = TPtes.PtepGet(parentPtep);
        if (SwapEntry.Is<TArch>(pte))
        {
            SwapArea.Duplicate(parent, SwapEntry.SlotOf(pte));
            TPtes.SetPte(address, childPtep, new Pte(pte.Raw & ~TArch.SwapExclusive));
            TPtes.SetPte(address, parentPtep, new Pte(pte.Raw & ~TArch.SwapExclusive));
        }
        else if (pte.Raw != 0 && isPrivate && IsPinnedAndExclusive(parent, TArch.PfnOf(pte)))
        {
            outcome = spare != 0 ? Outcome.TookPage : Outcome.NeedsPage;
            if (spare != 0)
            {
                CopyNow(parent, address, childPtep, pte, spare);
            }
        }
        else if (pte.Raw != 0)
        {
            Share(parent, address, parentPtep, childPtep, pte, isPrivate);
        }

        Cpu.SpinUnlock(&parent->PageTableLock);
        Cpu.SpinUnlock(&child->PageTableLock);
        return outcome;
    }

    private static bool IsPinnedAndExclusive(AddressSpace* parent, ulong pfn) =>
        (Cpu.ReadOnce(&PhysicalMemory.PageOf(parent, pfn)->Flags) & Folio.Exclusive) != 0
        && Cpu.ReadOnce(&parent->HasPinned) != 0 && Sharing.MayBePinned(parent, pfn);

    private static void Share(AddressSpace* parent, ulong address, Pte* parentPtep, Pte* childPtep, Pte pte, bool isPrivate)
    {
        ulong pfn = TArch.PfnOf(pte);
        Folio* folio = PhysicalMemory.FolioOf(parent, pfn);
        Cpu.FetchAdd(&folio->Refcount, 1UL);
        Cpu.FetchAdd(&folio->Mapcount, 1UL);
        Pte mine = TArch.MkOld(pte);
        if (isPrivate)
        {
            Cpu.FetchAnd(&PhysicalMemory.PageOf(parent, pfn)->Flags, ~Folio.Exclusive);
            if (TArch.IsWritable(pte))
            {
                TPtes.WrprotectPtes(address, parentPtep, 1);
            }

            mine = TArch.WrProtect(mine);
        }
        else
        {
            mine = TArch.MkClean(mine);
        }

        TPtes.SetPte(address, childPtep, mine);
    }

    // The parent keeps the page that its pin is on.
    private static void CopyNow(AddressSpace* parent, ulong address, Pte* childPtep, Pte pte, ulong spare)
    {
        TCopy.Copy(
            PhysicalMemory.VirtualOf(parent, spare << PhysicalMemory.PageShift),
            PhysicalMemory.VirtualOf(parent, TArch.PfnOf(pte) << PhysicalMemory.PageShift),
            PageTables<TArch>.PageSize);
        Folio* page = PhysicalMemory.PageOf(parent, spare);
        Cpu.WriteOnce(&page->Mapcount, 1UL);
        Cpu.WriteOnce(&page->Flags, Folio.Anonymous | Folio.Exclusive);
        Pte mine = TArch.MkDirty(TArch.MakeSharedPage(spare));
        TPtes.SetPte(address, childPtep, TArch.IsWritable(pte) ? mine : TArch.WrProtect(mine));
    }

    private enum Outcome
    {
        Done,
        NeedsPage,
        TookPage,
    }
}
