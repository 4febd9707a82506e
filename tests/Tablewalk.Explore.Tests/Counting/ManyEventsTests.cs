using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Counting;

/// <summary>Executions of hundreds and thousands of events.</summary>
public sealed class ManyEventsTests
{
    private const string Claim = "claim";
    private static readonly FlatMemory s_memory = new([.. Enumerable.Range(0, 32).Select(i => $"x{i}"), "data", "flag"]);

    [Theory]
    [InlineData("sc", 300)]
    [InlineData("sc", 1000)]
    [InlineData("sc", 2000)]
    [InlineData("x86-tso", 300)]
    [InlineData("x86-tso", 1000)]
    [InlineData("armv8", 300)]
    [InlineData("armv8", 1000)]
    [InlineData("armv8", 2000)]
    public void One_thread_that_stores_to_many_places_has_one_execution(string model, int stores)
    {
        var program = ThreadBuilder.Program(Row("writer", stores, (b, i) => b.Store(Place(i), (ulong)i)));
        var last = 0UL;
        var (executions, _) = Checker.Enumerate(
            program, s_memory, Models.Named(model), view => last = view.FinalValue(Place(stores - 1)), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((1, (ulong)stores - 1), (executions, last));
    }

    [Theory]
    [InlineData("sc")]
    [InlineData("armv8")]
    public void A_load_beside_three_hundred_stores_reads_any_of_them_or_none(string model)
    {
        var program = ThreadBuilder.Program(
            Row("writer", 300, (b, i) => b.Store(Place(0), (ulong)i + 1)), ThreadBuilder.Thread("reader", b => b.Load(Place(0))));
        var read = new List<ulong>();
        Checker.Enumerate(program, s_memory, Models.Named(model), view => read.Add(view.Results[1]), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 301).Select(i => (ulong)i), read.Order());
    }

    [Fact]
    public void Fetch_adds_of_one_thread_add_up()
    {
        var program = ThreadBuilder.Program(Row("adder", 130, (b, _) => b.Update(AtomicOperation.Add, Place(0), 1, AtomicOrder.Full)));
        var sum = 0UL;
        var (executions, _) = Checker.Enumerate(
            program, s_memory, Models.Named("sc"), view => sum = view.FinalValue(Place(0)), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((1, 130UL), (executions, sum));
    }

    [Fact]
    public void A_message_is_passed_after_a_long_way_where_the_model_keeps_the_order() =>
        Assert.IsType<Verdict.Holds>(Check(MessageAfter(stores: 500), "sc"));

    [Fact] // the control
    public void A_message_may_be_overtaken_after_a_long_way_where_the_model_does_not()
    {
        var violated = Assert.IsType<Verdict.Violated>(Check(MessageAfter(stores: 500), "armv8"));
        Assert.True(violated.Counterexample.Steps.Length > 2);
    }

    [Fact]
    public void More_events_than_there_can_be_room_for_are_inconclusive()
    {
        var program = ThreadBuilder.Program(Row("writer", 4096, (b, i) => b.Store(Place(i), 1)));
        var verdict = Assert.IsType<Verdict.Inconclusive>(Check(program, "sc"));
        Assert.Equal("an execution has more than 4096 events", verdict.Reason);
        Assert.Throws<NotSupportedException>(
            () => Checker.Enumerate(program, s_memory, Models.Named("sc"), _ => { }, cancellation: TestContext.Current.CancellationToken));
    }

    private static Verdict Check(Program program, string model) =>
        Checker.Check(program, s_memory, Models.Named(model), Claim, new CheckOptions(), cancellation: TestContext.Current.CancellationToken).Verdict;

    private static Program MessageAfter(int stores) => ThreadBuilder.Program(
        Row("writer", stores, (b, i) =>
        {
            b.Store(Place(i), (ulong)i);
            if (i == stores - 1)
            {
                b.Store(s_memory.AddressOf("data"), 1);
                b.Store(s_memory.AddressOf("flag"), 1);
            }
        }),
        ThreadBuilder.Thread("reader", b =>
        {
            var flag = b.Load(s_memory.AddressOf("flag"));
            var data = b.Load(s_memory.AddressOf("data"));
            b.BugOn(b.Compute(Operation.LessUnsigned, data, flag), Claim);
            return 0;
        }));

    private static ulong Place(int number) => s_memory.AddressOf($"x{number % 32}");

    private static ThreadCode Row(string name, int length, Action<ThreadBuilder, int> write) => ThreadBuilder.Thread(name, b =>
    {
        for (var i = 0; i < length; i++)
        {
            write(b, i);
        }

        return 0;
    });
}
