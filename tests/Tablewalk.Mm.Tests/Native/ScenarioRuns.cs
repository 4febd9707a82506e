using Tablewalk.Declare;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Mm.Tests.Native;

/// <summary>The code that is checked, run. A pass here proves little; the controls show that the runs see something.</summary>
[Collection("native")]
public sealed class ScenarioRuns
{
    private const int Rounds = 3000;
    private const int RoundsUntilCaught = 400_000;

    public static TheoryData<string, string, string> Defaults()
    {
        TheoryData<string, string, string> rows = [];
        foreach (ScenarioDescription scenario in Catalog.All)
        {
            foreach (string architecture in scenario.Architectures)
            {
                foreach (string claim in scenario.Claims)
                {
                    rows.Add(scenario.Name, architecture, claim);
                }
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Every_scenario_holds_natively_under_its_defaults(string name, string architecture, string claim) =>
        Assert.Empty(NativeRun.Of(Instantiate(name, architecture, claim), Rounds));

    [Fact] // the control
    public void A_raw_read_of_a_dirty_block_is_caught_natively() =>
        Assert.NotEmpty(NativeRun.Of(
            Instantiate("gup-fast/contpte-unfold", "arm64", "no-false-negative-dirty", ("read", "raw")), RoundsUntilCaught, "no-false-negative-dirty"));

    [Fact]
    public void Every_mutation_runs_natively_and_its_original_holds() =>
        Assert.All(Catalog.Mutations, static mutation =>
        {
            Assert.DoesNotContain(mutation.Claim, NativeRun.Of(mutation.Original, 500).Keys);
            NativeRun.Of(mutation.Mutated, 500);
        });

    [Fact]
    public void Every_combination_of_variants_can_be_instantiated()
    {
        foreach (ScenarioDescription scenario in Catalog.All)
        {
            foreach (string architecture in scenario.Architectures)
            {
                foreach (VariantDescription variant in scenario.Variants)
                {
                    Assert.Contains(variant.DefaultOn(architecture), variant.Values);
                    Assert.All(variant.Values, value => Assert.All(scenario.Claims, claim =>
                        Assert.False(Instantiate(scenario.Name, architecture, claim, (variant.Name, value)).ContainsGenericParameters)));
                }
            }
        }
    }

    [Fact]
    public void An_unknown_value_is_refused_by_name() =>
        Assert.Contains(
            "'sideways'",
            Assert.Throws<ArgumentException>(() => Instantiate("gup-fast/zap", "arm64", "no-pin-on-freed-page", ("recheck", "sideways"))).Message,
            StringComparison.Ordinal);

    internal static Type Instantiate(string name, string architecture, string claim, params (string Name, string Value)[] variants)
    {
        ScenarioDescription scenario = Catalog.All.Single(candidate => candidate.Name == name);
        Dictionary<string, string> values = scenario.Variants.ToDictionary(
            static variant => variant.Name, variant => variant.DefaultOn(architecture), StringComparer.Ordinal);
        foreach ((string variant, string value) in variants)
        {
            values[variant] = value;
        }

        return scenario.Instantiate(new ScenarioSelection(architecture, claim, values));
    }
}
