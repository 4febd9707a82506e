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

    /// <summary>A <see cref="CycleTest"/> in the state; -1 for what it does not ask.</summary>
    private readonly record struct CycleRows(int Root, int Internal, int Before, int After);

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
