using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>All scenarios.</summary>
public static class Catalog
{
    /// <summary>What the command checks and lists, in that order.</summary>
    public static ImmutableArray<ScenarioDescription> All { get; } = [ContpteUnfold, PaeRemap, Zap, AccessFlags, .. GupRanges.All, .. PageFaults.All, .. MemoryManagement.All, .. Changing.All, .. Pinning.All, .. TableFaults.All, .. Gathering.All, .. BlockChanges.All, .. Granules.All, .. Collapsing.All, .. Notifying.All];

    /// <summary>Changes to <c>Tablewalk.Mm</c> with the verdicts they must and must not turn over. The command does not list them.</summary>
    public static ImmutableArray<Mutation> Mutations => Scenarios.Mutations.All;

    private static ScenarioDescription ContpteUnfold => new(
        "gup-fast/contpte-unfold",
        "GUP-fast on the last entry of a contiguous block that is split to map another page at its first entry",
        ["arm64"],
        [
            new("read", ["precise", "ptep_get", "raw", "norecency", "precise-early-exit", "ptep_get-early-exit"]),
            new("reference", ["full", "relaxed"]),
            new("block", ["4", "2", "8", "16"]),
        ],
        ["no-false-negative-dirty", "no-false-positive-dirty"],
        InstantiateContpteUnfold);

    private static ScenarioDescription PaeRemap => new(
        "gup-fast/pae-remap",
        "GUP-fast on an entry of two halves that is cleared and set to another page with the same low half",
        ["x86_pae"],
        [
            new("flush", ["ipi", "no-ipi"]),
            new("recheck", ["ptep_get", "ptep_get_lockless", "none"]),
        ],
        ["pinned-page-was-mapped"],
        InstantiatePaeRemap);

    private static ScenarioDescription Zap => new(
        "gup-fast/zap",
        "GUP-fast on a page that is unmapped, freed and given to a new owner, and its table with it",
        ["arm64", "x86_64", "x86_pae"],
        [
            new("flush", ["ipi", "broadcast"], static architecture => architecture == "arm64" ? "broadcast" : "ipi"),
            new("recheck", ["both", "pte", "none"]),
            new("reference", ["full", "relaxed", "unconditional"]),
        ],
        ["no-pin-on-freed-page", "no-freed-table-read"],
        InstantiateZap);

    private static ScenarioDescription AccessFlags => new(
        "fault/access-flags",
        "a read fault and a write fault on one entry, on CPUs without hardware accessed and dirty",
        ["arm64", "x86_64", "x86_pae"],
        [
            new("read", ["exact", "norecency"]),
            new("compare", ["exact", "blind"]),
            new("helper", ["arch", "generic"]),
        ],
        ["dirty-is-kept", "fault-ends"],
        InstantiateAccessFlags);

    private static Type InstantiateContpteUnfold(ScenarioSelection selection)
    {
        Type block = BlockOf(selection);
        Type reader = Value(selection, "read") switch
        {
            "precise" => typeof(PreciseRead<,>).MakeGenericType(block, typeof(FullGatherTest)),
            "ptep_get" => typeof(GatheredRead<>).MakeGenericType(block),
            "raw" => typeof(GupFastRead),
            "norecency" => typeof(NorecencyRead),
            "precise-early-exit" => typeof(PreciseReadWithEarlyExit<>).MakeGenericType(block),
            "ptep_get-early-exit" => typeof(GatheredReadWithEarlyExit<>).MakeGenericType(block),
            _ => throw Unknown(selection, "read"),
        };
        Type scenario = selection.Claim switch
        {
            "no-false-negative-dirty" => typeof(ContpteUnfoldFalseNegative<,,>),
            "no-false-positive-dirty" => typeof(ContpteUnfoldFalsePositive<,,>),
            _ => throw UnknownClaim(selection),
        };
        return scenario.MakeGenericType(reader, ReferenceOf(selection), block);
    }

