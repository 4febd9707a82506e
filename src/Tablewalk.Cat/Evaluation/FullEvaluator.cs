using Tablewalk.Cat.Models;
using Tablewalk.Relations;

namespace Tablewalk.Cat.Evaluation;

/// <summary>Evaluates expressions over a whole execution by the book: each node once, recursion by iteration from nothing.</summary>
internal sealed class FullEvaluator
{
    private readonly Execution _execution;
    private readonly Dictionary<Expression, Relation> _relations = [];
    private readonly Dictionary<Expression, EventSet> _sets = [];

    internal FullEvaluator(Model model, Execution execution)
    {
        _execution = execution;
        var variables = model.Graph.Nodes.Where(n => n.Body is not null).ToList();
        foreach (var v in variables)
        {
            _relations[v] = Relations.Relation.Empty(execution.EventCount);
        }

        EvaluateAll(model.Graph.Nodes);
        foreach (var group in Strata(variables))
        {
            Solve(group, model.Graph.Nodes);
        }
    }

    internal Relation Relation(Expression e) => _relations[e];

    internal EventSet Set(Expression e) => _sets[e];

    internal bool Holds(Constraint constraint)
    {
        var e = constraint.Expression;
        var holds = constraint.Kind switch
        {
            ConstraintKind.Acyclic => Relation(e).IsAcyclic,
            ConstraintKind.Irreflexive => Relation(e).IsIrreflexive,
            _ => e.IsSet ? Set(e).IsEmpty : Relation(e).IsEmpty,
        };
        return holds != constraint.IsNegated;
    }

    /// <summary>The variables in groups that depend on each other, each group after those that it depends on.</summary>
    private static IEnumerable<List<Expression>> Strata(List<Expression> variables)
    {
        static bool Needs(Expression v, Expression w) => ExpressionGraph.Mentions(v.Body!, w);
        var open = new List<Expression>(variables);
        while (open.Count > 0)
        {
            var first = open.Find(v => open.TrueForAll(w => !Needs(v, w) || Needs(w, v)))!;
            var group = open.Where(w => ReferenceEquals(w, first) || (Needs(first, w) && Needs(w, first))).ToList();
            open.RemoveAll(group.Contains);
            yield return group;
        }
    }

    private void Solve(List<Expression> group, IReadOnlyList<Expression> nodes)
    {
        bool changed;
        do
        {
            changed = false;
            foreach (var v in group)
            {
                changed |= !_relations[v.Body!].Equals(_relations[v]);
                _relations[v] = _relations[v.Body!];
            }

            EvaluateAll(nodes);
        }
        while (changed);
    }

    private void EvaluateAll(IReadOnlyList<Expression> nodes)
    {
        foreach (var e in nodes)
        {
            if (e.IsSet)
            {
                _sets[e] = SetOf(e);
            }
            else if (e.Body is null)
            {
                _relations[e] = RelationOf(e);
            }
        }
    }

    private EventSet SetOf(Expression e) => e.Kind switch
    {
        ExpressionKind.BaseSet => _execution.Set((BaseSet)e.Given),
        ExpressionKind.Universe => EventSet.Full(_execution.EventCount),
        ExpressionKind.EmptySet => EventSet.Empty(_execution.EventCount),
        ExpressionKind.SetUnion => Set(e.Left).Union(Set(e.Right)),
        ExpressionKind.SetIntersection => Set(e.Left).Intersect(Set(e.Right)),
        ExpressionKind.SetDifference => Set(e.Left).Except(Set(e.Right)),
        ExpressionKind.Domain => Relation(e.Left).Domain(),
        ExpressionKind.Range => Relation(e.Left).Range(),
        _ => throw new InvalidOperationException($"no set case for {e.Kind}"),
    };

    private Relation RelationOf(Expression e) => e.Kind switch
    {
        ExpressionKind.BaseRelation => _execution.Relation((BaseRelation)e.Given),
        ExpressionKind.EmptyRelation => Relations.Relation.Empty(_execution.EventCount),
        ExpressionKind.Identity => Relations.Relation.Identity(Set(e.Left)),
        ExpressionKind.Product => Relations.Relation.Product(Set(e.Left), Set(e.Right)),
        ExpressionKind.Union => Relation(e.Left).Union(Relation(e.Right)),
        ExpressionKind.Intersection => Relation(e.Left).Intersect(Relation(e.Right)),
        ExpressionKind.Difference => Relation(e.Left).Except(Relation(e.Right)),
        ExpressionKind.Sequence => Relation(e.Left).Compose(Relation(e.Right)),
        ExpressionKind.Inverse => Relation(e.Left).Inverse(),
        ExpressionKind.Plus => Relation(e.Left).TransitiveClosure(),
        _ => throw new InvalidOperationException($"no relation case for {e.Kind}"),
    };
}
