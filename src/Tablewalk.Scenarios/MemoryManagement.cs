using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>The scenarios about updaters and about a second MMU.</summary>
internal static class MemoryManagement
{
    private static readonly ImmutableArray<string> s_architectures = ["arm64", "x86_64", "x86_pae"];

    // Where the halves of an entry are not the subject, x86_pae would add their interleavings and nothing else.
    private static readonly ImmutableArray<string> s_wordArchitectures = ["arm64", "x86_64"];

    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "reclaim/swap-out",
            "a page is pinned by GUP-fast while it is made shared and swapped out",
            s_wordArchitectures,
            [new("barrier", ["full", "none"]), new("flush", ["batch", "each"])],
            ["no-pin-on-shared-page"],
            static selection => Close(
                typeof(PinAgainstSwapOut<,,,>), selection, "no-pin-on-shared-page", PtesOf(selection, flushes: true), BarrierOf(selection), ReclaimFlushOf(selection))),
        new(
            "reclaim/lazy-free",
            "a clean page of MADV_FREE is dropped while GUP-fast takes a reference to write to it",
            s_architectures,
            [new("barrier", ["full", "none"]), new("flush", ["arch", "none"]), new("reference", ["full", "relaxed"])],
            ["no-reference-on-dropped-page"],
            static selection => Close(
                typeof(ReferenceAgainstDrop<,,,>), selection, "no-reference-on-dropped-page",
                PtesOf(selection, Catalog.Value(selection, "flush") == "arch"), BarrierOf(selection), Catalog.ReferenceOf(selection))),
        new(
            "fork/pin",
            "a page is pinned by GUP-fast while fork makes it shared",
            s_wordArchitectures,
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
            s_architectures,
            [new("free", ["grace-period", "at-once"]), new("section", ["irq-off", "rcu", "none"])],
            ["no-freed-table-read"],
            static selection => Close(
                typeof(WalkAgainstFreeTables<,,,>), selection, "no-freed-table-read", PtesOf(selection, flushes: true), TableFreeOf(selection), SectionOf(selection))),
        new(
            "kvm/zap",
            "a guest faults a page in while it is unmapped",
            s_architectures,
            [new("sequence", ["first", "late"])],
            ["no-entry-after-invalidation"],
            static selection => Close(
                typeof(GuestFaultAgainstUnmap<,,>), selection, "no-entry-after-invalidation", PtesOf(selection, flushes: true),
                Catalog.Value(selection, "sequence") switch
                {
                    "first" => typeof(SequenceFirst),
                    "late" => typeof(SequenceLate),
                    _ => throw Catalog.Unknown(selection, "sequence"),
                })),
        new(
            "kvm/mkclean",
            "a guest faults a page in to write to it while it is made clean",
            s_architectures,
            [new("notice", ["with", "without"])],
            ["writable-needs-dirty"],
            static selection => Close(
                typeof(GuestFaultAgainstClean<,,>), selection, "writable-needs-dirty", PtesOf(selection, flushes: true),
                Catalog.Value(selection, "notice") switch
                {
                    "with" => typeof(WithNotice),
                    "without" => typeof(WithoutNotice),
                    _ => throw Catalog.Unknown(selection, "notice"),
                })),
    ];

    private static Type Close(Type scenario, ScenarioSelection selection, string claim, params Type[] policies) => selection.Claim == claim
        ? scenario.MakeGenericType([Catalog.ArchOf(selection), .. policies])
        : throw Catalog.UnknownClaim(selection);

    private static Type PtesOf(ScenarioSelection selection, bool flushes)
    {
        Type arch = Catalog.ArchOf(selection);
        Type flush = !flushes ? typeof(NoFlush) : arch == typeof(Arm64) ? typeof(FlushByBroadcast) : typeof(FlushByIpi);
        return typeof(SinglePtes<,,,>).MakeGenericType(arch, typeof(LocklessRead<>).MakeGenericType(arch), flush, typeof(ArchAccessFlags));
    }

    private static Type BarrierOf(ScenarioSelection selection) => Catalog.Value(selection, "barrier") switch
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

    private static Type TableFreeOf(ScenarioSelection selection) => Catalog.Value(selection, "free") switch
    {
        "grace-period" => typeof(FlushThenFree),
        "at-once" => typeof(FreeTablesAtOnce),
        _ => throw Catalog.Unknown(selection, "free"),
    };

    private static Type SectionOf(ScenarioSelection selection) => Catalog.Value(selection, "section") switch
    {
        "irq-off" => typeof(IrqOffSection),
        "rcu" => typeof(RcuReadSection),
        "none" => typeof(NoSection),
        _ => throw Catalog.Unknown(selection, "section"),
    };
}
