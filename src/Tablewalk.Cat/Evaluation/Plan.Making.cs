using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Evaluation;

// The nodes that an expression becomes.
internal sealed partial class Plan
{
    private PlanNode MakeSet(Expression e) => e.Kind switch
    {
        ExpressionKind.SetUnion => Connect(new(NextAfter(e), PlanOperation.SetUnion), left: e.Left, right: e.Right),
        ExpressionKind.SetIntersection => Connect(new(NextAfter(e), PlanOperation.SetIntersection), left: e.Left, right: e.Right),
        ExpressionKind.SetDifference => Connect(new(NextAfter(e), PlanOperation.SetDifference), left: e.Left, right: e.Right, isRightLookedUp: true),
        ExpressionKind.Domain => Connect(new(NextAfter(e), PlanOperation.Domain), left: e.Left),
        ExpressionKind.Range => Connect(new(NextAfter(e), PlanOperation.Range), left: e.Left),
        _ => Add(new(_nodes.Count, PlanOperation.Set)),
    };

    private PlanNode MakeRelation(Expression e)
    {
        switch (e.Kind)
        {
            case ExpressionKind.BaseRelation or ExpressionKind.EmptyRelation:
                return Add(new(_nodes.Count, PlanOperation.Relation) { IsSymmetric = e.IsSymmetric });
            case ExpressionKind.Identity:
                return Connect(new(NextAfter(e), PlanOperation.Identity) { IsSymmetric = true }, before: e.Left);
            case ExpressionKind.Product:
                return Connect(new(NextAfter(e), PlanOperation.Product) { IsSymmetric = e.IsSymmetric }, before: e.Left, after: e.Right);
            case ExpressionKind.Union:
                return MakeUnion(e);
            case ExpressionKind.Intersection:
                return MakeIntersection(e);
            case ExpressionKind.Difference:
                Make(e.Left);
                Keep(Make(e.Right), rows: !IsFixedForward(e.Left), columns: IsFixedForward(e.Left));
                return Connect(
                    new(_nodes.Count, PlanOperation.Difference) { IsSymmetric = e.IsSymmetric }, left: e.Left, right: e.Right, isRightLookedUp: true);
            case ExpressionKind.Sequence:
                return MakeSequence(e);
            case ExpressionKind.Inverse:
                return Connect(new(NextAfter(e), PlanOperation.Inverse), left: e.Left);
            case ExpressionKind.Plus:
                return Connect(new(NextAfter(e), PlanOperation.Plus) { KeepsRows = true, KeepsColumns = true }, left: e.Left);
            default:
                _openVariables.Add(e);
                return Add(new(_nodes.Count, PlanOperation.Variable) { KeepsRows = true });
        }
    }

    private PlanNode MakeUnion(Expression e)
    {
        var parts = Leaves(e, throughClosure: false).Distinct().Select(Make).ToList();
        var node = Add(new(_nodes.Count, PlanOperation.Union) { IsSymmetric = e.IsSymmetric });
        foreach (var part in parts)
        {
            part.Consumers.Add((node, Port.Left));
        }

        return node;
    }

    private PlanNode MakeIntersection(Expression e)
    {
        var (a, b) = (e.Left, e.Right);
        if (IsUnionOfProducts(a))
        {
            (a, b) = (b, a);
        }

        if (IsUnionOfProducts(b))
        {
            var parts = Leaves(b, throughClosure: false).Select(p => MakeFilter(p.Left, a, p.Right)).ToList();
            if (parts.Count == 1)
            {
                return parts[0];
            }

            var union = Add(new(_nodes.Count, PlanOperation.Union) { IsSymmetric = e.IsSymmetric });
            parts.ForEach(p => p.Consumers.Add((union, Port.Left)));
            return union;
        }

        // The side that grows tells the node, the stable side is looked up; of two stable ones the forward one tells.
        if (a.IsStable && (!b.IsStable || (b.IsForward && !a.IsForward)))
        {
            (a, b) = (b, a);
        }

        var isLookedUp = b.IsStable;
        Keep(Make(b), rows: !IsFixedForward(a), columns: IsFixedForward(a));
        if (!isLookedUp)
        {
            Keep(Make(a), rows: true, columns: false);
        }

        _ = Make(a);
        return Connect(new(_nodes.Count, PlanOperation.Intersection) { IsSymmetric = e.IsSymmetric }, left: a, right: b, isRightLookedUp: isLookedUp);
    }

    private static bool IsUnionOfProducts(Expression e) =>
        Leaves(e, throughClosure: false).All(p => p.Kind == ExpressionKind.Product);

