using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>GUP-fast over more than one page, while what it looks at is unmapped.</summary>
internal static class GupRanges
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "gup-fast/range",
            "GUP-fast on two pages that are unmapped and freed together",
            MemoryManagement.WordArchitectures,
            [new("recheck", ["both", "none"]), new("flush", ["ipi", "broadcast"], static architecture => architecture == "arm64" ? "broadcast" : "ipi")],
            ["no-pin-on-freed-page"],
            static selection => MemoryManagement.Close(
                typeof(RangeAgainstUnmap<,,>), selection, "no-pin-on-freed-page", PtesOf(selection), RecheckOf(selection, Catalog.ArchOf(selection)))),
        new(
            "gup-fast/block",
            "GUP-fast on the last two pages of a contiguous block that is unmapped whole",
            ["arm64"],
            [new("recheck", ["both", "none"]), new("block", ["2", "4", "8"])],
            ["no-pin-on-freed-page"],
            InstantiateBlock),
        new(
            "gup-fast/huge",
            "GUP-fast on a huge page that is unmapped and freed",
            MemoryManagement.WordArchitectures,
            [new("recheck", ["both", "none"]), new("flush", ["ipi", "broadcast"], static architecture => architecture == "arm64" ? "broadcast" : "ipi")],
            ["no-pin-on-freed-page"],
            static selection => MemoryManagement.Close(
                typeof(HugeAgainstUnmap<,,>), selection, "no-pin-on-freed-page", PtesOf(selection), RecheckOf(selection, SmallArchOf(selection)))),
    ];

    internal static Type SmallArchOf(ScenarioSelection selection) => typeof(SmallTables<>).MakeGenericType(Catalog.ArchOf(selection));

    /// <summary>Operations on entries whose flush is of the kind that is asked for. An arm64 with IPIs is nobody's, so its operations are single ones.</summary>
    internal static Type PtesOf(ScenarioSelection selection)
    {
        Type arch = Catalog.ArchOf(selection);
        return Catalog.Value(selection, "flush") switch
        {
            "ipi" when arch == typeof(Arm64) => typeof(SinglePtes<Arm64, LocklessRead<Arm64>, FlushByIpi, ArchAccessFlags>),
            "ipi" => MemoryManagement.PtesOf(arch),
            "broadcast" => MemoryManagement.PtesOf(arch, withoutIpi: true),
            _ => throw Catalog.Unknown(selection, "flush"),
        };
    }

    internal static Type RecheckOf(ScenarioSelection selection, Type arch)
    {
        Type reader = typeof(LocklessRead<>).MakeGenericType(Catalog.ArchOf(selection));
        return Catalog.Value(selection, "recheck") switch
        {
            "both" => typeof(RecheckBoth<,,>).MakeGenericType(arch, reader, reader),
            "none" => typeof(NoRecheck<>).MakeGenericType(arch),
            _ => throw Catalog.Unknown(selection, "recheck"),
        };
    }

    private static Type InstantiateBlock(ScenarioSelection selection)
    {
        Type block = Catalog.BlockOf(selection);
        Type recheck = Catalog.Value(selection, "recheck") switch
        {
            "both" => typeof(RecheckBoth<,,>).MakeGenericType(typeof(Arm64), typeof(RawRead<Arm64>), typeof(PreciseRead<,>).MakeGenericType(block, typeof(FullGatherTest))),
            "none" => typeof(NoRecheck<Arm64>),
            _ => throw Catalog.Unknown(selection, "recheck"),
        };
        return selection.Claim == "no-pin-on-freed-page"
            ? typeof(BlockAgainstUnmap<,>).MakeGenericType(block, recheck)
            : throw Catalog.UnknownClaim(selection);
    }
}

/// <summary>Pages A and B are unmapped together. Each page that GUP-fast says it has was not free meanwhile.</summary>
public static unsafe class RangeAgainstUnmap<TArch, TPtes, TRecheck>
    where TArch : IArch
    where TPtes : IPtes
    where TRecheck : IRecheck<TArch>
{
    private const ulong Other = ScenarioLayout.PageA + 1;

    /// <summary>A and its neighbour are mapped, and the mappings hold the only references.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        const ulong flags = Folio.Anonymous | Folio.Exclusive | Folio.Referenced;
        AddressSpace* mm = ScenarioSpace.WithPageA<TArch>(arena, TArch.MakeSharedPage(ScenarioLayout.PageA), flags);
        ScenarioSpace.MapPage<TArch>(arena, mm, 1, TArch.MakeSharedPage(Other), flags, "other");
        return (nint)mm;
    }

    /// <summary>Takes references on both.</summary>
    /// <returns>How many it got.</returns>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, TRecheck, IrqOffSection>.GetPages(
            mm, ScenarioLayout.Address, 2, GupFlags.None, ScenarioSpace.Scratch(mm, 1));

    /// <summary>Unmaps both, and takes the second if it is free by then: it is freed last, and so the next to be had.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, FlushThenFree>.Range(mm, ScenarioLayout.Address, 2 * PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return FolioAllocator.TryAllocate(mm, FolioAllocator.SingleZone) == Other ? 1UL : 0;
    }

    /// <summary>The second page was not both referenced and freed.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong got, ulong owned) => Cpu.BugOn((got == 2) & (owned != 0), "no-pin-on-freed-page");
}

