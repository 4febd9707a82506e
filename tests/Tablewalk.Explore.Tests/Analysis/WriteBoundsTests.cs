using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Analysis;

/// <summary>How often a thread may write a cell, found without running the others. That it is never too few, every search checks.</summary>
public sealed class WriteBoundsTests
{
    private const int Many = 1000;
    private static readonly FlatMemory s_memory = new("x", "y", "table");
    private static readonly ulong s_x = s_memory.AddressOf("x");
    private static readonly ulong s_y = s_memory.AddressOf("y");

    [Fact]
    public void Writes_in_sequence_are_counted_and_fewer_are_left_further_on()
    {
        var bounds = Of(Thread(b =>
        {
            b.Store(s_x, 1);
            b.Store(s_y, 1);
            b.Store(s_x, 2);
        }));
        Assert.Equal((2, 1), (bounds.Altogether(0, s_x), bounds.Altogether(0, s_y)));
        Assert.Equal([2, 1, 1, 0], Enumerable.Range(0, 4).Select(step => bounds.From(0, step, s_x)));
    }

    [Fact]
    public void Of_two_ways_the_one_with_more_writes_counts()
    {
        var bounds = Of(
            Thread(b => b.If(
                b.Load(s_y),
                () =>
                {
                    b.Store(s_x, 1);
                    b.Store(s_x, 2);
                },
                () => b.Store(s_x, 3))),
            Thread(b => b.Store(s_y, 1)));
        Assert.Equal(2, bounds.Altogether(0, s_x));
    }

    [Fact]
    public void A_way_that_no_value_leads_to_does_not_count() =>
        Assert.Equal(0, Of(Thread(b => b.If(b.Compute(Operation.Equal, b.Load(s_y), 7), () => b.Store(s_x, 1))), Thread(b => b.Store(s_y, 1))).Altogether(0, s_x));

    [Fact]
    public void Counting_loops_are_unrolled() => Assert.Equal(5, Of(Loop(5)).Altogether(0, s_x));

    [Fact]
    public void A_loop_that_others_decide_on_has_no_bound()
    {
        var bounds = Of(
            Thread(b =>
            {
                var (head, after) = (b.NewBlock(), b.NewBlock());
                b.EndBlock(new Jump(head), head);
                b.Store(s_x, 1);
                b.EndBlock(new Branch(b.Load(s_y), head, after), after);
            }),
            Thread(b => b.Store(s_y, 1)));
        Assert.Equal(WriteBounds.Unbounded, bounds.Altogether(0, s_x));
    }

    [Fact]
    public void A_retry_loop_writes_once()
    {
        var bounds = Of(Increment(), Increment(), Increment());
        Assert.Equal(1, bounds.Altogether(0, s_x));
    }

    [Fact]
    public void An_address_that_comes_from_memory_is_followed()
    {
        s_memory["table"] = s_x;
        var bounds = Of(
            Thread(b => b.Store(b.Load(s_memory.AddressOf("table")), 1)),
            Thread(b => b.Store(s_memory.AddressOf("table"), s_y)));
        Assert.Equal((1, 1), (bounds.Altogether(0, s_x), bounds.Altogether(0, s_y)));
    }

    [Fact]
    public void An_address_that_may_be_anything_makes_all_threads_write_anything()
    {
        var bounds = Of(
            Thread(b => b.Store(b.Load(s_y), 1)),
            Thread(b => b.Update(AtomicOperation.Add, s_y, 1, AtomicOrder.Relaxed)),
            Thread(b => b.Update(AtomicOperation.Add, s_y, 1, AtomicOrder.Relaxed)));
        Assert.Equal(WriteBounds.Unbounded, bounds.Altogether(1, s_x));
    }

    [Fact]
    public void Loads_one_after_the_other_write_nothing() => Assert.Equal(0, Of(Row(Many, (b, _) => b.Load(s_x)), Row(1, Storing)).Altogether(0, s_x));

    [Fact]
    public void Stores_of_one_value_are_counted_from_each_step_on() => AssertCountsDown(Many, Of(Row(Many, (b, _) => b.Store(s_x, 1)), Row(1, Loading)));

    [Fact]
    public void Stores_of_different_values_are_counted_from_each_step_on() => AssertCountsDown(Many, Of(Row(Many, Storing), Row(1, Loading)));

    [Fact]
    public void Fetch_adds_are_counted_from_each_step_on() =>
        AssertCountsDown(Many, Of(Row(Many, (b, _) => b.Update(AtomicOperation.Add, s_x, 1, AtomicOrder.Full)), Row(1, Loading)));

    [Fact]
    public void Loads_and_stores_in_turn_are_told_apart()
    {
        var bounds = Of(
            Row(Many, (b, i) => LoadOrStore(b, isStore: i % 2 == 0, from: s_y, to: s_x, i)), Row(Many, (b, i) => LoadOrStore(b, isStore: i % 2 != 0, from: s_x, to: s_y, i)));
        for (var step = 0; step <= Many; step++)
        {
            Assert.Equal((Many - step) / 2, bounds.From(0, step, s_x));
            Assert.Equal((Many - step + 1) / 2, bounds.From(1, step, s_y));
        }

        Assert.Equal((0, 0), (bounds.Altogether(0, s_y), bounds.Altogether(1, s_x)));
    }

