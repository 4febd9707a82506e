namespace Tablewalk.Mm;

/// <summary>Brings the pages of a range in before it is collapsed. LINUX: __collapse_huge_page_swapin, mm/khugepaged.c.</summary>
/// <remarks>
/// The entry is read without the lock and used only if it names a swap slot. Such an entry has no accessed and dirty, so whichever reader is taken gives
/// the same; and whatever it says is compared under the lock before anything changes.
/// </remarks>
public static unsafe class CollapseSwapIn<TArch, TPtes, TComparator, TCopy, TReader>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
    where TCopy : IPageCopy
    where TReader : IEntryReader
{
    /// <summary>Brings in what is out.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">The first address.</param>
    /// <param name="count">How many pages, all in one table.</param>
    /// <param name="region">What the region allows.</param>
    /// <returns>How many were brought in; fewer than are out if the tables or entries changed meanwhile, or memory is short.</returns>
    public static ulong BringIn(AddressSpace* mm, ulong address, ulong count, RegionFlags region)
    {
        ulong done = 0;
        for (ulong i = 0; i < count; i++)
        {
            ulong at = address + (i << TArch.PageShift);
            Cpu.RcuReadLock();
            ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(mm, at);
            Pmd pmd = pmdp == null ? default : new Pmd(TArch.ReadLockless(pmdp));
            bool hasTable = TArch.IsTable(pmd);
            Pte orig = hasTable ? TReader.Read(PageTables<TArch>.EntryIn(mm, pmd, at, TArch.PageShift)).Target : default;
            Cpu.RcuReadUnlock();
            if (!hasTable)
            {
                return done;
            }

            if (SwapEntry.Is<TArch>(orig))
            {
                if (FaultHandler<TArch, TPtes, TComparator, TCopy>.HandleSwap(mm, at, orig, isWrite: false, region) != FaultResult.Done)
                {
                    return done;
                }

                done++;
            }
        }

        return done;
    }
}
