using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Mm.Tests.Native;

/// <summary>Rounds of a scenario's threads: each from the state that the set-up made, and what is told of them.</summary>
[Collection("native")]
public sealed class NativeScenarioTests
{
    [Fact] // a page that nobody would expect to be written to, which the first look at all of them finds
    public void A_round_sees_nothing_of_the_one_before()
    {
        using var arena = new Arena();
        var (rounds, restarts, seen) = (0, 0, 0UL);
        string? hindrance = NativeScenario.RunOrHindrance(
            typeof(FarWriter),
            arena,
            FarWriter.Setup(arena),
            (results, _) =>
            {
                seen |= results[0];
                return ++rounds >= 200;
            },
            () => (rounds, restarts, seen) = (0, restarts + 1, 0),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((null, 200, 1, 0UL), (hindrance, rounds, restarts, seen));
    }

    [Fact]
    public void A_claim_is_told_in_the_round_that_breaks_it()
    {
        using var arena = new Arena();
        var broken = new List<string>();
        int rounds = 0;
        NativeScenario.RunOrHindrance(
            typeof(FinalBreaker), arena, FarWriter.Setup(arena), (_, claims) =>
            {
                broken.Add(string.Join(' ', claims));
                return ++rounds >= 3;
            },
            () => (rounds, broken) = (0, []),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["always", "always", "always"], broken);
    }

    [Fact]
    public void A_thread_that_does_not_return_is_named()
    {
        var arena = new Arena(); // the thread keeps it
        string? hindrance = NativeScenario.RunOrHindrance(
            typeof(EndlessWaiter), arena, FarWriter.Setup(arena), (_, _) => false, () => { }, TimeSpan.FromSeconds(0.2), TestContext.Current.CancellationToken);
        Assert.Equal("in round 1 waiter did not return", hindrance);
        Assert.Equal([], NativeClaims.Take());
    }
}

internal static unsafe class FarWriter
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)(arena.Base + (Arena.LengthBytes / 4 * 3));

    [Thread("writer")]
    public static ulong Write(ulong* place) => Cpu.Xchg(place, 1);
}

internal static unsafe class FinalBreaker
{
    [Thread("writer")]
    public static ulong Write(ulong* place) => Cpu.Xchg(place, 1);

    [Final]
    public static void Check(ulong* place, ulong before) => Cpu.BugOn((Cpu.ReadOnce(place) == 1) & (before == 0), "always");
}

internal static unsafe class EndlessWaiter
{
    [Thread("waiter")]
    public static ulong Wait(ulong* place)
    {
        while (Cpu.ReadOnce(place) == 0)
        {
        }

        return 0;
    }

    [Thread("idler")]
    public static ulong Idle(ulong* place) => Cpu.ReadOnce(place);
}
