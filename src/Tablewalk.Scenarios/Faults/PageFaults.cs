using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>Faults that meet on one entry.</summary>
internal static class PageFaults
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "fault/missing",
            "two CPUs fault on one address that nothing is mapped at",
            MemoryManagement.Architectures,
            [new("compare", ["exact", "none"])],
            ["one-page-is-used"],
            static selection => MemoryManagement.Close(
                typeof(TwoMissingFaults<,,>), selection, "one-page-is-used", MemoryManagement.PtesOf(selection, flushes: true), ComparatorOf(selection))),
        new(
            "fault/swap-in",
            "a page is brought in from swap while its range is discarded",
            MemoryManagement.WordArchitectures,
            [new("compare", ["exact", "none"])],
            ["no-old-contents"],
            static selection => MemoryManagement.Close(
                typeof(SwapInAgainstDiscard<,,>), selection, "no-old-contents", MemoryManagement.PtesOf(selection, flushes: true), ComparatorOf(selection))),
        new(
            "fault/collapse-swap-in",
            "khugepaged brings a page in, which it looked at without a lock, while its range is discarded",
            MemoryManagement.Architectures,
            [new("compare", ["exact", "none"])],
            ["no-old-contents"],
            static selection => MemoryManagement.Close(
                typeof(CollapseSwapInAgainstDiscard<,,>), selection, "no-old-contents", MemoryManagement.PtesOf(selection, flushes: true), ComparatorOf(selection))),
        new(
            "fault/copy",
            "a page is copied for a write while another thread of the program reads it",
            MemoryManagement.WordArchitectures,
            [new("flush", ["arch", "none"]), new("copy", ["first-word", "whole"])],
            ["no-load-of-old-page"],
            static selection => MemoryManagement.Close(
                typeof(LoadAgainstCopy<,,,>), selection, "no-load-of-old-page",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, MemoryManagement.Flushes(selection)), Catalog.Value(selection, "copy") switch
                {
                    "first-word" => typeof(FirstWordCopy),
                    "whole" => typeof(WholePageCopy),
                    _ => throw Catalog.Unknown(selection, "copy"),
                })),
    ];

    internal static Type ComparatorOf(ScenarioSelection selection) => Catalog.Value(selection, "compare") switch
    {
        "exact" => typeof(ExactComparison),
        "none" => typeof(NoComparison),
        _ => throw Catalog.Unknown(selection, "compare"),
    };
}

/// <summary>A mutation: under the lock nobody looks whether the entry still is what it was.</summary>
public readonly struct NoComparison : IPteComparator
{
    /// <inheritdoc/>
    public static bool IsSame<TArch>(Pte left, Pte right)
        where TArch : IArch => true;
}

/// <summary>Both allocate a page; one of them finds the entry taken and gives it back: F1, F4.</summary>
public static unsafe class TwoMissingFaults<TArch, TPtes, TComparator>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
{
    /// <summary>Nothing is mapped; there are two pages.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.Create<TArch>(arena, freePages: 2);

    /// <summary>Reads.</summary>
    [Thread("reader")]
    public static ulong Read(AddressSpace* mm) => Fault(mm, isWrite: false);

    /// <summary>Writes.</summary>
    [Thread("writer")]
    public static ulong Write(AddressSpace* mm) => Fault(mm, isWrite: true);

    /// <summary>Besides the tables there is one page in use, and it is mapped.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong read, ulong written)
    {
        ulong tables = TArch.HasPud ? 3UL : 2;
        bool isOne = Cpu.ReadOnce(&FolioAllocator.Zone(mm, FolioAllocator.SingleZone)->UsedCount) == tables + 1;
        Cpu.BugOn(!isOne | (Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)) == 0), "one-page-is-used");
    }

    internal static ulong Fault(AddressSpace* mm, bool isWrite) => (ulong)FaultHandler<TArch, TPtes, TComparator, FirstWordCopy>.Handle(
        mm, ScenarioLayout.Address, isWrite, RegionFlags.Read | RegionFlags.Write);
}

