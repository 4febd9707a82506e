using System.Collections.Immutable;
using System.Text.Json;
using Tablewalk.Declare;
using Tablewalk.Ir;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Tablewalk.Scenarios;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>The command <c>check</c> from its arguments to its output, on a scenario whose verdicts are known.</summary>
public sealed class CheckTests
{
    private static readonly ScenarioDescription s_endlessSetup = new("small/endless-setup", "broken on purpose", ["arm64"], [], [SmallScenarios.Claim], _ => typeof(SleepingSetup));

    [Theory]
    [InlineData("--arch arm64", 0)]
    [InlineData("--arch arm64 --variant fence=none", 1)]
    [InlineData("--arch arm64 --variant fence=none --model sc,x86-tso", 0)]
    [InlineData("--arch x86_64 --variant fence=none", 0)]
    public void The_exit_status_is_the_verdict(string arguments, int expected) =>
        Assert.Equal(expected, CommandRun.Of(SmallScenarios.Catalog, $"check small/messages {arguments}").ExitCode);

    [Fact]
    public void Text_shows_a_line_for_each_check_and_a_race_table_for_a_violation() =>
        Golden.Matches(
            "Tablewalk.Cli.Tests",
            "messages.txt",
            CommandRun.WithoutTimes(CommandRun.Of(SmallScenarios.Catalog, "check small/messages --variant fence=* --arch arm64").Out));

    [Fact]
    public void JSON_is_the_same_whatever_the_number_of_jobs()
    {
        string one = CommandRun.Of(SmallScenarios.Catalog, "check small/messages --variant fence=* --format json --jobs 1").Out;
        string two = CommandRun.Of(SmallScenarios.Catalog, "check small/messages --variant fence=* --format json --jobs 2").Out;
        Assert.Equal(CommandRun.WithoutTimes(one), CommandRun.WithoutTimes(two));
    }

    [Fact]
    public void JSON_names_what_was_checked_and_what_came_out() =>
        Golden.Matches(
            "Tablewalk.Cli.Tests",
            "messages.json",
            VersionMasked(CommandRun.WithoutTimes(CommandRun.Of(SmallScenarios.Catalog, "check small/messages --variant fence=* --arch arm64 --format json").Out)));

    [Fact]
    public void Two_checks_of_the_same_code_lift_it_once()
    {
        using var first = new Arena();
        using var second = new Arena();
        ImmutableArray<ThreadCode> one = CheckRunner.Prepare(typeof(Messages<WithFence, WithPadding>), "small/messages", first, cancellation: TestContext.Current.CancellationToken).Threads;
        ImmutableArray<ThreadCode> two = CheckRunner.Prepare(typeof(Messages<WithFence, WithPadding>), "small/messages", second, cancellation: TestContext.Current.CancellationToken).Threads;
        Assert.Equal(one.Select(thread => thread.Code), two.Select(thread => thread.Code), ReferenceEqualityComparer.Instance);
    }

    [Fact]
    public void A_command_that_is_interrupted_ends_with_3_and_says_what_is_missing()
    {
        CommandRun run = CommandRun.Interrupted(SmallScenarios.Catalog, "check small/messages --format json");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("interrupted: 2 of 2 checks were not begun\n", run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal(0, document.RootElement.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public void A_check_that_hits_its_limit_is_inconclusive_and_ends_with_3()
    {
        CommandRun run = CommandRun.Of(
            Catalog.All, "check gup-fast/contpte-unfold --claim no-false-positive-dirty --variant read=ptep_get --variant block=8 --timeout 0.05 --exhaustive --format json");
        Assert.Equal(3, run.ExitCode);
        Assert.Matches(@"^gup-fast/contpte-unfold no-false-positive-dirty: inconclusive after [\d,]+ executions, [\d,]+ explored: .*0\.05 s", run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal("inconclusive", document.RootElement.GetProperty("results")[0].GetProperty("verdict").GetString());
    }

    [Fact]
    public void A_set_up_without_end_is_given_up_and_the_next_case_begun()
    {
        CommandRun run = CommandRun.Of([s_endlessSetup, SmallScenarios.Messages], "check --arch arm64 --timeout 1 --format json");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("small/endless-setup flag-implies-data: inconclusive after 0 executions, 0 explored: the limit of 1 s was reached while running the set-up\n", run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement[] results = [.. document.RootElement.GetProperty("results").EnumerateArray()];
        Assert.Equal(["inconclusive", "holds"], results.Select(r => r.GetProperty("verdict").GetString()));
        Assert.Equal("the limit of 1 s was reached while running the set-up", results[0].GetProperty("reason").GetString());
    }

    [Fact]
    public void A_violation_outweighs_a_limit()
    {
        var racing = new ScenarioDescription("small/racing", "without fences", ["arm64"], [], [SmallScenarios.Claim], _ => typeof(Messages<WithoutFence, WithPadding>));
        CommandRun run = CommandRun.Of([s_endlessSetup, racing], "check --timeout 1");
        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith("2 checks: holds 0, violated 1, inconclusive 1\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_users_own_model_judges_as_its_text_says()
    {
        string file = Path.Combine(Path.GetTempPath(), $"tablewalk-{Guid.NewGuid():N}.cat");
        File.WriteAllText(file, "\"mine\"\ninclude \"sc.cat\"\n");
        try
        {
            Assert.Equal(0, CommandRun.Of(SmallScenarios.Catalog, $"check small/messages --variant fence=none --arch arm64 --model {file}").ExitCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string VersionMasked(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json.Replace("\"seconds\": #", "\"seconds\": 0", StringComparison.Ordinal));
        return json.Replace(document.RootElement.GetProperty("version").GetString()!, "VERSION", StringComparison.Ordinal);
    }
}
