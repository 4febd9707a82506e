using Tablewalk.Explore.Tests.Support;
using Xunit;

namespace Tablewalk.Explore.Tests.Counting;

/// <summary>The search recycles all that it needs: once warm, an execution costs no memory.</summary>
public sealed class AllocationTests
{
    private const int Executions = 10_000;

    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("armv8")]
    public void An_execution_allocates_nothing_in_the_steady_state(string model)
    {
        var (seen, before, after) = (0, 0L, 0L);
        Checker.Enumerate(
            CountingPrograms.StoresAndLoad(7),
            CountingPrograms.Memory,
            Models.Named(model),
            _ =>
            {
                seen++;
                before = seen == Executions ? GC.GetAllocatedBytesForCurrentThread() : before;
                after = seen == 2 * Executions ? GC.GetAllocatedBytesForCurrentThread() : after;
            },
            cancellation: TestContext.Current.CancellationToken);
        Assert.True(seen > 2 * Executions);
        Assert.InRange(after - before, 0, Executions / 10); // a trail may still grow once; a byte an execution would be 10,000
    }
}
