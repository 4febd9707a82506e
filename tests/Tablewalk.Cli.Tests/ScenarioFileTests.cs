using Tablewalk.Cat;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary><c>tablewalk check FILE.dll</c>: scenarios of an assembly that the command knows nothing of.</summary>
public sealed class ScenarioFileTests
{
    private static string WhatIf { get; } = Path.Combine(
        Repository.PathOf("tests", "WhatIf"), Path.GetRelativePath(Repository.PathOf("tests", "Tablewalk.Cli.Tests"), AppContext.BaseDirectory), "Tablewalk.WhatIf.dll");

    [Fact]
    public void A_scenario_of_a_file_is_checked_by_name()
    {
        CommandRun run = CommandRun.Of([], $"check {WhatIf} ring/release");
        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Holds, run.ExitCode);
        Assert.Contains("ring/release  items-arrive-in-order       arm64   armv8", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("4 checks: holds 4, violated 0, inconclusive 0\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_name_all_are_checked_and_a_violation_shows_its_table()
    {
        CommandRun run = CommandRun.Of([], $"check {WhatIf} --claim items-arrive-in-order");
        Assert.Equal(ExitCode.Violated, run.ExitCode);
        Assert.Contains("TPublish.Store(&ring->Tail, ...)", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("4 checks: holds 3, violated 1, inconclusive 0\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_those_of_the_file()
    {
        CommandRun run = CommandRun.Of(SmallScenarios.Catalog, $"check {WhatIf} ring/relase");
        Assert.Equal("check ring/relase: TW0002: unknown scenario 'ring/relase', expected one of ring/relaxed-tail, ring/release; did you mean 'ring/release'?\n", run.Error);
        Assert.Equal(ExitCode.BadInput, run.ExitCode);
    }

    [Fact]
    public void One_file_at_a_time() =>
        Assert.Equal("check other.dll: TW0001: expected one assembly at a time\n", CommandRun.Of([], $"check {WhatIf} other.dll").Error);

    [Fact]
    public void An_assembly_without_scenarios_is_refused()
    {
        string file = typeof(Model).Assembly.Location;
        Assert.Equal($"{file}: TW0036: declares no scenario, expected a type marked [Scenario(\"area/name\", \"summary\")]\n", CommandRun.Of([], $"check {file}").Error);
    }

    [Fact]
    public void A_file_that_is_no_assembly_is_refused()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("tablewalk-").FullName, "text.dll");
        File.WriteAllText(file, "no assembly");
        Assert.Matches($"^{file}: TW0035: .+\n$", CommandRun.Of([], $"check {file}").Error);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void Mistakes_in_declarations_come_together() =>
        Assert.Equal(
            """
            ScenarioFileTests.FirstOfAName: TW0036: a scenario cannot be named '', expected area/name
            ScenarioFileTests.SecondOfAName: TW0036: a scenario cannot be named '', expected area/name
            ScenarioFileTests.Generic<T>: TW0036: a scenario has no type parameters; expected the mark on a class that derives from this one with each parameter given
            ScenarioFileTests.Foreign: TW0036: unknown architecture 'x86_46', expected one of arm64, x86_64, x86_pae; did you mean 'x86_64'?
            ScenarioFileTests.SecondOfAName: TW0036: '' is the name of ScenarioFileTests.FirstOfAName, expected one of its own
            """,
            Assert.Throws<InputException>(() => ScenarioFiles.Of([typeof(FirstOfAName), typeof(SecondOfAName), typeof(Foreign), typeof(Generic<>)], [], TestContext.Current.CancellationToken)).Message);

    [Fact]
    public void A_scenario_that_is_not_asked_for_is_not_looked_at()
    {
        Assert.Empty(Assert.Single(ScenarioFiles.Of([typeof(Unfit)], ["other"], TestContext.Current.CancellationToken)).Claims);
        Assert.Contains("TW0023", Assert.Throws<InputException>(() => ScenarioFiles.Of([typeof(Unfit)], [], TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Scenario("", "without a name")]
    private sealed class FirstOfAName;

    [Scenario("", "without a name, too")]
    private sealed class SecondOfAName;

    [Scenario("b", "for a machine that there is not", Architectures = ["x86_46"])]
    private sealed class Foreign;

    [Scenario("a", "not closed")]
    private sealed class Generic<T>;

    [Scenario("c", "without methods")]
    private sealed class Unfit;
}
