namespace Tablewalk.Mm;

/// <summary>Removing mappings. LINUX: zap_page_range, free_pgtables. Updater U1.</summary>
/// <remarks>
/// The caller holds the lock that keeps regions as they are. It has split huge pages that stick out of the range.
/// </remarks>
public static unsafe class Unmap<TArch, TPtes, TOrder>
    where TArch : IArch
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    /// <summary>Unmaps all pages of a range and frees what nobody else uses. LINUX: zap_page_range.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="start">The first address, at a page.</param>
    /// <param name="length">In bytes, whole pages.</param>
    /// <param name="gather">A page that this thread owns.</param>
    public static void Range(AddressSpace* mm, ulong start, ulong length, Gather* gather)
    {
        Gathers<TPtes, TOrder>.Begin(gather, mm);
        Zap(mm, start, length, gather);
        Gathers<TPtes, TOrder>.Finish(gather, mm);
    }

    /// <summary>
    /// As <see cref="Range"/>, and the lowest tables go with the pages that nothing else can be mapped by: one flush for both. LINUX: unmap_region. The caller
    /// holds the regions' lock for writing.
    /// </summary>
    /// <param name="mm">The address space.</param>
    /// <param name="start">The first address, at a page.</param>
    /// <param name="length">In bytes, whole pages.</param>
    /// <param name="floor">Where the region before the range ends: a table that maps anything below it stays.</param>
    /// <param name="ceiling">Where the region after the range starts: a table that maps anything from there on stays.</param>
    /// <param name="gather">A page that this thread owns.</param>
    public static void RangeAndTables(AddressSpace* mm, ulong start, ulong length, ulong floor, ulong ceiling, Gather* gather)
    {
        Gathers<TPtes, TOrder>.Begin(gather, mm);
        Zap(mm, start, length, gather);
        FreeTables(mm, start, start + length, floor, ceiling, gather);
        Gathers<TPtes, TOrder>.Finish(gather, mm);
    }

    private static void Zap(AddressSpace* mm, ulong start, ulong length, Gather* gather)
    {
        Notifier.Start(mm, start, length);
        ulong end = start + length;
        ulong at = start;
        while (at < end)
        {
            ulong next = (at | (PageTables<TArch>.PmdSize - 1)) + 1;
            at = ZapPmd(mm, at, next < end ? next : end, gather);
        }

        // Before the last flush: the second MMU has had no entry since the start, and finds none in the first.
        Notifier.End(mm, start, length);
    }

    // LINUX: free_pgtables, for the lowest level.
    private static void FreeTables(AddressSpace* mm, ulong start, ulong end, ulong floor, ulong ceiling, Gather* gather)
    {
        ulong size = PageTables<TArch>.PmdSize;
        for (ulong at = start & ~(size - 1); at < end; at += size)
        {
            if (at >= floor && at + size <= ceiling)
            {
                FreeTable(mm, at < start ? start : at, gather);
            }
        }
    }

    private static void FreeTable(AddressSpace* mm, ulong address, Gather* gather)
    {
        Cpu.SpinLock(&mm->PageTableLock);
        ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(mm, address);
        Pmd pmd = pmdp == null ? default : new Pmd(TArch.ReadRaw(pmdp));
        bool isTable = TArch.IsTable(pmd);
        if (isTable)
        {
            TArch.Clear(pmdp);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);

        // Of one page: an invalidation takes what walk caches have of the upper levels with it. LINUX: pte_free_tlb.
        if (isTable && Gathers<TPtes, TOrder>.AddTable(gather, TArch.TableAddressOf(pmd) >> PhysicalMemory.PageShift, address, PageTables<TArch>.PageSize))
        {
            Gathers<TPtes, TOrder>.Flush(gather, mm);
        }
    }

    // What one PMD entry maps, up to an end; returns where to go on.
    private static ulong ZapPmd(AddressSpace* mm, ulong start, ulong end, Gather* gather)
    {
        Cpu.SpinLock(&mm->PageTableLock);
        Reclaim<TArch, TPtes>.FlushBatched(mm);
        ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(mm, start);
        Pmd pmd = pmdp == null ? default : new Pmd(TArch.ReadRaw(pmdp));
        bool isFull = false;
        ulong at = end;
        if (TArch.IsLeaf(pmd))
        {
            isFull = ZapLeaf(mm, pmdp, start, gather);
        }
        else if (TArch.IsTable(pmd))
        {
            at = start;
            while (at < end && !isFull)
            {
                Pte* ptep = (Pte*)PageTables<TArch>.EntryIn(mm, pmd, at, TArch.PageShift);
                ulong count = ZapEntries(mm, ptep, at, (end - at) >> TArch.PageShift, gather, out isFull);
                at += count << TArch.PageShift;
            }
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        if (isFull)
        {
            Gathers<TPtes, TOrder>.Flush(gather, mm);
        }

        return at;
    }

    // One entry, or several of one block; returns how many.
    private static ulong ZapEntries(AddressSpace* mm, Pte* ptep, ulong address, ulong most, Gather* gather, out bool isFull)
    {
        isFull = false;
        Pte pte = TPtes.PtepGet(ptep);
        if (pte.Raw == 0)
        {
            return 1;
        }

        if (!TArch.IsPresent(pte))
        {
            TPtes.PteClear(address, ptep);
            SwapArea.Drop(mm, SwapEntry.SlotOf(pte));
            return 1;
        }

        ulong hint = TPtes.BatchHint(ptep, pte);
        ulong left = Gather.Capacity - Cpu.ReadOnce(&gather->Count);
        ulong count = hint < most ? hint : most;
        count = count < left ? count : left;
        pte = TPtes.GetAndClearFullPtes(address, ptep, count);
        ulong pfn = TArch.PfnOf(pte);
        Folio* folio = PhysicalMemory.FolioOf(mm, pfn);
        bool isFile = (Cpu.ReadOnce(&folio->Flags) & Folio.Anonymous) == 0;
        if (TArch.IsYoung(pte))
        {
            Cpu.FetchOrRelaxed(&folio->Flags, Folio.Referenced);
        }

        for (ulong i = 0; i < count; i++)
        {
            isFull = Gathers<TPtes, TOrder>.AddPage(
                gather, pfn + (i << (TArch.PageShift - PhysicalMemory.PageShift)), address + (i << TArch.PageShift), PageTables<TArch>.PageSize);
        }

        if (isFile && TArch.IsDirty(pte))
        {
            // Whoever finds the folio unmapped may write it out and take it for clean: nobody may write to it from then on.
            Cpu.FetchOr(&folio->Flags, Folio.Dirty);
            Gathers<TPtes, TOrder>.FlushOnly(gather);
        }

        Cpu.FetchAdd(&folio->Mapcount, 0 - count);
        return count;
    }

    // LINUX: zap_huge_pmd. Only whole leaves: the caller has split those that stick out of the range.
    private static bool ZapLeaf(AddressSpace* mm, ulong* pmdp, ulong address, Gather* gather)
    {
        Pte leaf = new(TArch.GetAndClear(pmdp));
        ulong pfn = TArch.PfnOf(leaf);
        Cpu.FetchAdd(&PhysicalMemory.FolioOf(mm, pfn)->Mapcount, ulong.MaxValue);
        return Gathers<TPtes, TOrder>.AddPage(gather, pfn, address & ~(PageTables<TArch>.PmdSize - 1), PageTables<TArch>.PmdSize);
    }
}
