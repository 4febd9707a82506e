using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>
/// The oracle: guesses the value of every read, then takes every writer with that value for it, every coherence order and every
/// order of waits and sections. What it yields still has to pass the model. Knows nothing of the engine.
/// </summary>
internal static class NaiveEnumerator
{
    /// <summary>All candidates of a program, those left out whose reads-from and dependencies form a cycle.</summary>
    /// <param name="program">The program.</param>
    /// <param name="memory">Its initial memory.</param>
    /// <param name="most">How many combinations of runs to look at.</param>
    /// <exception cref="TooLargeException">The threads have more runs than are looked at.</exception>
    internal static IEnumerable<Candidate> Candidates(Program program, IInitialMemory memory, int most = 2_000_000)
    {
        var domains = new Domains(memory);
        var threads = domains.Settle(program).Select(list => list.ConvertAll(t => (Trace: t, Masks: domains.MasksOf(t)))).ToArray();
        DropUnfounded(threads, domains.InitialMask);
        var rest = new UInt128[threads.Length + 1]; // what the threads from one on may write at most
        for (var t = threads.Length - 1; t >= 0; t--)
        {
            rest[t] = threads[t].Aggregate(rest[t + 1], (all, run) => all | run.Masks.Provided);
        }

        var picked = new ThreadTrace[threads.Length];
        var combinations = 0;
        return Combine(0, UInt128.Zero, domains.InitialMask);

        IEnumerable<Candidate> Combine(int thread, UInt128 needed, UInt128 provided)
        {
            if (++combinations > most)
            {
                throw new TooLargeException($"more than {most} combinations of runs");
            }

            return (needed & ~(provided | rest[thread])) != 0 ? []
                : thread == threads.Length ? Complete([.. picked], memory)
                : Each(thread, needed, provided);
        }

        IEnumerable<Candidate> Each(int thread, UInt128 needed, UInt128 provided)
        {
            combinations = thread == 0 ? 0 : combinations; // enumerated anew
            foreach (var (trace, masks) in threads[thread])
            {
                picked[thread] = trace;
                foreach (var candidate in Combine(thread + 1, needed | masks.Needed, provided | masks.Provided))
                {
                    yield return candidate;
                }
            }
        }
    }

    /// <summary>The candidate with each choice of the orders of TLB invalidations and walks in their scope.</summary>
    internal static IEnumerable<Candidate> WithInvalidationOrders(Candidate candidate) => Product([.. InvalidationChoices(candidate.Events)]).Select(order =>
        new Candidate
        {
            Frame = candidate.Frame,
            ReadsFrom = candidate.ReadsFrom,
            Coherence = candidate.Coherence,
            WaitOrder = candidate.WaitOrder,
            InvalidationOrder = order,
        });

    /// <summary>The claims that an execution breaks, in its threads or in the predicate over the final state.</summary>
    internal static IReadOnlySet<string> Broken(Program program, IInitialMemory memory, Candidate candidate)
    {
        var broken = candidate.Traces.SelectMany(t => t.Broken).ToHashSet(StringComparer.Ordinal);
        if (program.Final is { } final)
        {
            var arguments = program.FinalArguments.AddRange(candidate.Traces.Select(t => t.Result));
            var run = ThreadTrace.All(new ThreadCode("final", final, arguments), new FinalMemory(memory, candidate)).Single();
            broken.UnionWith(run.Broken);
        }

        return broken;
    }

    // A run that reads what no run writes is in no execution.
    private static void DropUnfounded(List<(ThreadTrace Trace, (UInt128 Needed, UInt128 Provided) Masks)>[] threads, UInt128 initial)
    {
        bool dropped;
        do
        {
            var provided = threads.SelectMany(t => t).Aggregate(initial, (all, run) => all | run.Masks.Provided);
            dropped = threads.Sum(t => t.RemoveAll(run => (run.Masks.Needed & ~provided) != 0)) > 0;
        }
        while (dropped);
    }

    private static IEnumerable<Candidate> Complete(IReadOnlyList<ThreadTrace> traces, IInitialMemory memory)
    {
        var events = InitialWrites(traces, memory);
        events.AddRange(traces.SelectMany((trace, thread) => trace.Events.Select(e => new CandidateEvent(thread, e))));
        var all = Enumerable.Range(0, events.Count).ToArray();
        var reads = Array.FindAll(all, e => events[e].IsRead);
        var writesTo = all.Where(e => events[e].IsWrite).ToLookup(e => events[e].Event.Address);
        var sources = reads.Select(r => writesTo[events[r].Event.Address].Where(w => events[w].Event.Value == events[r].Event.Value).ToArray());
        var frame = new CandidateEvents(traces, events);
        var dependencies = Dependencies(events).ToArray();
        var orders = writesTo.Select(writes => Permutations([.. writes], 1).ToArray()).ToArray();
        var waits = WaitChoices(events).ToArray();
        foreach (var picks in Product([.. sources]))
        {
            var readsFrom = new int[events.Count];
            Array.Fill(readsFrom, -1);
            for (var i = 0; i < reads.Length; i++)
            {
                readsFrom[reads[i]] = picks[i];
            }

            if (!IsAcyclic(events.Count, [.. dependencies, .. reads.Select((r, i) => (picks[i], r))]))
            {
                continue;
            }

            foreach (var order in Product(orders))
            {
                foreach (var wait in Product(waits))
                {
                    yield return new Candidate
                    {
                        Frame = frame,
                        ReadsFrom = readsFrom,
                        Coherence = order.ToDictionary(writes => events[writes[0]].Event.Address),
                        WaitOrder = wait,
                    };
                }
            }
        }
    }

