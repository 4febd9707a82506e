using Tablewalk.Cat.Interpretation;
using Tablewalk.Cat.Models;
using Tablewalk.Relations;

namespace Tablewalk.Cat.Evaluation;

/// <summary>Evaluates expressions over a whole execution: each once, when it is asked for, recursion by iteration from nothing.</summary>
internal sealed class FullEvaluator(Model model, Execution execution)
{
    private readonly BookAlgebra _algebra = new(execution);
    private readonly Dictionary<Expression, Extension> _values = [];

    // While a recursion is solved: what its variables are taken to be, and the values that rest on that.
    private Dictionary<Expression, Extension>? _assumed;
    private Dictionary<Expression, Extension>? _conditional;

    internal Relation Relation(Expression e) => ValueOf(e).Relation;

    internal EventSet Set(Expression e) => ValueOf(e).Set;

    /// <summary>Whether a constraint that has an expression holds.</summary>
    internal bool Holds(Constraint constraint)
    {
        var e = constraint.Expression ?? throw new ArgumentException($"'{constraint}' has no expression", nameof(constraint));
        var holds = constraint.Kind switch
        {
            ConstraintKind.Acyclic => Relation(e).IsAcyclic,
            ConstraintKind.Irreflexive => Relation(e).IsIrreflexive,
            _ => ValueOf(e).IsEmpty,
        };
        return holds != constraint.IsNegated;
    }

    private Extension ValueOf(Expression e)
    {
        if (_values.TryGetValue(e, out var known) || _assumed?.TryGetValue(e, out known) is true || _conditional?.TryGetValue(e, out known) is true)
        {
            return known!;
        }

        if (e.Body is not null)
        {
            Solve(e);
            return _values[e];
        }

        var value = Compute(e);
        (_conditional ?? _values).Add(e, value);
        return value;
    }

    /// <summary>Solves the recursion that a variable is part of: all that depend on it and that it depends on.</summary>
    private void Solve(Expression variable)
    {
        var group = model.Graph.Nodes.Where(w => w.Body is not null
            && (ReferenceEquals(w, variable) || (ExpressionGraph.Mentions(variable.Body!, w) && ExpressionGraph.Mentions(w.Body, variable)))).ToList();
        var outer = (_assumed, _conditional);
        _assumed = group.ToDictionary(v => v, _ => (Extension)_algebra.EmptyRelation);
        bool changed;
        do
        {
            _conditional = [];
            var next = group.ToDictionary(v => v, v => ValueOf(v.Body!));
            changed = group.Exists(v => !next[v].Relation.Equals(_assumed[v].Relation));
            _assumed = next;
        }
        while (changed);

        group.ForEach(v => _values.Add(v, _assumed[v]));
        (_assumed, _conditional) = outer;
    }

    private Extension Compute(Expression e) => (Extension)(e.Kind switch
    {
        ExpressionKind.BaseSet => _algebra.Base((BaseSet)e.Given),
        ExpressionKind.BaseRelation => _algebra.Base((BaseRelation)e.Given),
        ExpressionKind.Universe => _algebra.Universe,
        ExpressionKind.EmptySet => _algebra.EmptySet,
        ExpressionKind.EmptyRelation => _algebra.EmptyRelation,
        ExpressionKind.SetUnion or ExpressionKind.Union => _algebra.Union(ValueOf(e.Left), ValueOf(e.Right)),
        ExpressionKind.SetIntersection or ExpressionKind.Intersection => _algebra.Intersection(ValueOf(e.Left), ValueOf(e.Right)),
        ExpressionKind.SetDifference or ExpressionKind.Difference => _algebra.Difference(ValueOf(e.Left), ValueOf(e.Right)),
        ExpressionKind.Domain => _algebra.Domain(ValueOf(e.Left)),
        ExpressionKind.Range => _algebra.Range(ValueOf(e.Left)),
        ExpressionKind.Identity => _algebra.Identity(ValueOf(e.Left)),
        ExpressionKind.Product => _algebra.Product(ValueOf(e.Left), ValueOf(e.Right)),
        ExpressionKind.Sequence => _algebra.Sequence(ValueOf(e.Left), ValueOf(e.Right)),
        ExpressionKind.Inverse => _algebra.Inverse(ValueOf(e.Left)),
        ExpressionKind.Plus => _algebra.Plus(ValueOf(e.Left)),
        _ => throw new InvalidOperationException($"no case for {e.Kind}"),
    });
}
