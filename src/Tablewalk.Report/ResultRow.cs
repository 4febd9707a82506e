using System.Collections.Immutable;
using Tablewalk.Explore.Claims;

namespace Tablewalk.Report;

/// <summary>One check as reports show it: what was asked, and what came out.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Claim">The claim's name.</param>
/// <param name="Architecture">The architecture's name.</param>
/// <param name="Model">The memory model's name.</param>
/// <param name="Variants">The value of each variant, in the scenario's order.</param>
/// <param name="Result">What the checker found.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record ResultRow(
    string Scenario,
    string Claim,
    string Architecture,
    string Model,
    ImmutableArray<VariantValue> Variants,
    CheckResult Result,
    double Seconds)
{
    /// <summary>The verdict in one word, as JSON has it: <c>holds</c>, <c>violated</c> or <c>inconclusive</c>.</summary>
    public string VerdictWord => WordFor(Result.Verdict);

    /// <summary>A verdict in one word.</summary>
    public static string WordFor(Verdict verdict) => verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.Violated => "violated",
        Verdict.Inconclusive => "inconclusive",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "not a verdict"),
    };
}

/// <summary>A variant and the value that was chosen for it.</summary>
public readonly record struct VariantValue(string Name, string Value)
{
    /// <summary>As it is written on the command line.</summary>
    public override string ToString() => $"{Name}={Value}";
}
