using System.Collections.Immutable;

namespace Tablewalk.Cat.Models;

/// <summary>Makes expressions, each only once, with the simplifications that keep later stages from meeting trivial nodes.</summary>
internal sealed class ExpressionGraph
{
    private readonly Dictionary<(ExpressionKind, int, int, int), Expression> _known = [];
    private readonly List<Expression> _nodes = [];
    private readonly Dictionary<Expression, (string Name, bool IsGiven)> _names = [];

    internal ExpressionGraph()
    {
        EmptySet = Make(ExpressionKind.EmptySet);
        EmptyRelation = Make(ExpressionKind.EmptyRelation);
        Universe = Make(ExpressionKind.Universe);
        Everything = Make(ExpressionKind.Product, Universe, Universe);
        Id = Make(ExpressionKind.Identity, Universe);
    }

    internal IReadOnlyList<Expression> Nodes => _nodes;

    internal Expression EmptySet { get; }

    internal Expression EmptyRelation { get; }

    internal Expression Universe { get; }

    /// <summary><c>_ * _</c>.</summary>
    internal Expression Everything { get; }

    internal Expression Id { get; }

    internal Expression Base(BaseSet set) => Make(ExpressionKind.BaseSet, given: (int)set);

    internal Expression Base(BaseRelation relation) => Make(ExpressionKind.BaseRelation, given: (int)relation);

    internal Expression Variable(string name)
    {
        var variable = new Expression(_nodes.Count, ExpressionKind.Variable, -1, []) { Name = name };
        _nodes.Add(variable);
        return variable;
    }

    internal Expression Union(Expression a, Expression b)
    {
        if (a.IsEmptyLiteral || ReferenceEquals(a, b))
        {
            return b;
        }

        return b.IsEmptyLiteral ? a : Commutative(a.IsSet ? ExpressionKind.SetUnion : ExpressionKind.Union, a, b);
    }

    internal Expression Intersection(Expression a, Expression b)
    {
        if (a.IsEmptyLiteral || ReferenceEquals(a, b) || IsAll(b))
        {
            return a;
        }

        if (b.IsEmptyLiteral || IsAll(a))
        {
            return b;
        }

        // a & ~b is a \ b: the complement, which holds nearly everything, need not be kept.
        if (IsComplement(b))
        {
            return Difference(a, b.Right);
        }

        return IsComplement(a) ? Difference(b, a.Right) : Commutative(a.IsSet ? ExpressionKind.SetIntersection : ExpressionKind.Intersection, a, b);
    }

    internal Expression Difference(Expression a, Expression b)
    {
        if (a.IsEmptyLiteral || b.IsEmptyLiteral)
        {
            return a;
        }

        if (IsAll(a) && IsComplement(b))
        {
            return b.Right;
        }

        return ReferenceEquals(a, b) || IsAll(b)
            ? Empty(a.IsSet)
            : Make(a.IsSet ? ExpressionKind.SetDifference : ExpressionKind.Difference, a, b);
    }

    internal Expression Complement(Expression e) => Difference(e.IsSet ? Universe : Everything, e);

    internal Expression Sequence(Expression a, Expression b)
    {
        if (a.IsEmptyLiteral || b.IsEmptyLiteral)
        {
            return EmptyRelation;
        }

        if (ReferenceEquals(a, Id))
        {
            return b;
        }

        if (ReferenceEquals(b, Id))
        {
            return a;
        }

        return a.Kind == ExpressionKind.Identity && b.Kind == ExpressionKind.Identity
            ? Identity(Intersection(a.Left, b.Left))
            : Make(ExpressionKind.Sequence, a, b);
    }

    internal Expression Product(Expression from, Expression to) =>
        from.IsEmptyLiteral || to.IsEmptyLiteral ? EmptyRelation : Make(ExpressionKind.Product, from, to);

    internal Expression Identity(Expression set) => set.IsEmptyLiteral ? EmptyRelation : Make(ExpressionKind.Identity, set);

