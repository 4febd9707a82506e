using System.Text.Json;
using System.Text.RegularExpressions;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>By itself: the memory of the process is looked at.</summary>
[CollectionDefinition("stress", DisableParallelization = true)]
public sealed class StressCollection;

/// <summary>The command <c>stress</c>: silent on what is right, and not on what is wrong.</summary>
[Collection("stress")]
public sealed class StressTests
{
    public static TheoryData<string> FaultsFoundByStress =>
        ["late-flush", "missing-flush", "swap-without-flush", "fork-without-flush", "lost-dirty", "clean-without-notice", "late-sequence", "kept-space"];

    [Fact]
    public void A_short_run_of_every_architecture_finds_nothing_and_says_how_much_it_did()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "stress --seconds 1 --seed 7");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, Regex.Count(run.Out, @"  memory at the end: [\d,]+ arena pages, \d+\.\d MiB of managed heap, \d+ MiB resident\n"));
        foreach (string architecture in (string[])["arm64", "x86_64", "x86_pae"])
        {
            Assert.Matches($@"stress {architecture}: [\d,]+ operations in \d+\.\d s, seed 7, no violation\n  churn [\d,]+, collapse [\d,]+, ", run.Out);
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
    public void Every_fault_that_can_be_seeded_is_found() =>
        Assert.Equal(StressFaults.Names, FaultsFoundByStress.Select(static row => row.Data).Order(StringComparer.Ordinal));

    [Fact]
    public void A_leak_that_nothing_else_shows_is_growth_beyond_a_bound()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "stress --seconds 120 --arch x86_64 --fault kept-space");
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"memory: arena pages grew from [\d,]+ to [\d,]+, by more than 256", run.Out);
    }

    [Fact]
    public void Growth_up_to_its_bound_is_none_and_beyond_it_is_told()
    {
        MemoryUse start = new(100, 1000, 5000);
        MemoryUse most = new(100 + MemoryUse.MostAddedPages, 1000 + MemoryUse.MostAddedHeapBytes, 5000 + MemoryUse.MostAddedResidentBytes);
        Assert.Null(most.GrowthOrNull(start));
        Assert.StartsWith("memory: arena pages grew", (most with { ArenaPages = most.ArenaPages + 1 }).GrowthOrNull(start), StringComparison.Ordinal);
        Assert.StartsWith("memory: the managed heap grew", (most with { HeapBytes = most.HeapBytes + 1 }).GrowthOrNull(start), StringComparison.Ordinal);
        Assert.StartsWith("memory: the resident set grew", (most with { ResidentBytes = most.ResidentBytes + 1 }).GrowthOrNull(start), StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_can_be_had_as_JSON()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "stress --seconds 1 --arch x86_pae --seed 4 --format json");
        Assert.Equal(0, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement machine = Assert.Single(document.RootElement.GetProperty("runs").EnumerateArray());
        Assert.Equal(["architecture", "seed", "seconds", "operations", "memoryAfterWarmUp", "memoryAtEnd", "violations"], machine.EnumerateObject().Select(static p => p.Name));
        Assert.All(["arenaPages", "heapBytes", "residentBytes"], name => Assert.True(machine.GetProperty("memoryAtEnd").GetProperty(name).GetInt64() > 0));
        Assert.Equal(0, machine.GetProperty("violations").GetArrayLength());
    }

    [Fact]
    public void A_scenario_runs_on_real_threads()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "stress gup-fast/zap --arch arm64 --seconds 0.3");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^stress gup-fast/zap no-pin-on-freed-page arm64: [\d,]+ rounds in \d+\.\d s, no violation\n", run.Out);
    }

    [Theory]
    [InlineData("stress --arch arm65", "TW0003: unknown architecture 'arm65'")]
    [InlineData("stress gup-fast/zip", "TW0002: unknown scenario 'gup-fast/zip'")]
    [InlineData("stress --fault late-flash", "TW0017: unknown fault 'late-flash'")]
    [InlineData("stress --seconds none", "TW0014: expected a number of seconds above 0")]
    [InlineData("stress --seed -1", "TW0015: expected a whole number from 0")]
    public void Bad_input_is_refused_by_name(string arguments, string expected)
    {
        CommandRun run = CommandRun.Of(Catalog.All, arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }
}
