using Tablewalk.Bench.Programs;
using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Scenarios.Tests.Counting;

/// <summary>
/// Executions of lifted C#, and the branches followed for them: exactly, so that whatever changes how the search goes is seen here. The aim is at most 1.05
/// branches an execution without loops and updates, and 1.2 with them.
/// </summary>
public sealed class CountingTests
{
    [Theory]
    // As other checkers count them.
    [InlineData("readers(13)", "sc", 8_192, 8_192)]
    [InlineData("ainc(6)", "sc", 720, 720)]
    [InlineData("ainc(7)", "sc", 5_040, 5_040)]
    [InlineData("ainc(8)", "sc", 40_320, 40_320)]
    [InlineData("stores(8), load", "sc", 362_880, 362_880)]
    [InlineData("lastwrite(7)", "sc", 5_040, 5_040)]
    [InlineData("lastzero(10)", "sc", 3_328, 3_328)]
    [InlineData("lastzero(15)", "sc", 147_456, 147_456)]
    [InlineData("casrot(7)", "sc", 523, 523)]
    [InlineData("casrot(9)", "sc", 8_597, 8_597)]
    [InlineData("fib_bench(5)", "sc", 218_243, 218_243)]
    [InlineData("fib_bench(5)", "x86-tso", 525_630, 525_630)]
    [InlineData("big0", "sc", 69_112, 69_112)]
    [InlineData("indexer(12)", "sc", 8, 8)]
    [InlineData("indexer(13)", "sc", 64, 64)]
    [InlineData("indexer(14)", "sc", 512, 512)]
    [InlineData("indexer(15)", "sc", 4_096, 4_096)]
    [InlineData("big0", "x86-tso", 69_112, 69_112)]
    // As a walk over all interleavings counts what was read from where and written after what, without rounds of loops that have no effect.
    [InlineData("szymanski", "sc", 6, 31)]
    [InlineData("ticket lock(3)", "sc", 6, 6)]
    [InlineData("ticket lock(4)", "sc", 24, 24)]
    [InlineData("test-and-set lock(3)", "sc", 36, 41)]
    [InlineData("MCS lock(3)", "sc", 66, 94)]
    [InlineData("queued spin lock(3)", "sc", 228, 513)]
    [InlineData("sequence lock(2+2)", "sc", 18, 42)]
    [InlineData("Treiber stack(2+2)", "sc", 88, 136)]
    [InlineData("Michael-Scott queue(3+0)", "sc", 126, 339)]
    [InlineData("Michael-Scott queue(2+2)", "sc", 158, 580)]
    [InlineData("Chase-Lev deque(1+2)", "sc", 288, 411)]
    public void A_program_has_its_known_executions(string name, string model, long executions, long explored)
    {
        using var arena = new Arena();
        var program = SharedPrograms.All[name].Lift(arena);
        Assert.Equal(
            (executions, explored),
            Checker.Count(program, new ArenaMemory(arena), ModelFiles.Load(model), new CheckOptions(Jobs: 2), TestContext.Current.CancellationToken));
    }
}
