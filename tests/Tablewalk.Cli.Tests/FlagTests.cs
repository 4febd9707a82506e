using System.Text.Json;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>What a model of the user's says about executions without forbidding them.</summary>
public sealed class FlagTests : IDisposable
{
    private const string Model = """
        "SC with flags"
        acyclic po | rf | co | fr as sc
        flag ~empty [W \ IW] ; (loc & ext) ; [W \ IW] as write-race
        flag ~empty [IW] ; rf ; [R] as stale
        flag empty R as nothing-is-read
        """;

    private const string Racing = """
        X86 2W
        {
        }
         P0          | P1          ;
         MOV [x],$1  | MOV [x],$2  ;
         MOV EAX,[x] |             ;
        exists (0:EAX=2)
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tablewalk-");

    public FlagTests() => File.WriteAllText(Path.Combine(_folder.FullName, "flags.cat"), Model);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_litmus_test_shows_them_where_herd_does()
    {
        CommandRun run = Litmus(Racing, "");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith(
            """
            Test 2W Allowed
            States 2
            0:EAX=1;
            0:EAX=2;
            Ok
            Witnesses
            Positive: 1 Negative: 2
            Flag write-race
            Condition exists (0:EAX=2)
            Observation 2W Sometimes 1 2

            """,
            run.Out,
            StringComparison.Ordinal);
    }

    [Fact] // executions that a filter leaves out raise nothing
    public void They_are_in_order_and_of_executions_that_count()
    {
        string both = Racing.Replace("MOV EAX,[x] |  ", "MOV EAX,[y] |  ", StringComparison.Ordinal);
        Assert.Contains("\nFlag stale\nFlag write-race\nCondition ", Litmus(both, "").Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Flag", Litmus(both.Replace("exists", "filter 0:EAX=1\nexists", StringComparison.Ordinal), "").Out);
    }

    [Fact]
    public void JSON_has_them_where_there_are_any()
    {
        Assert.Equal(["write-race"], FlagsOf(Litmus(Racing, "--format json"), "tests"));
        Assert.Equal(["stale"], FlagsOf(Check("none", "--format json"), "results"));
        CommandRun without = CommandRun.Of([], $"litmus {Path.Combine(_folder.FullName, "t.litmus")} --model sc --format json");
        Assert.DoesNotContain("flags", without.Out);
    }

    [Fact] // under sc the claim holds, so that some execution raises the flag; in the model that forbids nothing the counterexample does not
    public void A_check_shows_those_of_any_execution_or_of_the_counterexample()
    {
        CommandRun holds = Check("none", "");
        Assert.Equal(0, holds.ExitCode);
        Assert.Matches(@"^holds  .*\n    Flag stale\n1 check: holds 1, violated 0, inconclusive 0\n$", holds.Out);

        File.WriteAllText(Path.Combine(_folder.FullName, "flags.cat"), """
            "no order between locations"
            acyclic (po & loc) | rf | co | fr as coherence
            flag ~empty [IW] ; rf ; [R] as stale
            flag empty [W \ IW] ; rf as all-stale
            """);
        CommandRun violated = Check("none", "");
        Assert.Equal(1, violated.ExitCode);
        Assert.Matches(@"^violated  .*\n    Flag stale\n\n", violated.Out);
        Assert.DoesNotContain("all-stale", violated.Out);
    }

    private CommandRun Litmus(string test, string options)
    {
        string file = Path.Combine(_folder.FullName, "t.litmus");
        File.WriteAllText(file, test);
        return CommandRun.Of([], $"litmus {file} --model {_folder.FullName}/flags.cat {options}");
    }

    private CommandRun Check(string fence, string options) =>
        CommandRun.Of(SmallScenarios.Catalog, $"check small/messages --variant fence={fence} --arch arm64 --model {_folder.FullName}/flags.cat {options}");

    private static string[] FlagsOf(CommandRun run, string results)
    {
        using JsonDocument document = JsonDocument.Parse(run.Out);
        return [.. document.RootElement.GetProperty(results)[0].GetProperty("flags").EnumerateArray().Select(f => f.GetString()!)];
    }
}
