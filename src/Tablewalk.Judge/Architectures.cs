using System.Collections.Immutable;
using Tablewalk.Declare;

namespace Tablewalk.Judge;

/// <summary>The architectures, and the memory model that each is judged by unless another is asked for.</summary>
internal static class Architectures
{
    /// <summary>The names of those that some scenario has, in the order of lists.</summary>
    public static ImmutableArray<string> Of(ImmutableArray<ScenarioDescription> catalog) =>
        [.. catalog.SelectMany(scenario => scenario.Architectures).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The name of an architecture's own model.</summary>
    public static string ModelOf(string architecture) => architecture switch
    {
        "arm64" => "armv8",
        "x86_64" or "x86_pae" => "x86-tso",
        _ => throw new ArgumentOutOfRangeException(nameof(architecture), architecture, "no model is known for it"),
    };
}
