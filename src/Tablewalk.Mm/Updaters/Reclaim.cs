namespace Tablewalk.Mm;

/// <summary>
/// Taking pages from an address space to use their memory for something else. LINUX: try_to_unmap_one, mm/rmap.c, and shrink_folio_list. Updater U4.
/// </summary>
/// <remarks>
/// For swap in two halves, with one flush between them for a whole batch:
/// <list type="number">
/// <item>Under the page-table lock the entry is cleared, the page made shared if it was exclusive (which a pin forbids), and the entry set to a slot that stays
/// busy. Other CPUs may still write through translations from before.</item>
/// <item>The flush.</item>
/// <item>Nobody writes any more: the page is copied to its slot, the slot is released, the page is freed.</item>
/// </list>
/// </remarks>
public static unsafe class Reclaim<TArch, TPtes>
    where TArch : IArch
    where TPtes : IPtes
{
    /// <summary>Swaps out the anonymous pages of a range that can be.</summary>
    /// <typeparam name="TCopy">How pages are copied.</typeparam>
    /// <typeparam name="TBarrier">What stands between clearing an entry and looking for pins.</typeparam>
    /// <typeparam name="TFlush">When the flush comes.</typeparam>
    /// <param name="mm">The address space.</param>
    /// <param name="start">The first address.</param>
    /// <param name="count">How many pages, at most half of <see cref="Gather.Capacity"/>.</param>
    /// <param name="batch">A page that this thread owns.</param>
    /// <returns>How many pages were swapped out.</returns>
    public static ulong SwapOut<TCopy, TBarrier, TFlush>(AddressSpace* mm, ulong start, ulong count, ulong* batch)
        where TCopy : IPageCopy
        where TBarrier : IShareBarrier
        where TFlush : IReclaimFlush
    {
        ulong taken = 0;
        Cpu.FetchAdd(&mm->FlushBatched, 1UL);
        Notifier.Start(mm, start, count << TArch.PageShift);
        for (ulong i = 0; i < count; i++)
        {
            taken += TrySwapPage<TBarrier, TFlush>(mm, start + (i << TArch.PageShift), batch + (2 * taken)) ? 1UL : 0;
        }

        Notifier.End(mm, start, count << TArch.PageShift);
        if (TFlush.FlushesBatch)
        {
            TPtes.FlushRange(start, count << TArch.PageShift);
        }

        Cpu.FetchAdd(&mm->FlushBatched, ulong.MaxValue);
        for (ulong i = 0; i < taken; i++)
        {
            ulong pfn = Cpu.ReadOnce(batch + (2 * i));
            ulong slot = Cpu.ReadOnce(batch + (2 * i) + 1);
            TCopy.Copy(SwapArea.PageOf(mm, slot), PhysicalMemory.VirtualOf(mm, pfn << PhysicalMemory.PageShift), PhysicalMemory.PageSize);
            SwapArea.End(mm, slot, 0);
            FolioAllocator.Put(mm, pfn, 1);
        }

        return taken;
    }

    /// <summary>
    /// Drops a page of MADV_FREE, if it was not written to since and nobody else uses it. LINUX: the lazyfree part of try_to_unmap_one.
    /// </summary>
    /// <returns>Whether it was dropped.</returns>
    public static bool TryDropLazyFree<TBarrier>(AddressSpace* mm, ulong address)
        where TBarrier : IShareBarrier
    {
        ulong start = address & ~(PageTables<TArch>.PageSize - 1);
        Notifier.Start(mm, start, PageTables<TArch>.PageSize);
        ulong dropped = 0;
        Pte* ptep = PageTables<TArch>.PteOffsetLockOrNull(mm, address);
        if (ptep != null)
        {
            Pte pte = TPtes.PtepGet(ptep);
            if (TArch.IsPresent(pte) && IsLazyFree(mm, TArch.PfnOf(pte)))
            {
                dropped = DropOrRestore<TBarrier>(mm, address, ptep);
            }

            Cpu.SpinUnlock(&mm->PageTableLock);
        }

        Notifier.End(mm, start, PageTables<TArch>.PageSize);
        if (dropped != 0)
        {
            FolioAllocator.Put(mm, dropped, 1);
        }

        return dropped != 0;
    }

    /// <summary>
    /// Flushes what reclaim may have unmapped without, under the page-table lock: who finds its entries and changes them must not leave translations behind.
    /// LINUX: flush_tlb_batched_pending.
    /// </summary>
    public static void FlushBatched(AddressSpace* mm)
    {
        if (Cpu.ReadOnce(&mm->FlushBatched) != 0)
        {
            TPtes.FlushRange(0, ulong.MaxValue);
        }
    }

    private static bool TrySwapPage<TBarrier, TFlush>(AddressSpace* mm, ulong address, ulong* batch)
        where TBarrier : IShareBarrier
        where TFlush : IReclaimFlush
    {
        Pte* ptep = PageTables<TArch>.PteOffsetLockOrNull(mm, address);
        if (ptep == null)
        {
            return false;
        }

        Pte pte = TPtes.PtepGet(ptep);
        bool isTaken = TArch.IsPresent(pte) && IsSwappable(mm, TArch.PfnOf(pte)) && TrySetSlot<TBarrier, TFlush>(mm, address, ptep, batch);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return isTaken;
    }

    private static bool TrySetSlot<TBarrier, TFlush>(AddressSpace* mm, ulong address, Pte* ptep, ulong* batch)
        where TBarrier : IShareBarrier
        where TFlush : IReclaimFlush
    {
        ulong slot = SwapArea.TryAllocate(mm);
        if (slot == 0)
        {
            return false;
        }

        Pte old = TPtes.PtepGetAndClear(address, ptep);
        ulong pfn = TArch.PfnOf(old);
        ulong isExclusive = Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, pfn)->Flags) & Folio.Exclusive;
        if (TFlush.FlushesEach)
        {
            TPtes.FlushRange(address, PageTables<TArch>.PageSize);
        }

        if (!Sharing.TryShare<TBarrier>(mm, pfn))
        {
            // Pinned, so exclusive and nobody else's.
            TPtes.SetPte(address, ptep, old);
            SwapArea.End(mm, slot, 1);
            return false;
        }

        TPtes.SetPte(address, ptep, SwapEntry.Make<TArch>(slot, isExclusive != 0));
        Cpu.FetchAdd(&PhysicalMemory.FolioOf(mm, pfn)->Mapcount, ulong.MaxValue);
        Cpu.WriteOnce(batch, pfn);
        Cpu.WriteOnce(batch + 1, slot);
        return true;
    }

    // Anonymous memory of single pages; what is in a large folio stays.
    private static bool IsSwappable(AddressSpace* mm, ulong pfn) =>
        PhysicalMemory.FolioPagesOf(pfn) == 1
        && (Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, pfn)->Flags) & (Folio.Anonymous | Folio.LazyFree)) == Folio.Anonymous;

    private static bool IsLazyFree(AddressSpace* mm, ulong pfn) =>
        PhysicalMemory.FolioPagesOf(pfn) == 1
        && (Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, pfn)->Flags) & Folio.LazyFree) != 0;

    // The page frame if it was dropped, 0 if not.
    private static ulong DropOrRestore<TBarrier>(AddressSpace* mm, ulong address, Pte* ptep)
        where TBarrier : IShareBarrier
    {
        Pte old = TPtes.PtepGetAndClear(address, ptep);
        TPtes.FlushRange(address & ~(PageTables<TArch>.PageSize - 1), PageTables<TArch>.PageSize);
        ulong pfn = TArch.PfnOf(old);
        Folio* folio = PhysicalMemory.FolioOf(mm, pfn);
        if (TArch.IsDirty(old))
        {
            Cpu.FetchOr(&folio->Flags, Folio.Dirty);
        }

        // ORDER: full; pairs with the reference of GUP-fast, which comes before its second look: it sees the entry cleared, or its reference is seen here.
        // TEST: A_page_is_not_dropped_under_a_reference.
        TBarrier.Full();
        ulong references = Cpu.ReadOnce(&folio->Refcount);
        ulong mappings = Cpu.ReadOnce(&folio->Mapcount);

        // ORDER: load-load; who took a reference, wrote to the page, marked it dirty and let go is seen by one or the other.
        Cpu.SmpRmb();
        bool isDirty = (Cpu.ReadOnce(&folio->Flags) & Folio.Dirty) != 0;
        if (references == mappings && !isDirty && mappings == 1)
        {
            Cpu.FetchAdd(&folio->Mapcount, ulong.MaxValue);
            return pfn;
        }

        // From here on it is memory like other memory.
        Cpu.FetchAnd(&folio->Flags, ~Folio.LazyFree);
        TPtes.SetPte(address, ptep, old);
        return 0;
    }
}

/// <summary>When reclaim flushes.</summary>
public interface IReclaimFlush
{
    /// <summary>Each page as it is unmapped.</summary>
    static abstract bool FlushesEach { get; }

    /// <summary>All of them at once, before their contents are read. LINUX: try_to_unmap_flush.</summary>
    static abstract bool FlushesBatch { get; }
}

/// <summary>Once for all.</summary>
public readonly struct FlushOfBatch : IReclaimFlush
{
    /// <inheritdoc/>
    public static bool FlushesEach => false;

    /// <inheritdoc/>
    public static bool FlushesBatch => true;
}

/// <summary>For scenarios: at once.</summary>
public readonly struct FlushOfEach : IReclaimFlush
{
    /// <inheritdoc/>
    public static bool FlushesEach => true;

    /// <inheritdoc/>
    public static bool FlushesBatch => false;
}

/// <summary>A mutation: pages are written out while other CPUs may still write to them.</summary>
public readonly struct NoReclaimFlush : IReclaimFlush
{
    /// <inheritdoc/>
    public static bool FlushesEach => false;

    /// <inheritdoc/>
    public static bool FlushesBatch => false;
}
