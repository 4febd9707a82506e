using System.Runtime.CompilerServices;

namespace Tablewalk.Cat.Evaluation;

// What each operation of the plan does with a change of an operand.
internal sealed partial class EvaluationCore<T>
{
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
                for (var a = m1.First; a >= 0; a = m1.Next(a))
                {
                    Yield(in step, T.Of(a), T.Of(a));
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
        if (T.IsWide && columns.IsSingle)
        {
            return KeepColumn(matrix, rows, columns.First);
        }

        T newRows = default;
        T newColumns = default;
        for (var row = rows.First; row >= 0; row = rows.Next(row))
        {
            var old = _state[matrix + row];
            var added = columns - old;
            if (!added.IsEmpty)
            {
                Set(matrix + row, old | added);
                T.Add(ref newRows, row);
                newColumns |= added;
            }
        }

        return (newRows, newColumns);
    }

    private (T Rows, T Columns) KeepColumn(int matrix, T rows, int column)
    {
        T newRows = default;
        for (var row = rows.First; row >= 0; row = rows.Next(row))
        {
            if (!_state[matrix + row].Contains(column))
            {
                Save(matrix + row);
                T.Add(ref _state[matrix + row], column);
                T.Add(ref newRows, row);
            }
        }

        return (newRows, newRows.IsEmpty ? default : T.Of(column));
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
                for (var a = m1.First; a >= 0; a = m1.Next(a))
                {
                    var row = _state[inputs.LeftRows + a];
                    Yield(in step, T.Of(a), inputs.SetAfter < 0 ? row : row & _state[inputs.SetAfter]);
                }

                break;
            default:
                for (var a = m1.First; a >= 0; a = m1.Next(a))
                {
                    var column = _state[inputs.LeftColumns + a];
                    Yield(in step, inputs.SetBefore < 0 ? column : column & _state[inputs.SetBefore], T.Of(a));
                }

                break;
        }
    }

    /// <summary>What of a rectangle is in a matrix too.</summary>
    private void Meet(in Step step, T m1, T m2, int rows, int columns)
    {
        if (columns >= 0 && (rows < 0 || m2.Count <= m1.Count))
        {
            for (var b = m2.First; b >= 0; b = m2.Next(b))
            {
                Yield(in step, m1 & _state[columns + b], T.Of(b));
            }
        }
        else
        {
            for (var a = m1.First; a >= 0; a = m1.Next(a))
            {
                Yield(in step, T.Of(a), m2 & _state[rows + a]);
            }
        }
    }

    /// <summary>What of a rectangle is not in the right operand.</summary>
    private void Subtract(in Step step, T m1, T m2)
    {
        var (rows, columns) = (step.Inputs.RightRows, step.Inputs.RightColumns);
        if (columns >= 0 && (rows < 0 || m2.Count <= m1.Count))
        {
            for (var b = m2.First; b >= 0; b = m2.Next(b))
            {
                Yield(in step, m1 - _state[columns + b], T.Of(b));
            }
        }
        else
        {
            for (var a = m1.First; a >= 0; a = m1.Next(a))
            {
                Yield(in step, T.Of(a), m2 - _state[rows + a]);
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
                for (var a = m1.First; a >= 0; a = m1.Next(a))
                {
                    Yield(in step, _state[inputs.LeftColumns + a], _state[inputs.RightRows + a]);
                }

                break;
        }
    }

    private T Union(int matrix, T rows)
    {
        T all = default;
        for (var row = rows.First; row >= 0; row = rows.Next(row))
        {
            all |= _state[matrix + row];
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

        var sources = m1 | Before(in step, m1);
        var targets = m2 | After(in step, m2);
        Keep(step.Rows, sources, targets);
        Keep(step.Columns, targets, sources);
        Tell(in step, sources, targets);
    }

    /// <summary>What reaches an event of a set. What is before one that was looked at need not be: it adds nothing.</summary>
    private T Before(in Step step, T events)
    {
        T all = default;
        for (; !events.IsEmpty; events -= all)
        {
            var e = events.Last; // the latest, which most of the others are before
            all |= _state[step.Columns + e];
            events -= T.Of(e);
        }

        return all;
    }

    private T After(in Step step, T events)
    {
        T all = default;
        for (; !events.IsEmpty; events -= all)
        {
            var e = events.First;
            all |= _state[step.Rows + e];
            events -= T.Of(e);
        }

        return all;
    }

    /// <summary>Drops from <paramref name="m1"/> the events that have edges to all of <paramref name="m2"/> already.</summary>
    private bool IsKnown(in Step step, ref T m1, T m2)
    {
        if (m2.IsSingle)
        {
            m1 -= _state[step.Columns + m2.First];
            return m1.IsEmpty;
        }

        var left = m1;
        for (var a = m1.First; a >= 0; a = m1.Next(a))
        {
            if ((m2 - _state[step.Rows + a]).IsEmpty)
            {
                left -= T.Of(a);
            }
        }

        m1 = left;
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

                var sources = m1 | Before(in step, m1);
                var targets = m2 | After(in step, m2);
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

    /// <summary>A <see cref="CycleTest"/> in the state; -1 for what it does not ask.</summary>
    private readonly record struct CycleRows(int Root, int RootColumns, int Internal, int Before, int After);

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
