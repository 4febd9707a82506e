using CsCheck;
using Xunit;

namespace Tablewalk.Cat.Tests.Evaluation;

public sealed class IncrementalEvaluationTests
{
    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("armv8")]
    public void Agrees_with_full_evaluation_on_growing_executions(string name)
    {
        var model = ModelFiles.Load(name);
        var (broken, held) = (0, 0);
        Gen.Int[0, int.MaxValue - 1].Sample(
            seed =>
            {
                var counts = RandomGrowth.Run(model, capacity: 64, mostEvents: 9, steps: 40, seed);
                Interlocked.Add(ref broken, counts.Broken);
                Interlocked.Add(ref held, counts.Held);
            },
            iter: 150);
        Assert.True(broken > 200 && held > 1000, $"{broken} steps broke a constraint, {held} did not: too few to tell");
    }

    [Theory]
    [InlineData(64, 250)]
    [InlineData(128, 250)]
    [InlineData(256, 250)]
    [InlineData(257, 40)]
    [InlineData(513, 15)]
    [InlineData(1025, 6)]
    [InlineData(2049, 3)]
    public void Agrees_with_full_evaluation_on_random_models(int capacity, int models) =>
        Gen.Int[0, int.MaxValue - 1].Sample(
            seed => RandomGrowth.Run(Model.Parse(RandomModel.Text(seed), "random.cat", _ => null), capacity, mostEvents: 7, steps: 25, seed),
            iter: models,
            print: seed => $"{seed}:\n{RandomModel.Text(seed)}");

    [Theory]
    [InlineData(256)]
    [InlineData(512)]
    public void Agrees_with_full_evaluation_beyond_one_word(int capacity) =>
        Gen.Int[0, int.MaxValue - 1].Sample(
            seed => RandomGrowth.Run(Model.Parse("let f = [A] ; po ; [L]\nempty f ; rf ; f & rmw as c\nacyclic po & loc | rf", "wide.cat", _ => null), capacity, mostEvents: 75, steps: 100, seed),
            iter: 4);

    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("armv8")]
    public void Many_events_at_once_come_to_the_same_as_one_after_the_other(string name)
    {
        const int Events = 284;
        var model = ModelFiles.Load(name);
        var (atOnce, oneByOne) = (new IncrementalEvaluation(model, 512), new IncrementalEvaluation(model, 512));
        AddTwoThreads(atOnce, Events, afterEach: () => { });
        AddTwoThreads(oneByOne, Events, afterEach: () => Assert.True(oneByOne.Propagate()));
        Assert.True(atOnce.Propagate());
        foreach (var node in model.Plan.Nodes)
        {
            Assert.Equal(oneByOne.Core.ValueOrNull(node), atOnce.Core.ValueOrNull(node));
        }

        Assert.True(Enumerable.Range(1, Events - 1).All(e => atOnce.Order.Contains(0, e) == oneByOne.Order.Contains(0, e)));
        AssertBreaksAndComesBack(atOnce);
    }

    // The last write before the first: a cycle of all writes in between.
    private static void AssertBreaksAndComesBack(IncrementalEvaluation evaluation)
    {
        var (mark, before) = (evaluation.Mark(), evaluation.Core.Snapshot());
        evaluation.AddEdge(BaseRelation.Co, 280, 0);
        Assert.False(evaluation.Propagate());
        evaluation.UndoTo(mark);
        Assert.Equal(before, evaluation.Core.Snapshot());
        Assert.True(evaluation.Propagate());
    }

    // In turn a write of one thread, and a read of the other that reads it in three parts of one instruction; all of one place.
    private static void AddTwoThreads(IncrementalEvaluation evaluation, int events, Action afterEach)
    {
        for (var first = 0; first < events; first += 4)
        {
            for (var e = first; e < first + 4; e++)
            {
                _ = e % 4 == 0 ? evaluation.AddEvent(BaseSet.W, BaseSet.L) : evaluation.AddEvent(BaseSet.R);
                var isWriter = e % 4 == 0;
                for (var other = 0; other < e; other++)
                {
                    evaluation.AddEdge(BaseRelation.Loc, other, e);
                    if ((other % 4 == 0) == isWriter)
                    {
                        evaluation.AddEdge(BaseRelation.Int, other, e);
                        if (other < first || e - other > 2)
                        {
                            evaluation.AddEdge(BaseRelation.Po, other, e);
                        }
                        else
                        {
                            evaluation.AddEdge(BaseRelation.Si, other, e);
                        }
                    }
                }
            }

            for (var earlier = 0; earlier < first; earlier += 4)
            {
                evaluation.AddEdge(BaseRelation.Co, earlier, first);
            }

            for (var read = first + 1; read < first + 4; read++)
            {
                evaluation.AddEdge(BaseRelation.Rf, first, read);
            }

            afterEach();
        }
    }

    [Fact]
    public void What_was_buffered_at_a_mark_is_buffered_again_after_undo()
    {
        var evaluation = new IncrementalEvaluation(Model.Parse("irreflexive co", "t.cat", _ => null), 8);
        evaluation.AddEvent(BaseSet.W);
        evaluation.AddEdge(BaseRelation.Co, 0, 0);
        var mark = evaluation.Mark();
        Assert.False(evaluation.Propagate());
        Assert.Equal("irreflexive-1", evaluation.BrokenConstraint?.Name);
        evaluation.UndoTo(mark);
        Assert.Null(evaluation.BrokenConstraint);
        Assert.False(evaluation.Propagate());
    }

    [Fact]
    public void A_fixed_relation_between_old_events_is_refused()
    {
        var evaluation = new IncrementalEvaluation(ModelFiles.Load("armv8"), 8);
        evaluation.AddEvent(BaseSet.W);
        evaluation.AddEvent(BaseSet.W);
        Assert.True(evaluation.Propagate());
        Assert.Throws<InvalidOperationException>(() => evaluation.AddEdge(BaseRelation.Po, 0, 1));
        Assert.Throws<ArgumentException>(() => evaluation.AddToSet(BaseSet.DmbSy, 0));
        evaluation.AddToSet(BaseSet.L, 0);
        evaluation.AddEdge(BaseRelation.Co, 0, 1);
        Assert.True(evaluation.Propagate());
    }

    [Fact]
    public void More_events_than_the_capacity_are_refused()
    {
        var evaluation = new IncrementalEvaluation(ModelFiles.Load("sc"), 1);
        evaluation.AddEvent(BaseSet.W);
        Assert.Throws<InvalidOperationException>(() => evaluation.AddEvent(BaseSet.W));
    }

    [Fact]
    public void Nothing_is_allocated_in_the_steady_state()
    {
        // The run-time allocates now and then for itself; a round that allocates would show in every batch.
        var evaluation = new IncrementalEvaluation(ModelFiles.Load("armv8"), 64);
        Assert.Contains(Enumerable.Range(0, 20), _ => AllocatedBy(evaluation, rounds: 50) == 0);
    }

    private static long AllocatedBy(IncrementalEvaluation evaluation, int rounds)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < rounds; i++)
        {
            Round(evaluation);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Round(IncrementalEvaluation evaluation)
    {
        var mark = evaluation.Mark();
        for (var i = 0; i < 20; i++)
        {
            var e = evaluation.AddEvent((i % 2 == 0 ? BaseSet.W : BaseSet.R).Bit());
            evaluation.AddEdges(BaseRelation.Loc, [(1UL << e) - 1], e);
            if (i % 2 == 1)
            {
                evaluation.AddEdge(BaseRelation.Rf, e - 1, e);
            }
            else
            {
                evaluation.AddEdges(BaseRelation.Co, [0x5555_5555UL & ((1UL << e) - 1)], e);
            }

            evaluation.Propagate();
        }

        evaluation.UndoTo(mark);
    }
}
