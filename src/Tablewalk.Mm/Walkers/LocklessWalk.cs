namespace Tablewalk.Mm;

/// <summary>Finds the entry that maps an address without any lock, and no more: no reference, no re-check.</summary>
/// <remarks>The caller is inside an irq-off or RCU read section, so that the tables stay.</remarks>
public static unsafe class LocklessWalk<TArch>
    where TArch : IArch
{
    /// <summary>The entry, with the page's own frame in it where a PMD entry maps it with others; 0 if nothing maps the address.</summary>
    public static Pte Entry(AddressSpace* mm, ulong address)
    {
        ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(mm, address);
        Pmd pmd = pmdp == null ? default : new Pmd(TArch.ReadLockless(pmdp));
        if (TArch.IsTable(pmd))
        {
            return new Pte(TArch.ReadLockless(PageTables<TArch>.EntryIn(mm, pmd, address, TArch.PageShift)));
        }

        ulong offset = address & (PageTables<TArch>.PmdSize - 1) & ~(PageTables<TArch>.PageSize - 1);
        return TArch.IsLeaf(pmd) ? new Pte(pmd.Raw + offset) : default;
    }
}
