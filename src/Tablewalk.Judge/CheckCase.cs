using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Report;

namespace Tablewalk.Judge;

/// <summary>One claim of one scenario, with everything chosen.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Claim">The claim.</param>
/// <param name="Architecture">The architecture.</param>
/// <param name="Model">The model, by name or by file, as the user gave it.</param>
/// <param name="Variants">A value for each of the variants that the scenario has for the claim, in its order.</param>
public sealed record CheckCase(
    ScenarioDescription Scenario, string Claim, string Architecture, string Model, ImmutableArray<VariantValue> Variants)
{
    /// <summary>The variants as they are written on the command line, without the option's name.</summary>
    public string VariantText => string.Join(' ', Variants);

    /// <summary>What the scenario needs to know.</summary>
    public ScenarioSelection Selection =>
        new(Architecture, Claim, Variants.ToDictionary(variant => variant.Name, variant => variant.Value, StringComparer.Ordinal));

    /// <summary>The scenario closed over what was chosen; null where the values do not go together.</summary>
    public Type? TypeOrNull()
    {
        try
        {
            return Scenario.Instantiate(Selection);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The same with every variant at its default.</summary>
    public CheckCase WithDefaults() => this with
    {
        Variants = [.. Scenario.Variants.Where(variant => variant.IsFor(Claim)).Select(variant => new VariantValue(variant.Name, variant.DefaultOn(Architecture)))],
    };

    /// <summary>The same with another value of a variant.</summary>
    public CheckCase With(string variant, string value) => this with { Variants = [.. Variants.Select(v => v.Name == variant ? v with { Value = value } : v)] };
}
