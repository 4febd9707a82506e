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

    /// <summary>Whether the other is a part of the same access, or this itself.</summary>
    internal bool IsOneWith(CandidateEvent other) => Thread >= 0 && Thread == other.Thread && Event.Access == other.Event.Access;
}

/// <summary>
/// A run of each thread, with what follows from that alone. Relations are computed from it in the plainest way, and once: many candidates differ only in
/// who reads from whom and in orders.
/// </summary>
internal sealed class CandidateEvents(IReadOnlyList<ThreadTrace> traces, IReadOnlyList<CandidateEvent> all)
{
    private readonly Dictionary<string, (int From, int To)[]> _pairs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _members = new(StringComparer.Ordinal);

    internal IReadOnlyList<ThreadTrace> Traces { get; } = traces;

    internal IReadOnlyList<CandidateEvent> All { get; } = all;

    /// <summary>The events in a set of the base vocabulary.</summary>
    internal int[] Members(string set) =>
        _members.TryGetValue(set, out var known) ? known : _members[set] = [.. Enumerable.Range(0, All.Count).Where(e => All[e].IsIn(set))];

    internal (int From, int To)[] Pairs(string relation) =>
        _pairs.TryGetValue(relation, out var known) ? known : _pairs[relation] = [.. Compute(relation)];

    private IEnumerable<(int From, int To)> Compute(string relation) => relation switch
    {
        "po" => Where((a, b) => a.Thread == b.Thread && a.Thread >= 0 && a.Event.Access < b.Event.Access),
        "loc" => Where((a, b) => a.IsIn("M") && b.IsIn("M") && a.Event.Address == b.Event.Address),
        "int" => Where((a, b) => a.Thread == b.Thread),
        "ext" => Where((a, b) => a.Thread != b.Thread),
        "id" => Where(ReferenceEquals),
        "si" => Where((a, b) => ReferenceEquals(a, b) || (a.IsOneWith(b) && a.Event.IsWhole)),
        "addr" => Where((a, b) => a.Thread == b.Thread && b.Event.AddressDependencies.Contains(a.Event.Index)),
        "data" => Where((a, b) => a.Thread == b.Thread && b.Event.DataDependencies.Contains(a.Event.Index)),
        "ctrl" => Where((a, b) => a.Thread == b.Thread && b.Event.ControlDependencies.Contains(a.Event.Index)),
        "pick-addr" => Where((a, b) => a.Thread == b.Thread && b.Event.AddressPicks.Contains(a.Event.Index)),
        "pick-data" => Where((a, b) => a.Thread == b.Thread && b.Event.DataPicks.Contains(a.Event.Index)),
        "pick-ctrl" => Where((a, b) => a.Thread == b.Thread && b.Event.ControlPicks.Contains(a.Event.Index)),
        "rmw" => Where((a, b) => a.Thread == b.Thread && b.Event.ReadOfUpdate == a.Event.Index && a.Thread >= 0),
        "amo" => Pairs("rmw").Where(p => All[p.To].Event.IsAtomicUpdate),
        "lxsx" => Pairs("rmw").Where(p => !All[p.To].Event.IsAtomicUpdate),
        _ => throw new ArgumentException($"no relation is called '{relation}'", nameof(relation)),
    };

    private IEnumerable<(int From, int To)> Where(Func<CandidateEvent, CandidateEvent, bool> related)
    {
        for (var a = 0; a < All.Count; a++)
        {
            for (var b = 0; b < All.Count; b++)
            {
                if (related(All[a], All[b]))
                {
                    yield return (a, b);
                }
            }
        }
    }
}
