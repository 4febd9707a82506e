using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>GUP-fast and its pins against what makes, takes over and splits pages.</summary>
internal static class Pinning
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "gup-fast/fault-in",
            "GUP-fast on an entry of two halves that a fault fills",
            ["x86_pae"],
            [new("write", ["high-first", "low-first"])],
            ["pinned-page-was-mapped"],
            static selection =>
            {
                Type ptes = MemoryManagement.PtesOf(typeof(X86Pae));
                return selection.Claim != "pinned-page-was-mapped" ? throw Catalog.UnknownClaim(selection) : typeof(PinAgainstFaultIn<>).MakeGenericType(
                    Catalog.Value(selection, "write") switch
                    {
                        "high-first" => ptes,
                        "low-first" => MemoryManagement.FaultyPtesOf(ptes, typeof(LowHalfFirst)),
                        _ => throw Catalog.Unknown(selection, "write"),
                    });
            }),
        new(
            "gup-fast/split-huge",
            "GUP-fast pins two pages of a huge page that is split, unmapped and freed",
            MemoryManagement.WordArchitectures,
            [new("recheck", ["both", "none"]), new("flush", ["ipi", "broadcast"], static architecture => architecture == "arm64" ? "broadcast" : "ipi")],
            ["no-pin-on-freed-page"],
            static selection => MemoryManagement.Close(
                typeof(PinAgainstSplit<,,>), selection, "no-pin-on-freed-page", GupRanges.PtesOf(selection), GupRanges.RecheckOf(selection, GupRanges.SmallArchOf(selection)))),
        new(
            "gup-fast/unpin-dirty",
            "a pinned page is written to and given back while dirty is collected",
            MemoryManagement.WordArchitectures,
            [new("mark", ["after-write", "before-write"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(UnpinAgainstCollect<,,>), selection, "no-write-lost", MemoryManagement.PtesOf(selection, flushes: true), Catalog.Value(selection, "mark") switch
                {
                    "after-write" => typeof(MarkAfterWrite),
                    "before-write" => typeof(MarkBeforeWrite),
                    _ => throw Catalog.Unknown(selection, "mark"),
                })),
        new(
            "fault/take-over",
            "a write fault takes over or copies a page that GUP-fast takes to read",
            MemoryManagement.WordArchitectures,
            [new("take", ["pin", "reference"])],
            ["taken-page-stays"],
            static selection => MemoryManagement.Close(
                typeof(PinAgainstTakeOver<,,>), selection, "taken-page-stays", MemoryManagement.PtesOf(selection, flushes: true), Catalog.Value(selection, "take") switch
                {
                    "pin" => typeof(TakenByPin),
                    "reference" => typeof(TakenByReference),
                    _ => throw Catalog.Unknown(selection, "take"),
                })),
    ];
}

/// <summary>On PAE the half with the present bit is written last: T45.</summary>
public static unsafe class PinAgainstFaultIn<TPtes>
    where TPtes : IPtes
{
    /// <summary>Nothing is mapped; B is the next page to be allocated; the page that a torn entry names is somebody's.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.Create<X86Pae>(arena);
        arena.UseFolio(ScenarioLayout.PageB, 0, "B");
        FolioAllocator.Zone(mm, FolioAllocator.SingleZone)->FirstFree = ScenarioLayout.PageB;
        arena.UseFolio(ScenarioLayout.TornPage, 1, "torn");
        return (nint)mm;
    }

    /// <summary>Takes a reference on what is mapped.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        bool isTaken = GupFast<X86Pae, LocklessRead<X86Pae>, FullReference, RecheckBoth<X86Pae, LocklessRead<X86Pae>, LocklessRead<X86Pae>>, IrqOffSection>.TryGetOne(
            mm, ScenarioLayout.Address, isWrite: false, out ulong pfn, out _);
        Cpu.BugOn(isTaken & (pfn != ScenarioLayout.PageB), "pinned-page-was-mapped");
        return isTaken ? 1UL : 0;
    }

    /// <summary>Faults B in.</summary>
    [Thread("faulter")]
    public static ulong Fault(AddressSpace* mm) => TwoMissingFaults<X86Pae, TPtes, ExactComparison>.Fault(mm, isWrite: true);
}

/// <summary>A huge page is split into its pages, each of which then holds a reference; unmapped, all of them are given back.</summary>
/// <remarks>A pin of both pages is one reference of two on the folio, taken by the leaf and re-checked by it.</remarks>
public static unsafe class PinAgainstSplit<TArch, TPtes, TRecheck>
    where TArch : IArch
    where TPtes : IPtes
    where TRecheck : IRecheck<SmallTables<TArch>>
{
    /// <summary>A is mapped by the PMD entry, and the mapping holds the only reference; there is a page for the table.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)HugeSetup.Of<TArch>(arena, freePages: 1);

    /// <summary>Pins both pages.</summary>
    /// <returns>How many it got.</returns>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) => GupFast<SmallTables<TArch>, LocklessRead<TArch>, FullReference, TRecheck, IrqOffSection>.GetPages(
        mm, ScenarioLayout.Address, 2, GupFlags.Pin, ScenarioSpace.Scratch(mm, 1));

    /// <summary>Splits it, unmaps the pages, and takes the folio if it is free by then.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        HugePages<SmallTables<TArch>, TPtes, FirstWordCopy, SyncByIpi>.TrySplit(mm, ScenarioLayout.Address);
        Unmap<SmallTables<TArch>, TPtes, FlushThenFree>.Range(
            mm, ScenarioLayout.Address, PageTables<SmallTables<TArch>>.PmdSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return FolioAllocator.TryAllocate(mm, FolioAllocator.LargeZone) == ScenarioLayout.LargeFolioA ? 1UL : 0;
    }

    /// <summary>The folio was not both pinned and freed.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong got, ulong owned) => Cpu.BugOn((got != 0) & (owned != 0), "no-pin-on-freed-page");
}

