using System.Text;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>What bad input gets: exit status 2, a place, what was expected, nothing on standard output, and never a stack trace.</summary>
public sealed class UsageErrorTests
{
    private static readonly string[] s_commands =
    [
        "chek",
        "chek small/messages",
        "--fast",
        "list all",
        "check --arhc arm64",
        "check --arch",
        "check small/mesages",
        "check messages small/setup-throw",
        "check --arch arm46",
        "check small/messages --arch x86_pae",
        "check small/messages --arch arm64,x86_46",
        "check small/setup-throws --arch x86_64",
        "check small/messages --claim flag-implies-date",
        "check small/messages --model armv9",
        "check small/messages --model nowhere/my.cat",
        "check small/messages --variant fence",
        "check small/messages --variant =both",
        "check small/messages --variant fense=both",
        "check small/messages --variant fence=bth",
        "check small/setup-throws --variant fence=both",
        "check small/messages --format yaml",
        "check --jobs 0",
        "check --jobs two --timeout never",
        "check --timeout -1",
        "check --memory 1.5",
        "check small/messages --variant fence=x --arch y --model z --claim w",
        "check --variant fence=both --claim flag-implies-data --arch arm64 small/without-setup",
        "check small/setup-throws",
        "check small/without-setup",
        "litmus",
        "litmus nowhere.litmus",
        "litmus --kind x nowhere.litmus",
        "litmus nowhere --format xml --jobs 0 --timeout 0 --memory 0",
    ];

    [Fact]
    public void Messages_are_as_agreed()
    {
        var text = new StringBuilder();
        foreach (string command in s_commands)
        {
            CommandRun run = CommandRun.Of(SmallScenarios.Catalog, command);
            text.Append("$ tablewalk ").Append(command).Append('\n').Append(run.Error).Append("exit ").Append(run.ExitCode).Append("\n\n");
        }

        Golden.Matches("Tablewalk.Cli.Tests", "usage-errors.txt", text.ToString());
    }

    public static TheoryData<string> Commands => [.. s_commands];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Bad_input_ends_with_2_and_prints_no_answer(string command)
    {
        CommandRun run = CommandRun.Of(SmallScenarios.Catalog, command);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Matches(@"^\S.*: TW\d{4}: .+", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void A_broken_cat_file_is_reported_with_file_line_and_column()
    {
        string file = Path.Combine(Path.GetTempPath(), $"tablewalk-{Guid.NewGuid():N}.cat");
        File.WriteAllText(file, "\"broken\"\nlet x = po | rff\nacyclic x\n");
        try
        {
            CommandRun run = CommandRun.Of(SmallScenarios.Catalog, $"check small/messages --model {file}");
            Assert.Equal(2, run.ExitCode);
            Assert.Empty(run.Out);
            Assert.StartsWith($"{file}:2:14: TW2003: ", run.Error);
            Assert.Contains("'rff'", run.Error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Code_outside_the_subset_is_reported_with_method_file_and_line()
    {
        CommandRun run = CommandRun.Of(SmallScenarios.Catalog, "check small/outside-the-subset");
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Matches(@"^tests/Tablewalk\.Cli\.Tests/SmallScenarios\.cs:\d+: TW1\d{3}: .*Allocate", run.Error);
    }

    [Fact]
    public void A_setup_that_throws_is_reported_with_file_and_line()
    {
        CommandRun run = CommandRun.Of(SmallScenarios.Catalog, "check small/setup-throws");
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(
            @"^tests/Tablewalk\.Cli\.Tests/SmallScenarios\.cs:\d+: TW0022: the set-up of small/setup-throws threw InvalidOperationException: there is no page left for anybody\n$",
            run.Error);
    }
}
