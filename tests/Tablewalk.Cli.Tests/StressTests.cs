using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>The command <c>stress</c>: silent on what is right, and not on what is wrong.</summary>
[Collection("stress")]
public sealed class StressTests
{
    public static TheoryData<string> FaultsFoundByStress => ["late-flush", "missing-flush", "swap-without-flush", "fork-without-flush", "lost-dirty", "clean-without-notice"];

    [Fact]
    public void A_short_run_of_every_architecture_finds_nothing_and_says_how_much_it_did()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "stress --seconds 1 --seed 7");
        Assert.Equal(0, run.ExitCode);
        foreach (string architecture in (string[])["arm64", "x86_64", "x86_pae"])
        {
            Assert.Matches($@"stress {architecture}: [\d,]+ operations in \d+\.\d s, seed 7, no violation\n  collapse [\d,]+, collect-dirty [\d,]+, ", run.Out);
        }
    }

    [Theory]
    [MemberData(nameof(FaultsFoundByStress))]
    public void A_seeded_fault_is_found(string fault)
    {
        CommandRun run = CommandRun.Of(Catalog.All, $"stress --seconds 120 --arch arm64 --fault {fault}");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("VIOLATED", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_that_can_be_seeded_is_found_by_stress_or_by_a_check() =>
        Assert.Equal(StressFaults.Names, FaultsFoundByStress.Select(static row => row.Data).Append("late-sequence").Order(StringComparer.Ordinal)); // kvm/zap

    [Fact]
    public void A_scenario_runs_on_real_threads()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "stress gup-fast/zap --arch arm64 --seconds 0.3");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^stress gup-fast/zap no-pin-on-freed-page arm64: [\d,]+ rounds in \d+\.\d s, no violation\n", run.Out);
    }

    [Theory]
    [InlineData("stress --arch arm65", "TW0020: unknown architecture 'arm65'")]
    [InlineData("stress gup-fast/zip", "TW0021: unknown scenario 'gup-fast/zip'")]
    [InlineData("stress --fault late-flash", "TW0022: unknown fault 'late-flash'")]
    [InlineData("stress --seconds none", "TW0014: expected a number of seconds above 0")]
    [InlineData("stress --seed -1", "TW0015: expected a whole number from 0")]
    public void Bad_input_is_refused_by_name(string arguments, string expected)
    {
        CommandRun run = CommandRun.Of(Catalog.All, arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }
}