/// <summary>When who writes through a pin says so.</summary>
public interface IPinnedWrite
{
    /// <summary>Whether with the last thing it does.</summary>
    static abstract bool MarksAfter { get; }
}

/// <summary>When it gives the pin back.</summary>
public readonly struct MarkAfterWrite : IPinnedWrite
{
    /// <inheritdoc/>
    public static bool MarksAfter => true;
}

/// <summary>A mutation: before it writes.</summary>
public readonly struct MarkBeforeWrite : IPinnedWrite
{
    /// <inheritdoc/>
    public static bool MarksAfter => false;
}

/// <summary>What is written through a pin goes past the entry's dirty bit: the page's flag tells of it, and must not tell too early.</summary>
public static unsafe class UnpinAgainstCollect<TArch, TPtes, TWrite>
    where TArch : IArch
    where TPtes : IPtes
    where TWrite : IPinnedWrite
{
    /// <summary>A is mapped, clean and pinned.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = UserAccess.Setup<TArch>(
            arena, TArch.WrProtect(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive | Folio.Referenced);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Refcount += Folio.PinBias;
        return (nint)mm;
    }

    /// <summary>Writes to the page and gives it back.</summary>
    [Thread("pin's holder")]
    public static ulong Write(AddressSpace* mm)
    {
        if (!TWrite.MarksAfter)
        {
            Unpin(mm);
        }

        Cpu.WriteOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA), UserAccess.OfUser);
        if (TWrite.MarksAfter)
        {
            Unpin(mm);
        }

        return 0;
    }

    /// <summary>Collects dirty, and copies the page.</summary>
    [Thread("collector")]
    public static ulong Collect(AddressSpace* mm) => CollectAgainstStore<TArch, X86HardwareWalk, TPtes, WithNotice>.Collect(mm);

    /// <summary>The copy is the page, or the page is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong written, ulong copy) => CollectAgainstStore<TArch, X86HardwareWalk, TPtes, WithNotice>.Check(mm, written, copy);

    private static void Unpin(AddressSpace* mm) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, NoRecheck<TArch>, IrqOffSection>.UnpinDirty(mm, ScenarioLayout.PageA);
}

/// <summary>How GUP-fast takes a page to read it.</summary>
public interface ITake
{
    /// <summary>The flags.</summary>
    static abstract GupFlags Flags { get; }
}

/// <summary>With a pin. LINUX: FOLL_PIN.</summary>
public readonly struct TakenByPin : ITake
{
    /// <inheritdoc/>
    public static GupFlags Flags => GupFlags.Pin;
}

/// <summary>With a reference, which does not keep the page where it is. LINUX: FOLL_GET.</summary>
public readonly struct TakenByReference : ITake
{
    /// <inheritdoc/>
    public static GupFlags Flags => GupFlags.None;
}

/// <summary>A page that nobody shares any more is written to: G4, a pin keeps it mapped here. LINUX: do_wp_page and gup_must_unshare.</summary>
/// <remarks>
/// The write fault counts references and then makes the page exclusive; the pin adds references and then looks whether it is exclusive. Whoever comes second
/// sees the other: either the pin is given up, or the page is taken over.
/// </remarks>
public static unsafe class PinAgainstTakeOver<TArch, TPtes, TTake>
    where TArch : IArch
    where TPtes : IPtes
    where TTake : ITake
{
    /// <summary>A is mapped read-only and not exclusive, and the mapping holds the only reference; there is a page for a copy.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.WithPageA<TArch>(
        arena, TArch.WrProtect(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Referenced, freePages: 1);

    /// <summary>Takes the page to read it.</summary>
    /// <returns>Whether it got A.</returns>
    [Thread("walker")]
    public static ulong Take(AddressSpace* mm)
    {
        ulong* pfns = ScenarioSpace.Scratch(mm, 1);
        ulong got = GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckPte<TArch, LocklessRead<TArch>>, IrqOffSection>.GetPages(
            mm, ScenarioLayout.Address, 1, TTake.Flags, pfns);
        return (got != 0) & (Cpu.ReadOnce(pfns) == ScenarioLayout.PageA) ? 1UL : 0;
    }

    /// <summary>Writes.</summary>
    [Thread("writer")]
    public static ulong Write(AddressSpace* mm) => TwoMissingFaults<TArch, TPtes, ExactComparison>.Fault(mm, isWrite: true);

    /// <summary>A page that was taken is the one that is mapped.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong taken, ulong result)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        Cpu.BugOn((taken != 0) & (TArch.PfnOf(pte) != ScenarioLayout.PageA), "taken-page-stays");
    }
}
