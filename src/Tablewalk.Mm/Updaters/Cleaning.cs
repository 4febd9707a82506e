namespace Tablewalk.Mm;

/// <summary>Whether a path that takes dirty away tells the second MMU.</summary>
public unsafe interface INotice
{
    /// <summary>Before.</summary>
    static abstract void Start(AddressSpace* mm, ulong start, ulong length);

    /// <summary>After.</summary>
    static abstract void End(AddressSpace* mm, ulong start, ulong length);
}

/// <summary>It does.</summary>
public readonly unsafe struct WithNotice : INotice
{
    /// <inheritdoc/>
    public static void Start(AddressSpace* mm, ulong start, ulong length) => Notifier.Start(mm, start, length);

    /// <inheritdoc/>
    public static void End(AddressSpace* mm, ulong start, ulong length) => Notifier.End(mm, start, length);
}

/// <summary>It does not: the caller has, or that it has not is the mutation.</summary>
public readonly unsafe struct WithoutNotice : INotice
{
    /// <inheritdoc/>
    public static void Start(AddressSpace* mm, ulong start, ulong length)
    {
    }

    /// <inheritdoc/>
    public static void End(AddressSpace* mm, ulong start, ulong length)
    {
    }
}

/// <summary>Taking accessed and dirty away: updaters U3, U5 and U9.</summary>
/// <typeparam name="TArch">The architecture.</typeparam>
/// <typeparam name="TPtes">Its operations on entries.</typeparam>
/// <typeparam name="TNotice">Whether the second MMU is told.</typeparam>
public static unsafe class Cleaning<TArch, TPtes, TNotice>
    where TArch : IArch
    where TPtes : IPtes
    where TNotice : INotice
{
    /// <summary>
    /// Makes a page's entry clean and not writable, so that the next write faults, before the page is written out. LINUX: page_vma_mkclean_one, mm/rmap.c.
    /// Updater U3.
    /// </summary>
    /// <returns>Whether the page was dirty, by its entry: writes that came before are in the page now.</returns>
    public static bool MkClean(AddressSpace* mm, ulong address)
    {
        ulong start = address & ~(PageTables<TArch>.PageSize - 1);
        bool wasDirty = false;
        TNotice.Start(mm, start, PageTables<TArch>.PageSize);
        Pte* ptep = PageTables<TArch>.PteOffsetLockOrNull(mm, address);
        if (ptep != null)
        {
            Pte pte = TPtes.PtepGet(ptep);
            if (TArch.IsPresent(pte) && (TArch.IsDirty(pte) || TArch.IsWritable(pte)))
            {
                // Break before make: what hardware sets until the clear is in the old value, after it nothing can be set.
                Pte old = TPtes.PtepGetAndClear(address, ptep);
                TPtes.FlushRange(start, PageTables<TArch>.PageSize);
                TPtes.SetPte(address, ptep, TArch.MkClean(TArch.WrProtect(old)));
                wasDirty = TArch.IsDirty(old);
            }

            Cpu.SpinUnlock(&mm->PageTableLock);
        }

        TNotice.End(mm, start, PageTables<TArch>.PageSize);
        return wasDirty;
    }

    /// <summary>
    /// Takes all that says a page was written to, so that the next write says so again: by its entry, and by the page's flag, which the second MMU's faults and
    /// pins set. LINUX: what KVM_GET_DIRTY_LOG and soft-dirty are to their callers.
    /// </summary>
    /// <returns>Whether anything did: writes that came before are in the page now.</returns>
    public static bool CollectDirty(AddressSpace* mm, ulong address)
    {
        // The flag is cleared while the second MMU installs no entry for the page.
        TNotice.Start(mm, address, PageTables<TArch>.PageSize);
        bool wasDirty = Cleaning<TArch, TPtes, WithoutNotice>.MkClean(mm, address);
        Pte pte = LocklessWalk<TArch>.Lookup<RcuReadSection>(mm, address);
        if (TArch.IsPresent(pte))
        {
            Folio* page = PhysicalMemory.PageOf(mm, TArch.PfnOf(pte));
            wasDirty |= (Cpu.ReadOnce(&page->Flags) & Folio.Dirty) != 0 && (Cpu.FetchAnd(&page->Flags, ~Folio.Dirty) & Folio.Dirty) != 0;
        }

        TNotice.End(mm, address, PageTables<TArch>.PageSize);
        return wasDirty;
    }

    /// <summary>Whether a page was used since the last time. LINUX: folio_referenced_one, by ptep_clear_flush_young. Updater U5.</summary>
    public static bool ClearYoung(AddressSpace* mm, ulong address)
    {
        Pte* ptep = PageTables<TArch>.PteOffsetLockOrNull(mm, address);
        if (ptep == null)
        {
            return false;
        }

        bool wasYoung = TArch.IsPresent(TPtes.PtepGet(ptep)) && TPtes.PtepClearFlushYoung(address, ptep);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return wasYoung;
    }

    /// <summary>
    /// Tells that the contents of a range are no longer needed, unless they are written to again. LINUX: madvise_free_single_vma. Updater U9.
    /// </summary>
    public static void MadviseFree(AddressSpace* mm, ulong start, ulong count)
    {
        ulong length = count << TArch.PageShift;
        TNotice.Start(mm, start, length);
        for (ulong i = 0; i < count; i++)
        {
            ulong address = start + (i << TArch.PageShift);
            Pte* ptep = PageTables<TArch>.PteOffsetLockOrNull(mm, address);
            if (ptep != null)
            {
                Pte pte = TPtes.PtepGet(ptep);
                if (TArch.IsPresent(pte) && IsOurs(mm, TArch.PfnOf(pte)))
                {
                    Folio* folio = PhysicalMemory.FolioOf(mm, TArch.PfnOf(pte));
                    Cpu.FetchAnd(&folio->Flags, ~Folio.Dirty);
                    Cpu.FetchOr(&folio->Flags, Folio.LazyFree);
                    TPtes.ClearYoungDirtyPtes(ptep, 1);
                }

                Cpu.SpinUnlock(&mm->PageTableLock);
            }
        }

        TPtes.FlushRange(start, length);
        TNotice.End(mm, start, length);
    }

    // Shared pages are others' too, and a block of several pages would lose its other pages' dirty.
    private static bool IsOurs(AddressSpace* mm, ulong pfn) =>
        PhysicalMemory.FolioPagesOf(pfn) == 1
        && (Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, pfn)->Flags) & (Folio.Anonymous | Folio.Exclusive)) == (Folio.Anonymous | Folio.Exclusive);
}