    private static List<CandidateEvent> InitialWrites(IReadOnlyList<ThreadTrace> traces, IInitialMemory memory)
    {
        var touched = traces.SelectMany(t => t.Events).Where(e => e.Kind != TraceKind.Fence).Select(e => (e.Address, e.SizeBytes)).Distinct().Order();
        return touched.Select((cell, i) =>
        {
            _ = memory.TryRead(cell.Address, cell.SizeBytes, out var value);
            return new CandidateEvent(-1, new TraceEvent(TraceKind.Write, i, "IW") { Address = cell.Address, SizeBytes = cell.SizeBytes, Value = value });
        }).ToList();
    }

    /// <summary>For each pair of a TLB invalidation and a walk in its scope: both of its orders.</summary>
    private static IEnumerable<(int From, int To)[]> InvalidationChoices(IReadOnlyList<CandidateEvent> events)
    {
        for (var tlbi = 0; tlbi < events.Count; tlbi++)
        {
            for (var walk = 0; walk < events.Count; walk++)
            {
                var isPair = events[tlbi].IsIn("TLBI") && events[walk].IsRead && events[walk].IsIn("TTD") && events[walk].IsIn("Imp");
                if (isPair
                    && (events[tlbi].Event.IsBroadcast || events[tlbi].Thread == events[walk].Thread)
                    && (events[tlbi].Event.InputAddress is not { } start || events[walk].Event.InputAddress - start < events[tlbi].Event.InputLength))
                {
                    yield return [(tlbi, walk), (walk, tlbi)];
                }
            }
        }
    }

    /// <summary>For each pair of a wait and another thread's section that it waits for: both of its orders.</summary>
    private static IEnumerable<(int From, int To)[]> WaitChoices(List<CandidateEvent> events)
    {
        for (var wait = 0; wait < events.Count; wait++)
        {
            for (var entry = 0; entry < events.Count; entry++)
            {
                var waitsForIt = (events[wait].IsIn("IPI") && events[entry].IsIn("IRQ-SAVE"))
                    || (events[wait].IsIn("GP") && (events[entry].IsIn("IRQ-SAVE") || events[entry].IsIn("RCU-LOCK")));
                if (waitsForIt && events[wait].Thread != events[entry].Thread)
                {
                    var end = events.FindIndex(e => e.Thread == events[entry].Thread && e.Event.Index == events[entry].Event.SectionEnd);
                    yield return [(end, wait), (wait, entry)];
                }
            }
        }
    }

    private static IEnumerable<(int From, int To)> Dependencies(List<CandidateEvent> events)
    {
        for (var to = 0; to < events.Count; to++)
        {
            var e = events[to].Event;
            var own = e.IsAtomicUpdate ? [e.ReadOfUpdate] : Array.Empty<int>();
            IEnumerable<int>[] all =
            [
                e.AddressDependencies, e.DataDependencies, e.ControlDependencies, e.AddressPicks, e.DataPicks, e.ControlPicks, own,
            ];
            foreach (var from in all.SelectMany(i => i).Select(i => to - e.Index + i)) // a thread's events are neighbours, in program order
            {
                if (events[from].IsRead) // whether a store-exclusive succeeds is a choice: no value comes from its write
                {
                    yield return (from, to);
                }
            }
        }
    }

    private static bool IsAcyclic(int count, List<(int From, int To)> edges)
    {
        var removed = new bool[count];
        for (var round = 0; round < count; round++)
        {
            var free = Enumerable.Range(0, count).FirstOrDefault(e => !removed[e] && !edges.Exists(p => p.To == e && !removed[p.From]), -1);
            if (free < 0)
            {
                return false;
            }

            removed[free] = true;
        }

        return true;
    }

    private static IEnumerable<T[]> Product<T>(T[][] choices)
    {
        if (choices.Any(c => c.Length == 0))
        {
            yield break;
        }

        var at = new int[choices.Length];
        while (true)
        {
            yield return [.. at.Select((a, i) => choices[i][a])];
            var last = at.Length - 1;
            while (last >= 0 && ++at[last] == choices[last].Length)
            {
                at[last--] = 0;
            }

            if (last < 0)
            {
                yield break;
            }
        }
    }

    private static IEnumerable<int[]> Permutations(int[] items, int from)
    {
        if (from >= items.Length)
        {
            yield return [.. items];
            yield break;
        }

        for (var i = from; i < items.Length; i++)
        {
            (items[from], items[i]) = (items[i], items[from]);
            foreach (var rest in Permutations(items, from + 1))
            {
                yield return rest;
            }

            (items[from], items[i]) = (items[i], items[from]);
        }
    }

    /// <summary>Memory as the final predicate reads it.</summary>
    private sealed class FinalMemory(IInitialMemory memory, Candidate candidate) : IGuesses
    {
        public int CellSize(ulong word, int finest) => finest;

        public IReadOnlyList<ulong>? ValuesOf(ulong address, int sizeBytes) =>
            [candidate.Coherence.ContainsKey(address) ? candidate.FinalValue(address) : memory.TryRead(address, sizeBytes, out var initial) ? initial : 0];
    }
}
