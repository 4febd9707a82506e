using Tablewalk.Cat.Evaluation;

namespace Tablewalk.Cat.Tests.Evaluation;

/// <summary>
/// Grows an execution at random, with undo at random, in an <see cref="IncrementalEvaluation"/> and beside it as the list of what was done; after
/// each step both must agree. Edges are any that the caller's promises allow, not only those of real executions.
/// </summary>
internal sealed class RandomGrowth
{
    private readonly Random _random;
    private readonly Model _model;
    private readonly IncrementalEvaluation _evaluation;
    private readonly List<Action<Execution>> _done = [];
    private readonly Stack<(int Mark, int Done, int Events, ulong[] Snapshot, string Context)> _marks = [];
    private readonly int _mostEvents;
    private int _events;
    private int _settled;
    private int _brokenSteps;
    private int _heldSteps;

    private RandomGrowth(Model model, int capacity, int mostEvents, int seed)
    {
        (_model, _mostEvents, _random) = (model, mostEvents, new Random(seed));
        _evaluation = new(model, capacity);
    }

    /// <summary>Runs; throws with a description at the first disagreement.</summary>
    /// <returns>How many steps broke a constraint, and how many did not.</returns>
    internal static (int Broken, int Held) Run(Model model, int capacity, int mostEvents, int steps, int seed)
    {
        var growth = new RandomGrowth(model, capacity, mostEvents, seed);
        growth.PushMark();
        for (var i = 0; i < steps; i++)
        {
            growth.Step();
        }

        while (growth._marks.Count > 0)
        {
            growth.Undo();
            growth._marks.Pop();
        }

        return (growth._brokenSteps, growth._heldSteps);
    }

    private void Step()
    {
        if (_random.Next(4) == 0)
        {
            PushMark();
        }

        for (var n = _random.Next(1, 4); n > 0; n--)
        {
            Change();
        }

        if (_random.Next(12) == 0)
        {
            Undo(); // without having propagated
            return;
        }

        var execution = Rebuild();
        var evaluator = new FullEvaluator(_model, execution);
        var holds = _model.Constraints.Where(c => c.IsMonotone).All(evaluator.Holds);
        Check(_evaluation.Propagate() == holds, $"Propagate said {!holds}, all of {_done.Count} changes: {holds}");
        _settled = _events;
        if (!holds)
        {
            _brokenSteps++;
            Check(!evaluator.Holds(_evaluation.BrokenConstraint!), $"{_evaluation.BrokenConstraint} is said to be broken and is not");
            Undo();
            return;
        }

        _heldSteps++;
        CompareValues(evaluator);
        Check(
            _evaluation.CheckComplete() == _model.Constraints.All(evaluator.Holds),
            $"CheckComplete disagrees, broken: {_evaluation.BrokenConstraint}");
        if (_random.Next(4) == 0)
        {
            Check((_model.EvaluateByTheBook(execution) is null) == _model.Constraints.All(evaluator.Holds), "the run by the book disagrees");
        }

        if (_random.Next(5) == 0)
        {
            Undo();
        }
    }

    private void CompareValues(FullEvaluator evaluator)
    {
        foreach (var (expression, node) in _model.Plan.Made)
        {
            if (!expression.IsSet && _model.Graph.Nodes.Count > expression.Id && _evaluation.Core.ValueOrNull(node) is { } value)
            {
                Check(value.Equals(evaluator.Relation(expression)), $"{expression} is {value}, should be {evaluator.Relation(expression)}");
            }
        }

        var last = _model.Constraints.LastOrDefault(c => c is { Kind: ConstraintKind.Acyclic, IsNegated: false });
        if (last is { IsMonotone: true, Expression: { } order })
        {
            var closure = evaluator.Relation(order).TransitiveClosure();
            for (var a = 0; a < _events; a++)
            {
                for (var b = 0; b < _events; b++)
                {
                    Check(_evaluation.Order.Contains(a, b) == closure.Contains(a, b), $"Order of {a} and {b}");
                }
            }
        }

        CheckWouldClose();
        CheckWouldPlace();
    }

    private void CheckWouldPlace()
    {
        if (_events < 3)
        {
            return;
        }

        var (replaced, read, update) = (_random.Next(_events), _random.Next(_events), _random.Next(_events));
        if (replaced != read && replaced != update && read != update && _evaluation.WouldPlace(replaced, read, update))
        {
            var execution = Rebuild();
            execution.AddEdge(BaseRelation.Rf, replaced, read);
            execution.AddEdge(BaseRelation.Co, update, replaced);
            Check(
                !_model.Constraints.Where(c => c.IsMonotone).All(new FullEvaluator(_model, execution).Holds),
                $"rf {replaced} -> {read} and co {update} -> {replaced} close no cycle");
        }
    }

