using System.Runtime.CompilerServices;

namespace Tablewalk.Cat.Evaluation;

/// <summary>
/// Semi-naive evaluation of a <see cref="Plan"/> with undo. All kept values lie in one array of masks; each change of an element is trailed
/// with its old value, and undoing is writing those back. Events, memberships and edges are logged as they come, and
/// <see cref="Propagate"/> works off what it has not seen of the log; a mark remembers how far both were.
/// </summary>
internal sealed partial class EvaluationCore<T> : EvaluationCore
    where T : unmanaged, IMask<T>
{
    private readonly Plan _plan;
    private readonly int _capacity;
    private readonly T[] _state;
    private readonly Step[] _steps;
    private readonly Target[] _targets;
    private readonly Inbox[] _inboxes;
    private readonly ulong[] _dirty;
    private readonly ulong _usedSets;
    private readonly int[] _savedIn; // by element of a wide state: the epoch in which it was last saved
    private readonly CycleRows[][] _cycleTests; // by communication

    private Change[] _trail = new Change[256];
    private int _trailLength;
    private LogEntry[] _log = new LogEntry[64];
    private int _logLength;
    private int _propagated;
    private int _settledEvents;
    private MarkEntry[] _marks = new MarkEntry[32];
    private int _markCount;
    private int _current = -1;
    private bool _hasSentBack;
    private int _epoch = 1; // ends with each mark and each return to one

    internal EvaluationCore(Plan plan, int capacity)
    {
        _plan = plan;
        _capacity = capacity;
        _state = new T[(plan.MatrixCount * capacity) + plan.SetCount];
        _savedIn = T.IsWide ? new int[_state.Length] : [];
        _targets = [.. plan.Nodes.SelectMany(n => n.Consumers).Select(c => new Target(c.Node.Id, c.Port))];
        _steps = new Step[plan.Nodes.Length];
        _inboxes = new Inbox[plan.Nodes.Length];
        _dirty = new ulong[(plan.Nodes.Length + 63) / 64];
        var firstTarget = 0;
        foreach (var node in plan.Nodes)
        {
            _inboxes[node.Id].Items = new Rectangle[8];
            _steps[node.Id] = new(node, StepInputs(node), Rows(node), Columns(node), firstTarget, node.Consumers.Count);
            firstTarget += node.Consumers.Count;
        }

        for (var s = 0; s < plan.Sets.Length; s++)
        {
            _usedSets |= plan.Sets[s] is null ? 0 : 1UL << s;
        }

        _cycleTests =
        [
            .. plan.CycleTests.Select(
                tests => tests.Select(t => new CycleRows(Rows(t.Root), Columns(t.Root), RowsOrNone(t.Internal), RowsOrNone(t.Before), RowsOrNone(t.After))).ToArray()),
        ];
    }

    internal override int Mark()
    {
        if (_markCount == _marks.Length)
        {
            Array.Resize(ref _marks, 2 * _markCount);
        }

        _epoch++;
        _marks[_markCount] = new(_trailLength, _logLength, _propagated, EventCount, _settledEvents, Broken);
        return _markCount++;
    }

    internal override void UndoTo(int mark)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)mark, (uint)_markCount, nameof(mark));
        _epoch++;
        _markCount = mark + 1;
        ref readonly var to = ref _marks[mark];
        for (var i = _trailLength - 1; i >= to.TrailLength; i--)
        {
            ref readonly var change = ref _trail[i];
            _state[change.Index] = change.Old;
        }

        (_trailLength, _logLength, _propagated, EventCount, _settledEvents, Broken) =
            (to.TrailLength, to.LogLength, to.Propagated, to.EventCount, to.SettledEvents, to.Broken);
    }

    internal override int AddEvent(ulong setMask)
    {
        if (EventCount == _capacity)
        {
            throw new InvalidOperationException($"more than {_capacity} events, the capacity this evaluation was made for");
        }

        var e = EventCount++;
        var bit = T.Of(e);
        for (var rest = setMask & _usedSets; rest != 0; rest &= rest - 1)
        {
            Log(_plan.Sets[System.Numerics.BitOperations.TrailingZeroCount(rest)]!.Id, bit, bit);
        }

        if (_plan.Universe is { } universe)
        {
            Log(universe.Id, bit, bit);
        }

        if (_plan.Relations[(int)BaseRelation.Si] is { } si)
        {
            Log(si.Id, bit, bit);
        }

        return e;
    }

    internal override void AddToSet(BaseSet set, int e)
    {
        RequireEvent(e, nameof(e));
        if (!set.MayBeJoinedLate() && e < _settledEvents)
        {
            throw new ArgumentException($"{set.CatName()} cannot be joined after the event was propagated", nameof(set));
        }

        if (_plan.Sets[(int)set] is { } node)
        {
            Log(node.Id, T.Of(e), T.Of(e));
        }
    }

    internal override void AddEdge(BaseRelation relation, int from, int to)
    {
        RequireEvent(from, nameof(from));
        RequireEvent(to, nameof(to));
        AddRectangle(relation, T.Of(from), T.Of(to), Math.Max(from, to), Math.Min(from, to));
    }

    internal override void AddEdges(BaseRelation relation, ReadOnlySpan<ulong> fromMask, int to)
    {
        RequireEvent(to, nameof(to));
        var from = T.Of(fromMask);
        if (!from.IsEmpty)
        {
            AddRectangle(relation, from, T.Of(to), to, from.First);
        }
    }

    internal override void AddEdges(BaseRelation relation, int from, ReadOnlySpan<ulong> toMask)
    {
        RequireEvent(from, nameof(from));
        var to = T.Of(toMask);
        if (!to.IsEmpty)
        {
            AddRectangle(relation, T.Of(from), to, from, to.First);
        }
    }

    internal override bool WouldClose(Communication communication, int from, int to)
    {
        if (from == to)
        {
            return true;
        }

        foreach (ref readonly var test in _cycleTests[(int)communication].AsSpan())
        {
            if (_state[test.Root + to].Contains(from) && Admits(in test, from, to))
            {
                return true;
            }
        }

        return false;
    }

    internal override bool WouldPlace(int replaced, int read, int update)
    {
        foreach (ref readonly var rf in _cycleTests[(int)Communication.Rf].AsSpan())
        {
            if (!_state[rf.Root + read].Contains(update) || !Admits(in rf, replaced, read))
            {
                continue;
            }

            foreach (ref readonly var co in _cycleTests[(int)Communication.Co].AsSpan())
            {
                if (co.Root == rf.Root && Admits(in co, update, replaced))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Whether an edge between two events would be one of the root.
    private bool Admits(in CycleRows test, int from, int to) =>
        (test.Internal < 0 || !_state[test.Internal + from].Contains(to))
        && (test.Before < 0 || _state[test.Before].Contains(from)) && (test.After < 0 || _state[test.After].Contains(to));

    internal override void FindClosing(Communication communication, int e, Span<ulong> to, Span<ulong> from)
    {
        to.Clear();
        from.Clear();
        foreach (ref readonly var test in _cycleTests[(int)communication].AsSpan())
        {
            var inside = test.Internal < 0 ? default : _state[test.Internal + e];
            var before = test.Before < 0 || _state[test.Before].Contains(e) ? Within(test.After, _state[test.RootColumns + e] - inside) : default;
            var after = test.After < 0 || _state[test.After].Contains(e) ? Within(test.Before, _state[test.Root + e] - inside) : default;
            for (var w = 0; w < to.Length; w++)
            {
                to[w] |= before.Word(w);
                from[w] |= after.Word(w);
            }
        }
    }

    private T Within(int set, T events) => set < 0 ? events : events & _state[set];

    internal override bool Reaches(PlanNode root, int from, int to) => _state[Rows(root) + from].Contains(to);

    internal override Execution ToExecution()
    {
        var execution = new Execution(EventCount);
        foreach (var set in Enum.GetValues<BaseSet>())
        {
            if (_plan.Sets[(int)set] is { } node)
            {
                var members = _state[Rows(node)];
                for (var e = members.First; e >= 0; e = members.Next(e))
                {
                    execution.AddToSet(set, e);
                }
            }
        }

        foreach (var relation in Enum.GetValues<BaseRelation>())
        {
            if (_plan.Relations[(int)relation] is not { KeepsRows: true } node)
            {
                continue;
            }

            for (var from = 0; from < EventCount; from++)
            {
                var row = _state[Rows(node) + from];
                for (var to = row.First; to >= 0; to = row.Next(to))
                {
                    execution.AddEdge(relation, from, to);
                }
            }
        }

        return execution;
    }

    internal override ulong[] Snapshot() =>
        [(ulong)EventCount, (ulong)_settledEvents, .. _state.SelectMany(m => Enumerable.Range(0, T.Capacity / 64).Select(m.Word))];

    internal override Relations.Relation? ValueOrNull(PlanNode node) => node.IsSet || !node.KeepsRows ? null : Relations.Relation.Of(
        EventCount,
        from a in Enumerable.Range(0, EventCount) from b in Enumerable.Range(0, EventCount) where _state[Rows(node) + a].Contains(b) select (a, b));

    private int Rows(PlanNode node) =>
        node.IsSet ? (_plan.MatrixCount * _capacity) + node.SetAt : node.RowsAt < 0 ? -1 : node.RowsAt * _capacity;

    private int RowsOrNone(PlanNode? node) => node is null ? -1 : Rows(node);

    private int Columns(PlanNode node) => node.ColumnsAt < 0 ? -1 : node.ColumnsAt * _capacity;

    private Inputs StepInputs(PlanNode node)
    {
        int RowsOf(int id) => id < 0 ? -1 : Rows(_plan.Nodes[id]);
        int ColumnsOf(int id) => id < 0 ? -1 : Columns(_plan.Nodes[id]);
        return new(
            RowsOf(node.Left), ColumnsOf(node.Left), RowsOf(node.Right), ColumnsOf(node.Right), RowsOf(node.SetBefore), RowsOf(node.SetAfter));
    }

    private void RequireEvent(int e, string parameter) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)e, (uint)EventCount, parameter);

    private void AddRectangle(BaseRelation relation, T from, T to, int latest, int earliest)
    {
        if (_plan.Relations[(int)relation] is not { } node)
        {
            return;
        }

        if (relation.IsPairStable())
        {
            RequireUnsettled(relation, latest, earliest, from, to);
        }

        Log(node.Id, from, to);
        if (relation.IsSymmetric() && !from.Equals(to))
        {
            Log(node.Id, to, from);
        }
    }

    /// <summary>Guards what <see cref="Plan"/> relies on: fixed relations are decided with the later of their events, <c>si</c> in one batch.</summary>
    private void RequireUnsettled(BaseRelation relation, int latest, int earliest, T from, T to)
    {
        latest = Math.Max(latest, (from | to).Last);
        if (latest < _settledEvents || (relation == BaseRelation.Si && earliest < _settledEvents && !from.Equals(to)))
        {
            throw new InvalidOperationException($"{relation.CatName()} between events that were propagated before is fixed");
        }
    }

    private void Log(int node, T m1, T m2)
    {
        if (_logLength == _log.Length)
        {
            Array.Resize(ref _log, 2 * _logLength);
        }

        _log[_logLength++] = new(node, m1, m2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Set(int index, T value)
    {
        Save(index);
        _state[index] = value;
    }

    /// <summary>Remembers an element before it changes. A wide one is remembered once after each mark; of narrow ones it is cheaper not to ask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Save(int index)
    {
        if (T.IsWide)
        {
            if (_savedIn[index] == _epoch)
            {
                return;
            }

            _savedIn[index] = _epoch;
        }

        if (_trailLength == _trail.Length)
        {
            Array.Resize(ref _trail, 2 * _trailLength);
        }

        _trail[_trailLength++] = new(index, _state[index]);
    }
}
