using System.Collections.Immutable;
using Tablewalk.Explore.Outcomes;
using Tablewalk.Judge;
using Xunit;

namespace Tablewalk.Cli.Tests.Outcomes;

/// <summary>What is said of outcomes, by what is known of them.</summary>
public sealed class OutcomeReportTests
{
    private static readonly CheckCase s_case = new CheckCase(SmallScenarios.Messages, SmallScenarios.Claim, "x86_64", "x86-tso", []).WithDefaults();

    [Fact]
    public void An_outcome_is_outside_once_all_is_decided_and_undecided_before()
    {
        var tally = new OutcomeTally();
        tally.Add(Result(1));
        tally.Add(Result(1));
        tally.Add(Result(2));
        Outcome[] allowed = [Result(2), Result(3)];
        Assert.Equal([(1, 2, OutcomeStanding.Undecided), (2, 1, OutcomeStanding.Allowed), (3, 0, OutcomeStanding.Allowed)], Told(tally.Against(allowed, isDecided: false, ByResult)));
        Assert.Equal([(1, 2, OutcomeStanding.Outside), (2, 1, OutcomeStanding.Allowed), (3, 0, OutcomeStanding.Allowed)], Told(tally.Against(allowed, isDecided: true, ByResult)));
        tally.Clear();
        Assert.Equal((0, 0), (tally.Rounds, tally.Seen.Length));
    }

    [Fact] // what was not decided counts as no pass, and as no fault either
    public void A_case_is_inside_only_if_each_of_its_outcomes_is_allowed()
    {
        Assert.Equal("inside", Row(Told(5, OutcomeStanding.Allowed)).Word);
        Assert.Equal("inconclusive", Row(Told(5, OutcomeStanding.Allowed), Told(1, OutcomeStanding.Undecided)).Word);
        Assert.Equal("outside", Row(Told(5, OutcomeStanding.Undecided), Told(1, OutcomeStanding.Outside)).Word);
        Assert.Equal("inconclusive", (Row() with { Rounds = 0 }).Word);
        Assert.Equal("inconclusive", (Row(Told(5, OutcomeStanding.Allowed)) with { HasHindrance = true }).Word);
    }

    [Fact]
    public void A_list_that_was_not_finished_says_at_least_how_many_there_are()
    {
        OutcomeRow row = Row(Told(5, OutcomeStanding.Allowed)) with { IsListWhole = false, Reason = "interrupted" };
        Assert.Contains("1 outcomes seen, at least 1 allowed, 0 outside;", OutcomeReport.Text(row), StringComparison.Ordinal);
        Assert.EndsWith("    not looked for further: interrupted\n", OutcomeReport.Text(row));
    }

    [Fact]
    public void Of_many_outcomes_the_extremes_are_shown_and_all_that_are_outside()
    {
        ToldOutcome[] came = [.. Enumerable.Range(1, 30).Select(i => Told(100 - i, OutcomeStanding.Allowed))];
        ToldOutcome[] never = [.. Enumerable.Range(1, 30).Select(_ => Told(0, OutcomeStanding.Allowed))];
        string text = OutcomeReport.Text(Row([Told(1, OutcomeStanding.Outside), .. came, .. never]));
        Assert.EndsWith("    45 more are left out (--format json has them)\n", text);
        Assert.Contains("OUTSIDE", text, StringComparison.Ordinal);
        Assert.Contains("    99 ", text, StringComparison.Ordinal);
        Assert.Contains("    70 ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("    85 ", text, StringComparison.Ordinal);
    }

    private static IComparer<Outcome> ByResult => Comparer<Outcome>.Create((one, other) => one.Results[0].CompareTo(other.Results[0]));

    private static Outcome Result(ulong result) => new([result], [], []);

    private static IEnumerable<(int Result, int Rounds, OutcomeStanding Standing)> Told(ImmutableArray<OutcomeCount> counts) =>
        counts.Select(count => ((int)count.Outcome.Results[0], (int)count.Rounds, count.Standing));

    private static ToldOutcome Told(long rounds, OutcomeStanding standing) => new(["0", "1"], [], [], rounds, standing);

    private static OutcomeRow Row(params ToldOutcome[] outcomes) =>
        new(s_case, ["sender", "receiver"], 1000, [.. outcomes], IsListWhole: true, MayTouchOutside: false, Reason: null, Seconds: 1);
}
