using System.Runtime.CompilerServices;

namespace Tablewalk.Cat.Evaluation;

/// <summary>
/// Semi-naive evaluation of a <see cref="Plan"/> with undo. All kept values lie in one array of masks; each change of an element is trailed
/// with its old value, and undoing is writing those back. Events, memberships and edges are logged as they come, and
/// <see cref="Propagate"/> works off what it has not seen of the log; a mark remembers how far both were.
/// </summary>
internal sealed class EvaluationCore<T> : EvaluationCore
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
    private readonly CoherenceTest[] _coherenceTests;

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

    internal EvaluationCore(Plan plan, int capacity)
    {
        _plan = plan;
        _capacity = capacity;
        _state = new T[(plan.MatrixCount * capacity) + plan.SetCount];
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

        _coherenceTests = [.. plan.CoherenceTests.Select(t => new CoherenceTest(Rows(t.Root), t.Internal is null ? -1 : Rows(t.Internal)))];
    }

    internal override int Mark()
    {
        if (_markCount == _marks.Length)
        {
            Array.Resize(ref _marks, 2 * _markCount);
        }

        _marks[_markCount] = new(_trailLength, _logLength, _propagated, EventCount, _settledEvents, Broken);
        return _markCount++;
    }

    internal override void UndoTo(int mark)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)mark, (uint)_markCount, nameof(mark));
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

    internal override bool Propagate()
    {
        if (Broken >= 0)
        {
            return false;
        }

        for (; _propagated < _logLength; _propagated++)
        {
            ref readonly var entry = ref _log[_propagated];
            Send(new(entry.Node, Port.Left), entry.M1, entry.M2);
        }

        _settledEvents = EventCount;
        for (var w = 0; w < _dirty.Length;)
        {
            if (_dirty[w] == 0)
            {
                w++;
                continue;
            }

            Drain((w << 6) + System.Numerics.BitOperations.TrailingZeroCount(_dirty[w]));
            if (Broken >= 0)
            {
                ClearInboxes();
                return false;
            }

            w = _hasSentBack ? 0 : w;
            _hasSentBack = false;
        }

        return Broken < 0;
    }

    internal override bool WouldClose(int from, int to)
    {
        if (from == to)
        {
            return true;
        }

        foreach (ref readonly var test in _coherenceTests.AsSpan())
        {
            if (_state[test.RootRows + to].Contains(from) && (test.InternalRows < 0 || !_state[test.InternalRows + from].Contains(to)))
            {
                return true;
            }
        }

        return false;
    }

    internal override bool Reaches(PlanNode root, int from, int to) => _state[Rows(root) + from].Contains(to);

    internal override Execution ToExecution()
    {
        var execution = new Execution(EventCount);
        foreach (var set in Enum.GetValues<BaseSet>())
        {
            if (_plan.Sets[(int)set] is { } node)
            {
                for (var rest = _state[Rows(node)]; !rest.IsEmpty; rest = rest.WithoutFirst)
                {
                    execution.AddToSet(set, rest.First);
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
                for (var rest = _state[Rows(node) + from]; !rest.IsEmpty; rest = rest.WithoutFirst)
                {
                    execution.AddEdge(relation, from, rest.First);
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
        for (var rest = from | to; !rest.IsEmpty; rest = rest.WithoutFirst)
        {
            latest = Math.Max(latest, rest.First);
        }

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
        if (_trailLength == _trail.Length)
        {
            Array.Resize(ref _trail, 2 * _trailLength);
        }

        ref var element = ref _state[index];
        _trail[_trailLength++] = new(index, element);
        element = value;
    }

    /// <summary>Hands a rectangle to a node: to a root at once, to others for when their turn comes.</summary>
    private void Send(Target target, T m1, T m2)
    {
        ref readonly var step = ref _steps[target.Node];
        if (step.IsRoot)
        {
            Test(in step, m1, m2);
            return;
        }

        ref var inbox = ref _inboxes[target.Node];
        if (inbox.Count > 0 && target.Node != _current)
        {
            ref var last = ref inbox.Items[inbox.Count - 1];
            if (last.Port == target.Port)
            {
                if (last.M1.Equals(m1))
                {
                    last.M2 |= m2;
                    return;
                }

                if (last.M2.Equals(m2))
                {
                    last.M1 |= m1;
                    return;
                }
            }
        }

        if (inbox.Count == inbox.Items.Length)
        {
            Array.Resize(ref inbox.Items, 2 * inbox.Count);
        }

        inbox.Items[inbox.Count++] = new(target.Port, m1, m2);
        _dirty[target.Node >> 6] |= 1UL << (target.Node & 63);
        _hasSentBack |= target.Node >> 6 < _current >> 6;
    }

    private void Drain(int id)
    {
        _dirty[id >> 6] &= ~(1UL << (id & 63));
        _current = id;
        ref readonly var step = ref _steps[id];
        for (var i = 0; i < _inboxes[id].Count && Broken < 0; i++)
        {
            var rectangle = _inboxes[id].Items[i];
            Apply(in step, rectangle.Port, rectangle.M1, rectangle.M2);
        }

        _inboxes[id].Count = 0;
        _dirty[id >> 6] &= ~(1UL << (id & 63));
        _current = -1;
    }

    private void ClearInboxes()
    {
        for (var w = 0; w < _dirty.Length; w++)
        {
            for (var rest = _dirty[w]; rest != 0; rest &= rest - 1)
            {
                _inboxes[(w << 6) + System.Numerics.BitOperations.TrailingZeroCount(rest)].Count = 0;
            }

            _dirty[w] = 0;
        }

        _hasSentBack = false;
    }

    private void Apply(in Step step, Port port, T m1, T m2)
    {
        ref readonly var inputs = ref step.Inputs;
        switch (step.Operation)
        {
            case PlanOperation.Set or PlanOperation.SetUnion or PlanOperation.Domain:
                Join(in step, m1);
                break;
            case PlanOperation.Range:
                Join(in step, m2);
                break;
            case PlanOperation.SetIntersection:
                Join(in step, m1 & _state[port == Port.Left ? inputs.RightRows : inputs.LeftRows]);
                break;
            case PlanOperation.SetDifference:
                Join(in step, m1 - _state[inputs.RightRows]);
                break;
            case PlanOperation.Relation or PlanOperation.Union or PlanOperation.Variable:
                Yield(in step, m1, m2);
                break;
            case PlanOperation.Identity:
                for (; !m1.IsEmpty; m1 = m1.WithoutFirst)
                {
                    Yield(in step, T.Of(m1.First), T.Of(m1.First));
                }

                break;
            case PlanOperation.Product:
                Yield(in step, port == Port.SetBefore ? m1 : _state[inputs.SetBefore], port == Port.SetBefore ? _state[inputs.SetAfter] : m1);
                break;
            case PlanOperation.Filter:
                Filter(in step, port, m1, m2);
                break;
            case PlanOperation.Intersection when port == Port.Left:
                Meet(in step, m1, m2, inputs.RightRows, inputs.RightColumns);
                break;
            case PlanOperation.Intersection:
                Meet(in step, m1, m2, inputs.LeftRows, inputs.LeftColumns);
                break;
            case PlanOperation.Difference:
                Subtract(in step, m1, m2);
                break;
            case PlanOperation.Sequence:
                Compose(in step, port, m1, m2);
                break;
            case PlanOperation.Inverse:
                Yield(in step, m2, m1);
                break;
            case PlanOperation.Plus:
                Close(in step, m1, m2);
                break;
            default:
                throw new InvalidOperationException($"no case for {step.Operation}");
        }
    }

    /// <summary>New members of a set.</summary>
    private void Join(in Step step, T members)
    {
        var old = _state[step.Rows];
        members -= old;
        if (members.IsEmpty)
        {
            return;
        }

        Set(step.Rows, old | members);
        Tell(in step, members, members);
    }

    /// <summary>A value of the node: kept as it must be, what is new of it is passed on.</summary>
    private void Yield(in Step step, T m1, T m2)
    {
        if (m1.IsEmpty || m2.IsEmpty)
        {
            return;
        }

        if (step.Rows >= 0)
        {
            (m1, m2) = Keep(step.Rows, m1, m2);
            if (m1.IsEmpty)
            {
                return;
            }

            if (step.Columns >= 0 && step.Columns != step.Rows)
            {
                Keep(step.Columns, m2, m1);
            }
        }
        else if (step.Columns >= 0)
        {
            (m2, m1) = Keep(step.Columns, m2, m1);
            if (m1.IsEmpty)
            {
                return;
            }
        }

        Tell(in step, m1, m2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tell(in Step step, T m1, T m2)
    {
        for (var i = step.FirstTarget; i < step.FirstTarget + step.TargetCount; i++)
        {
            Send(_targets[i], m1, m2);
        }
    }

    /// <summary>Ors <paramref name="columns"/> into each of <paramref name="rows"/> of a matrix.</summary>
    /// <returns>A smaller rectangle around all pairs that are new, empty if none is.</returns>
    private (T Rows, T Columns) Keep(int matrix, T rows, T columns)
    {
        T newRows = default;
        T newColumns = default;
        for (; !rows.IsEmpty; rows = rows.WithoutFirst)
        {
            var row = rows.First;
            var old = _state[matrix + row];
            var added = columns - old;
            if (!added.IsEmpty)
            {
                Set(matrix + row, old | added);
                newRows |= T.Of(row);
                newColumns |= added;
            }
        }

        return (newRows, newColumns);
    }

    private void Filter(in Step step, Port port, T m1, T m2)
    {
        ref readonly var inputs = ref step.Inputs;
        switch (port)
        {
            case Port.Left:
                Yield(
                    in step, inputs.SetBefore < 0 ? m1 : m1 & _state[inputs.SetBefore], inputs.SetAfter < 0 ? m2 : m2 & _state[inputs.SetAfter]);
                break;
            case Port.SetBefore:
                for (; !m1.IsEmpty; m1 = m1.WithoutFirst)
                {
                    var row = _state[inputs.LeftRows + m1.First];
                    Yield(in step, T.Of(m1.First), inputs.SetAfter < 0 ? row : row & _state[inputs.SetAfter]);
                }

                break;
            default:
                for (; !m1.IsEmpty; m1 = m1.WithoutFirst)
                {
                    var column = _state[inputs.LeftColumns + m1.First];
                    Yield(in step, inputs.SetBefore < 0 ? column : column & _state[inputs.SetBefore], T.Of(m1.First));
                }

                break;
        }
    }

    /// <summary>What of a rectangle is in a matrix too.</summary>
    private void Meet(in Step step, T m1, T m2, int rows, int columns)
    {
        if (columns >= 0 && (rows < 0 || m2.Count <= m1.Count))
        {
            for (; !m2.IsEmpty; m2 = m2.WithoutFirst)
            {
                Yield(in step, m1 & _state[columns + m2.First], T.Of(m2.First));
            }
        }
        else
        {
            for (; !m1.IsEmpty; m1 = m1.WithoutFirst)
            {
                Yield(in step, T.Of(m1.First), m2 & _state[rows + m1.First]);
            }
        }
    }

    /// <summary>What of a rectangle is not in the right operand.</summary>
    private void Subtract(in Step step, T m1, T m2)
    {
        var (rows, columns) = (step.Inputs.RightRows, step.Inputs.RightColumns);
        if (columns >= 0 && (rows < 0 || m2.Count <= m1.Count))
        {
            for (; !m2.IsEmpty; m2 = m2.WithoutFirst)
            {
                Yield(in step, m1 - _state[columns + m2.First], T.Of(m2.First));
            }
        }
        else
        {
            for (; !m1.IsEmpty; m1 = m1.WithoutFirst)
            {
                Yield(in step, T.Of(m1.First), m2 - _state[rows + m1.First]);
            }
        }
    }

    private void Compose(in Step step, Port port, T m1, T m2)
    {
        ref readonly var inputs = ref step.Inputs;
        switch (port)
        {
            case Port.Left:
                Yield(in step, m1, Union(inputs.RightRows, inputs.SetBefore < 0 ? m2 : m2 & _state[inputs.SetBefore]));
                break;
            case Port.Right:
                Yield(in step, Union(inputs.LeftColumns, inputs.SetBefore < 0 ? m1 : m1 & _state[inputs.SetBefore]), m2);
                break;
            default:
                for (; !m1.IsEmpty; m1 = m1.WithoutFirst)
                {
                    Yield(in step, _state[inputs.LeftColumns + m1.First], _state[inputs.RightRows + m1.First]);
                }

                break;
        }
    }

    private T Union(int matrix, T rows)
    {
        T all = default;
        for (; !rows.IsEmpty; rows = rows.WithoutFirst)
        {
            all |= _state[matrix + rows.First];
        }

        return all;
    }

    /// <summary>Adds edges to a transitive closure: all that reaches a beginning now reaches all that an end reaches.</summary>
    private void Close(in Step step, T m1, T m2)
    {
        if (IsKnown(in step, ref m1, m2))
        {
            return;
        }

        var sources = m1 | Union(step.Columns, m1);
        var targets = m2 | Union(step.Rows, m2);
        Keep(step.Rows, sources, targets);
        Keep(step.Columns, targets, sources);
        Tell(in step, sources, targets);
    }

    /// <summary>Drops from <paramref name="m1"/> the events that have edges to all of <paramref name="m2"/> already.</summary>
    private bool IsKnown(in Step step, ref T m1, T m2)
    {
        for (var rest = m1; !rest.IsEmpty; rest = rest.WithoutFirst)
        {
            if ((m2 - _state[step.Rows + rest.First]).IsEmpty)
            {
                m1 -= T.Of(rest.First);
            }
        }

        return m1.IsEmpty;
    }

    private void Test(in Step step, T m1, T m2)
    {
        switch (step.Operation)
        {
            case PlanOperation.EmptyRoot:
                Broken = step.Constraint;
                break;
            case PlanOperation.IrreflexiveRoot:
                Broken = (m1 & m2).IsEmpty ? Broken : step.Constraint;
                break;
            default:
                if (IsKnown(in step, ref m1, m2))
                {
                    return;
                }

                var sources = m1 | Union(step.Columns, m1);
                var targets = m2 | Union(step.Rows, m2);
                if (!(sources & targets).IsEmpty)
                {
                    Broken = step.Constraint;
                    return;
                }

                Keep(step.Rows, sources, targets);
                Keep(step.Columns, targets, sources);
                break;
        }
    }

    private readonly record struct Target(int Node, Port Port);

    private record struct Rectangle(Port Port, T M1, T M2);

    private readonly record struct Change(int Index, T Old);

    private readonly record struct LogEntry(int Node, T M1, T M2);

    private readonly record struct MarkEntry(int TrailLength, int LogLength, int Propagated, int EventCount, int SettledEvents, int Broken);

    private readonly record struct CoherenceTest(int RootRows, int InternalRows);

    private struct Inbox
    {
        internal Rectangle[] Items;
        internal int Count;
    }

    /// <summary>Where the operands of a node are in the state; -1 for what is not kept or not there.</summary>
    private readonly record struct Inputs(int LeftRows, int LeftColumns, int RightRows, int RightColumns, int SetBefore, int SetAfter);

    private readonly struct Step(PlanNode node, Inputs inputs, int rows, int columns, int firstTarget, int targetCount)
    {
        internal readonly PlanOperation Operation = node.Operation;
        internal readonly bool IsRoot = node.IsRoot;
        internal readonly int Constraint = node.Constraint;
        internal readonly Inputs Inputs = inputs;
        internal readonly int Rows = rows;
        internal readonly int Columns = columns;
        internal readonly int FirstTarget = firstTarget;
        internal readonly int TargetCount = targetCount;
    }
}
