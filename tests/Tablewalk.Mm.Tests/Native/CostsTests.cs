using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Mm.Tests.Native;

/// <summary>What <c>tablewalk bench</c> measures does what it says; how fast is not a test's business.</summary>
[Collection("native")]
public sealed class CostsTests
{
    [Fact]
    public void Every_comparison_runs_both_sides()
    {
        using Costs costs = new();
        Assert.Equal(8, costs.All.Length);
        Assert.All(costs.All, static comparison =>
        {
            comparison.Baseline(100);
            comparison.Subject(100);
        });
    }

    [Fact]
    public void Every_structure_finds_the_pages_that_stay_whatever_comes_and_goes()
    {
        using TranslationRace race = new();
        Assert.All(race.All, static entry =>
        {
            Assert.True(entry.Find(100));
            Assert.False(entry.Find(101));
            entry.Change(101);
            Assert.True(entry.Find(100));
            Assert.False(entry.Find(101));
        });
    }
}
