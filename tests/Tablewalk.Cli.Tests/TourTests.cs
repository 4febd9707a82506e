using Tablewalk.Judge;
using Tablewalk.Scenarios;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests;

public sealed class TourTests
{
    private const string Begin = "<!-- tour: what the command prints, checked by The_README_shows_what_the_tour_prints -->\n```text\n";
    private const string End = "```\n<!-- end of tour -->";

    [Fact]
    public void The_README_shows_what_the_tour_prints()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "");
        string path = Repository.PathOf("README.md");
        string readme = File.ReadAllText(path);
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, "README.md lacks the marks around the tour's output");
        if (Environment.GetEnvironmentVariable("TABLEWALK_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, readme[..begin] + run.Out + readme[end..]);
            return;
        }

        Assert.Equal(CommandRun.WithoutTimes(readme[begin..end]), CommandRun.WithoutTimes(run.Out));
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public void Every_stop_exists_and_stands_once() =>
        Assert.Distinct(Tour.Stops.Select(Tour.CaseOf).Select(check => $"{check.Scenario.Name} {check.Claim} {check.Architecture} {check.Model} {check.VariantText}"));

    [Fact]
    public void Every_scenario_is_visited_under_its_defaults_on_every_architecture()
    {
        var defaults = CaseSelector.Select(Catalog.All, CheckRequest.Everything);
        var visited = Tour.Stops.Where(stop => stop.Variants.IsEmpty).Select(Tour.CaseOf);
        Assert.Equal(defaults.Select(Key).Order(StringComparer.Ordinal), visited.Select(Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_race_that_is_shown_is_a_stop() => Assert.Contains(Tour.Race, Tour.Stops);

    private static string Key(CheckCase check) => $"{check.Scenario.Name} {check.Claim} {check.Architecture} {check.Model} {check.VariantText}";
}
