namespace Tablewalk.Mm;

/// <summary>Whether collapse waits for walkers before it trusts reference counts.</summary>
public interface IWalkerSync
{
    /// <summary>Returns when no walker uses what was unlinked before.</summary>
    static abstract void Sync();
}

/// <summary>LINUX: tlb_remove_table_sync_one.</summary>
public readonly struct SyncByIpi : IWalkerSync
{
    /// <inheritdoc/>
    public static void Sync() => Cpu.SyncLocklessWalkers();
}

/// <summary>No wait: the walker's own re-check of the PMD is all there is.</summary>
public readonly struct NoWalkerSync : IWalkerSync
{
    /// <inheritdoc/>
    public static void Sync()
    {
    }
}

/// <summary>Takes small pages out of a table to put a huge one in its place. LINUX: collapse_huge_page, mm/khugepaged.c.</summary>
public static unsafe class Collapse
{
    /// <summary>
    /// Unlinks the table, then takes a page out of it if nobody but the mapping holds a reference; else puts the table back.
    /// </summary>
    /// <returns>Whether the page was taken: it will be copied and freed, so nobody may have it pinned.</returns>
    public static bool TryTakePage<TArch, TFlush, TSync>(AddressSpace* mm, ulong address, ulong* pmdp, Pte* ptep)
        where TArch : IArch
        where TFlush : ITlbFlush
        where TSync : IWalkerSync
    {
        Cpu.SpinLock(&mm->PageTableLock);
        ulong pmd = TArch.GetAndClear(pmdp);

        // ORDER: full; pairs with the reference that a walker takes before it reads the PMD again: it sees the PMD cleared, or the count read
        // below has its reference in it. TEST: A_walk_without_the_PMD_recheck_is_caught.
        TFlush.Flush(address, PhysicalMemory.PageSize);
        TSync.Sync();

        ulong pte = TArch.ReadRaw((ulong*)ptep);
        Folio* folio = PhysicalMemory.FolioOf(mm, TArch.PfnOf(new Pte(pte)));
        bool taken = Cpu.ReadOnce(&folio->Refcount) == 1;
        if (taken)
        {
            TArch.GetAndClear((ulong*)ptep);
        }
        else
        {
            TArch.Write(pmdp, pmd);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return taken;
    }
}
