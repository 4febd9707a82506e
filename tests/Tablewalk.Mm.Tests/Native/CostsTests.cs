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

    [Theory]
    [InlineData(256, true)]
    [InlineData(8192, false)]
    public void Every_structure_finds_the_pages_that_stay_whatever_comes_and_goes(int pages, bool isRandom)
    {
        using TranslationRace race = new(pages, isRandom);
        Assert.Equal(pages / TranslationRace.RangePages, race.RangeCount);
        Assert.All(race.All, entry =>
        {
            Assert.Equal(pages, entry.Find(pages));
            for (int range = 0; range < race.RangeCount; range++)
            {
                entry.Change(range);
            }

            Assert.Equal(2 * pages, entry.Find(2 * pages));
        });
    }

    [Fact]
    public void Every_structure_misses_the_pages_that_were_taken_away_and_finds_those_that_are_there()
    {
        using TranslationRace race = new(64, isRandom: false);
        Assert.All(race.All, static entry =>
        {
            Assert.False(entry.Has(16));
            entry.Map(0);
            Assert.True(entry.Has(16) && entry.Has(31) && !entry.Has(48));
            entry.Unmap(0);
            Assert.False(entry.Has(16));
        });
    }
}
