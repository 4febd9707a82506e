using System.Text.RegularExpressions;
using Tablewalk.Scenarios;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary><c>--explain</c>, <c>--show</c> and <c>--dot</c>, from arguments to output.</summary>
public sealed partial class ExplainTests
{
    private const string Messages = """
        AArch64 MP
        {
        0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x;
        }
         P0          | P1                  ;
         MOV W0,#1   | LDR W0,[X1]         ;
         STR W0,[X1] | EOR W4,W0,W0        ;
         DMB SY      | LDR W2,[X3,W4,SXTW] ;
         STR W0,[X3] |                     ;
        exists (1:X0=1 /\ 1:X2=0)
        """;

    private const string LoadBuffering = """
        AArch64 LB
        {
        0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x;
        }
         P0          | P1           ;
         LDR W0,[X1] | LDR W0,[X1]  ;
         STR W0,[X3] | MOV W2,#1    ;
                     | STLR W2,[X3] ;
        exists (0:X0=1 /\ 1:X0=1)
        """;

    private const string Counter = """
        X86_64 count
        {
        }
         P0             | P1             ;
         lock incl (x)  | lock incl (x)  ;
        exists ([x]=1)
        """;

    [Fact]
    public void A_forbidden_condition_is_explained_by_its_rule_its_cycle_and_what_it_rests_on() =>
        Golden.Matches("Tablewalk.Cli.Tests", "explain.txt", Explained("--explain --show", Messages) + Explained("--explain", LoadBuffering) + Explained("--explain", Counter));

    [Fact]
    public void A_condition_that_is_reached_is_told_as_a_race_table() =>
        Golden.Matches("Tablewalk.Cli.Tests", "explain-reached.txt", Explained("--explain --show", Messages.Replace("DMB SY     ", "NOP        ", StringComparison.Ordinal)));

    [Fact]
    public void A_drawing_has_clusters_for_threads_and_the_cycle_in_bold() => Golden.Matches("Tablewalk.Cli.Tests", "explain.dot", Drawn(Messages));

    [Fact]
    public void A_drawing_of_a_condition_that_is_reached_has_no_cycle()
    {
        string drawing = Drawn(Messages.Replace("DMB SY     ", "NOP        ", StringComparison.Ordinal));
        Assert.DoesNotContain("penwidth", drawing, StringComparison.Ordinal);
        Assert.Contains("[label=\"fr\"", drawing, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_fence_nothing_rests_on_it() // the control: what a forbidden condition rests on is found by taking it away
    {
        string text = Explained("--explain", Messages.Replace("DMB SY     ", "DMB ISHST  ", StringComparison.Ordinal));
        Assert.Contains("DMB ISHST removed", text, StringComparison.Ordinal);
        Assert.DoesNotContain("rests on", Explained("--explain", Messages.Replace("DMB SY     ", "NOP        ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_that_no_values_fulfil_is_told_apart()
    {
        string text = Explained("--explain", Messages.Replace("1:X0=1 ", "1:X0=7 ", StringComparison.Ordinal));
        Assert.Contains("No execution ends so, not even without the rules of the model\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--explain --format json", "--format json: TW0012: expected the format text with --explain and --show\n")]
    [InlineData("--dot /nowhere/at/all.dot", "--dot /nowhere/at/all.dot: TW0032: ")]
    public void A_wrong_use_is_told(string options, string error)
    {
        CommandRun run = Run(options, Messages);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_test_is_drawn()
    {
        CommandRun run = Run("--dot out.dot", Messages, LoadBuffering);
        Assert.Equal((2, "--dot out.dot: TW0032: expected one test to draw, found 2\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public void A_claim_that_holds_rests_on_its_barriers() =>
        Assert.Contains(
            "    rests on: SmallScenarios.cs:98 SmpWmb removed breaks it\n    rests on: SmallScenarios.cs:107 SmpRmb removed breaks it\n",
            CommandRun.Of(SmallScenarios.Catalog, "check small/messages --arch arm64 --explain").Out,
            StringComparison.Ordinal);

    [Fact]
    public void The_README_shows_what_a_claim_rests_on()
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md"));
        string block = readme.Split("The_README_shows_what_a_claim_rests_on -->\n```text\n$ tablewalk ")[1].Split("```\n<!-- explain: end -->")[0];
        string[] lines = block.Split('\n', 2);
        Assert.Equal(CommandRun.WithoutTimes(lines[1]), CommandRun.WithoutTimes(CommandRun.Of(Catalog.All, lines[0]).Out));
    }

    [Fact] // the control: the same barriers, where the architecture does not need them
    public void A_claim_that_holds_anyway_rests_on_none() =>
        Assert.Contains(
            "    rests on no single barrier, order, section, wait or branch\n",
            CommandRun.Of(SmallScenarios.Catalog, "check small/messages --arch x86_64 --explain").Out,
            StringComparison.Ordinal);

    private static string Explained(string options, string test)
    {
        CommandRun run = Run(options, test);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return LineOfModel().Replace(run.Out[(run.Out.IndexOf("\nTime ", StringComparison.Ordinal) + 1)..].Split('\n', 2)[1], ".cat:#");
    }

    private static string Drawn(string test)
    {
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal((0, ""), (Run($"--dot {file}", test) is var run ? run.ExitCode : -1, run.Error));
            return File.ReadAllText(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static CommandRun Run(string options, params string[] tests)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tablewalk-");
        try
        {
            for (int i = 0; i < tests.Length; i++)
            {
                File.WriteAllText(Path.Combine(folder.FullName, $"t{i}.litmus"), tests[i]);
            }

            return CommandRun.Of([], $"litmus {folder.FullName} {options}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"\.cat:\d+")]
    private static partial Regex LineOfModel();
}
