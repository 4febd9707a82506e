using System.Runtime.CompilerServices;

namespace Tablewalk.Mm;

/// <summary>Finds the entry that maps an address without any lock, and no more: no reference, no re-check.</summary>
/// <remarks>The caller is inside an irq-off or RCU read section, so that the tables stay.</remarks>
public static unsafe class LocklessWalk<TArch>
    where TArch : IArch
{
    /// <summary>The entry, with the page's own frame in it where a PMD entry maps it with others; 0 if nothing maps the address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pte Entry(AddressSpace* mm, ulong address)
    {
        Pmd upper = new(TArch.ReadLockless(PageTables<TArch>.PgdOffset(mm, address)));
        if (TArch.HasPud && TArch.IsTable(upper))
        {
            upper = new Pmd(TArch.ReadLockless(PageTables<TArch>.EntryIn(mm, upper, address, TArch.PudShift)));
        }

        if (!TArch.IsTable(upper))
        {
            return default;
        }

        Pmd pmd = new(TArch.ReadLockless(PageTables<TArch>.EntryIn(mm, upper, address, TArch.PmdShift)));
        return TArch.IsTable(pmd)
            ? new Pte(TArch.ReadLockless(PageTables<TArch>.EntryIn(mm, pmd, address, TArch.PageShift)))
            : EntryOfLeaf(pmd, address);
    }

    /// <summary>The same within a section of its own, for callers that need no more than the entry's value.</summary>
    /// <typeparam name="TSection">What keeps the tables.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pte Lookup<TSection>(AddressSpace* mm, ulong address)
        where TSection : IWalkSection
    {
        TSection.Enter();
        Pte pte = Entry(mm, address);
        TSection.Leave();
        return pte;
    }

    // Not inlined: the registers that it needs would be missing on the way to a page.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Pte EntryOfLeaf(Pmd pmd, ulong address)
    {
        ulong offset = address & (PageTables<TArch>.PmdSize - 1) & ~(PageTables<TArch>.PageSize - 1);
        return TArch.IsLeaf(pmd) ? new Pte(pmd.Raw + offset) : default;
    }
}
