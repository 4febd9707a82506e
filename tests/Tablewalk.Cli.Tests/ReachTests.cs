using System.Text.Json;
using System.Text.RegularExpressions;
using Tablewalk.Scenarios;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests;

public sealed partial class ReachTests
{
    [Fact]
    public void Nearly_every_place_is_reached_and_the_others_are_listed_with_a_reason()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "reach --format json");
        Assert.Equal(0, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement[] places = [.. document.RootElement.GetProperty("places").EnumerateArray()];
        int reached = places.Count(place => place.GetProperty("reached").GetBoolean());
        Assert.Equal(places.Length, document.RootElement.GetProperty("total").GetInt32());
        Assert.Equal(reached, document.RootElement.GetProperty("reached").GetInt32());
        Assert.All(places, static place => Assert.Equal(place.GetProperty("reached").GetBoolean(), place.GetProperty("scenarios").GetArrayLength() > 0));
        Assert.True(reached >= 0.95 * places.Length, $"{reached} of {places.Length}");

        // Lines move, so places are listed without. What is listed and reached is out of date.
        string[] missing = [.. places.Where(static place => !place.GetProperty("reached").GetBoolean()).Select(NameOf).Distinct()];
        Assert.Equal(Listed().Order(StringComparer.Ordinal), missing.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_scenario_reaches_the_members_that_it_calls() =>
        Golden.Matches("Tablewalk.Cli.Tests", "reach.txt", Reached(CommandRun.Of(Catalog.All, "reach mmu/protect --jobs 1").Out));

    [Fact]
    public void As_Markdown_it_is_a_table_of_members()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "reach mmu/protect --format markdown");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("| member | file | reached | of | not reached |\n|---|---|--:|--:|---|\n", run.Out, StringComparison.Ordinal);
        Assert.Matches(@"\| `Protect\.Change` \| src/Tablewalk\.Mm/Updaters/Protect\.cs \| 1 \| 1 \|  \|\n", run.Out);
        Assert.Matches(@"\| `HugePages\.TrySplit` \| src/Tablewalk\.Mm/Updaters/HugePages\.cs \| 0 \| 5 \| `SpinLock` \(\d+\), ", run.Out);
    }

    [Theory]
    [InlineData("reach mmu/protekt", "reach mmu/protekt: TW0002: unknown scenario 'mmu/protekt'")]
    [InlineData("reach --format xml", "--format xml: TW")]
    [InlineData("reach --all", "tablewalk reach: TW0001: unknown option '--all'")]
    public void What_it_does_not_know_it_refuses(string line, string message)
    {
        CommandRun run = CommandRun.Of(Catalog.All, line);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public void A_limit_leaves_out_what_was_not_finished_and_says_so()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "reach fault/copy --timeout 0.001");
        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith("fault/copy: inconclusive: the limit of 0.001 s was reached; what it reaches is left out", run.Error, StringComparison.Ordinal);
        Assert.Contains("\n0 of ", run.Out, StringComparison.Ordinal);
    }

    // What the text says of a scenario, without the lines of those places that it does not reach, and without line numbers.
    private static string Reached(string text)
    {
        string[] lines = text.Split('\n');
        var kept = lines.Where(static line => !line.EndsWith("NOT REACHED", StringComparison.Ordinal)).ToList();
        return string.Join('\n', kept.Where((line, i) => line.StartsWith(' ') || (i + 1 < kept.Count && kept[i + 1].StartsWith(' '))).Select(static line => LineNumber().Replace(line, "  ")));
    }

    private static string NameOf(JsonElement place) => $"{place.GetProperty("member").GetString()} {place.GetProperty("intrinsic").GetString()}";

    // The rows of docs/reach.md: member, intrinsic, reason.
    private static IEnumerable<string> Listed() =>
        from row in File.ReadLines(Path.Combine(Repository.Root, "docs", "reach.md"))
        let match = Row().Match(row)
        where match.Success
        select $"{match.Groups["member"].Value} {match.Groups["intrinsic"].Value}";

    [GeneratedRegex(@"^\| `(?<member>\w+\.\w+)` \| `(?<intrinsic>\w+)` \| .{40,} \|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"^ +\d+ +", RegexOptions.None, 1000)]
    private static partial Regex LineNumber();
}
