using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Scenarios.Tests.Counting;

/// <summary>Executions under sc of lifted C#, as two independent checkers measured them.</summary>
public sealed class CountingTests
{
    [Theory]
    [InlineData(typeof(WriterAndReaders), 8_192)]
    [InlineData(typeof(FetchAdds), 5_040)]
    [InlineData(typeof(Stores), 5_040)]
    [InlineData(typeof(StoresAndLoad), 362_880)]
    [InlineData(typeof(CompareExchanges), 523)]
    [InlineData(typeof(LastZero), 3_328)]
    public void A_program_has_exactly_as_many_executions(Type scenario, long executions)
    {
        using var arena = new Arena();
        var program = CheckRunner.Prepare(scenario, scenario.Name, arena, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(executions, Checker.Count(program, new ArenaMemory(arena), ModelFiles.Load("sc"), new CheckOptions(Jobs: 2), TestContext.Current.CancellationToken).Executions);
    }
}
