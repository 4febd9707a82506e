namespace Tablewalk.Mm;

/// <summary>When a move flushes the old place.</summary>
public interface IMoveFlush
{
    /// <summary>Whether before the page-table lock is given back.</summary>
    static abstract bool FlushesUnderLock { get; }

    /// <summary>Whether once for all, after the last.</summary>
    static abstract bool FlushesAtEnd { get; }
}

/// <summary>With each entry, under the lock. LINUX: since v4.20.</summary>
public readonly struct FlushUnderLock : IMoveFlush
{
    /// <inheritdoc/>
    public static bool FlushesUnderLock => true;

    /// <inheritdoc/>
    public static bool FlushesAtEnd => false;
}

/// <summary>A mutation: once for all, after the lock was given back. LINUX: before v4.20, CVE-2018-18281.</summary>
public readonly struct FlushAfterMove : IMoveFlush
{
    /// <inheritdoc/>
    public static bool FlushesUnderLock => false;

    /// <inheritdoc/>
    public static bool FlushesAtEnd => true;
}

/// <summary>Moving mappings to other addresses. LINUX: move_page_tables, mm/mremap.c. Updater U7.</summary>
/// <remarks>
/// The caller holds the regions' lock for writing, so nobody faults at either place; but walks, reclaim and whoever else finds a page by itself do not ask for
/// that lock. Nothing is mapped at the new place.
/// </remarks>
/// <typeparam name="TArch">The architecture.</typeparam>
/// <typeparam name="TPtes">Its operations on entries.</typeparam>
/// <typeparam name="TFlush">When the old place is flushed.</typeparam>
public static unsafe class Move<TArch, TPtes, TFlush>
    where TArch : IArch
    where TPtes : IPtes
    where TFlush : IMoveFlush
{
    /// <summary>Moves pages, with their whole table where both places are those of one.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="from">The first address, at a page. Huge pages that stick out of the range, or whose new place is none for one, are split.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="length">In bytes, whole pages. The two ranges do not overlap.</param>
    /// <returns>How many bytes were dealt with: fewer than asked for if memory for tables is short; what follows stays where it was.</returns>
    public static ulong Range(AddressSpace* mm, ulong from, ulong to, ulong length)
    {
        Notifier.Start(mm, from, length);
        ulong size = PageTables<TArch>.PmdSize;
        ulong done = 0;
        bool isShort = false;
        while (done < length && !isShort)
        {
            bool isWhole = (((from + done) | (to + done)) & (size - 1)) == 0 && length - done >= size;
            if (isWhole && TryMovePmd(mm, from + done, to + done))
            {
                done += size;
            }
            else
            {
                isShort = !TryMovePage(mm, from + done, to + done);
                done += isShort ? 0 : PageTables<TArch>.PageSize;
            }
        }

        if (TFlush.FlushesAtEnd)
        {
            TPtes.FlushRange(from, length);
        }

        Notifier.End(mm, from, length);
        return done;
    }

    /// <summary>LINUX: move_normal_pmd and move_huge_pmd.</summary>
    private static bool TryMovePmd(AddressSpace* mm, ulong from, ulong to)
    {
        ulong* toPmdp = PageTables<TArch>.PmdAllocOrNull(mm, to);
        if (toPmdp == null)
        {
            return false;
        }

        Cpu.SpinLock(&mm->PageTableLock);
        ulong* fromPmdp = PageTables<TArch>.PmdOffsetOrNull(mm, from);
        bool isMoved = fromPmdp != null && TArch.ReadRaw(fromPmdp) != 0 && TArch.ReadRaw(toPmdp) == 0;
        if (isMoved)
        {
            Reclaim<TArch, TPtes>.FlushBatched(mm);
            TArch.WriteUpper(toPmdp, TArch.GetAndClear(fromPmdp));
            if (TFlush.FlushesUnderLock)
            {
                TPtes.FlushRange(from, PageTables<TArch>.PmdSize);
            }
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return isMoved;
    }

    /// <summary>LINUX: move_ptes.</summary>
    private static bool TryMovePage(AddressSpace* mm, ulong from, ulong to)
    {
        ulong* toPmdp = PageTables<TArch>.PmdAllocOrNull(mm, to);
        if (toPmdp == null || !PageTables<TArch>.TryInstallTable(mm, toPmdp))
        {
            return false;
        }

        Pte* fromPtep = PageTables<TArch>.PteOffsetLockOrNull(mm, from);
        if (fromPtep == null)
        {
            return true;
        }

        Reclaim<TArch, TPtes>.FlushBatched(mm);
        Pte pte = TPtes.PtepGetAndClear(from, fromPtep);
        if (pte.Raw != 0)
        {
            Pte* toPtep = (Pte*)PageTables<TArch>.EntryIn(mm, new Pmd(TArch.ReadRaw(toPmdp)), to, TArch.PageShift);
            TPtes.SetPte(to, toPtep, pte);
            if (TFlush.FlushesUnderLock && TArch.IsPresent(pte))
            {
                // Once the lock is free, somebody may unmap the page at its new place, flush there, and free it, while a translation of the old place is left.
                TPtes.FlushRange(from, PageTables<TArch>.PageSize);
            }
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return true;
    }
}