    private static Type InstantiatePaeRemap(ScenarioSelection selection)
    {
        Type flush = Value(selection, "flush") switch
        {
            "ipi" => typeof(FlushByIpi),
            "no-ipi" => typeof(FlushWithoutIpi),
            _ => throw Unknown(selection, "flush"),
        };
        Type recheck = Value(selection, "recheck") switch
        {
            "ptep_get" => typeof(RecheckBoth<X86Pae, RawRead<X86Pae>, RawRead<X86Pae>>),
            "ptep_get_lockless" => typeof(RecheckBoth<X86Pae, LocklessRead<X86Pae>, LocklessRead<X86Pae>>),
            "none" => typeof(NoRecheck<X86Pae>),
            _ => throw Unknown(selection, "recheck"),
        };
        Type ptes = typeof(SinglePtes<,,,>).MakeGenericType(typeof(X86Pae), typeof(LocklessRead<X86Pae>), flush, typeof(ArchAccessFlags));
        return selection.Claim == "pinned-page-was-mapped"
            ? typeof(PaeRemap<,>).MakeGenericType(ptes, recheck)
            : throw UnknownClaim(selection);
    }

    private static Type InstantiateZap(ScenarioSelection selection)
    {
        Type arch = ArchOf(selection);
        Type reader = typeof(LocklessRead<>).MakeGenericType(arch);
        Type recheck = Value(selection, "recheck") switch
        {
            "both" => typeof(RecheckBoth<,,>).MakeGenericType(arch, reader, reader),
            "pte" => typeof(RecheckPte<,>).MakeGenericType(arch, reader),
            "none" => typeof(NoRecheck<>).MakeGenericType(arch),
            _ => throw Unknown(selection, "recheck"),
        };
        Type scenario = selection.Claim switch
        {
            "no-pin-on-freed-page" => typeof(Zap<,,,,>),
            "no-freed-table-read" => typeof(ZapTable<,,,,>),
            _ => throw UnknownClaim(selection),
        };
        return scenario.MakeGenericType(arch, GupRanges.PtesOf(selection), ReferenceOf(selection), recheck, typeof(IrqOffSection));
    }

    private static Type InstantiateAccessFlags(ScenarioSelection selection)
    {
        Type arch = ArchOf(selection);
        Type reader = Value(selection, "read") switch
        {
            "exact" => typeof(LocklessRead<>).MakeGenericType(arch),
            "norecency" => typeof(NorecencyRead<>).MakeGenericType(arch),
            _ => throw Unknown(selection, "read"),
        };
        Type comparator = Value(selection, "compare") switch
        {
            "exact" => typeof(ExactComparison),
            "blind" => typeof(BlindComparison),
            _ => throw Unknown(selection, "compare"),
        };
        Type helper = Value(selection, "helper") switch
        {
            "arch" => typeof(ArchAccessFlags),
            "generic" => typeof(GenericAccessFlags),
            _ => throw Unknown(selection, "helper"),
        };
        Type flush = arch == typeof(Arm64) ? typeof(FlushByBroadcast) : typeof(FlushByIpi);
        Type ptes = typeof(SinglePtes<,,,>).MakeGenericType(arch, reader, flush, helper);
        Type scenario = selection.Claim switch
        {
            "dirty-is-kept" => typeof(TwoFaults<,,>),
            "fault-ends" => typeof(OneFault<,,>),
            _ => throw UnknownClaim(selection),
        };
        return scenario.MakeGenericType(arch, ptes, comparator);
    }

    internal static Type BlockOf(ScenarioSelection selection) => Value(selection, "block") switch
    {
        "2" => typeof(Block2),
        "4" => typeof(Block4),
        "8" => typeof(Block8),
        "16" => typeof(Block16),
        _ => throw Unknown(selection, "block"),
    };

    internal static Type ArchOf(ScenarioSelection selection) => selection.Architecture switch
    {
        "arm64" => typeof(Arm64),
        "x86_64" => typeof(X86_64),
        "x86_pae" => typeof(X86Pae),
        _ => throw new ArgumentException($"unknown architecture '{selection.Architecture}'", nameof(selection)),
    };

    internal static Type ReferenceOf(ScenarioSelection selection) => Value(selection, "reference") switch
    {
        "full" => typeof(FullReference),
        "relaxed" => typeof(RelaxedReference),
        "unconditional" => typeof(UnconditionalReference),
        _ => throw Unknown(selection, "reference"),
    };

    internal static string Value(ScenarioSelection selection, string variant) => selection.Variants.TryGetValue(variant, out string? value)
        ? value
        : throw new ArgumentException($"no value for variant '{variant}'", nameof(selection));

    internal static ArgumentException Unknown(ScenarioSelection selection, string variant) =>
        new($"unknown value '{selection.Variants[variant]}' of variant '{variant}'", nameof(selection));

    internal static ArgumentException UnknownClaim(ScenarioSelection selection) =>
        new($"unknown claim '{selection.Claim}'", nameof(selection));
}
