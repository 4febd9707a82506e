namespace Tablewalk.Mm;

/// <summary>This part: writes to entries that are not writable. LINUX: do_wp_page, wp_page_reuse, wp_page_copy.</summary>
public static unsafe partial class FaultHandler<TArch, TPtes, TComparator, TCopy>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
    where TCopy : IPageCopy
{
    // Holds the page-table lock on entry, and not on return.
    private static FaultResult HandleWriteProtected(AddressSpace* mm, ulong address, Pte* ptep, Pte orig, RegionFlags region)
    {
        ulong pfn = TArch.PfnOf(orig);
        if ((region & RegionFlags.Shared) != RegionFlags.None || MayReuse(mm, pfn))
        {
            Pte wanted = TArch.MkWrite(TArch.MkDirty(TArch.MkYoung(orig)));
            TPtes.PtepSetAccessFlags(address, ptep, wanted, isWrite: true);
            Cpu.SpinUnlock(&mm->PageTableLock);
            return FaultResult.Done;
        }

        // The reference keeps the page while it is copied without the lock.
        Cpu.FetchAdd(&PhysicalMemory.FolioOf(mm, pfn)->Refcount, 1UL);
        Cpu.SpinUnlock(&mm->PageTableLock);
        FaultResult result = CopyPage(mm, address, orig, pfn);
        FolioAllocator.Put(mm, pfn, 1);
        return result;
    }

    /// <summary>
    /// Whether a page may be written to in place: it is exclusive, or this mapping holds its only reference, and then it becomes so. LINUX:
    /// wp_can_reuse_anon_folio.
    /// </summary>
    private static bool MayReuse(AddressSpace* mm, ulong pfn)
    {
        Folio* page = PhysicalMemory.PageOf(mm, pfn);
        if ((Cpu.ReadOnce(&page->Flags) & Folio.Exclusive) != 0)
        {
            return true;
        }

        bool isOnly = PhysicalMemory.FolioPagesOf(pfn) == PagesOfPage && Cpu.ReadOnce(&PhysicalMemory.FolioOf(mm, pfn)->Refcount) == 1;
        if (isOnly)
        {
            Cpu.FetchOr(&page->Flags, Folio.Exclusive);
        }

        return isOnly;
    }

    private static FaultResult CopyPage(AddressSpace* mm, ulong address, Pte orig, ulong oldPfn)
    {
        ulong newPfn = FolioAllocator.TryAllocate(mm, PageTables<TArch>.PageZone);
        if (newPfn == 0)
        {
            return FaultResult.OutOfMemory;
        }

        TCopy.Copy(
            PhysicalMemory.VirtualOf(mm, newPfn << PhysicalMemory.PageShift),
            PhysicalMemory.VirtualOf(mm, oldPfn << PhysicalMemory.PageShift),
            PageTables<TArch>.PageSize);

        ulong start = address & ~(PageTables<TArch>.PageSize - 1);
        Notifier.Start(mm, start, PageTables<TArch>.PageSize);
        Pte* ptep = LockIfSameOrNull(mm, address, orig);
        if (ptep != null)
        {
            // Break before make: between the two, nobody reads the old page through one translation while somebody writes the new one.
            TPtes.PtepGetAndClear(address, ptep);
            TPtes.FlushRange(start, PageTables<TArch>.PageSize);
            TPtes.SetPte(address, ptep, TArch.MkWrite(NewPage(mm, newPfn, isWritable: true, isWrite: true, isAnonymous: true)));

            // Only now may somebody else reuse the old page: no translation to it is left here.
            Cpu.FetchAdd(&PhysicalMemory.FolioOf(mm, oldPfn)->Mapcount, ulong.MaxValue);
            Cpu.SpinUnlock(&mm->PageTableLock);
        }

        Notifier.End(mm, start, PageTables<TArch>.PageSize);
        FolioAllocator.Put(mm, ptep != null ? oldPfn : newPfn, 1);
        return ptep != null ? FaultResult.Done : FaultResult.Retry;
    }

    private static ulong PagesOfPage => TArch.PageShift == PhysicalMemory.PageShift ? 1 : PhysicalMemory.LargeFolioPages;
}
