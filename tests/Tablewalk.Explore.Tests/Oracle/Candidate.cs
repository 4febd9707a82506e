using System.Globalization;
using System.Text;
using Tablewalk.Explore.Tests.Support;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>One event of a candidate: a trace event of a thread, or the initial write of a location (thread -1).</summary>
internal sealed record CandidateEvent(int Thread, TraceEvent Event)
{
    internal bool IsRead => Event.Kind == TraceKind.Read;

    internal bool IsWrite => Event.Kind == TraceKind.Write;

    internal bool IsIn(string set) => set switch
    {
        "R" => IsRead,
        "W" => IsWrite,
        "M" => IsRead || IsWrite,
        _ => Event.Sets.Contains(set),
    };
}

/// <summary>
/// What the naive enumerator hands to the model: a run of each thread, who reads from whom, coherence, and the decided waits. Relations are
/// computed from it in the plainest way.
/// </summary>
internal sealed class Candidate
{
    internal required IReadOnlyList<ThreadTrace> Traces { get; init; }

    internal required IReadOnlyList<CandidateEvent> Events { get; init; }

    /// <summary>For each event the index of the one that it reads from, or -1.</summary>
    internal required int[] ReadsFrom { get; init; }

    /// <summary>The writes of each location, initial one first, by address.</summary>
    internal required IReadOnlyDictionary<ulong, int[]> Coherence { get; init; }

    /// <summary>Decided order: the end of a section to a wait, or a wait to the entry of a section.</summary>
    internal required IReadOnlyList<(int From, int To)> WaitOrder { get; init; }

    internal ulong FinalValue(ulong address) => Events[Coherence[address][^1]].Event.Value;

    /// <summary>The pairs of a relation of the base vocabulary.</summary>
    internal IEnumerable<(int From, int To)> Pairs(string relation) => relation switch
    {
        "rf" => ReadsFrom.Select((w, r) => (w, r)).Where(p => p.w >= 0),
        "co" => Coherence.Values.SelectMany(order => order.SelectMany((w, i) => order[(i + 1)..].Select(later => (w, later)))),
        "wait-order" => WaitOrder,
        "po" => Where((a, b) => a.Thread == b.Thread && a.Thread >= 0 && a.Event.Index < b.Event.Index),
        "loc" => Where((a, b) => a.IsIn("M") && b.IsIn("M") && a.Event.Address == b.Event.Address),
        "int" => Where((a, b) => a.Thread == b.Thread),
        "ext" => Where((a, b) => a.Thread != b.Thread),
        "id" or "si" => Where(ReferenceEquals),
        "addr" => Where((a, b) => a.Thread == b.Thread && b.Event.AddressDependencies.Contains(a.Event.Index)),
        "data" => Where((a, b) => a.Thread == b.Thread && b.Event.DataDependencies.Contains(a.Event.Index)),
        "ctrl" => Where((a, b) => a.Thread == b.Thread && b.Event.ControlDependencies.Contains(a.Event.Index)),
        "pick-addr" => Where((a, b) => a.Thread == b.Thread && b.Event.AddressPicks.Contains(a.Event.Index)),
        "pick-data" => Where((a, b) => a.Thread == b.Thread && b.Event.DataPicks.Contains(a.Event.Index)),
        "pick-ctrl" => Where((a, b) => a.Thread == b.Thread && b.Event.ControlPicks.Contains(a.Event.Index)),
        "rmw" => Where((a, b) => a.Thread == b.Thread && b.Event.ReadOfUpdate == a.Event.Index && a.Thread >= 0),
        "amo" => Pairs("rmw").Where(p => Events[p.To].Event.IsAtomicUpdate),
        "lxsx" => Pairs("rmw").Where(p => !Events[p.To].Event.IsAtomicUpdate),
        "TLBI-after" => [], // no program here translates addresses
        _ => throw new ArgumentException($"no relation is called '{relation}'", nameof(relation)),
    };

    /// <summary>What tells this execution from others: choices, results, rf, co and decided waits, in terms of threads and event numbers.</summary>
    internal string Key(FlatMemory memory)
    {
        var key = new StringBuilder();
        foreach (var trace in Traces)
        {
            key.Append(CultureInfo.InvariantCulture, $"{trace.Result} ");
        }

        foreach (var part in Pairs("rf").Select(p => $"{NameOf(p.From)}>{NameOf(p.To)}").Order(StringComparer.Ordinal))
        {
            key.Append(part).Append(' ');
        }

        foreach (var name in memory.Names)
        {
            if (Coherence.TryGetValue(memory.AddressOf(name), out var order) && order.Length > 1)
            {
                key.Append(name).Append(':').AppendJoin(',', order.Skip(1).Select(NameOf)).Append(' ');
            }
        }

        key.AppendJoin(' ', WaitOrder.Select(NameOfOrder).Order(StringComparer.Ordinal));
        return key.ToString();
    }

    // A section is named by its entry, whichever of its edges the order is about.
    private string NameOfOrder((int From, int To) order)
    {
        if (Events[order.From].IsIn("IPI") || Events[order.From].IsIn("GP"))
        {
            return $"{NameOf(order.From)}~{NameOf(order.To)}";
        }

        var end = Events[order.From];
        var entry = Enumerable.Range(0, Events.Count).Single(e => Events[e].Thread == end.Thread && Events[e].Event.SectionEnd == end.Event.Index);
        return $"{NameOf(entry)}..~{NameOf(order.To)}";
    }

    private string NameOf(int e) =>
        Events[e].Thread < 0 ? "i" : string.Create(CultureInfo.InvariantCulture, $"{Events[e].Thread}.{Events[e].Event.Index}");

    private IEnumerable<(int From, int To)> Where(Func<CandidateEvent, CandidateEvent, bool> related)
    {
        for (var a = 0; a < Events.Count; a++)
        {
            for (var b = 0; b < Events.Count; b++)
            {
                if (related(Events[a], Events[b]))
                {
                    yield return (a, b);
                }
            }
        }
    }
}