    /// <summary>[S] ; r ; [T], where null stands for all events.</summary>
    private PlanNode MakeFilter(Expression? before, Expression relation, Expression? after)
    {
        before = before is { Kind: ExpressionKind.Universe } ? null : before;
        after = after is { Kind: ExpressionKind.Universe } ? null : after;
        if (before is null && after is null)
        {
            return Make(relation);
        }

        if (_filters.TryGetValue((before, relation, after), out var known))
        {
            return known;
        }

        var operand = Make(relation);
        Keep(operand, rows: before is { IsStable: false }, columns: after is { IsStable: false });
        _ = before is null ? null : Make(before);
        _ = after is null ? null : Make(after);
        var node = new PlanNode(_nodes.Count, PlanOperation.Filter) { IsSymmetric = relation.IsSymmetric && ReferenceEquals(before, after) };
        Connect(node, left: relation, before: before, after: after, areSetsLookedUpIfStable: true);
        _filters.Add((before, relation, after), node);
        return node;
    }

    /// <summary>A chain of sequences, with the identities in it turned into filters and middle sets.</summary>
    private PlanNode MakeSequence(Expression e)
    {
        var items = Chain(e).ToList();
        Expression? before = null;
        Expression? after = null;
        if (items[0].Kind == ExpressionKind.Identity)
        {
            before = items[0].Left;
            items.RemoveAt(0);
        }

        if (items[^1].Kind == ExpressionKind.Identity)
        {
            after = items[^1].Left;
            items.RemoveAt(items.Count - 1);
        }

        if (items.Count == 1)
        {
            return MakeFilter(before, items[0], after);
        }

        // From here on, the chain without its ends is an expression of its own, so that others can share it.
        var graph = Model.Graph;
        var whole = items.Aggregate(graph.Sequence);
        if (before is not null || after is not null)
        {
            return MakeFilter(before, whole, after);
        }

        var last = items[^1];
        items.RemoveAt(items.Count - 1);
        Expression? middle = null;
        if (items[^1].Kind == ExpressionKind.Identity)
        {
            middle = items[^1].Left;
            items.RemoveAt(items.Count - 1);
        }

        return MakePair(items.Aggregate(graph.Sequence), middle, last);
    }

    /// <summary>a ; [middle] ; b.</summary>
    private PlanNode MakePair(Expression a, Expression? middle, Expression b)
    {
        // A new pair of a that ends in x is always there before (or with) the pairs of b that start in x: then b alone need tell.
        var leftIsLookedUp = a.IsBornTogether || (a.IsStable && a.IsForward && b.IsForward);
        var rightIsLookedUp = !leftIsLookedUp && b.IsBornTogether;
        var middleGrows = middle is { IsStable: false };
        Keep(Make(a), rows: false, columns: !rightIsLookedUp || middleGrows);
        Keep(Make(b), rows: !leftIsLookedUp || middleGrows, columns: false);
        _ = middle is null ? null : Make(middle);
        return Connect(
            new(_nodes.Count, PlanOperation.Sequence), left: a, right: b, before: middle,
            isLeftLookedUp: leftIsLookedUp, isRightLookedUp: rightIsLookedUp, areSetsLookedUpIfStable: true);
    }

    private static IEnumerable<Expression> Chain(Expression e) =>
        e.Kind == ExpressionKind.Sequence ? Chain(e.Left).Concat(Chain(e.Right)) : [e];

    private void CloseVariable()
    {
        var variable = _openVariables[^1];
        _openVariables.RemoveAt(_openVariables.Count - 1);
        Make(variable.Body!).Consumers.Add((_made[variable], Port.Left));
    }

    /// <summary>Whether what it grows by are mostly columns: all that leads to a new event.</summary>
    private static bool IsFixedForward(Expression e) => e is { IsStable: true, IsForward: true };

    /// <summary>Makes the operands first, so that the id of <paramref name="e"/>'s own node comes after theirs.</summary>
    private int NextAfter(Expression e)
    {
        foreach (var operand in e.Operands)
        {
            Make(operand);
        }

        return _nodes.Count;
    }

    private static void Keep(PlanNode node, bool rows, bool columns)
    {
        var isSymmetric = node.IsSymmetric;
        node.KeepsRows |= rows || (columns && isSymmetric);
        node.KeepsColumns |= columns && !isSymmetric;
    }

    private PlanNode Connect(
        PlanNode node,
        Expression? left = null,
        Expression? right = null,
        Expression? before = null,
        Expression? after = null,
        bool isLeftLookedUp = false,
        bool isRightLookedUp = false,
        bool areSetsLookedUpIfStable = false)
    {
        int Operand(Expression? e, Port port, bool isLookedUp)
        {
            if (e is null)
            {
                return -1;
            }

            var operand = Make(e);
            if (!isLookedUp)
            {
                operand.Consumers.Add((node, port));
            }

            return operand.Id;
        }

        node.Left = Operand(left, Port.Left, isLeftLookedUp);
        node.Right = Operand(right, Port.Right, isRightLookedUp);
        node.SetBefore = Operand(before, Port.SetBefore, areSetsLookedUpIfStable && before is { IsStable: true });
        node.SetAfter = Operand(after, Port.SetAfter, areSetsLookedUpIfStable && after is { IsStable: true });
        return Add(node);
    }

    private PlanNode Add(PlanNode node)
    {
        if (node.Id != _nodes.Count)
        {
            throw new InvalidOperationException($"plan node {node.Id} was added as number {_nodes.Count}");
        }

        _nodes.Add(node);
        return node;
    }
}
