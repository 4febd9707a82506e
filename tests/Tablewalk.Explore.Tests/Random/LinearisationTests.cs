using Tablewalk.Explore.Events;
using Tablewalk.Explore.Tests.Classic;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Explore.Witness;
using Xunit;

namespace Tablewalk.Explore.Tests.Random;

/// <summary>The orders that race tables are printed in, for every execution of small random programs and every event as the last that matters.</summary>
public sealed class LinearisationTests(ITestOutputHelper output)
{
    private const int Programs = 400;
    private const int MostEventsTriedInAllOrders = 12;

    [Fact]
    public void What_is_kept_is_closed_and_in_an_order_that_respects_every_other_order() =>
        ForEachCut((view, precedence, kept) =>
        {
            var order = Schedule.Of(view.State, precedence, kept);
            Assert.Equal(Enumerable.Range(0, kept.Length).Where(e => kept[e]), order.Order());
            var place = new int[view.EventCount];
            Array.Fill(place, int.MaxValue);
            for (var i = 0; i < order.Count; i++)
            {
                place[order[i]] = i;
            }

            foreach (var b in order)
            {
                foreach (var a in Enumerable.Range(0, view.EventCount).Where(a => view.Thread(a) >= 0 && a != b))
                {
                    Assert.True(!MustPrecede(view, a, b) || place[a] < place[b], $"{a} must come before {b}");
                    Assert.True(!IsProgramBefore(view, a, b) || kept[a], $"{a} is before {b} in its thread and was left out");
                }
            }
        });

    [Fact]
    public void Under_sc_the_order_is_the_program_run_on_one_memory() =>
        ForEachCut(
            (view, precedence, kept) =>
            {
                var latest = new Dictionary<string, int>(StringComparer.Ordinal);
                var reached = new Dictionary<int, int>();
                foreach (var e in Schedule.Of(view.State, precedence, kept))
                {
                    Assert.True(reached.GetValueOrDefault(view.Thread(e), -1) < e, "out of program order");
                    reached[view.Thread(e)] = e;
                    if (view.IsWrite(e))
                    {
                        latest[view.LocationName(e)] = e;
                    }
                    else if (view.IsRead(e))
                    {
                        var source = view.ReadsFrom(e);
                        Assert.Equal(view.Thread(source) < 0 ? -1 : source, latest.GetValueOrDefault(view.LocationName(e), -1));
                    }
                }
            },
            "sc");

    [Fact]
    public void No_order_with_the_same_early_events_changes_between_threads_less_often()
    {
        var tried = 0;
        var changing = 0;
        ForEachCut((view, precedence, kept) =>
        {
            var order = Schedule.Of(view.State, precedence, kept);
            if (order.Count is > 1 and <= MostEventsTriedInAllOrders && InProgramOrder(view, order) && !HasUpdates(view, order))
            {
                tried++;
                var changes = order.Zip(order.Skip(1)).Count(pair => view.Thread(pair.First) != view.Thread(pair.Second));
                changing += changes > 1 ? 1 : 0;
                Assert.Equal(FewestChanges(view, [.. order.Order()]), changes);
            }
        });
        output.WriteLine($"{tried} orders, {changing} of them with more than one change");
        Assert.True(changing > 100, "hardly any order needed more than one change, so this shows nothing");
    }

    [Fact] // nothing can be forced between them where all is program order and communication
    public void Under_sc_the_read_and_the_write_of_an_update_stand_together()
    {
        var updates = 0;
        ForEachCut(
            (view, precedence, kept) =>
            {
                var order = Schedule.Of(view.State, precedence, kept);
                foreach (var write in order.Where(e => view.State.Instruction[e] != e))
                {
                    Assert.Equal(view.State.Instruction[write], order[order.IndexOf(write) - 1]);
                    updates++;
                }
            },
            "sc");
        Assert.True(updates > 100, "hardly any update, so this shows nothing");
    }

    private static void ForEachCut(Action<ExecutionView, Precedence, bool[]> check, params string[] models)
    {
        foreach (var model in models.Length == 0 ? Models.Names : models)
        {
            for (var seed = 0; seed < Programs; seed++)
            {
                var (text, condition) = RandomPrograms.Make(seed);
                var (program, memory) = ShapeParser.Parse(text, condition);
                Checker.Enumerate(program, memory, Models.Named(model), view => ForEachCut(view, check));
            }
        }
    }

    // Up to each thread's end, and up to one event in the middle.
    private static void ForEachCut(ExecutionView view, Action<ExecutionView, Precedence, bool[]> check)
    {
        var precedence = new Precedence(view.State);
        var events = Enumerable.Range(0, view.EventCount).Where(e => view.Thread(e) >= 0).ToArray();
        foreach (var own in events.GroupBy(view.Thread).Select(g => g.ToArray()))
        {
            foreach (var last in new[] { own[^1], own[own.Length / 2] }.Distinct())
            {
                var kept = new bool[view.EventCount];
                kept[last] = true;
                Relevance.Close(view.State, precedence, kept);
                check(view, precedence, kept);
            }
        }
    }

    private static bool IsProgramBefore(ExecutionView view, int a, int b) => a < b && view.Thread(a) == view.Thread(b);

    private static bool MustPrecede(ExecutionView view, int a, int b)
    {
        if (view.State.Evaluation.Order.Contains(a, b))
        {
            return true;
        }

        var source = view.IsRead(a) ? view.ReadsFrom(a) : -1;
        return view.Thread(a) != view.Thread(b)
            && ((view.IsRead(b) && view.ReadsFrom(b) == a)
                || (view.IsWrite(a) && view.IsWrite(b) && view.IsCoherenceBefore(a, b))
                || (source >= 0 && view.IsWrite(b) && view.IsCoherenceBefore(source, b)));
    }

    private static bool InProgramOrder(ExecutionView view, List<int> order) =>
        order.GroupBy(view.Thread).All(own => own.SequenceEqual(own.Order()));

    private static bool HasUpdates(ExecutionView view, List<int> order) => order.Any(e => view.State.Instruction[e] != e);

    // By dynamic programming over all subsets: independent of how the schedule goes about it.
    private static int FewestChanges(ExecutionView view, int[] events)
    {
        var threads = events.Max(view.Thread) + 1;
        var before = events
            .Select(e => Enumerable.Range(0, events.Length).Where(p => IsProgramBefore(view, events[p], e) || MustPrecede(view, events[p], e)).Sum(p => 1 << p))
            .ToArray();
        var fewest = new int[1 << events.Length, threads];
        for (var done = 1; done < 1 << events.Length; done++)
        {
            for (var t = 0; t < threads; t++)
            {
                fewest[done, t] = int.MaxValue / 2;
            }

            for (var i = 0; i < events.Length; i++)
            {
                var rest = done & ~(1 << i);
                if (rest == done || (before[i] & rest) != before[i])
                {
                    continue;
                }

                var own = view.Thread(events[i]);
                for (var t = 0; t < threads; t++)
                {
                    var changes = fewest[rest, t] + (rest == 0 || t == own ? 0 : 1);
                    fewest[done, own] = Math.Min(fewest[done, own], changes);
                }
            }
        }

        return Enumerable.Range(0, threads).Min(t => fewest[(1 << events.Length) - 1, t]);
    }
}
