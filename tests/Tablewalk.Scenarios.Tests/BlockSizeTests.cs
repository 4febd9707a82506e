using Tablewalk.Cli;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>The verdicts on <c>gup-fast/contpte-unfold</c> do not depend on the size of the block, and large blocks are no obstacle.</summary>
public sealed class BlockSizeTests
{
    private const long MostBranches = 1000; // of millions of executions

    [Theory]
    [InlineData("precise", "full", "armv8", true, true)]
    [InlineData("precise", "relaxed", "armv8", true, true)]
    [InlineData("ptep_get", "full", "armv8", false, true)]
    [InlineData("ptep_get", "relaxed", "armv8", false, false)]
    [InlineData("ptep_get", "relaxed", "sc", false, true)]
    [InlineData("ptep_get", "relaxed", "x86-tso", false, true)]
    [InlineData("raw", "full", "armv8", false, true)]
    [InlineData("raw", "relaxed", "armv8", false, true)]
    [InlineData("norecency", "full", "armv8", false, true)]
    public void A_verdict_is_the_same_for_every_block(string read, string reference, string model, bool negativeHolds, bool positiveHolds)
    {
        foreach (string block in (string[])["2", "4", "8", "16"])
        {
            Assert.Equal(negativeHolds, Holds("no-false-negative-dirty", read, reference, block, model));
            Assert.Equal(positiveHolds, Holds("no-false-positive-dirty", read, reference, block, model));
        }
    }

    private static bool Holds(string claim, string read, string reference, string block, string model)
    {
        ScenarioDescription scenario = Catalog.All.Single(s => s.Name == "gup-fast/contpte-unfold");
        var variants = new Dictionary<string, string>(StringComparer.Ordinal) { ["read"] = read, ["reference"] = reference, ["block"] = block };
        CheckResult result = CheckRunner.Run(
            scenario.Instantiate(new ScenarioSelection("arm64", claim, variants)), scenario.Name, claim, new ModelCatalog().Load(model), new CheckOptions(),
            cancellation: TestContext.Current.CancellationToken);
        Assert.IsNotType<Verdict.Inconclusive>(result.Verdict);
        Assert.InRange(result.Explored, 1, MostBranches);
        return result.Verdict is Verdict.Holds;
    }
}