    [Theory] // each may fail or not, so that there are 2^300 ways through them
    [InlineData(false)]
    [InlineData(true)]
    public void Compare_exchanges_one_after_the_other_may_all_write(bool areResultsUsed)
    {
        const int Count = 300;
        var thread = ThreadBuilder.Thread("exchanger", b => Sum(
            b, areResultsUsed, Count, i => b.Update(AtomicOperation.CompareExchange, s_x, (ulong)i + 1, AtomicOrder.Full, (ulong)i)));
        AssertCountsDown(Count, Of(thread, Row(1, Loading)), stepsEach: areResultsUsed ? 2 : 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Exclusive_stores_one_after_the_other_may_all_write(bool areResultsUsed)
    {
        var thread = ThreadBuilder.Thread("storer", b => Sum(b, areResultsUsed, 300, i => b.StoreExclusive(s_x, (ulong)i)));
        AssertCountsDown(300, Of(thread, Row(1, Loading)), stepsEach: areResultsUsed ? 2 : 1);
    }

    [Fact]
    public void What_an_update_decides_is_remembered_until_it_is_used()
    {
        // Each of the two ways through every update writes y once: what succeeded here failed there.
        var bounds = Of(
            Thread(b =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var status = b.StoreExclusive(s_x, 1);
                    b.Load(s_y);
                    b.If(status, () => b.Store(s_y, 1));
                    b.If(status, () => { }, () => b.Store(s_y, 2));
                }
            }));
        Assert.Equal((3, 3), (bounds.Altogether(0, s_x), bounds.Altogether(0, s_y)));
    }

    [Fact]
    public void A_thousand_branches_one_after_the_other_are_each_taken_or_not()
    {
        var bounds = Of(
            Thread(b =>
            {
                for (var i = 0; i < Many; i++)
                {
                    b.If(b.Load(s_y), () => b.Store(s_x, 1));
                }
            }),
            Thread(b => b.Store(s_y, 1)));
        Assert.Equal(Many, bounds.Altogether(0, s_x));
    }

    [Fact]
    public void An_analysis_can_be_cancelled() => Assert.Throws<OperationCanceledException>(
        () => WriteBounds.Of(ThreadBuilder.Program(Row(1, Storing)), [FlatCode.From(Row(1, Storing).Code)], s_memory, Models.Named("sc"), new CancellationToken(canceled: true)));

    private static void AssertCountsDown(int count, WriteBounds bounds, int stepsEach = 1) =>
        Assert.Equal(
            Enumerable.Range(0, (count * stepsEach) + 1).Select(step => count - ((step + stepsEach - 1) / stepsEach)),
            Enumerable.Range(0, (count * stepsEach) + 1).Select(step => bounds.From(0, step, s_x)));

    private static Operand Sum(ThreadBuilder b, bool isWanted, int count, Func<int, Operand> makeTerm)
    {
        Operand sum = 0;
        for (var i = 0; i < count; i++)
        {
            var term = makeTerm(i);
            sum = isWanted ? b.Compute(Operation.Add, sum, term) : 0;
        }

        return sum;
    }

    private static void Loading(ThreadBuilder b, int number) => b.Load(s_x);

    private static void Storing(ThreadBuilder b, int number) => b.Store(s_x, (ulong)number + 1);

    private static void LoadOrStore(ThreadBuilder b, bool isStore, ulong from, ulong to, int number)
    {
        if (isStore)
        {
            b.Store(to, (ulong)number + 1);
        }
        else
        {
            b.Load(from);
        }
    }

    private static ThreadCode Row(int length, Action<ThreadBuilder, int> write) => Thread(b =>
    {
        for (var i = 0; i < length; i++)
        {
            write(b, i);
        }
    });

    private static WriteBounds Of(params ThreadCode[] threads) =>
        WriteBounds.Of(new Program([.. threads], null, []), [.. threads.Select(t => FlatCode.From(t.Code))], s_memory, Models.Named("sc"), TestContext.Current.CancellationToken);

    private static ThreadCode Thread(Action<ThreadBuilder> write) => ThreadBuilder.Thread("thread", b =>
    {
        write(b);
        return 0;
    });

    private static ThreadCode Loop(ulong rounds) => Thread(b =>
    {
        var i = b.NewRegister();
        b.Emit(new Compute(i, Operation.Copy, 0, 0));
        var (head, after) = (b.NewBlock(), b.NewBlock());
        b.EndBlock(new Jump(head), head);
        b.Store(s_x, i);
        b.Emit(new Compute(i, Operation.Add, i, 1));
        b.EndBlock(new Branch(b.Compute(Operation.LessUnsigned, i, rounds), head, after), after);
    });

    private static ThreadCode Increment() => Thread(b =>
    {
        var (seen, old) = (b.NewRegister(), b.NewRegister());
        b.Emit(new Load(seen, s_x, AccessSize.Double, LoadOrder.Once));
        var (head, again, after) = (b.NewBlock(), b.NewBlock(), b.NewBlock());
        b.EndBlock(new Jump(head), head);
        b.Emit(new Compute(old, Operation.Copy, seen, 0));
        b.Emit(new AtomicUpdate(seen, AtomicOperation.CompareExchange, s_x, b.Compute(Operation.Add, old, 1), old, AccessSize.Double, AtomicOrder.Full));
        b.EndBlock(new Branch(b.Compute(Operation.Equal, seen, old), after, again), again);
        b.EndBlock(new Jump(head), after);
    });
}
