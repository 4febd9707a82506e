using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tablewalk.Explore;
using Tablewalk.Judge;
using Tablewalk.Report;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Cli.Tests.Outcomes;

/// <summary>The command <c>stress --outcomes</c>: silent where native code does what the lifted code may, and not elsewhere. On one machine after the other, since claims are counted for the process.</summary>
[Collection("stress")]
public sealed class OutcomesTests
{
    private const string ManyRounds = "--rounds 20000";
    private const int MostRuns = 100; // on a busy machine two threads seldom run at a time

    [Fact]
    public void What_comes_of_code_as_it_is_is_allowed()
    {
        CommandRun run = CommandRun.Of(Buffers.Catalog, "stress --outcomes small/buffering small/messages --arch x86_64 --rounds 3000");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(
            """
            ^inside  small/buffering  no-two-zeros  x86_64  [\w-]+  fence=both
                3,000 rounds: \d outcomes seen, 3 allowed, 0 outside; \d+\.\d\d s
                rounds +left  right  data  flag
            """,
            run.Out);
        Assert.EndsWith("2 cases: inside 2, outside 0, inconclusive 0\n", run.Out);
    }

    [Theory]
    [InlineData("fork/pin")]
    [InlineData("gup-fast/zap")] // by IPI: its walk and the flush's wait found fault with the search
    [InlineData("fault/missing")]
    [InlineData("kvm/zap")]
    [InlineData("mmu/unmap")]
    public void What_comes_of_a_scenario_is_allowed(string scenario)
    {
        CommandRun run = CommandRun.Of(Catalog.All, $"stress --outcomes {scenario} --arch x86_64 --rounds 2000");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"\d+ cases?: inside \d+, outside 0, inconclusive 0\n$", run.Out);
    }

    [Fact] // the control: what the processor does, that model does not allow
    public void What_a_stronger_model_forbids_is_outside_and_named()
    {
        string arguments = $"stress --outcomes small/buffering --variant fence=none {ManyRounds}";
        AssertTwoZerosAreOutside(() => CommandRun.Of(Buffers.Catalog, $"{arguments} --model sc"));
        Assert.Equal(0, CommandRun.Of(Buffers.Catalog, arguments).ExitCode);
    }

    [Fact] // the control: the code that is lifted has its fences
    public void A_fence_that_is_missing_natively_alone_is_told()
    {
        using var faithful = new NativeControl(null);
        using var broken = new NativeControl("SmpMb");
        AssertTwoZerosAreOutside(() => broken.Run($"stress --outcomes small/buffering {ManyRounds}"));
        Assert.Equal(0, faithful.Run($"stress --outcomes small/buffering {ManyRounds}").ExitCode);
    }

    [Fact] // the control: the code that runs is not the code that is lifted
    public void A_store_that_was_moved_natively_alone_is_told()
    {
        OutcomeRow row = Until(() => Compare(typeof(MovedStore)), compared => compared.Outside > 0);
        Assert.Equal("outside", row.Word);
        Assert.All(row.Outcomes.Where(outcome => outcome.Standing == OutcomeStanding.Outside), outcome => Assert.Equal([SmallScenarios.Claim], outcome.Broken));
        Assert.Equal("inside", Compare(typeof(Messages<WithFence, WithoutPadding>)).Word);
    }

    [Fact]
    public void The_answer_can_be_had_as_JSON()
    {
        CommandRun run = CommandRun.Of(Buffers.Catalog, "stress --outcomes small/buffering --rounds 500 --format json");
        Assert.Equal(0, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement found = Assert.Single(document.RootElement.GetProperty("outcomes").EnumerateArray());
        Assert.Equal(
            ["scenario", "claim", "arch", "model", "variants", "verdict", "rounds", "seen", "allowed", "allowedAreAll", "outside", "undecided", "mayTouchOutside", "seconds", "list"],
            found.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("inside", 500, 3, true), (found.GetProperty("verdict").GetString(), found.GetProperty("rounds").GetInt32(), found.GetProperty("allowed").GetInt32(), found.GetProperty("allowedAreAll").GetBoolean()));
        JsonElement[] outcomes = [.. found.GetProperty("list").EnumerateArray()];
        Assert.Equal(3, outcomes.Length);
        Assert.Equal(500, outcomes.Sum(outcome => outcome.GetProperty("rounds").GetInt32()));
        Assert.Equal(["standing", "rounds", "threads", "final", "broken"], outcomes[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal(["left", "right"], outcomes[0].GetProperty("threads").EnumerateArray().Select(thread => thread.GetProperty("name").GetString()));
        Assert.Equal(["data", "flag"], outcomes[0].GetProperty("final").EnumerateArray().Select(read => read.GetProperty("location").GetString()));
    }

    [Theory]
    [InlineData("stress --outcomes small/nothing", "stress small/nothing: TW0002: unknown scenario 'small/nothing'")]
    [InlineData("stress --outcomes small/buffering --variant fence=some", "TW0007: unknown value 'some'")]
    [InlineData("stress --outcomes --rounds 0", "--rounds 0: TW0018: expected a whole number of rounds")]
    [InlineData("stress --outcomes --seconds 3", "tablewalk stress: TW0001: --seconds does not go with --outcomes")]
    [InlineData("stress --variant fence=none", "tablewalk stress: TW0001: --variant is for --outcomes")]
    [InlineData("stress --outcomes small/buffering --model tso", "TW0010: unknown model 'tso'")]
    public void Bad_input_is_refused_by_name(string arguments, string expected)
    {
        CommandRun run = CommandRun.Of(Buffers.Catalog, arguments);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_that_of_the_processor()
    {
        Assert.Equal("x86-tso", OutcomesCommand.ModelOf(Architecture.X64));
        Assert.Equal("armv8", OutcomesCommand.ModelOf(Architecture.Arm64));
        CommandRun elsewhere = CommandRun.On(Architecture.LoongArch64, Buffers.Catalog, "stress --outcomes small/buffering");
        Assert.Equal((2, ""), (elsewhere.ExitCode, elsewhere.Out));
        Assert.Contains("TW0019: no memory model is known of this machine's processor (LoongArch64)", elsewhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_is_told()
    {
        CommandRun run = CommandRun.Interrupted(Buffers.Catalog, "stress --outcomes small/buffering");
        Assert.Equal(3, run.ExitCode);
        Assert.DoesNotContain("inside 1", run.Out);
    }

    [Fact] // what came before is not taken for allowed
    public void A_round_that_does_not_end_is_inconclusive_and_told()
    {
        CommandRun run = CommandRun.Of(Buffers.Catalog, "stress --outcomes small/endless --timeout 0.5");
        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith("inconclusive  small/endless", run.Out);
        Assert.Contains("0 outcomes seen, at least 0 allowed, 0 outside", run.Out, StringComparison.Ordinal);
        Assert.Contains("the limit of 0.5 s was reached while running natively", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_a_thread_is_inconclusive_and_told()
    {
        CommandRun run = CommandRun.Of(Buffers.Catalog, "stress --outcomes small/throwing");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("lost threw NullReferenceException", run.Error, StringComparison.Ordinal);
    }

    private static void AssertTwoZerosAreOutside(Func<CommandRun> run)
    {
        CommandRun found = Until(run, done => done.ExitCode != 0);
        Assert.Equal(1, found.ExitCode);
        Assert.StartsWith("outside  small/buffering", found.Out);
        Assert.Matches(@"\n    [\d,]+ +0 +0 +1 +1 +OUTSIDE; breaks no-two-zeros\n", found.Out);
        Assert.EndsWith("1 case: inside 0, outside 1, inconclusive 0\n", found.Out);
    }

    private static TRun Until<TRun>(Func<TRun> run, Func<TRun, bool> isFound)
    {
        TRun last = run();
        for (int i = 1; i < MostRuns && !isFound(last); i++)
        {
            last = run();
        }

        return last;
    }

    private static OutcomeRow Compare(Type native)
    {
        CheckCase check = new CheckCase(SmallScenarios.Messages, SmallScenarios.Claim, "x86_64", "x86-tso", []).WithDefaults();
        using var limit = new Limit(null, TestContext.Current.CancellationToken);
        var session = new Session(TextWriter.Null, TextWriter.Null, ShowsProgress: false, limit.Token);
        OutcomeRow? row = null;
        new OutcomeWork(check, native, new ModelCatalog(), new OutcomeOptions(20_000, 1, null), limit, new ProgressLine(session), told => row = told).Do(tell => tell());
        return row!;
    }
}
