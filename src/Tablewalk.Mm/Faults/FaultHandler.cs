namespace Tablewalk.Mm;

/// <summary>
/// The page fault handler for anonymous and shared memory. LINUX: handle_pte_fault and what it calls, mm/memory.c. It reads the entry without the lock, prepares,
/// and changes the entry only under the page-table lock and only if it is still what was read.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>F1: an entry changes only under the lock and after a successful comparison.</item>
/// <item>F2: no dirty is lost, if comparator and access flags fit together (T33): an exact comparator with any helper, or the blind one with a
/// helper that only adds.</item>
/// <item>F3: a fault on an entry that nobody else changes ends in <see cref="FaultResult.Done"/> and is not repeated.</item>
/// <item>F4: what was prepared is given back when the comparison fails.</item>
/// </list>
/// The caller keeps the region as it is (LINUX: mmap_lock or the VMA's lock, for reading), and with it the tables above the lowest.
/// </remarks>
/// <typeparam name="TArch">The architecture.</typeparam>
/// <typeparam name="TPtes">Its operations on entries.</typeparam>
/// <typeparam name="TComparator">How the entry is compared under the lock.</typeparam>
/// <typeparam name="TCopy">How pages are copied.</typeparam>
public static unsafe partial class FaultHandler<TArch, TPtes, TComparator, TCopy>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
    where TCopy : IPageCopy
{
    /// <summary>Makes the entry for an address such that the access succeeds. LINUX: handle_mm_fault.</summary>
    public static FaultResult Handle(AddressSpace* mm, ulong address, bool isWrite, RegionFlags region)
    {
        if ((region & RegionFlags.Read) == RegionFlags.None || (isWrite && (region & RegionFlags.Write) == RegionFlags.None))
        {
            return FaultResult.BadAccess;
        }

        ulong* pmdp = PageTables<TArch>.PmdAllocOrNull(mm, address);
        if (pmdp == null)
        {
            return FaultResult.OutOfMemory;
        }

        Cpu.RcuReadLock();
        Pmd pmd = new(TArch.ReadLockless(pmdp));
        Pte orig = default;
        if (TArch.IsTable(pmd))
        {
            orig = TArch.Merge(TPtes.ReadLockless(PageTables<TArch>.EntryIn(mm, pmd, address, TArch.PageShift)));
        }

        Cpu.RcuReadUnlock();
        if (TArch.IsLeaf(pmd))
        {
            return HandleHuge(mm, pmdp, address, pmd, isWrite);
        }

        if (orig.Raw == 0)
        {
            return HandleMissing(mm, pmdp, address, isWrite, region);
        }

        if (!TArch.IsPresent(orig))
        {
            return HandleSwap(mm, address, orig, isWrite, region);
        }

        if (TArch.IsProtNone(orig))
        {
            return HandleNumaHint(mm, address, orig, region);
        }

        return HandlePresent(mm, address, orig, isWrite, region);
    }

    /// <summary>
    /// The entry was there: makes it young, and for a write dirty, and writable if that takes no copy. Also the second half of a fault on a CPU without
    /// hardware accessed or dirty. LINUX: the end of handle_pte_fault.
    /// </summary>
    public static FaultResult HandlePresent(AddressSpace* mm, ulong address, Pte orig, bool isWrite, RegionFlags region)
    {
        Pte* ptep = LockIfSameOrNull(mm, address, orig);
        if (ptep == null)
        {
            return FaultResult.Retry;
        }

        if (isWrite && !TArch.IsWritable(orig))
        {
            return HandleWriteProtected(mm, address, ptep, orig, region);
        }

        Pte wanted = TArch.MkYoung(isWrite ? TArch.MkDirty(orig) : orig);
        bool isChanged = TPtes.PtepSetAccessFlags(address, ptep, wanted, isWrite);
        if (!isChanged && isWrite)
        {
            // The entry allows the write already: this CPU used a translation from before that. LINUX: flush_tlb_fix_spurious_fault.
            Cpu.FlushTlbLocal(address & ~(PageTables<TArch>.PageSize - 1), PageTables<TArch>.PageSize);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return FaultResult.Done;
    }

    /// <summary>The lock and the place, if the entry still is what was read. LINUX: pte_offset_map_lock and pte_same.</summary>
    /// <returns>Null, and no lock, if not.</returns>
    private static Pte* LockIfSameOrNull(AddressSpace* mm, ulong address, Pte orig)
    {
        Pte* ptep = PageTables<TArch>.PteOffsetLockOrNull(mm, address);
        if (ptep == null)
        {
            return null;
        }

        if (TComparator.IsSame<TArch>(TPtes.PtepGet(ptep), orig))
        {
            return ptep;
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return null;
    }

    /// <summary>LINUX: do_anonymous_page. Allocates first, then looks under the lock whether the entry is still empty.</summary>
    private static FaultResult HandleMissing(AddressSpace* mm, ulong* pmdp, ulong address, bool isWrite, RegionFlags region)
    {
        if (!PageTables<TArch>.TryInstallTable(mm, pmdp))
        {
            return TArch.IsLeaf(new Pmd(TArch.ReadLockless(pmdp))) ? FaultResult.Retry : FaultResult.OutOfMemory;
        }

        ulong pfn = FolioAllocator.TryAllocateZeroed(mm, PageTables<TArch>.PageZone);
        if (pfn == 0)
        {
            return FaultResult.OutOfMemory;
        }

        Pte* ptep = LockIfSameOrNull(mm, address, default);
        if (ptep == null)
        {
            FolioAllocator.Put(mm, pfn, 1);
            return FaultResult.Retry;
        }

        bool isWritable = (region & RegionFlags.Write) != RegionFlags.None;
        Pte entry = NewPage(mm, pfn, isWritable, isWrite, (region & RegionFlags.Shared) == RegionFlags.None);
        TPtes.SetPte(address, ptep, entry);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return FaultResult.Done;
    }

    /// <summary>Counts a new mapping of a page that nobody else maps, and makes its entry.</summary>
    private static Pte NewPage(AddressSpace* mm, ulong pfn, bool isWritable, bool isWrite, bool isAnonymous)
    {
        Folio* page = PhysicalMemory.PageOf(mm, pfn);
        Cpu.WriteOnce(&page->Mapcount, 1UL);
        Cpu.WriteOnce(&page->Flags, isAnonymous ? Folio.Anonymous | Folio.Exclusive : 0);

        // ORDER: store-store; pairs with the address dependency from the entry to the page: who maps the page sees it as it was prepared.
        // LINUX: __folio_mark_uptodate.
        Cpu.SmpWmb();
        Pte entry = TArch.MakeSharedPage(pfn);
        return !isWritable ? TArch.WrProtect(entry) : isWrite ? TArch.MkDirty(entry) : entry;
    }

    /// <summary>LINUX: do_numa_page, without the migration. Gives the entry its permissions back.</summary>
    private static FaultResult HandleNumaHint(AddressSpace* mm, ulong address, Pte orig, RegionFlags region)
    {
        Pte* ptep = LockIfSameOrNull(mm, address, orig);
        if (ptep == null)
        {
            return FaultResult.Retry;
        }

        Pte old = TPtes.PtepGetAndClear(address, ptep);
        TPtes.SetPte(address, ptep, TArch.MkYoung(WithPermissions(mm, old, region)));
        Cpu.SpinUnlock(&mm->PageTableLock);
        return FaultResult.Done;
    }

    /// <summary>
    /// The entry with the permissions that the region allows it without a fault: writable only if the page may be written to in place. LINUX: pte_modify with
    /// vm_page_prot, and can_change_pte_writable.
    /// </summary>
    public static Pte WithPermissions(AddressSpace* mm, Pte pte, RegionFlags region)
    {
        Pte page = TArch.MakeSharedPage(0);
        Pte protectedPte = TArch.Modify(pte, TArch.WrProtect(page));
        bool mayWrite = (region & RegionFlags.Write) != RegionFlags.None && ((region & RegionFlags.Shared) != RegionFlags.None || IsExclusive(mm, pte));
        return mayWrite ? TArch.MkWrite(protectedPte) : protectedPte;
    }

    private static bool IsExclusive(AddressSpace* mm, Pte pte) =>
        (Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, TArch.PfnOf(pte))->Flags) & Folio.Exclusive) != 0;

    /// <summary>LINUX: huge_pmd_set_accessed and do_huge_pmd_wp_page, for memory that is mapped writable or not at all.</summary>
    private static FaultResult HandleHuge(AddressSpace* mm, ulong* pmdp, ulong address, Pmd orig, bool isWrite)
    {
        Cpu.SpinLock(&mm->PageTableLock);
        Pte flags = new(orig.Raw);
        bool isSame = TComparator.IsSame<TArch>(new Pte(TArch.ReadRaw(pmdp)), flags);
        bool isAllowed = TArch.IsAccessPermitted(flags, isWrite);
        if (isSame && isAllowed)
        {
            Pte wanted = TArch.MkYoung(isWrite ? TArch.MkDirty(flags) : flags);
            TArch.SetAccessFlags(pmdp, wanted, isWrite);
            TPtes.FlushRange(address & ~(PageTables<TArch>.PmdSize - 1), PageTables<TArch>.PmdSize);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return !isSame ? FaultResult.Retry : isAllowed ? FaultResult.Done : FaultResult.BadAccess;
    }
}
