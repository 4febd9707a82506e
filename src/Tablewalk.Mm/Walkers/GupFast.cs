namespace Tablewalk.Mm;

/// <summary>
/// Pins the page that an address maps without taking a lock. LINUX: gup_fast_fallback and what it calls, mm/gup.c, for one page and
/// without huge leaves, which it refuses.
/// </summary>
/// <remarks>
/// Why a success can be trusted, and where each step stands:
/// <list type="number">
/// <item>Tables do not go away during the walk: they are freed after a grace period or an IPI, and <typeparamref name="TSection"/> holds those back.</item>
/// <item>The next table is found from the local copy of the upper entry. Another table may be there by now; the old one is still readable by 1.</item>
/// <item>The page that the PTE names may be free by now and belong to somebody else. So the reference is taken only if there is one already, and</item>
/// <item>then, in that order, the entries are read again. The updater clears the entry, flushes, and only then drops the reference of the mapping: if
/// the entry is still there, the count had not reached zero, and now it cannot.</item>
/// <item>A PTE that still says the same is not enough if its table was unlinked, so the PMD is read again too.</item>
/// </list>
/// Every failure gives back what it took and means: go the slow way.
/// </remarks>
/// <typeparam name="TArch">The architecture.</typeparam>
/// <typeparam name="TReader">How the PTE is read first.</typeparam>
/// <typeparam name="TReference">How the reference is taken.</typeparam>
/// <typeparam name="TRecheck">How entries are read again.</typeparam>
/// <typeparam name="TSection">What the walk runs in.</typeparam>
public static unsafe partial class GupFast<TArch, TReader, TReference, TRecheck, TSection>
    where TArch : IArch
    where TReader : IEntryReader
    where TReference : IFolioReference
    where TRecheck : IRecheck<TArch>
    where TSection : IWalkSection
{
    /// <summary>Pins the page at an address.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">A user address.</param>
    /// <param name="write">Whether the page will be written to.</param>
    /// <param name="used">The entry that the page was found by; 0 on failure.</param>
    /// <returns>False if the slow way must be gone.</returns>
    public static bool TryGetPage(AddressSpace* mm, ulong address, bool write, out ulong used)
    {
        TSection.Enter();
        bool pinned = TryWalk(mm, address, write, out used);
        TSection.Leave();
        return pinned;
    }

    private static bool TryWalk(AddressSpace* mm, ulong address, bool write, out ulong used)
    {
        used = 0;
        ulong* pgdp = PageTables<TArch>.PgdOffset(mm, address);
        Pmd upper = new(TArch.ReadLockless(pgdp));
        if (!TArch.IsTable(upper))
        {
            return false;
        }

        if (TArch.HasPud)
        {
            upper = new Pmd(TArch.ReadLockless(PageTables<TArch>.EntryIn(mm, upper, address, TArch.PudShift)));
            if (!TArch.IsTable(upper))
            {
                return false;
            }
        }

        ulong* pmdp = PageTables<TArch>.EntryIn(mm, upper, address, TArch.PmdShift);
        Pmd pmd = new(TArch.ReadLockless(pmdp));
        if (!TArch.IsTable(pmd))
        {
            return false;
        }

        return TryPin(mm, pmdp, pmd, PageTables<TArch>.EntryIn(mm, pmd, address, TArch.PageShift), write, out used);
    }

    private static bool TryPin(AddressSpace* mm, ulong* pmdp, Pmd pmd, ulong* ptep, bool write, out ulong used)
    {
        used = 0;
        PteReading first = TReader.Read(ptep);
        Cpu.BugOn((uint)first.TargetRaw == (uint)(Cpu.PoisonPattern & uint.MaxValue), "no-freed-table-read");

        // Permissions and page frame are not gathered: the entry's own value decides.
        Pte target = first.Target;
        if (!TArch.IsAccessPermitted(target, write) || TArch.IsSpecial(target))
        {
            return false;
        }

        ulong pfn = TArch.PfnOf(target);
        if (!TReference.TryGet(PhysicalMemory.FolioOf(mm, pfn)))
        {
            return false;
        }

        if (!TRecheck.IsUnchanged(pmdp, pmd, ptep, first))
        {
            FolioReferences.Put(mm, pfn);
            return false;
        }

        used = TArch.Merge(first).Raw;
        return true;
    }
}
