using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>Small pages become a huge one, and the other way.</summary>
internal static class Collapsing
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "collapse/pin",
            "GUP-fast on a page of a table that is collapsed to a huge page",
            MemoryManagement.WordArchitectures,
            [new("recheck", ["both", "pte"]), new("sync", ["none", "ipi"])],
            ["no-pin-on-taken-page"],
            static selection => MemoryManagement.Close(
                typeof(CollapseAgainstPin<,,,>), selection, "no-pin-on-taken-page", MemoryManagement.PtesOf(selection, flushes: true, withoutIpi: true),
                SyncOf(selection), RecheckOf(selection))),
        new(
            "collapse/store",
            "user code stores to a page of a table that is collapsed to a huge page",
            MemoryManagement.WordArchitectures,
            [new("flush", ["arch", "none"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(CollapseAgainstStore<,,>), selection, "no-write-lost",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, MemoryManagement.Flushes(selection)))),
        new(
            "collapse/walk",
            "the size of a mapping is looked up while its table is collapsed to a huge page",
            MemoryManagement.WordArchitectures,
            [new("section", ["irq-off", "rcu", "none"])],
            ["no-freed-table-read"],
            static selection => MemoryManagement.Close(
                typeof(CollapseAgainstWalk<,,>), selection, "no-freed-table-read",
                MemoryManagement.PtesOf(selection, flushes: true), MemoryManagement.SectionOf(selection))),
    ];

    private static Type SyncOf(ScenarioSelection selection) => Catalog.Value(selection, "sync") switch
    {
        "ipi" => typeof(SyncByIpi),
        "none" => typeof(NoWalkerSync),
        _ => throw Catalog.Unknown(selection, "sync"),
    };

    private static Type RecheckOf(ScenarioSelection selection)
    {
        Type arch = GupRanges.SmallArchOf(selection);
        Type reader = typeof(LocklessRead<>).MakeGenericType(Catalog.ArchOf(selection));
        return Catalog.Value(selection, "recheck") switch
        {
            "both" => typeof(RecheckBoth<,,>).MakeGenericType(arch, reader, reader),
            "pte" => typeof(RecheckPte<,>).MakeGenericType(arch, reader),
            _ => throw Catalog.Unknown(selection, "recheck"),
        };
    }
}

/// <summary>A table of two pages, A and its neighbour, that may be collapsed.</summary>
internal static unsafe class CollapseSetup
{
    /// <summary>Both are mapped exclusive, writable and dirty. A huge page takes a part of a large folio.</summary>
    internal static AddressSpace* Of<TArch>(Arena arena, ulong freeLargeFolios = 1)
        where TArch : IArch
    {
        const ulong flags = Folio.Anonymous | Folio.Exclusive | Folio.Referenced;
        AddressSpace* mm = ScenarioSpace.Create<SmallTables<TArch>>(arena, freeLargeFolios: freeLargeFolios);
        ScenarioSpace.MapPage<SmallTables<TArch>>(arena, mm, 0, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), flags, "A");
        ScenarioSpace.MapPage<SmallTables<TArch>>(arena, mm, 1, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA + 1)), flags, "other");
        return mm;
    }

    internal static ulong Collapse<TArch, TPtes, TSync>(AddressSpace* mm)
        where TArch : IArch
        where TPtes : IPtes
        where TSync : IWalkerSync =>
        HugePages<SmallTables<TArch>, TPtes, FirstWordCopy, TSync>.TryCollapse(mm, ScenarioLayout.Address) ? 1UL : 0;
}

/// <summary>A page may be taken for a huge one only if nobody else has it.</summary>
/// <remarks>
/// The PMD entry is cleared and flushed, then the counts are read. A walker takes its reference and then looks at the PMD entry again: one side sees the
/// other. Or collapse waits for walkers, and the re-check need not be.
/// </remarks>
public static unsafe class CollapseAgainstPin<TArch, TPtes, TSync, TRecheck>
    where TArch : IArch
    where TPtes : IPtes
    where TSync : IWalkerSync
    where TRecheck : IRecheck<SmallTables<TArch>>
{
    /// <summary>A and another page are all that a table maps.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)CollapseSetup.Of<TArch>(arena);

    /// <summary>Takes a reference on A, if that is what it finds.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        bool isPinned = GupFast<SmallTables<TArch>, LocklessRead<TArch>, FullReference, TRecheck, IrqOffSection>.TryGetOne(
            mm, ScenarioLayout.Address, isWrite: false, out ulong pfn, out _);
        return isPinned & (pfn == ScenarioLayout.PageA) ? 1UL : 0;
    }

    /// <summary>Puts a huge page in the place of the table, if nobody else has a page of it.</summary>
    [Thread("khugepaged")]
    public static ulong Collapse(AddressSpace* mm) => CollapseSetup.Collapse<TArch, TPtes, TSync>(mm);

    /// <summary>The page was not both pinned and taken.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong taken) => Cpu.BugOn((pinned & taken) != 0, "no-pin-on-taken-page");
}

/// <summary>A store comes before the copy, or faults: the flush waits for those by the old entry.</summary>
public static unsafe class CollapseAgainstStore<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A and another page are all that a table maps.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = CollapseSetup.Of<TArch>(arena);
        arena.Name(ScenarioSpace.Word(mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return (nint)mm;
    }

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) =>
        Cpu.UserStore<SmallTables<TArch>, THardware>(mm, ScenarioLayout.Address, UserAccess.OfUser) ? 1UL : 0;

    /// <summary>Puts a huge page in the place of the table.</summary>
    [Thread("khugepaged")]
    public static ulong Collapse(AddressSpace* mm) => CollapseSetup.Collapse<TArch, TPtes, SyncByIpi>(mm);

    /// <summary>What was stored is in the page that is mapped.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong taken)
    {
        ulong pfn = taken != 0 ? ScenarioLayout.LargeFolioA : ScenarioLayout.PageA;
        Cpu.BugOn((stored != 0) & (Cpu.ReadOnce(ScenarioSpace.Word(mm, pfn)) != UserAccess.OfUser), "no-write-lost");
    }
}

/// <summary>The table that a huge page has replaced is freed after a grace period: a walk of it is inside a section.</summary>
public static unsafe class CollapseAgainstWalk<TArch, TPtes, TSection>
    where TArch : IArch
    where TPtes : IPtes
    where TSection : IWalkSection
{
    /// <summary>A and another page are all that a table maps.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)CollapseSetup.Of<TArch>(arena);

    /// <summary>Looks.</summary>
    [Thread("walker")]
    public static ulong Look(AddressSpace* mm) => PageSizeWalk<SmallTables<TArch>, TPtes, LocklessRead<TArch>, TSection>.SizeOf(mm, ScenarioLayout.Address);

    /// <summary>Puts a huge page in the place of the table.</summary>
    [Thread("khugepaged")]
    public static ulong Collapse(AddressSpace* mm) => CollapseSetup.Collapse<TArch, TPtes, NoWalkerSync>(mm);

    /// <summary>Frees the table.</summary>
    [Thread("rcu")]
    public static ulong FreeDeferred(AddressSpace* mm) => DeferredFrees.Free(mm);
}