    private void CheckWouldClose()
    {
        if (_events < 2)
        {
            return;
        }

        var (from, to) = (_random.Next(_events), _random.Next(_events));
        foreach (var relation in new[] { BaseRelation.Co, BaseRelation.Rf })
        {
            if (from != to && _evaluation.WouldClose(relation == BaseRelation.Co ? Communication.Co : Communication.Rf, from, to))
            {
                var execution = Rebuild();
                execution.AddEdge(relation, from, to);
                Check(
                    !_model.Constraints.Where(c => c.IsMonotone).All(new FullEvaluator(_model, execution).Holds),
                    $"{relation.CatName()} {from} -> {to} closes no cycle");
            }
        }
    }

    private void Change()
    {
        var kind = _random.Next(10);
        if (_events == 0 || (kind < 4 && _events < _mostEvents))
        {
            AddEvents(_random.Next(6) == 0 ? Math.Min(2, _mostEvents - _events) : 1);
        }
        else if (kind == 9)
        {
            var late = new[] { BaseSet.A, BaseSet.Q, BaseSet.L, BaseSet.X, BaseSet.Amo, BaseSet.Rmw };
            var (set, e) = (late[_random.Next(late.Length)], _random.Next(_events));
            _evaluation.AddToSet(set, e);
            _done.Add(x => x.AddToSet(set, e));
        }
        else
        {
            AddGrowingEdge();
        }
    }

    private void AddEvents(int count)
    {
        var first = _events;
        for (var i = 0; i < count; i++)
        {
            // Read or write, sparse in the rest; the fences come often enough to matter.
            var sets = 1UL << _random.Next(2);
            for (var s = 2; s < Vocabulary.SetCount; s++)
            {
                sets |= _random.Next(8) == 0 ? 1UL << s : 0;
            }

            var e = _evaluation.AddEvent(sets);
            Check(e == _events, "events are numbered in order");
            _events++;
            foreach (var set in Enum.GetValues<BaseSet>().Where(s => (sets >> (int)s & 1) != 0))
            {
                _done.Add(x => x.AddToSet(set, e));
            }

            if (e > first)
            {
                Edge(BaseRelation.Si, first, e);
            }

            AddFixedEdges(e);
        }
    }

    private void AddFixedEdges(int e)
    {
        foreach (var relation in new[] { BaseRelation.Po, BaseRelation.Addr, BaseRelation.Data, BaseRelation.Ctrl, BaseRelation.Loc, BaseRelation.Int })
        {
            var density = relation is BaseRelation.Po or BaseRelation.Loc or BaseRelation.Int ? 2 : 6;
            var from = Enumerable.Range(0, e).Where(_ => _random.Next(density) == 0).ToList();
            if (_random.Next(2) == 0)
            {
                from.ForEach(f => Edge(relation, f, e));
                continue;
            }

            var mask = new ulong[4];
            from.ForEach(f => mask[f >> 6] |= 1UL << (f & 63));
            if (relation is BaseRelation.Loc or BaseRelation.Int && _random.Next(2) == 0)
            {
                _evaluation.AddEdges(relation, e, mask);
            }
            else
            {
                _evaluation.AddEdges(relation, mask, e);
            }

            from.ForEach(f => _done.Add(x => x.AddEdge(relation, f, e)));
        }
    }

    private void AddGrowingEdge()
    {
        var growing = new[]
        {
            BaseRelation.Rf, BaseRelation.Co, BaseRelation.Rf, BaseRelation.Co, BaseRelation.Rmw, BaseRelation.Amo, BaseRelation.Lxsx, BaseRelation.WaitOrder,
        };
        var relation = growing[_random.Next(growing.Length)];
        var (from, to) = (_random.Next(_events), _random.Next(_events));
        if (relation is BaseRelation.Rmw or BaseRelation.Amo or BaseRelation.Lxsx && from > to)
        {
            (from, to) = (to, from);
        }

        Edge(relation, from, to);
    }

    private void Edge(BaseRelation relation, int from, int to)
    {
        _evaluation.AddEdge(relation, from, to);
        _done.Add(x => x.AddEdge(relation, from, to));
    }

    private Execution Rebuild()
    {
        var execution = new Execution(_events);
        _done.ForEach(d => d(execution));
        return execution;
    }

    private void PushMark()
    {
        var mark = _evaluation.Mark();
        _marks.Push((mark, _done.Count, _events, _evaluation.Core.Snapshot(), $"settled {_settled}"));
    }

    private void Undo()
    {
        for (var n = _random.Next(3); n > 0 && _marks.Count > 1; n--)
        {
            _marks.Pop();
        }

        var (mark, done, events, snapshot, context) = _marks.Peek();
        _evaluation.UndoTo(mark);
        _done.RemoveRange(done, _done.Count - done);
        _events = events;
        Check(_evaluation.EventCount == events, "the event count is restored");
        Check(_evaluation.Core.Snapshot().AsSpan().SequenceEqual(snapshot), $"undo restores everything ({context})");
    }

    private static void Check(bool condition, string claim)
    {
        if (!condition)
        {
            throw new InvalidOperationException(claim);
        }
    }
}
