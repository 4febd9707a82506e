using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Search;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Analysis;

/// <summary>How often a thread may write a cell, found without running the others. That it is never too few, every search checks.</summary>
public sealed class WriteBoundsTests
{
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

    private static WriteBounds Of(params ThreadCode[] threads) =>
        WriteBounds.Of(new Program([.. threads], null, []), [.. threads.Select(t => FlatCode.From(t.Code))], s_memory);

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
