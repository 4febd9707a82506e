using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// A block of folio A is split while GUP-fast pins the page of its last entry: a single page of folio B takes the place of the first. These are the two races
/// that the thread draws.
/// </summary>
/// <remarks>
/// The splitting of the block, by break before make, writes A's flags into every entry that stays. So:
/// <list type="bullet">
/// <item>precise: a flag counts only from an entry that still belongs to the block, and no flag that was there throughout is missed.</item>
/// <item>ptep_get: entries that were cleared and not yet written again lose A's dirty, in the first read and in the second: a false negative. An
/// entry that maps B by now lends its dirty; but then the target was split before, and reading it again after a full barrier shows that.</item>
/// <item>ptep_get with a relaxed reference: nothing makes the second load of the target wait for the gather of the first read. It may be
/// satisfied early, by the value before the split, and B's dirty passes.</item>
/// <item>raw and norecency: the entry's own dirty, or none. It may be missing, but it is never B's.</item>
/// </list>
/// </remarks>
internal static unsafe class ContpteUnfold<TReader, TReference, TBlock>
    where TReader : IEntryReader
    where TReference : IFolioReference
    where TBlock : IBlockSize
{
    internal static AddressSpace* Setup(Arena arena, bool isDirty)
    {
        AddressSpace* mm = AddressSpace.Create<Arm64>(arena, ScenarioLayout.Address);
        arena.UseFolio(ScenarioLayout.LargeFolioA, TBlock.Entries, "A");
        arena.UseFolio(ScenarioLayout.LargeFolioB, 1, "B");
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            Pte pte = Arm64.MkCont(Arm64.MakeSharedPage(ScenarioLayout.LargeFolioA + i));
            *(AddressSpace.FirstPte(mm, ScenarioLayout.Address) + i) = isDirty && i == 0 ? Arm64.MkDirty(pte) : pte;
        }

        return mm;
    }

    internal static bool Walk(AddressSpace* mm, out ulong used)
    {
        ulong address = ScenarioLayout.Address + ((TBlock.Entries - 1) << PhysicalMemory.PageShift);
        return GupFast<Arm64, TReader, TReference, RecheckBoth<Arm64, RawRead<Arm64>, TReader>, IrqOffSection>.TryGetPage(
            mm, address, write: false, out used);
    }

    internal static void MapOtherPage(AddressSpace* mm)
    {
        Pte* ptep = AddressSpace.FirstPte(mm, ScenarioLayout.Address);
        Cpu.SpinLock(&mm->PageTableLock);
        ReplaceFirstPage(ptep);
        Cpu.SpinUnlock(&mm->PageTableLock);
    }

    // Under the page-table lock.
    internal static void ReplaceFirstPage(Pte* ptep)
    {
        Contpte<TBlock>.PtepGetAndClear(ScenarioLayout.Address, ptep);
        Cpu.FlushTlbByBroadcast(ScenarioLayout.Address, PhysicalMemory.PageSize);
        Contpte<TBlock>.SetPte(ScenarioLayout.Address, ptep, Arm64.MakeSharedPage(ScenarioLayout.LargeFolioB));
    }
}

/// <summary>The block is dirty from before the read to after it; the entry that the walker used must say so.</summary>
public static unsafe class ContpteUnfoldFalseNegative<TReader, TReference, TBlock>
    where TReader : IEntryReader
    where TReference : IFolioReference
    where TBlock : IBlockSize
{
    /// <summary>A block of A, dirty by its first entry.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ContpteUnfold<TReader, TReference, TBlock>.Setup(arena, isDirty: true);

    /// <summary>Pins the last page of the block.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        if (!ContpteUnfold<TReader, TReference, TBlock>.Walk(mm, out ulong used))
        {
            return 0;
        }

        Cpu.BugOn(!Arm64.IsDirty(new Pte(used)), "no-false-negative-dirty");
        return 1;
    }

    /// <summary>Maps a page of B in the place of the first entry.</summary>
    [Thread("mapper")]
    public static ulong Map(AddressSpace* mm)
    {
        ContpteUnfold<TReader, TReference, TBlock>.MapOtherPage(mm);
        return 0;
    }
}

/// <summary>The folio of the block is never dirty, the other one is made dirty; the entry that the walker used must not say dirty.</summary>
public static unsafe class ContpteUnfoldFalsePositive<TReader, TReference, TBlock>
    where TReader : IEntryReader
    where TReference : IFolioReference
    where TBlock : IBlockSize
{
    /// <summary>A block of A, clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ContpteUnfold<TReader, TReference, TBlock>.Setup(arena, isDirty: false);

    /// <summary>Pins the last page of the block.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        if (!ContpteUnfold<TReader, TReference, TBlock>.Walk(mm, out ulong used))
        {
            return 0;
        }

        Cpu.BugOn(Arm64.IsDirty(new Pte(used)), "no-false-positive-dirty");
        return 1;
    }

    /// <summary>Maps a page of B in the place of the first entry.</summary>
    [Thread("mapper")]
    public static ulong Map(AddressSpace* mm)
    {
        ContpteUnfold<TReader, TReference, TBlock>.MapOtherPage(mm);
        return 0;
    }

    /// <summary>Writes to the page of B once it is mapped; the hardware makes its entry dirty.</summary>
    [Thread("user of B")]
    public static ulong Use(AddressSpace* mm) =>
        HardwareWalker.TryMakeDirty(AddressSpace.FirstPte(mm, ScenarioLayout.Address), ScenarioLayout.LargeFolioB) ? 1UL : 0;
}