    internal Expression Inverse(Expression e) => e.Kind switch
    {
        ExpressionKind.Inverse => e.Left,
        ExpressionKind.Product => Product(e.Right, e.Left),
        _ => e.IsSymmetric ? e : Make(ExpressionKind.Inverse, e),
    };

    internal Expression Plus(Expression e) =>
        e.Kind is ExpressionKind.Plus or ExpressionKind.Identity or ExpressionKind.EmptyRelation ? e : Make(ExpressionKind.Plus, e);

    internal Expression Optional(Expression e) => Union(Id, e);

    internal Expression Star(Expression e) => Union(Id, Plus(e));

    internal Expression Domain(Expression e) => e.IsEmptyLiteral ? EmptySet : Make(ExpressionKind.Domain, e);

    internal Expression Range(Expression e) => e.IsEmptyLiteral ? EmptySet : Make(ExpressionKind.Range, e);

    internal Expression Empty(bool isSet) => isSet ? EmptySet : EmptyRelation;

    /// <summary>Notes that a <c>let</c> gave an expression a name; the first name stays. <paramref name="isGiven"/>: by the prelude or the library.</summary>
    internal void Name(Expression e, string name, bool isGiven)
    {
        if (!e.IsEmptyLiteral && e.Kind is not (ExpressionKind.BaseSet or ExpressionKind.BaseRelation or ExpressionKind.Universe))
        {
            _names.TryAdd(e, (name, isGiven));
        }
    }

    /// <summary>The name that an expression was given, and whether a model may use that name without defining it; null if it has none.</summary>
    internal (string Name, bool IsGiven)? NameOf(Expression e) => e.Name is { } variable ? (variable, false) : _names.TryGetValue(e, out var name) ? name : null;

    /// <summary>Decides for each node whether it is monotone: every difference below it takes away only what is stable.</summary>
    internal void Classify()
    {
        bool changed;
        do
        {
            changed = false;
            foreach (var e in _nodes)
            {
                var isMonotone = e.Operands.All(o => o.IsMonotone)
                    && (e.Body is null || e.Body.IsMonotone)
                    && (e.Kind is not (ExpressionKind.Difference or ExpressionKind.SetDifference) || e.Right.IsStable);
                changed |= isMonotone != e.IsMonotone;
                e.IsMonotone = isMonotone;
            }
        }
        while (changed);
    }

    /// <summary>Whether <paramref name="e"/> is made of <paramref name="part"/>; looks into the bodies of variables.</summary>
    internal static bool Mentions(Expression e, Expression part)
    {
        var seen = new HashSet<Expression>();
        var open = new Stack<Expression>([e]);
        while (open.TryPop(out var next))
        {
            if (ReferenceEquals(next, part))
            {
                return true;
            }

            if (seen.Add(next))
            {
                foreach (var operand in next.Body is null ? next.Operands : next.Operands.Add(next.Body))
                {
                    open.Push(operand);
                }
            }
        }

        return false;
    }

    private bool IsAll(Expression e) => ReferenceEquals(e, Universe) || ReferenceEquals(e, Everything);

    private bool IsComplement(Expression e) => e.Kind is ExpressionKind.Difference or ExpressionKind.SetDifference && IsAll(e.Left);

    private Expression Commutative(ExpressionKind kind, Expression a, Expression b) => a.Id <= b.Id ? Make(kind, a, b) : Make(kind, b, a);

    private Expression Make(ExpressionKind kind, Expression? a = null, Expression? b = null, int given = -1)
    {
        var key = (kind, given, a?.Id ?? -1, b?.Id ?? -1);
        if (!_known.TryGetValue(key, out var e))
        {
            ImmutableArray<Expression> operands = (a, b) switch { (null, _) => [], (_, null) => [a], _ => [a, b] };
            e = new Expression(_nodes.Count, kind, given, operands);
            _nodes.Add(e);
            _known.Add(key, e);
        }

        return e;
    }
}
