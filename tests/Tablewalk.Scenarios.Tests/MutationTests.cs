using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>Each step that <c>Tablewalk.Mm</c> takes against a race is needed: left out, a verdict changes.</summary>
public sealed class MutationTests
{
    public static TheoryData<string> Names => [.. Catalog.Mutations.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_mutation_gets_the_verdict_that_it_must_and_the_original_the_other(string name)
    {
        var mutation = Catalog.Mutations.Single(m => m.Name == name);
        Assert.Equal(mutation.OriginalHolds, Holds(mutation, mutation.Original));
        Assert.Equal(mutation.MutatedHolds, Holds(mutation, mutation.Mutated));
    }

    [Fact]
    public void A_relaxed_reference_is_caught_on_arm64() => AssertCaught("zap: drop the barrier of the reference");

    [Fact]
    public void A_set_with_the_low_half_first_is_caught_on_PAE() => AssertCaught("pae-remap: set the low half first");

    [Fact]
    public void A_walk_without_the_PMD_recheck_is_caught() => AssertCaught("collapse: drop the PMD re-check");

    [Fact]
    public void A_walk_without_a_section_is_caught() => AssertCaught("zap: drop the irq-off section");

    [Fact]
    public void At_least_eight_mutations_change_a_verdict() =>
        Assert.True(Catalog.Mutations.Count(m => m.OriginalHolds != m.MutatedHolds) >= 8);

    private static void AssertCaught(string name)
    {
        var mutation = Catalog.Mutations.Single(m => m.Name == name);
        Assert.True(Holds(mutation, mutation.Original));
        Assert.False(Holds(mutation, mutation.Mutated));
    }

    private static bool Holds(Mutation mutation, Type type)
    {
        var verdict = CheckRunner.Run(type, mutation.Name, mutation.Claim, ModelFiles.Load(mutation.Model), new CheckOptions(Jobs: 2)).Verdict;
        Assert.IsNotType<Verdict.Inconclusive>(verdict);
        return verdict is Verdict.Holds;
    }
}
