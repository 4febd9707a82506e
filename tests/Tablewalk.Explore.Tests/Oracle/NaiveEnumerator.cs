using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>
/// The oracle: guesses the value of every read, then takes every writer with that value for it, every coherence order and every
/// order of waits and sections. What it yields still has to pass the model. Knows nothing of the engine.
/// </summary>
internal static class NaiveEnumerator
{
    /// <summary>All candidates of a program, those left out whose reads-from and dependencies form a cycle.</summary>
    internal static IEnumerable<Candidate> Candidates(Program program, FlatMemory memory)
    {
        var domains = new Domains(memory);
        var traces = domains.Settle(program);
        var masks = traces.Select(list => list.ConvertAll(domains.MasksOf)).ToArray();
        var picked = new int[traces.Length];
        return Combine(0);

        IEnumerable<Candidate> Combine(int thread)
        {
            if (thread == traces.Length)
            {
                var (needed, provided) = (UInt128.Zero, domains.InitialMask);
                for (var t = 0; t < picked.Length; t++)
                {
                    needed |= masks[t][picked[t]].Needed;
                    provided |= masks[t][picked[t]].Provided;
                }

                return (needed & ~provided) != 0 ? [] : Complete([.. picked.Select((p, t) => traces[t][p])], memory);
            }

            return Each(thread);
        }

        IEnumerable<Candidate> Each(int thread)
        {
            for (picked[thread] = 0; picked[thread] < traces[thread].Count; picked[thread]++)
            {
                foreach (var candidate in Combine(thread + 1))
                {
                    yield return candidate;
                }
            }
        }
    }

    /// <summary>The claims that an execution breaks, in its threads or in the predicate over the final state.</summary>
    internal static IReadOnlySet<string> Broken(Program program, FlatMemory memory, Candidate candidate)
    {
        var broken = candidate.Traces.SelectMany(t => t.Broken).ToHashSet(StringComparer.Ordinal);
        if (program.Final is { } final)
        {
            var arguments = program.FinalArguments.AddRange(candidate.Traces.Select(t => t.Result));
            var run = ThreadTrace.All(new ThreadCode("final", final, arguments), FinalValue).Single();
            broken.UnionWith(run.Broken);
        }

        return broken;

        IReadOnlyList<ulong> FinalValue(ulong address) =>
            [candidate.Coherence.ContainsKey(address) ? candidate.FinalValue(address) : memory.TryRead(address, 8, out var initial) ? initial : 0];
    }

    private static IEnumerable<Candidate> Complete(IReadOnlyList<ThreadTrace> traces, FlatMemory memory)
    {
        var events = InitialWrites(traces, memory);
        events.AddRange(traces.SelectMany((trace, thread) => trace.Events.Select(e => new CandidateEvent(thread, e))));
        var all = Enumerable.Range(0, events.Count).ToArray();
        var reads = Array.FindAll(all, e => events[e].IsRead);
        var writesTo = all.Where(e => events[e].IsWrite).ToLookup(e => events[e].Event.Address);
        var sources = reads.Select(r => writesTo[events[r].Event.Address].Where(w => events[w].Event.Value == events[r].Event.Value).ToArray());
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
                        Traces = traces,
                        Events = events,
                        ReadsFrom = readsFrom,
                        Coherence = order.ToDictionary(writes => events[writes[0]].Event.Address),
                        WaitOrder = wait,
                    };
                }
            }
        }
    }

    private static List<CandidateEvent> InitialWrites(IReadOnlyList<ThreadTrace> traces, FlatMemory memory)
    {
        var touched = traces.SelectMany(t => t.Events).Where(e => e.Kind != TraceKind.Fence).Select(e => e.Address).Distinct().Order();
        return touched.Select((address, i) =>
        {
            _ = memory.TryRead(address, 8, out var value);
            return new CandidateEvent(-1, new TraceEvent(TraceKind.Write, i, "IW") { Address = address, Value = value });
        }).ToList();
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

    /// <summary>Which values each location may ever hold: what it holds at first and what any run of any thread writes to it.</summary>
    private sealed class Domains(FlatMemory memory)
    {
        private readonly Dictionary<ulong, List<ulong>> _values = [];
        private readonly Dictionary<(ulong Address, ulong Value), int> _bits = [];

        internal UInt128 InitialMask { get; private set; }

        /// <summary>
        /// Runs all threads until no new value turns up. Values flow along reads-from and dependencies, which form no cycle, so each
        /// writing instruction adds at most one step to the longest flow.
        /// </summary>
        internal List<ThreadTrace>[] Settle(Program program)
        {
            var steps = program.Threads.Sum(t => t.Code.Blocks.Sum(b => b.Body.Count(i => i is Store or AtomicUpdate or StoreExclusive)));
            while (true)
            {
                List<ThreadTrace>[] traces = [.. program.Threads.Select(t => ThreadTrace.All(t, Of))];
                var grew = false;
                foreach (var write in traces.SelectMany(t => t).SelectMany(t => t.Events).Where(e => e.Kind == TraceKind.Write))
                {
                    grew |= Add(write.Address, write.Value);
                }

                if (!grew || steps-- == 0)
                {
                    return traces;
                }
            }
        }

        internal (UInt128 Needed, UInt128 Provided) MasksOf(ThreadTrace trace)
        {
            var masks = (Needed: UInt128.Zero, Provided: UInt128.Zero);
            foreach (var e in trace.Events.Where(e => e.Kind != TraceKind.Fence))
            {
                _ = Of(e.Address);
                var bit = UInt128.One << _bits[(e.Address, e.Value)];
                masks = e.Kind == TraceKind.Read ? (masks.Needed | bit, masks.Provided) : (masks.Needed, masks.Provided | bit);
            }

            return masks;
        }

        private List<ulong> Of(ulong address)
        {
            if (!_values.TryGetValue(address, out var values))
            {
                var inside = memory.TryRead(address, 8, out var initial);
                if (!inside)
                {
                    throw new InvalidOperationException($"address {address:x} is not memory");
                }

                _values.Add(address, values = []);
                _ = Add(address, initial);
                InitialMask |= UInt128.One << _bits[(address, initial)];
            }

            return values;
        }

        private bool Add(ulong address, ulong value)
        {
            var values = Of(address);
            if (values.Contains(value))
            {
                return false;
            }

            values.Add(value);
            _bits.Add((address, value), _bits.Count < 128 ? _bits.Count : throw new InvalidOperationException("too many values"));
            return true;
        }
    }
}
