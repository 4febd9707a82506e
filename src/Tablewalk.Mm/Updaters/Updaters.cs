namespace Tablewalk.Mm;

/// <summary>How an entry that is not present is set.</summary>
public unsafe interface IEntrySetter
{
    /// <summary>Sets the entry.</summary>
    static abstract void Set(ulong* entry, ulong value);
}

/// <summary>As the architecture does it.</summary>
public readonly unsafe struct ArchSetter<TArch> : IEntrySetter
    where TArch : IArch
{
    /// <inheritdoc/>
    public static void Set(ulong* entry, ulong value) => TArch.Write(entry, value);
}

/// <summary>A mutation on <see cref="X86Pae"/>: the low half, with present in it, goes first.</summary>
public readonly unsafe struct LowHalfFirstSetter : IEntrySetter
{
    /// <inheritdoc/>
    public static void Set(ulong* entry, ulong value)
    {
        Cpu.WriteOnce(X86Pae.LowHalf(entry), (uint)value);
        Cpu.SmpWmb();
        Cpu.WriteOnce(X86Pae.HighHalf(entry), (uint)(value >> 32));
    }
}

/// <summary>Mapping and unmapping pages. The caller found the places of the entries and keeps the tables from being freed by others.</summary>
public static unsafe class Updaters
{
    /// <summary>Maps a page where none is. LINUX: set_pte_at under the page-table lock.</summary>
    public static void MapPage<TSetter>(AddressSpace* mm, Pte* ptep, Pte pte)
        where TSetter : IEntrySetter
    {
        Cpu.SpinLock(&mm->PageTableLock);
        TSetter.Set((ulong*)ptep, pte.Raw);
        Cpu.SpinUnlock(&mm->PageTableLock);
    }

    /// <summary>Unmaps one page and flushes. LINUX: ptep_clear_flush under the page-table lock.</summary>
    /// <returns>The last value of the entry.</returns>
    public static Pte UnmapPage<TArch, TFlush>(AddressSpace* mm, ulong address, Pte* ptep)
        where TArch : IArch
        where TFlush : ITlbFlush
    {
        Cpu.SpinLock(&mm->PageTableLock);
        ulong old = TArch.GetAndClear((ulong*)ptep);
        TFlush.Flush(address, PhysicalMemory.PageSize);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return new Pte(old);
    }

    /// <summary>
    /// Unmaps consecutive pages of one folio and flushes before it gives the mapping's references back. LINUX: zap_present_folio_ptes, with
    /// tlb_finish_mmu after it.
    /// </summary>
    /// <returns>Whether the folio is free now.</returns>
    public static bool ZapRange<TArch, TFlush>(AddressSpace* mm, ulong address, Pte* ptep, ulong count)
        where TArch : IArch
        where TFlush : ITlbFlush
    {
        Pte first = ClearRange<TArch>(mm, ptep, count);
        if (!TArch.IsPresent(first))
        {
            return false;
        }

        TFlush.Flush(address, count << PhysicalMemory.PageShift);
        return PutPages<TArch>(mm, first, count);
    }

    /// <summary>
    /// Unmaps the pages of a table as <see cref="ZapRange"/> does, and the table with them: one flush for both, then the pages are freed, and the
    /// table after a grace period. LINUX: unmap_region, free_pgtables, tlb_finish_mmu, tlb_remove_table.
    /// </summary>
    /// <returns>Whether the folio is free now.</returns>
    public static bool ZapRangeAndTable<TArch, TFlush, TOwner>(AddressSpace* mm, ulong address, Pte* ptep, ulong count, ulong* pmdp)
        where TArch : IArch
        where TFlush : ITlbFlush
        where TOwner : INextOwner
    {
        Pte first = ClearRange<TArch>(mm, ptep, count);
        TArch.Clear(pmdp);
        TFlush.Flush(address, count << PhysicalMemory.PageShift);

        bool isFree = PutPages<TArch>(mm, first, count);
        if (isFree)
        {
            TOwner.Take(PhysicalMemory.FolioOf(mm, TArch.PfnOf(first)));
        }

        // ORDER: pairs with the section of the walk: who read the PMD before it was cleared has left when this returns.
        // TEST: A_walk_without_a_section_is_caught.
        Cpu.SynchronizeRcu();
        ulong* table = (ulong*)((ulong)ptep & ~(PhysicalMemory.PageSize - 1));
        Cpu.Poison(table, PhysicalMemory.PageSize);
        return isFree;
    }

    private static Pte ClearRange<TArch>(AddressSpace* mm, Pte* ptep, ulong count)
        where TArch : IArch
    {
        Cpu.SpinLock(&mm->PageTableLock);
        ulong first = TArch.GetAndClear((ulong*)ptep);
        for (ulong i = 1; i < count; i++)
        {
            TArch.GetAndClear((ulong*)ptep + i);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return new Pte(first);
    }

    private static bool PutPages<TArch>(AddressSpace* mm, Pte first, ulong count)
        where TArch : IArch
    {
        bool isFree = false;
        for (ulong i = 0; i < count; i++)
        {
            isFree = FolioReferences.Put(mm, TArch.PfnOf(first) + i);
        }

        return isFree;
    }
}

/// <summary>Who gets a folio that was freed.</summary>
public unsafe interface INextOwner
{
    /// <summary>Takes the folio off the free list.</summary>
    static abstract void Take(Folio* folio);
}

/// <summary>Somebody at once, with a reference of his own. LINUX: post_alloc_hook, set_page_refcounted.</summary>
public readonly unsafe struct TakenAtOnce : INextOwner
{
    /// <inheritdoc/>
    public static void Take(Folio* folio) => Cpu.WriteOnce(&folio->Refcount, 1UL);
}

/// <summary>Nobody.</summary>
public readonly unsafe struct StaysFree : INextOwner
{
    /// <inheritdoc/>
    public static void Take(Folio* folio)
    {
    }
}
