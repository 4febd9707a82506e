using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>
/// Each step of the methods that the checks are about is there for a reason: without it, or with it done wrongly, a verdict changes. The
/// mutated method is the original one over another policy; <see cref="Catalog.Mutations"/> says which.
/// </summary>
public sealed class MutationTests
{
    [Fact]
    public void A_walk_without_a_recheck_is_caught() => Tells("zap: drop the re-check");

    [Fact]
    public void A_zap_without_a_flush_is_caught() => Tells("zap: drop the flush");

    [Fact]
    public void A_walk_without_a_section_is_caught() => Tells("zap: drop the irq-off section");

    [Fact]
    public void A_relaxed_reference_is_caught_on_arm64() => Tells("zap: drop the barrier of the reference");

    [Fact]
    public void A_set_with_the_low_half_first_is_caught_on_PAE() => Tells("pae-remap: set the low half first");

    [Fact]
    public void A_gather_without_the_page_frame_test_is_caught() => Tells("contpte-remap: drop the gather's page-frame test");

    [Fact]
    public void An_unconditional_reference_is_caught() => Tells("zap-owner: drop the condition of the reference");

    [Fact]
    public void A_walk_without_the_PMD_recheck_is_caught() => Tells("collapse: drop the PMD re-check");

    [Fact]
    public void A_plain_recheck_is_not_fooled_by_a_single_remap() =>
        Tells("pae-remap-once: re-check with ptep_get, which a single remap does not fool");

    [Fact]
    public void The_IPI_of_a_collapse_stands_in_for_the_PMD_recheck() => Tells("collapse: drop the PMD re-check, with the IPI in its place");

    [Fact]
    public void A_relaxed_reference_lets_another_folios_dirty_pass_on_arm64()
    {
        Assert.True(Holds(typeof(ContpteUnfoldFalsePositive<GatheredRead<Block2>, FullReference, Block2>), "no-false-positive-dirty", "armv8"));
        Assert.False(Holds(typeof(ContpteUnfoldFalsePositive<GatheredRead<Block2>, RelaxedReference, Block2>), "no-false-positive-dirty", "armv8"));
        Assert.True(Holds(typeof(ContpteUnfoldFalsePositive<GatheredRead<Block2>, RelaxedReference, Block2>), "no-false-positive-dirty", "sc"));
    }

    [Fact]
    public void Every_mutation_has_a_name_of_its_own() =>
        Assert.Distinct(Catalog.Mutations.Select(static mutation => mutation.Name));

    private static void Tells(string name)
    {
        Mutation mutation = Catalog.Mutations.Single(candidate => candidate.Name == name);
        Assert.Equal(mutation.OriginalHolds, Holds(mutation.Original, mutation.Claim, mutation.Model));
        Assert.Equal(mutation.MutatedHolds, Holds(mutation.Mutated, mutation.Claim, mutation.Model));
    }

    private static bool Holds(Type scenario, string claim, string model)
    {
        CheckResult result = CheckRunner.Run(
            scenario, scenario.Name, claim, new ModelCatalog().Load(model), new CheckOptions(), cancellation: TestContext.Current.CancellationToken);
        Assert.IsNotType<Verdict.Inconclusive>(result.Verdict);
        return result.Verdict is Verdict.Holds;
    }
}
