using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>The scenarios about updaters, about a second MMU, and about user code that goes through the first.</summary>
internal static class MemoryManagement
{
    internal static readonly ImmutableArray<string> Architectures = ["arm64", "x86_64", "x86_pae"];

    // Where the halves of an entry are not the subject, x86_pae would add their interleavings and nothing else.
    internal static readonly ImmutableArray<string> WordArchitectures = ["arm64", "x86_64"];

    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "reclaim/swap-out",
            "a page is pinned by GUP-fast while it is made shared and swapped out",
            WordArchitectures,
            [new("barrier", ["full", "none"]), new("flush", ["batch", "each"])],
            ["no-pin-on-shared-page"],
            static selection => Close(
                typeof(PinAgainstSwapOut<,,,>), selection, "no-pin-on-shared-page", PtesOf(selection, flushes: true), BarrierOf(selection), ReclaimFlushOf(selection))),
        new(
            "reclaim/lazy-free",
            "a clean page of MADV_FREE is dropped while GUP-fast takes a reference to write to it",
            Architectures,
            [new("barrier", ["full", "none"]), new("flush", ["arch", "none"]), new("reference", ["full", "relaxed"])],
            ["no-reference-on-dropped-page"],
            static selection => Close(
                typeof(ReferenceAgainstDrop<,,,>), selection, "no-reference-on-dropped-page",
                PtesOf(selection, Flushes(selection)), BarrierOf(selection), Catalog.ReferenceOf(selection))),
        new(
            "fork/pin",
            "a page is pinned by GUP-fast while fork makes it shared",
            WordArchitectures,
            [new("barrier", ["full", "lock"])],
            ["no-pin-on-shared-page"],
            static selection => Close(
                typeof(PinAgainstFork<,,>), selection, "no-pin-on-shared-page", PtesOf(selection, flushes: true), Catalog.Value(selection, "barrier") switch
                {
                    "lock" => typeof(LockOrderedFork),
                    "full" => typeof(FullyOrderedFork),
                    _ => throw Catalog.Unknown(selection, "barrier"),
                })),
        new(
            "walk/free-table",
            "the size of a mapping is looked up while its table is unlinked and freed",
            Architectures,
            [new("free", ["grace-period", "at-once"]), new("section", ["irq-off", "rcu", "none"])],
            ["no-freed-table-read"],
            static selection => Close(
                typeof(WalkAgainstFreeTables<,,,>), selection, "no-freed-table-read", PtesOf(selection, flushes: true), TableFreeOf(selection), SectionOf(selection))),
        new(
            "kvm/zap",
            "a guest faults a page in while it is unmapped",
            Architectures,
            [new("sequence", ["first", "late"])],
            ["no-entry-after-invalidation"],
            static selection => Close(
                typeof(GuestFaultAgainstUnmap<,,>), selection, "no-entry-after-invalidation", PtesOf(selection, flushes: true),
                SequenceOf(selection))),
        new(
            "kvm/mkclean",
            "a guest faults a page in to write to it while it is made clean",
            Architectures,
            [new("notice", ["with", "without"])],
            ["writable-needs-dirty"],
            static selection => Close(
                typeof(GuestFaultAgainstClean<,,>), selection, "writable-needs-dirty", PtesOf(selection, flushes: true), NoticeOf(selection))),
        new(
            "mmu/unmap",
            "user code accesses a page that is unmapped, freed and given to a new owner",
            Architectures,
            [new("flush", ["before-free", "after-free", "none"])],
            ["no-store-to-freed-page", "no-load-from-freed-page"],
            static selection => (selection.Claim switch
            {
                "no-store-to-freed-page" => typeof(StoreAgainstUnmap<,,,>),
                "no-load-from-freed-page" => typeof(LoadAgainstUnmap<,,,>),
                _ => throw Catalog.UnknownClaim(selection),
            }).MakeGenericType(Catalog.ArchOf(selection), HardwareOf(selection), PtesOf(selection, flushes: true), GatherOrderOf(selection))),
        new(
            "mmu/free-table",
            "user code accesses a page whose table is unlinked, freed and given to a new owner",
            Architectures,
            [new("flush", ["before-free", "after-free", "none"])],
            ["no-store-through-freed-table"],
            static selection => Close(
                typeof(StoreAgainstFreeTables<,,,>), selection, "no-store-through-freed-table",
                HardwareOf(selection), PtesOf(selection, flushes: true), GatherOrderOf(selection))),
        new(
            "mmu/contpte-unfold",
            "user code stores to a contiguous block that is split to take its first page away",
            ["arm64"],
            [
                new("split", ["exchange", "store"]),
                new("flush", ["arch", "none"]) { Claims = ["no-store-to-taken-page"] },
                new("bbm", ["level-0", "level-2"]),
                new("block", ["2", "4", "8", "16"]),
            ],
            ["no-write-lost", "no-store-to-taken-page"],
            InstantiateBlockAccess),
        new(
            "mmu/fork",
            "user code stores to a page while fork shares it with a child",
            WordArchitectures,
            [new("flush", ["arch", "none"])],
            ["no-store-to-shared-page"],
            static selection => Close(
                typeof(StoreAgainstFork<,,>), selection, "no-store-to-shared-page", HardwareOf(selection), PtesOf(selection, Flushes(selection)))),
        new(
            "mmu/fork-table",
            "user code stores to a page while fork shares its whole table with a child",
            Architectures,
            [new("flush", ["arch", "none"])],
            ["no-store-to-shared-page"],
            static selection => Close(
                typeof(StoreAgainstForkOfTable<,,>), selection, "no-store-to-shared-page", HardwareOf(selection), PtesOf(selection, Flushes(selection)))),
        new(
            "mmu/mkclean",
            "user code stores to a page that is made clean and written out",
            Architectures,
            [new("flush", ["arch", "none"])],
            ["no-write-lost"],
            static selection => Close(
                typeof(StoreAgainstMkClean<,,>), selection, "no-write-lost", HardwareOf(selection), PtesOf(selection, Flushes(selection)))),
        new(
            "mmu/madvise-free",
            "user code stores to a page after MADV_FREE made it clean, and before",
            Architectures,
            [new("flush", ["arch", "none"]), new("return", ["synchronizing", "plain"])],
            ["later-write-is-kept"],
            static selection => Close(
                typeof(StoreAfterMadviseFree<,,,>), selection, "later-write-is-kept", HardwareOf(selection), PtesOf(selection, Flushes(selection)),
                Catalog.Value(selection, "return") switch
                {
                    "synchronizing" => typeof(SynchronizingReturn),
                    "plain" => typeof(PlainReturn),
                    _ => throw Catalog.Unknown(selection, "return"),
                })),
    ];

    private static Type InstantiateBlockAccess(ScenarioSelection selection)
    {
        Type block = Catalog.BlockOf(selection);
        block = Catalog.Value(selection, "bbm") switch
        {
            "level-0" => block,
            "level-2" => typeof(WithoutBreakBeforeMake<>).MakeGenericType(block),
            _ => throw Catalog.Unknown(selection, "bbm"),
        };
        Type ptes = typeof(ContiguousPtes<,,>).MakeGenericType(block, typeof(PreciseRead<,>).MakeGenericType(block, typeof(FullGatherTest)), typeof(EachEntryTest));
        ptes = Catalog.Value(selection, "split") switch
        {
            "exchange" => ptes,
            "store" => FaultyPtesOf(ptes, typeof(SplitByStore)),
            _ => throw Catalog.Unknown(selection, "split"),
        };
        return selection.Claim switch
        {
            "no-write-lost" => typeof(StoreAgainstUnfold<,>).MakeGenericType(block, ptes),
            "no-store-to-taken-page" => typeof(StoreAgainstTaking<,,>).MakeGenericType(block, ptes, Flushes(selection) ? typeof(FlushThenFree) : typeof(FreeWithoutFlush)),
            _ => throw Catalog.UnknownClaim(selection),
        };
    }

    internal static Type SequenceOf(ScenarioSelection selection) => Catalog.Value(selection, "sequence") switch
    {
        "first" => typeof(SequenceFirst),
        "late" => typeof(SequenceLate),
        _ => throw Catalog.Unknown(selection, "sequence"),
    };

    internal static Type NoticeOf(ScenarioSelection selection) => Catalog.Value(selection, "notice") switch
    {
        "with" => typeof(WithNotice),
        "without" => typeof(WithoutNotice),
        _ => throw Catalog.Unknown(selection, "notice"),
    };

    internal static bool Flushes(ScenarioSelection selection) => Catalog.Value(selection, "flush") switch
    {
        "arch" => true,
        "none" => false,
        _ => throw Catalog.Unknown(selection, "flush"),
    };

    internal static Type HardwareOf(ScenarioSelection selection) =>
        Catalog.ArchOf(selection) == typeof(Arm64) ? typeof(Arm64HardwareWalk<ThroughTarget>) : typeof(X86HardwareWalk);

    internal static Type GatherOrderOf(ScenarioSelection selection) => Catalog.Value(selection, "flush") switch
    {
        "before-free" => typeof(FlushThenFree),
        "after-free" => typeof(FreeThenFlush),
        "none" => typeof(FreeWithoutFlush),
        _ => throw Catalog.Unknown(selection, "flush"),
    };

    internal static Type Close(Type scenario, ScenarioSelection selection, string claim, params Type[] policies) => selection.Claim == claim
        ? scenario.MakeGenericType([Catalog.ArchOf(selection), .. policies])
        : throw Catalog.UnknownClaim(selection);

    internal static Type PtesOf(ScenarioSelection selection, bool flushes, bool withoutIpi = false)
    {
        Type ptes = PtesOf(Catalog.ArchOf(selection), withoutIpi);
        return flushes ? ptes : FaultyPtesOf(ptes, typeof(MissingFlushes));
    }

    /// <summary>The operations on entries that the library's address spaces have; on x86 also with a flush that interrupts nobody.</summary>
    internal static Type PtesOf(Type arch, bool withoutIpi = false) => arch == typeof(Arm64)
        ? typeof(ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>)
        : typeof(SinglePtes<,,,>).MakeGenericType(
            arch, typeof(LocklessRead<>).MakeGenericType(arch), withoutIpi ? typeof(FlushWithoutIpi) : typeof(FlushByIpi), typeof(ArchAccessFlags));

    internal static Type FaultyPtesOf(Type ptes, Type fault) => typeof(FaultyPtes<,>).MakeGenericType(ptes, fault);

    internal static Type BarrierOf(ScenarioSelection selection) => Catalog.Value(selection, "barrier") switch
    {
        "full" => typeof(FullShareBarrier),
        "none" => typeof(NoShareBarrier),
        _ => throw Catalog.Unknown(selection, "barrier"),
    };

    private static Type ReclaimFlushOf(ScenarioSelection selection) => Catalog.Value(selection, "flush") switch
    {
        "batch" => typeof(FlushOfBatch),
        "each" => typeof(FlushOfEach),
        _ => throw Catalog.Unknown(selection, "flush"),
    };

    internal static Type TableFreeOf(ScenarioSelection selection) => Catalog.Value(selection, "free") switch
    {
        "grace-period" => typeof(FlushThenFree),
        "at-once" => typeof(FreeTablesAtOnce),
        _ => throw Catalog.Unknown(selection, "free"),
    };

    internal static Type SectionOf(ScenarioSelection selection) => Catalog.Value(selection, "section") switch
    {
        "irq-off" => typeof(IrqOffSection),
        "rcu" => typeof(RcuReadSection),
        "none" => typeof(NoSection),
        _ => throw Catalog.Unknown(selection, "section"),
    };
}
