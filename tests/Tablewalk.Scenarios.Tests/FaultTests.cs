using Tablewalk.Cli;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Scenarios.Tests;

/// <summary>The three functions of T33, each of the eight combinations, on every architecture.</summary>
public sealed class FaultTests
{
    // a: the getter's accessed and dirty may be wrong; b: the comparator ignores them; c: the helper only adds.
    [Theory]
    [InlineData("exact", "exact", "generic", true, true)]
    [InlineData("exact", "exact", "arch", true, true)] // c, arm64 today
    [InlineData("exact", "blind", "generic", false, true)] // b alone: T23
    [InlineData("exact", "blind", "arch", true, true)] // b and c
    [InlineData("norecency", "exact", "generic", null, false)] // a alone: retries for ever
    [InlineData("norecency", "exact", "arch", null, false)]
    [InlineData("norecency", "blind", "generic", false, true)]
    [InlineData("norecency", "blind", "arch", true, true)] // the RFC
    public void A_fault_keeps_dirty_and_ends_if_its_three_functions_fit(string read, string compare, string helper, bool? keepsDirty, bool ends)
    {
        foreach ((string architecture, string model) in new[] { ("arm64", "armv8"), ("x86_64", "x86-tso") })
        {
            if (keepsDirty is { } expected)
            {
                Assert.Equal(expected, Holds(architecture, model, "dirty-is-kept", read, compare, helper));
            }

            Assert.Equal(ends, Holds(architecture, model, "fault-ends", read, compare, helper));
        }
    }

    private static bool Holds(string architecture, string model, string claim, string read, string compare, string helper)
    {
        ScenarioDescription scenario = Catalog.All.Single(static candidate => candidate.Name == "fault/access-flags");
        Dictionary<string, string> variants = new(StringComparer.Ordinal) { ["read"] = read, ["compare"] = compare, ["helper"] = helper };
        CheckResult result = CheckRunner.Run(
            scenario.Instantiate(new ScenarioSelection(architecture, claim, variants)), scenario.Name, claim, new ModelCatalog().Load(model), new CheckOptions(),
            cancellation: TestContext.Current.CancellationToken);
        Assert.IsNotType<Verdict.Inconclusive>(result.Verdict);
        return result.Verdict is Verdict.Holds;
    }
}
