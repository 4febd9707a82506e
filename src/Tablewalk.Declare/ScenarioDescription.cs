using System.Collections.Immutable;

namespace Tablewalk.Declare;

/// <summary>One thing that a scenario can be varied in.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Values">The values it takes; the first is the default.</param>
/// <param name="DefaultFor">The default on an architecture, where that is not the first value; null if it always is.</param>
public sealed record VariantDescription(string Name, ImmutableArray<string> Values, Func<string, string>? DefaultFor = null)
{
    /// <summary>The claims that the scenario can be varied so for; empty if that is all of them.</summary>
    public ImmutableArray<string> Claims { get; init; } = [];

    /// <summary>Whether the scenario can be varied so for a claim.</summary>
    public bool IsFor(string claim) => Claims.IsEmpty || Claims.Contains(claim);

    /// <summary>The value taken on <paramref name="architecture"/> if none is asked for.</summary>
    public string DefaultOn(string architecture) => DefaultFor is null ? Values[0] : DefaultFor(architecture);
}

/// <summary>What is to be instantiated.</summary>
/// <param name="Architecture">The architecture's name, one of the scenario's.</param>
/// <param name="Claim">The claim's name, one of the scenario's.</param>
/// <param name="Variants">A value for each variant that the scenario has for the claim.</param>
public sealed record ScenarioSelection(string Architecture, string Claim, IReadOnlyDictionary<string, string> Variants);

/// <summary>A small program over <c>Tablewalk.Mm</c> and what is claimed about it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Summary">One line about it.</param>
/// <param name="Architectures">The architectures it exists on.</param>
/// <param name="Variants">What can be varied.</param>
/// <param name="Claims">What is claimed; each claim is a check with a set-up of its own.</param>
/// <param name="Instantiate">
/// The closed type with the methods marked by <see cref="SetupAttribute"/>, <see cref="ThreadAttribute"/> and <see cref="FinalAttribute"/>.
/// Throws <see cref="ArgumentException"/> for a selection outside the lists above.
/// </param>
public sealed record ScenarioDescription(
    string Name,
    string Summary,
    ImmutableArray<string> Architectures,
    ImmutableArray<VariantDescription> Variants,
    ImmutableArray<string> Claims,
    Func<ScenarioSelection, Type> Instantiate);
