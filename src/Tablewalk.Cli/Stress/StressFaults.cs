using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Cli;

/// <summary>The faults that can be seeded into a machine, by name.</summary>
internal static class StressFaults
{
    private static readonly ImmutableDictionary<string, Func<MmuArchitecture, MmuOptions, MmuMachine>> s_byName =
        new Dictionary<string, Func<MmuArchitecture, MmuOptions, MmuMachine>>(StringComparer.Ordinal)
        {
            ["late-flush"] = MmuMachine.CreateWith<LateGatherFlush>,
            ["missing-flush"] = MmuMachine.CreateWith<MissingGatherFlush>,
            ["swap-without-flush"] = MmuMachine.CreateWith<MissingReclaimFlush>,
            ["fork-without-flush"] = MmuMachine.CreateWith<MissingForkFlush>,
            ["lost-dirty"] = MmuMachine.CreateWith<LostDirty>,
            ["clean-without-notice"] = MmuMachine.CreateWith<MissingNotice>,
            ["late-sequence"] = MmuMachine.CreateWith<LateSequence>,
            ["kept-space"] = MmuMachine.CreateWith<KeptSpace>,
        }.ToImmutableDictionary(StringComparer.Ordinal);

    internal static ImmutableArray<string> Names { get; } = [.. s_byName.Keys.Order(StringComparer.Ordinal)];

    internal static MmuMachine Create(MmuArchitecture architecture, MmuOptions options, string? fault) =>
        fault is null ? MmuMachine.Create(architecture, options) : s_byName[fault](architecture, options);
}
