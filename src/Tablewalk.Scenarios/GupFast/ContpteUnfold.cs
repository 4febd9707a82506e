using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// A block of folio A is split while GUP-fast pins the page of its last entry: a write to its first page has that copied, and the copy, B, takes its place, dirty.
/// These are the two races that the thread draws.
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
    /// <summary>A block of A, which is shared with somebody, so that a write copies; B is the next page to be allocated.</summary>
    internal static AddressSpace* Setup(Arena arena, bool isDirty)
    {
        AddressSpace* mm = ScenarioSpace.WithBlockOfA<TBlock>(arena, Arm64.WrProtect(Arm64.MakeSharedPage(ScenarioLayout.LargeFolioA)), isDirty);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.LargeFolioA)->Refcount++;
        arena.UseFolio(ScenarioLayout.PageA, 0, "B");
        FolioAllocator.Zone(mm, FolioAllocator.SingleZone)->FirstFree = ScenarioLayout.PageA;
        return mm;
    }

    internal static bool Walk(AddressSpace* mm, out Pte used)
    {
        ulong address = ScenarioLayout.Address + ((TBlock.Entries - 1) << PhysicalMemory.PageShift);
        return GupFast<Arm64, TReader, TReference, RecheckBoth<Arm64, RawRead<Arm64>, TReader>, IrqOffSection>.TryGetOne(
            mm, address, isWrite: false, out _, out used);
    }

    /// <summary>Writes to the first page: B takes its place, dirty.</summary>
    internal static ulong WriteFirstPage(AddressSpace* mm) =>
        (ulong)FaultHandler<Arm64, ContiguousPtes<TBlock, PreciseRead<TBlock, FullGatherTest>, EachEntryTest>, ExactComparison, FirstWordCopy>.Handle(
            mm, ScenarioLayout.Address, isWrite: true, RegionFlags.Read | RegionFlags.Write);
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

    /// <summary>Takes a reference on the last page of the block.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        if (!ContpteUnfold<TReader, TReference, TBlock>.Walk(mm, out Pte used))
        {
            return 0;
        }

        Cpu.BugOn(!Arm64.IsDirty(used), "no-false-negative-dirty");
        return 1;
    }

    /// <summary>Writes to the first page of the block, which is copied to B for that.</summary>
    [Thread("mapper")]
    public static ulong Map(AddressSpace* mm) => ContpteUnfold<TReader, TReference, TBlock>.WriteFirstPage(mm);
}

/// <summary>The folio of the block is never dirty, the copy is; the entry that the walker used must not say dirty.</summary>
public static unsafe class ContpteUnfoldFalsePositive<TReader, TReference, TBlock>
    where TReader : IEntryReader
    where TReference : IFolioReference
    where TBlock : IBlockSize
{
    /// <summary>A block of A, clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ContpteUnfold<TReader, TReference, TBlock>.Setup(arena, isDirty: false);

    /// <summary>Takes a reference on the last page of the block.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        if (!ContpteUnfold<TReader, TReference, TBlock>.Walk(mm, out Pte used))
        {
            return 0;
        }

        Cpu.BugOn(Arm64.IsDirty(used), "no-false-positive-dirty");
        return 1;
    }

    /// <summary>Writes to the first page of the block, which is copied to B for that.</summary>
    [Thread("mapper")]
    public static ulong Map(AddressSpace* mm) => ContpteUnfold<TReader, TReference, TBlock>.WriteFirstPage(mm);
}
