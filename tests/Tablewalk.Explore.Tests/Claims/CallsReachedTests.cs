using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Claims;

/// <summary>Which calls of intrinsics some execution comes to.</summary>
public sealed class CallsReachedTests
{
    private const long Enough = 10_000;
    private static readonly FlatMemory s_memory = new("data", "flag");
    private static readonly ulong s_data = s_memory.AddressOf("data");
    private static readonly ulong s_flag = s_memory.AddressOf("flag");

    // What is asked about: by name, at lines of their own.
    private static readonly string[] s_names = ["store", "not yet", "seen", "old data", "never", "claim", "fence"];

    [Theory]
    [InlineData("sc", "store, not yet, seen, claim, fence")]
    [InlineData("armv8", "store, not yet, seen, old data, claim, fence")] // the data may be read before the flag
    public void What_some_execution_comes_to_is_reached(string model, string expected) =>
        Assert.Equal(expected.Split(", ").Order(StringComparer.Ordinal), Reached(model, Enough));

    [Fact]
    public void What_was_not_met_in_time_is_not_reached() => Assert.Empty(Reached("sc", most: 0));

    private static IEnumerable<string> Reached(string model, long most)
    {
        ThreadCode writer = ThreadBuilder.Thread("writer", b =>
        {
            b.Store(s_data, 1);
            Mark(b, "store", new Store(s_flag, 1UL, AccessSize.Double, StoreOrder.Release));
            return 0;
        });
        ThreadCode reader = ThreadBuilder.Thread("reader", b =>
        {
            b.If(b.Load(s_flag), SeenFlag, () => Mark(b, "not yet", new Fence(FenceKind.SmpMb)));
            Mark(b, "claim", new BugOn(0UL, "a-claim"));
            Mark(b, "fence", new Fence(FenceKind.SmpMb));
            return 0;

            void SeenFlag()
            {
                Mark(b, "seen", new Fence(FenceKind.SmpWmb));
                var data = b.Load(s_data);
                b.If(data, () => b.If(b.Compute(Operation.Equal, data, 6), () => Mark(b, "never", new Fence(FenceKind.SmpMb))), () => Mark(b, "old data", new Fence(FenceKind.SmpMb)));
            }
        });
        return Checker.CallsReached(new Program([writer, reader], null, []), s_memory, Models.Named(model), s_names.Select(CallOf), most, TestContext.Current.CancellationToken)
            .Select(static call => call.Name).Order(StringComparer.Ordinal);
    }

    private static IntrinsicCall CallOf(string name) => new(name, new SourceLocation("file", Array.IndexOf(s_names, name), "", "method"));

    private static void Mark(ThreadBuilder b, string name, Instruction instruction) => b.Emit(instruction with { Call = CallOf(name) });
}
