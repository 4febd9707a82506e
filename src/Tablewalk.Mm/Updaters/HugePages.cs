namespace Tablewalk.Mm;

/// <summary>Making and splitting huge pages: updater U8. For tables of <see cref="PhysicalMemory.PageSize"/>.</summary>
/// <typeparam name="TArch">The architecture.</typeparam>
/// <typeparam name="TPtes">Its operations on entries.</typeparam>
/// <typeparam name="TCopy">How pages are copied.</typeparam>
/// <typeparam name="TSync">How collapse waits for lockless walkers.</typeparam>
public static unsafe class HugePages<TArch, TPtes, TCopy, TSync>
    where TArch : IArch
    where TPtes : IPtes
    where TCopy : IPageCopy
    where TSync : IWalkerSync
{
    /// <summary>
    /// Puts a huge page in the place of a whole table of exclusive anonymous pages. LINUX: collapse_huge_page, mm/khugepaged.c. The caller holds the regions'
    /// lock for writing.
    /// </summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">An address in the range; the region covers all that the PMD entry maps, and allows writing.</param>
    /// <returns>False if a page is missing, is used by somebody else, or there is no huge folio.</returns>
    public static bool TryCollapse(AddressSpace* mm, ulong address)
    {
        ulong start = address & ~(PageTables<TArch>.PmdSize - 1);
        ulong huge = FolioAllocator.TryAllocate(mm, PageTables<TArch>.LeafZone);
        if (huge == 0)
        {
            return false;
        }

        Notifier.Start(mm, start, PageTables<TArch>.PmdSize);
        Cpu.SpinLock(&mm->PageTableLock);
        ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(mm, start);
        Pmd old = pmdp == null ? default : new Pmd(TArch.ReadRaw(pmdp));
        bool isTable = TArch.IsTable(old);
        if (isTable)
        {
            TArch.GetAndClear(pmdp);
            TPtes.FlushRange(start, PageTables<TArch>.PmdSize);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        Notifier.End(mm, start, PageTables<TArch>.PmdSize);
        bool isDone = false;
        if (isTable)
        {
            // ORDER: full, and waits; a walker that read the PMD before has its reference by now, one that reads it again finds it empty.
            TSync.Sync();
            isDone = TryReplace(mm, start, pmdp, old, huge);
        }

        if (!isDone)
        {
            FolioAllocator.Put(mm, huge, 1);
            return false;
        }

        // LINUX: pte_free_defer.
        ulong table = TArch.TableAddressOf(old) >> PhysicalMemory.PageShift;
        DeferredFrees.Push(mm, table, table);
        return true;
    }

    /// <summary>
    /// Puts a table that maps the pages one by one in the place of a PMD entry that maps them all. LINUX: __split_huge_pmd.
    /// </summary>
    /// <returns>False if there is no memory for the table. True also if there was nothing to split.</returns>
    public static bool TrySplit(AddressSpace* mm, ulong address)
    {
        ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(mm, address);
        if (pmdp == null || !TArch.IsLeaf(new Pmd(TArch.ReadLockless(pmdp))))
        {
            return true;
        }

        ulong table = FolioAllocator.TryAllocateZeroed(mm, PageTables<TArch>.PageZone);
        if (table == 0)
        {
            return false;
        }

        ulong start = address & ~(PageTables<TArch>.PmdSize - 1);
        Notifier.Start(mm, start, PageTables<TArch>.PmdSize);
        Cpu.SpinLock(&mm->PageTableLock);
        Pmd leaf = new(TArch.ReadRaw(pmdp));
        bool isLeaf = TArch.IsLeaf(leaf);
        if (isLeaf)
        {
            // Break before make, and with it the last value that hardware wrote.
            leaf = new Pmd(TArch.GetAndClear(pmdp));
            TPtes.FlushRange(start, PageTables<TArch>.PmdSize);
            Pte first = SmallPageOf(leaf);
            Folio* folio = PhysicalMemory.FolioOf(mm, TArch.PfnOf(first));
            Cpu.FetchAdd(&folio->Refcount, TArch.PtrsPerTable - 1);
            Cpu.FetchAdd(&folio->Mapcount, TArch.PtrsPerTable - 1);
            TPtes.SetPtes(start, (Pte*)PhysicalMemory.VirtualOf(mm, table << PhysicalMemory.PageShift), first, TArch.PtrsPerTable);

            // ORDER: store-store; pairs with the address dependency in EntryIn: who sees the table sees its entries.
            Cpu.SmpWmb();
            TArch.WriteUpper(pmdp, TArch.MakeTable(table << PhysicalMemory.PageShift).Raw);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        Notifier.End(mm, start, PageTables<TArch>.PmdSize);
        if (!isLeaf)
        {
            FolioAllocator.Put(mm, table, 1);
        }

        return true;
    }

    /// <summary>Splits the huge pages of a range, all or those that stick out of it.</summary>
    /// <returns>False if there is no memory for a table.</returns>
    public static bool TrySplitRange(AddressSpace* mm, ulong start, ulong length, bool isAll)
    {
        ulong end = start + length;
        bool isDone = true;
        for (ulong at = start & ~(PageTables<TArch>.PmdSize - 1); at < end && isDone; at += PageTables<TArch>.PmdSize)
        {
            if (isAll || at < start || at + PageTables<TArch>.PmdSize > end)
            {
                isDone = TrySplit(mm, at);
            }
        }

        return isDone;
    }

    private static bool TryReplace(AddressSpace* mm, ulong start, ulong* pmdp, Pmd old, ulong huge)
    {
        Cpu.SpinLock(&mm->PageTableLock);
        Pte* ptes = (Pte*)PageTables<TArch>.EntryIn(mm, old, start, TArch.PageShift);
        bool isPossible = true;
        for (ulong i = 0; i < TArch.PtrsPerTable && isPossible; i++)
        {
            isPossible = IsOurs(mm, TPtes.PtepGet(ptes + i));
        }

        if (!isPossible)
        {
            TArch.WriteUpper(pmdp, old.Raw);
            Cpu.SpinUnlock(&mm->PageTableLock);
            return false;
        }

        ulong flags = Folio.Anonymous | Folio.Exclusive;
        for (ulong i = 0; i < TArch.PtrsPerTable; i++)
        {
            ulong pfn = TArch.PfnOf(TPtes.PtepGetAndClear(start + (i << TArch.PageShift), ptes + i));
            TCopy.Copy(
                PhysicalMemory.VirtualOf(mm, (huge + i) << PhysicalMemory.PageShift),
                PhysicalMemory.VirtualOf(mm, pfn << PhysicalMemory.PageShift),
                PageTables<TArch>.PageSize);
            Cpu.WriteOnce(&PhysicalMemory.PageOf(mm, huge + i)->Flags, flags);
            Cpu.FetchAdd(&PhysicalMemory.FolioOf(mm, pfn)->Mapcount, ulong.MaxValue);
            FolioAllocator.Put(mm, pfn, 1);
        }

        Cpu.WriteOnce(&PhysicalMemory.FolioOf(mm, huge)->Mapcount, 1UL);

        // ORDER: store-store; pairs with the address dependency from the entry to the page.
        Cpu.SmpWmb();
        TArch.WriteUpper(pmdp, TArch.MakeLeaf(TArch.MkDirty(TArch.MakeSharedPage(huge))).Raw);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return true;
    }

    // Writable in place, and nobody but the mapping holds a reference: the walkers that could still take one have been waited for.
    private static bool IsOurs(AddressSpace* mm, Pte pte)
    {
        if (!TArch.IsPresent(pte) || TArch.IsProtNone(pte) || !TArch.IsWritable(pte))
        {
            return false;
        }

        ulong pfn = TArch.PfnOf(pte);
        Folio* folio = PhysicalMemory.FolioOf(mm, pfn);
        ulong flags = Cpu.ReadOnce(&folio->Flags) & (Folio.Anonymous | Folio.Exclusive | Folio.LazyFree);
        return PhysicalMemory.FolioPagesOf(pfn) == 1 && flags == (Folio.Anonymous | Folio.Exclusive) && Cpu.ReadOnce(&folio->Refcount) == 1;
    }

    // The entry of the first page, with the flags of the leaf.
    private static Pte SmallPageOf(Pmd leaf)
    {
        Pte flags = new(leaf.Raw);
        Pte page = TArch.MakeSharedPage(TArch.PfnOf(flags));
        page = TArch.IsWritable(flags) ? page : TArch.WrProtect(page);
        page = TArch.IsDirty(flags) ? TArch.MkDirty(page) : page;
        return TArch.IsYoung(flags) ? page : TArch.MkOld(page);
    }
}
