using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Counting;

/// <summary>Numbers of executions under sc, and that none is visited twice. The scenarios' tests count the same in lifted C#.</summary>
public sealed class CountingTests
{
    [Fact]
    public void One_writer_and_thirteen_readers() => AssertCount(8192, CountingPrograms.WriterAndReaders(13));

    [Theory] // each order of the updates once, and no branch for two updates that read one write
    [InlineData(6, 720)]
    [InlineData(7, 5040)]
    [InlineData(8, 40_320)]
    public void Fetch_adds(int threads, long executions) => Assert.Equal(executions, AssertCount(executions, CountingPrograms.FetchAdds(threads)));

    [Fact]
    public void Seven_stores() => AssertCount(5040, CountingPrograms.Stores(7));

    [Fact]
    public void Seven_stores_and_a_load() => AssertCount(40_320, CountingPrograms.StoresAndLoad(7));

    [Theory] // a compare-exchange waits only for a value that another thread may bring about without it
    [InlineData(7, 523)]
    [InlineData(9, 8_597)]
    public void A_chain_of_compare_exchanges(int threads, long executions) =>
        Assert.Equal(executions, AssertCount(executions, CountingPrograms.CompareExchangeChain(threads)));

    [Fact]
    public void Ten_writers_and_a_reader_in_search_of_zero() => AssertCount(3328, CountingPrograms.LastZero(10));

    /// <returns>The branches followed.</returns>
    private static long AssertCount(long expected, Program program)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var (executions, explored) = Checker.Enumerate(
            program, CountingPrograms.Memory, Models.Named("sc"), view => Assert.True(keys.Add(ViewKey.Of(view)), "visited twice"));
        Assert.Equal(expected, executions);
        Assert.Equal(expected, keys.Count);
        Assert.Equal(expected, Checker.Count(program, CountingPrograms.Memory, Models.Named("sc"), new CheckOptions(Jobs: 2), TestContext.Current.CancellationToken).Executions);
        return explored;
    }
}
