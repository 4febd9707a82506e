namespace Tablewalk.Mm;

/// <summary>How large the mapping of an address is. LINUX: perf_get_pgtable_size, kernel/events/core.c.</summary>
/// <remarks>
/// No reference and no re-check: an old answer is as good. But the tables must not be freed, hence the section, and valid and contiguous must come from one
/// load of the entry, which every reader gives.
/// </remarks>
public static unsafe class PageSizeWalk<TArch, TPtes, TReader, TSection>
    where TArch : IArch
    where TPtes : IPtes
    where TReader : IEntryReader
    where TSection : IWalkSection
{
    /// <summary>Bytes that the entry for an address maps; 0 if none does.</summary>
    public static ulong SizeOf(AddressSpace* mm, ulong address)
    {
        TSection.Enter();
        ulong size = Walk(mm, address);
        TSection.Leave();
        return size;
    }

    private static ulong Walk(AddressSpace* mm, ulong address)
    {
        Pmd upper = new(TArch.ReadLockless(PageTables<TArch>.PgdOffset(mm, address)));
        if (TArch.HasPud && TArch.IsTable(upper))
        {
            upper = new Pmd(TArch.ReadLockless(PageTables<TArch>.EntryIn(mm, upper, address, TArch.PudShift)));
            if (TArch.IsLeaf(upper))
            {
                return 1UL << TArch.PudShift;
            }
        }

        if (!TArch.IsTable(upper))
        {
            return 0;
        }

        Pmd pmd = new(TArch.ReadLockless(PageTables<TArch>.EntryIn(mm, upper, address, TArch.PmdShift)));
        if (TArch.IsLeaf(pmd))
        {
            return 1UL << TArch.PmdShift;
        }

        if (!TArch.IsTable(pmd))
        {
            return 0;
        }

        Pte pte = TReader.Read(PageTables<TArch>.EntryIn(mm, pmd, address, TArch.PageShift)).Target;
        Cpu.BugOn((uint)pte.Raw == (uint)(Cpu.PoisonPattern & uint.MaxValue), "no-freed-table-read");
        return TArch.IsPresent(pte) ? TPtes.MappedBytes(pte) : 0;
    }
}
