namespace Tablewalk.Mm;

/// <summary>
/// Pages that are freed once a grace period is over, by a thread that waits for it in the place of whoever unlinked them. LINUX: call_rcu with
/// tlb_remove_table_rcu and pte_free_now, and rcu_do_batch.
/// </summary>
/// <remarks>
/// The list is linked through <see cref="Folio.NextFree"/>, which nobody else uses while a page is neither free nor handed out. Batches are pushed one by one
/// and taken all at once, so no page can come back to the list while a push looks at its head.
/// </remarks>
public static unsafe class DeferredFrees
{
    private const ulong Offset = 576;

    /// <summary>The first page of the list, as a page frame number; 0 if it is empty. Reached through <see cref="Cpu"/> only.</summary>
    public static ulong* Head(void* anchor) => (ulong*)PhysicalMemory.VirtualOf(anchor, Offset);

    /// <summary>The page after one of a batch. The last one's is set by <see cref="Push"/>.</summary>
    public static ulong* Next(void* anchor, ulong pfn) => &PhysicalMemory.PageOf(anchor, pfn)->NextFree;

    /// <summary>Puts a batch on the list. LINUX: call_rcu.</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="first">The first page of the batch, each linked to the next; nobody finds them any more who has not already.</param>
    /// <param name="last">The last one.</param>
    public static void Push(void* anchor, ulong first, ulong last)
    {
        ulong* headp = Head(anchor);
        ulong head = Cpu.ReadOnce(headp);
        while (true)
        {
            Cpu.WriteOnce(Next(anchor, last), head);

            // ORDER: full; pairs with the exchange in Free: who takes the batch has its links, and waits for a grace period that begins after the pages
            // were unlinked. TEST: A_table_freed_without_a_grace_period_is_caught.
            ulong seen = Cpu.CmpXchg(headp, head, first);
            if (seen == head)
            {
                return;
            }

            head = seen;
        }
    }

    /// <summary>Waits for a grace period and frees what was on the list before. LINUX: rcu_do_batch.</summary>
    /// <returns>How many pages were freed.</returns>
    public static ulong Free(void* anchor)
    {
        ulong pfn = Cpu.Xchg(Head(anchor), 0UL);
        if (pfn == 0)
        {
            return 0;
        }

        // ORDER: pairs with the section of a walk: who read the upper entry before it was cleared has left when this returns.
        // TEST: A_walk_without_a_section_is_caught.
        Cpu.SynchronizeRcu();
        ulong count = 0;
        while (pfn != 0)
        {
            ulong next = Cpu.ReadOnce(Next(anchor, pfn));
            FolioAllocator.Put(anchor, pfn, 1);
            pfn = next;
            count++;
        }

        return count;
    }
}
