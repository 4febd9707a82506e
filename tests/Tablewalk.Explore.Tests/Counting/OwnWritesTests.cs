using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Counting;

/// <summary>What a thread has overwritten itself is not offered to its reads.</summary>
public sealed class OwnWritesTests
{
    private static readonly FlatMemory s_memory = new("x", "y");

    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("armv8")]
    public void A_thread_alone_has_one_branch(string model)
    {
        var (x, y) = (s_memory.AddressOf("x"), s_memory.AddressOf("y"));
        var thread = ThreadBuilder.Thread("alone", b =>
        {
            for (var i = 0; i < 3; i++)
            {
                b.Store(x, b.Compute(Operation.Add, b.Load(x), 1));
                b.If(b.Load(x), () => b.Store(y, 1));
            }

            return 0;
        });
        var counted = Checker.Count(
            ThreadBuilder.Program(thread), s_memory, Models.Named(model), new CheckOptions(), TestContext.Current.CancellationToken);
        Assert.Equal((1L, 1L), counted);
    }
}
