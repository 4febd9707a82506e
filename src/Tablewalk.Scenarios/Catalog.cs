using System.Collections.Immutable;

namespace Tablewalk.Scenarios;

/// <summary>All scenarios.</summary>
public static class Catalog
{
    /// <summary>What the command checks and lists, in that order.</summary>
    public static ImmutableArray<ScenarioDescription> All { get; } = [];
}
