using Tablewalk.Explore.Search.Executions;

namespace Tablewalk.Explore.Witness;

/// <summary>
/// Puts events into one order that respects <see cref="Precedence"/> and reads well: program order wherever that is left free, the events of one
/// instruction together, and as few changes from one thread to another as that allows.
/// </summary>
internal static class Schedule
{
    /// <summary>The kept events, earliest first.</summary>
    /// <remarks>
    /// Where two threads cannot both keep their program order, one gives way. Each thread in turn is tried as the one that comes first; the attempt
    /// with the fewest events out of program order wins, then the one with the fewest changes, then the first.
    /// </remarks>
    public static List<int> Of(ExecutionState state, Precedence demanded, bool[] kept)
    {
        var threads = Enumerable.Range(0, state.Threads.Length)
            .Select(t => Enumerable.Range(0, state.EventCount).Where(e => kept[e] && state.Thread[e] == t).ToArray())
            .ToArray();
        var (best, bestEarly, bestChanges) = (new List<int>(), int.MaxValue, int.MaxValue);
        for (var favoured = 0; favoured < threads.Length && bestEarly > 0; favoured++)
        {
            var precedence = demanded.Copy();
            for (var i = 0; i < threads.Length; i++)
            {
                KeepProgramOrder(precedence, threads[(favoured + i) % threads.Length]);
            }

            var chains = threads.Select(events => Sorted(precedence, events)).ToArray();
            foreach (var chain in chains)
            {
                KeepTogether(precedence, state, chain);
            }

            var early = chains.Sum(CountEarly);
            var (order, changes) = FewestChanges(precedence, chains);
            if ((early, changes).CompareTo((bestEarly, bestChanges)) < 0)
            {
                (best, bestEarly, bestChanges) = (order, early, changes);
            }
        }

        return best;
    }

    // After this any two of the events are ordered: an early one comes before those of its thread that it cannot follow.
    private static void KeepProgramOrder(Precedence precedence, int[] events)
    {
        for (var b = 0; b < events.Length; b++)
        {
            for (var a = b - 1; a >= 0; a--)
            {
                precedence.TryAdd(events[a], events[b]);
            }
        }
    }

    // Backwards what comes before a part is put before the part to its left, and so before all; forwards the same with what comes after.
    private static void KeepTogether(Precedence precedence, ExecutionState state, int[] chain)
    {
        var links = Enumerable.Range(0, chain.Length)
            .Where(i => i > 0 && state.Instruction[chain[i - 1]] == state.Instruction[chain[i]])
            .ToArray();
        foreach (var i in links.Reverse().Concat(links))
        {
            precedence.TryTie(chain[i - 1], chain[i]);
        }
    }

    private static int[] Sorted(Precedence precedence, int[] events) => [.. events.OrderBy(e => events.Count(p => precedence.Contains(p, e)))];

    private static int CountEarly(int[] chain) => Enumerable.Range(0, chain.Length).Count(i => chain.Skip(i + 1).Any(later => later < chain[i]));

    // Breadth first over how far each thread has come. Running a thread as far as it gets never costs a change, so the only choice is who is next.
    private static (List<int> Order, int Changes) FewestChanges(Precedence precedence, int[][] chains)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<Run>([new Run(new int[chains.Length], -1, null)]);
        while (open.TryDequeue(out var run))
        {
            if (chains.Select((chain, t) => run.Reached[t] == chain.Length).All(isDone => isDone))
            {
                return Unwind(run, chains);
            }

            for (var t = 0; t < chains.Length; t++)
            {
                var reached = (int[])run.Reached.Clone();
                while (reached[t] < chains[t].Length && MayComeNext(precedence, chains, reached, chains[t][reached[t]]))
                {
                    reached[t]++;
                }

                if (reached[t] > run.Reached[t] && seen.Add(string.Join(' ', reached)))
                {
                    open.Enqueue(new Run(reached, t, run));
                }
            }
        }

        throw new InvalidOperationException("no event may come next although the orders have no cycle");
    }

    private static bool MayComeNext(Precedence precedence, int[][] chains, int[] reached, int e)
    {
        for (var t = 0; t < chains.Length; t++)
        {
            for (var i = reached[t]; i < chains[t].Length; i++)
            {
                if (precedence.Contains(chains[t][i], e))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static (List<int> Order, int Changes) Unwind(Run? last, int[][] chains)
    {
        var runs = new Stack<Run>();
        for (var run = last; run!.Previous is not null; run = run.Previous)
        {
            runs.Push(run);
        }

        var changes = runs.Count - 1;
        var order = runs.SelectMany(r => chains[r.Thread][r.Previous!.Reached[r.Thread]..r.Reached[r.Thread]]).ToList();
        return (order, changes);
    }

    /// <summary>A thread has run as far as it got: how far each thread has come then.</summary>
    private sealed record Run(int[] Reached, int Thread, Run? Previous);
}
