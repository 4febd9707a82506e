using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Cli.Tests;

public sealed class CaseSelectorTests
{
    [Fact]
    public void Without_a_request_everything_runs_under_its_defaults() =>
        Assert.Equal(
            [
                "small/messages arm64 armv8 fence=both padding=yes",
                "small/messages x86_64 x86-tso fence=both padding=no",
                "small/setup-throws arm64 armv8 ",
                "small/outside-the-subset arm64 armv8 ",
                "small/without-setup arm64 armv8 ",
            ],
            Select(CheckRequest.Everything));

    [Fact]
    public void A_star_stands_for_every_value_and_several_values_add_up()
    {
        Assert.Equal(
            ["small/messages arm64 armv8 fence=both padding=yes", "small/messages arm64 armv8 fence=none padding=yes"],
            Select(new CheckRequest([], ["arm64"], [], ["fence=*"], [])));
        Assert.Equal(
            Select(new CheckRequest([], [], [], ["fence=*"], [])),
            Select(new CheckRequest([], [], [], ["fence=none", "fence=both"], [])));
    }

    [Fact]
    public void Every_model_asked_for_is_used_and_the_last_variant_varies_fastest() =>
        Assert.Equal(
            [
                "small/messages x86_64 sc fence=both padding=no",
                "small/messages x86_64 armv8 fence=both padding=no",
                "small/messages x86_64 sc fence=both padding=yes",
                "small/messages x86_64 armv8 fence=both padding=yes",
                "small/messages x86_64 sc fence=none padding=no",
                "small/messages x86_64 armv8 fence=none padding=no",
                "small/messages x86_64 sc fence=none padding=yes",
                "small/messages x86_64 armv8 fence=none padding=yes",
            ],
            Select(new CheckRequest(["small/messages"], ["x86_64"], ["sc", "armv8", "sc"], ["padding=*", "fence=*"], [])));

    [Fact]
    public void A_scenario_that_lacks_what_is_asked_for_is_left_out_unless_it_was_named()
    {
        CheckRequest request = CheckRequest.Everything with { Architectures = ["x86_64"] };
        Assert.Equal(["small/messages x86_64 x86-tso fence=both padding=no"], Select(request));
        Assert.Throws<InputException>(() => Select(request with { Scenarios = ["small/without-setup"] }));
    }

    [Theory]
    [InlineData("flush=none", "no-store-to-taken-page split=exchange flush=none bbm=level-0 block=2")]
    [InlineData("flush=*", "no-write-lost split=exchange bbm=level-0 block=2", "no-store-to-taken-page split=exchange flush=arch bbm=level-0 block=2", "no-store-to-taken-page split=exchange flush=none bbm=level-0 block=2")]
    public void A_claim_has_the_variants_that_are_for_it_and_is_left_out_where_another_is_asked_for(string variant, params string[] expected) =>
        Assert.Equal(
            expected,
            CaseSelector.Select(Catalog.All, new CheckRequest(["mmu/contpte-unfold"], [], [], [variant], [])).Select(check => $"{check.Claim} {check.VariantText}"));

    [Fact]
    public void A_claim_that_is_named_must_have_the_variant()
    {
        var request = new CheckRequest(["mmu/contpte-unfold"], [], [], ["flush=none"], ["no-write-lost"]);
        InputError error = Assert.Single(Assert.Throws<InputException>(() => CaseSelector.Select(Catalog.All, request)).Errors);
        Assert.Equal(
            "--variant flush=none: TW0006: mmu/contpte-unfold has no variant 'flush' for the claim no-write-lost, expected one of split, bbm, block", error.ToString());
    }

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        InputException thrown = Assert.Throws<InputException>(() => Select(new CheckRequest(["a"], [], ["b"], [], [])));
        Assert.Equal(2, thrown.Errors.Length);
    }

    [Fact]
    public void Every_scenario_of_the_catalog_can_be_instantiated_under_every_combination()
    {
        foreach (ScenarioDescription scenario in Catalog.All)
        {
            ImmutableArray<string> everything = [.. scenario.Variants.Select(variant => $"{variant.Name}=*")];
            ImmutableArray<CheckCase> cases = CaseSelector.Select(Catalog.All, new CheckRequest([scenario.Name], [], [], everything, []));
            int combinations = scenario.Claims.Sum(claim => scenario.Variants.Where(variant => variant.IsFor(claim)).Aggregate(1, (product, variant) => product * variant.Values.Length));
            Assert.Equal(scenario.Architectures.Length * combinations, cases.Length);
            Assert.All(cases, check => Assert.False(scenario.Instantiate(check.Selection).ContainsGenericParameters));
        }
    }

    private static IEnumerable<string> Select(CheckRequest request) =>
        CaseSelector.Select(SmallScenarios.Catalog, request)
            .Select(check => $"{check.Scenario.Name} {check.Architecture} {check.Model} {check.VariantText}");
}