/// <summary>A block is unmapped whole: its entries are cleared one by one, then its folio is freed.</summary>
public static unsafe class BlockAgainstUnmap<TBlock, TRecheck>
    where TBlock : IBlockSize
    where TRecheck : IRecheck<Arm64>
{
    /// <summary>A block of A; the mapping holds the only references.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.WithBlockOfA<TBlock>(
        arena, Arm64.MakeSharedPage(ScenarioLayout.LargeFolioA), isDirty: false);

    /// <summary>Takes references on the last two pages.</summary>
    /// <returns>How many it got.</returns>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        ulong address = ScenarioLayout.Address + ((TBlock.Entries - 2) << PhysicalMemory.PageShift);
        return GupFast<Arm64, PreciseRead<TBlock, FullGatherTest>, FullReference, TRecheck, IrqOffSection>.GetPages(
            mm, address, 2, GupFlags.None, ScenarioSpace.Scratch(mm, 1));
    }

    /// <summary>Unmaps the block, and takes the folio if it is free by then.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<Arm64, ContiguousPtes<TBlock, PreciseRead<TBlock, FullGatherTest>, EachEntryTest>, FlushThenFree>.Range(
            mm, ScenarioLayout.Address, TBlock.Entries << PhysicalMemory.PageShift, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return FolioAllocator.TryAllocate(mm, FolioAllocator.LargeZone) == ScenarioLayout.LargeFolioA ? 1UL : 0;
    }

    /// <summary>The folio was not both referenced and freed.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong got, ulong owned) => Cpu.BugOn((got != 0) & (owned != 0), "no-pin-on-freed-page");
}

/// <summary>A PMD entry maps two pages of a large folio; it is unmapped and the folio freed.</summary>
public static unsafe class HugeAgainstUnmap<TArch, TPtes, TRecheck>
    where TArch : IArch
    where TPtes : IPtes
    where TRecheck : IRecheck<SmallTables<TArch>>
{
    /// <summary>A is mapped by the PMD entry, and the mapping holds the only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)HugeSetup.Of<TArch>(arena);

    /// <summary>Takes a reference on the second page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) =>
        GupFast<SmallTables<TArch>, LocklessRead<TArch>, FullReference, TRecheck, IrqOffSection>.TryGetOne(
            mm, ScenarioLayout.Address + PhysicalMemory.PageSize, isWrite: false, out _, out _) ? 1UL : 0;

    /// <summary>Unmaps it, and takes the folio if it is free by then.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<SmallTables<TArch>, TPtes, FlushThenFree>.Range(
            mm, ScenarioLayout.Address, PageTables<SmallTables<TArch>>.PmdSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return FolioAllocator.TryAllocate(mm, FolioAllocator.LargeZone) == ScenarioLayout.LargeFolioA ? 1UL : 0;
    }

    /// <summary>The folio was not both referenced and freed.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong got, ulong owned) => Cpu.BugOn((got & owned) != 0, "no-pin-on-freed-page");
}

/// <summary>An address space in which a PMD entry maps memory itself.</summary>
internal static unsafe class HugeSetup
{
    /// <summary>The first pages of the large folio A, exclusive, anonymous, writable and clean.</summary>
    internal static AddressSpace* Of<TArch>(Arena arena, ulong freePages = 0)
        where TArch : IArch
    {
        AddressSpace* mm = ScenarioSpace.Create<SmallTables<TArch>>(arena, freePages, freeLargeFolios: 1);
        ScenarioSpace.TakeLargeFolioA(arena, mm, 1, Folio.Anonymous | Folio.Exclusive | Folio.Referenced);
        *AddressSpace.FirstPmdEntry<SmallTables<TArch>>(mm, ScenarioLayout.Address) = TArch.MakeLeaf(TArch.MakeSharedPage(ScenarioLayout.LargeFolioA)).Raw;
        return mm;
    }
}
