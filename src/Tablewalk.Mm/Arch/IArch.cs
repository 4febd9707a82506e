namespace Tablewalk.Mm;

/// <summary>
/// An architecture's page tables: their shape, the bits of an entry, and how an entry is read and written when other CPUs and the MMU do
/// the same. Predicates and transformations are pure and without branches where the bits allow it.
/// </summary>
public unsafe interface IArch
{
    /// <summary>The name on the command line.</summary>
    static abstract string Name { get; }

    /// <summary>Whether a PUD level stands between PGD and PMD: four levels, else three.</summary>
    static abstract bool HasPud { get; }

    /// <summary>How far an address is shifted to index the PGD.</summary>
    static abstract int PgdShift { get; }

    /// <summary>Entries of the PGD.</summary>
    static abstract ulong PtrsPerPgd { get; }

    /// <summary>How far an address is shifted to give the page it is in: the granule. LINUX: PAGE_SHIFT.</summary>
    static virtual int PageShift => PhysicalMemory.PageShift;

    /// <summary>Entries of every table but the PGD. LINUX: PTRS_PER_PTE. A table fills one page.</summary>
    static virtual ulong PtrsPerTable => AddressSpace.PtrsPerTable;

    /// <summary>How far an address is shifted to index a PMD table. LINUX: PMD_SHIFT.</summary>
    static virtual int PmdShift => AddressSpace.PmdShift;

    /// <summary>How far an address is shifted to index a PUD table, if there is one. LINUX: PUD_SHIFT.</summary>
    static virtual int PudShift => AddressSpace.PudShift;

    /// <summary>A present user page, shared and writable, young and clean.</summary>
    static abstract Pte MakeSharedPage(ulong pfn);

    /// <summary>The permissions of an entry that is present for software and faults at every access. LINUX: PAGE_NONE.</summary>
    static abstract Pte ProtNone { get; }

    /// <summary>In a swap entry: the page was exclusive when it went out. LINUX: pte_swp_exclusive.</summary>
    static abstract ulong SwapExclusive { get; }

    /// <summary>An upper entry that points to a table.</summary>
    static abstract Pmd MakeTable(ulong physicalAddress);

    /// <summary>Whether an upper entry points to a table, and is neither empty nor a leaf.</summary>
    static abstract bool IsTable(Pmd pmd);

    /// <summary>
    /// An upper entry that maps memory itself, with the flags of a lowest-level entry. LINUX: pmd_mkhuge, pud_mkhuge. Below PMD and PUD entries the
    /// predicates of <see cref="Pte"/> hold for such an entry's bits too.
    /// </summary>
    static abstract Pmd MakeLeaf(Pte pte);

    /// <summary>Whether an upper entry maps memory itself. LINUX: pmd_leaf, pud_leaf.</summary>
    static abstract bool IsLeaf(Pmd pmd);

    /// <summary>The physical address of the table that an upper entry points to.</summary>
    static abstract ulong TableAddressOf(Pmd pmd);

    /// <summary>LINUX: pte_pfn.</summary>
    static abstract ulong PfnOf(Pte pte);

    /// <summary>LINUX: pte_present.</summary>
    static abstract bool IsPresent(Pte pte);

    /// <summary>LINUX: pte_protnone. Present for software, without access for user code.</summary>
    static abstract bool IsProtNone(Pte pte);

    /// <summary>LINUX: pte_young.</summary>
    static abstract bool IsYoung(Pte pte);

    /// <summary>LINUX: pte_write.</summary>
    static abstract bool IsWritable(Pte pte);

    /// <summary>LINUX: pte_dirty.</summary>
    static abstract bool IsDirty(Pte pte);

    /// <summary>LINUX: pte_special. No struct page stands behind it.</summary>
    static abstract bool IsSpecial(Pte pte);

    /// <summary>LINUX: pte_access_permitted.</summary>
    static abstract bool IsAccessPermitted(Pte pte, bool write);

    /// <summary>LINUX: pte_mkclean. The only transformation that loses dirty.</summary>
    static abstract Pte MkClean(Pte pte);

    /// <summary>LINUX: pte_mkdirty.</summary>
    static abstract Pte MkDirty(Pte pte);

    /// <summary>LINUX: pte_mkwrite.</summary>
    static abstract Pte MkWrite(Pte pte);

    /// <summary>LINUX: pte_wrprotect.</summary>
    static abstract Pte WrProtect(Pte pte);

    /// <summary>LINUX: pte_mkold.</summary>
    static abstract Pte MkOld(Pte pte);

    /// <summary>LINUX: pte_mkyoung.</summary>
    static abstract Pte MkYoung(Pte pte);

    /// <summary>LINUX: pte_modify. Takes the permissions of <paramref name="protection"/> and keeps the rest.</summary>
    static abstract Pte Modify(Pte pte, Pte protection);

    /// <summary>The bits that hardware may change in a present entry, and those in which accessed and dirty are written down.</summary>
    static abstract ulong AccessedDirtyMask { get; }

    /// <summary>Accessed and dirty of an entry, each as one bit at a place of its own.</summary>
    static abstract ulong AccessedDirtyFlagsOf(Pte pte);

    /// <summary>The entry read, made young and dirty as the flags gathered say. Changes bits of <see cref="AccessedDirtyMask"/> only.</summary>
    static abstract Pte Merge(PteReading reading);

    /// <summary>A plain read of an entry of any level. LINUX: ptep_get's raw form. Atomic only where an entry is one machine word.</summary>
    static abstract ulong ReadRaw(ulong* entry);

    /// <summary>
    /// A read of an entry of any level without the page-table lock. LINUX: the generic ptep_get_lockless, pmdp_get_lockless. On X86Pae right only
    /// inside an irq-off section, and if entries change pages only across a flush by IPI.
    /// </summary>
    static abstract ulong ReadLockless(ulong* entry);

    /// <summary>Sets an entry that is not present. LINUX: set_pte, set_pmd.</summary>
    static abstract void Write(ulong* entry, ulong value);

    /// <summary>Clears an entry. LINUX: pte_clear, pmd_clear.</summary>
    static abstract void Clear(ulong* entry);

    /// <summary>Clears an entry and gives its last value, with every bit that hardware ever set. LINUX: ptep_get_and_clear.</summary>
    static abstract ulong GetAndClear(ulong* entry);

    /// <summary>Sets an upper entry, whatever was there. LINUX: set_pmd, set_pud.</summary>
    static abstract void WriteUpper(ulong* entry, ulong value);

    /// <summary>
    /// Takes the write permission away and keeps every bit that hardware sets meanwhile. LINUX: ptep_set_wrprotect.
    /// </summary>
    static abstract void SetWrprotect(ulong* entry);

    /// <summary>Clears accessed. LINUX: ptep_test_and_clear_young.</summary>
    /// <returns>Whether it was set.</returns>
    static abstract bool TestAndClearYoung(ulong* entry);

    /// <summary>Clears accessed and dirty. LINUX: clear_young_dirty_ptes for one entry and both bits.</summary>
    static abstract void ClearYoungDirty(ulong* entry);

    /// <summary>
    /// Makes an entry more permissive, as a fault wants it: young, dirty, writable. LINUX: ptep_set_access_flags without the flush.
    /// </summary>
    /// <param name="entry">A present entry, under the page-table lock.</param>
    /// <param name="wanted">The entry's value when it was last compared, with the flags added.</param>
    /// <param name="isWrite">Whether the fault was a write.</param>
    /// <returns>Whether the entry was changed.</returns>
    static abstract bool SetAccessFlags(ulong* entry, Pte wanted, bool isWrite);
}
