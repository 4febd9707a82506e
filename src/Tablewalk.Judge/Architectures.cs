using System.Collections.Immutable;
using Tablewalk.Declare;

namespace Tablewalk.Judge;

/// <summary>The architectures, and the memory model that each is judged by unless another is asked for.</summary>
public static class Architectures
{
    /// <summary>All names: <c>arm64</c>, <c>x86_64</c>, <c>x86_pae</c>.</summary>
    public static ImmutableArray<string> Names { get; } = ["arm64", "x86_64", "x86_pae"];

    /// <summary>The names of those that some scenario has, in the order of lists.</summary>
    internal static ImmutableArray<string> Of(ImmutableArray<ScenarioDescription> catalog) =>
        [.. catalog.SelectMany(scenario => scenario.Architectures).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The name of an architecture's own model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of <see cref="Names"/>.</exception>
    public static string ModelOf(string architecture) => architecture switch
    {
        "arm64" => "armv8",
        "x86_64" or "x86_pae" => "x86-tso",
        _ => throw new ArgumentOutOfRangeException(nameof(architecture), architecture, "no model is known for it"),
    };
}