/// <summary>A fault copies what a slot has while the entry that names it is discarded. What was discarded does not come back.</summary>
public static unsafe class SwapInAgainstDiscard<TArch, TPtes, TComparator>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
{
    private const ulong Contents = 5;

    /// <summary>A slot has the contents, and the entry names it; there is one page.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        SwapArea.Initialize(arena, 1);
        AddressSpace* mm = ScenarioSpace.Create<TArch>(arena, freePages: 1);
        ulong slot = SwapArea.TryAllocate(mm);
        *(ulong*)SwapArea.PageOf(mm, slot) = Contents;
        SwapArea.End(mm, slot, 0);
        *AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address) = SwapEntry.Make<TArch>(slot, isExclusive: true);
        return (nint)mm;
    }

    /// <summary>Reads.</summary>
    [Thread("reader")]
    public static ulong Read(AddressSpace* mm) => TwoMissingFaults<TArch, TPtes, TComparator>.Fault(mm, isWrite: false);

    /// <summary>Discards.</summary>
    [Thread("discarder")]
    public static ulong Discard(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, FlushThenFree>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>If a page is mapped, it is a new one.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong read, ulong discarded)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        Cpu.BugOn(pte.Raw != 0 && Cpu.ReadOnce(ScenarioSpace.Word(mm, TArch.PfnOf(pte))) == Contents, "no-old-contents");
    }
}

/// <summary>The same with khugepaged in the place of the fault.</summary>
public static unsafe class CollapseSwapInAgainstDiscard<TArch, TPtes, TComparator>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
{
    /// <summary>As for <see cref="SwapInAgainstDiscard{TArch, TPtes, TComparator}"/>.</summary>
    [Setup]
    public static nint Setup(Arena arena) => SwapInAgainstDiscard<TArch, TPtes, TComparator>.Setup(arena);

    /// <summary>Brings the page in.</summary>
    [Thread("khugepaged")]
    public static ulong BringIn(AddressSpace* mm) => CollapseSwapIn<TArch, TPtes, TComparator, FirstWordCopy, LocklessRead<TArch>>.BringIn(
        mm, ScenarioLayout.Address, 1, RegionFlags.Read | RegionFlags.Write);

    /// <summary>Discards.</summary>
    [Thread("discarder")]
    public static ulong Discard(AddressSpace* mm) => SwapInAgainstDiscard<TArch, TPtes, TComparator>.Discard(mm);

    /// <summary>As for <see cref="SwapInAgainstDiscard{TArch, TPtes, TComparator}"/>.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong brought, ulong discarded) => SwapInAgainstDiscard<TArch, TPtes, TComparator>.Check(mm, brought, discarded);
}

/// <summary>
/// A shared page is copied for one thread's write; when the fault has returned, another thread reads what that one writes, and no longer the old page.
/// </summary>
/// <remarks>Break before make: between the clear and the new entry the flush waits for whoever goes by the old one.</remarks>
public static unsafe class LoadAgainstCopy<TArch, THardware, TPtes, TCopy>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TCopy : IPageCopy
{
    /// <summary>A is mapped read-only and shared with somebody; there is a page for the copy.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.WithPageA<TArch>(
            arena, TArch.WrProtect(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Referenced, freePages: 1);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Refcount = 2;
        arena.Name(ScenarioSpace.Word(mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return (nint)mm;
    }

    /// <summary>Faults, and writes to A as its other owner may once no copy is needed any more.</summary>
    [Thread("writer")]
    public static ulong Write(AddressSpace* mm)
    {
        FaultResult result = FaultHandler<TArch, TPtes, ExactComparison, TCopy>.Handle(
            mm, ScenarioLayout.Address, isWrite: true, RegionFlags.Read | RegionFlags.Write);
        Cpu.WriteOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA), UserAccess.OfNewOwner);
        return (ulong)result;
    }

    /// <summary>Reads.</summary>
    [Thread("reader")]
    public static ulong Read(AddressSpace* mm)
    {
        bool isAllowed = Cpu.UserLoad<TArch, THardware>(mm, ScenarioLayout.Address, out ulong value);
        Cpu.BugOn(isAllowed && value == UserAccess.OfNewOwner, "no-load-of-old-page");
        return value;
    }
}
