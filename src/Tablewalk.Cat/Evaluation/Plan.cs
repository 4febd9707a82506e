using System.Collections.Immutable;
using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Evaluation;

/// <summary>
/// A model compiled for incremental evaluation: its monotone constraints as a network of nodes, operands before what uses them. What is stable
/// needs no propagation into an intersection or difference with something else: it is looked up there, and being decided as soon as both events
/// exist, it is complete by the time the other side grows.
/// </summary>
internal sealed class Plan
{
    private readonly Dictionary<Expression, PlanNode> _made = [];
    private readonly Dictionary<(Expression?, Expression, Expression?), PlanNode> _filters = [];
    private readonly List<PlanNode> _nodes = [];
    private readonly List<Expression> _openVariables = [];

    internal Plan(Model model)
    {
        Model = model;
        var deferred = ImmutableArray.CreateBuilder<Constraint>();
        for (var i = 0; i < model.Constraints.Length; i++)
        {
            var constraint = model.Constraints[i];
            if (!constraint.IsMonotone)
            {
                deferred.Add(constraint);
                continue;
            }

            AddRoot(constraint, i);
        }

        Deferred = deferred.ToImmutable();
        while (_openVariables.Count > 0)
        {
            CloseVariable();
        }

        if (!Deferred.IsEmpty)
        {
            KeepEverythingGiven();
        }

        CycleTests = [.. Enum.GetValues<Communication>().Select(c => FindCycleTests(c).ToImmutableArray())];
        (MatrixCount, SetCount) = Lay();
        Nodes = [.. _nodes];
        Sets = [.. Enum.GetValues<BaseSet>().Select(s => NodeOrNull(model.Graph.Base(s)))];
        Relations = [.. Enum.GetValues<BaseRelation>().Select(r => NodeOrNull(model.Graph.Base(r)))];
        Universe = NodeOrNull(model.Graph.Universe);
        Order = FindOrder();
    }

    internal Model Model { get; }

    internal ImmutableArray<PlanNode> Nodes { get; }

    /// <summary>The node of each expression that got one of its own.</summary>
    internal IReadOnlyDictionary<Expression, PlanNode> Made => _made;

    /// <summary>The nodes of the base sets and relations, by number; null where the model does not use one.</summary>
    internal ImmutableArray<PlanNode?> Sets { get; }

    internal ImmutableArray<PlanNode?> Relations { get; }

    internal PlanNode? Universe { get; }

    /// <summary>The constraints that only a complete execution can be asked.</summary>
    internal ImmutableArray<Constraint> Deferred { get; }

    internal int MatrixCount { get; }

    internal int SetCount { get; }

    /// <summary>The root of the model's last acyclic constraint; null if that one is not monotone or there is none.</summary>
    internal PlanNode? Order { get; }

    /// <summary>
    /// By <see cref="Communication"/>: the acyclic roots that the relation feeds directly; with a node of <c>int</c> where only its external part does.
    /// </summary>
    internal ImmutableArray<ImmutableArray<(PlanNode Root, PlanNode? Internal)>> CycleTests { get; }

    private void AddRoot(Constraint constraint, int index)
    {
        var operation = constraint.Kind switch
        {
            ConstraintKind.Acyclic => PlanOperation.AcyclicRoot,
            ConstraintKind.Irreflexive when constraint.Expression.Kind == ExpressionKind.Plus => PlanOperation.AcyclicRoot,
            ConstraintKind.Irreflexive => PlanOperation.IrreflexiveRoot,
            _ => PlanOperation.EmptyRoot,
        };
        var leaves = Leaves(constraint.Expression, throughClosure: operation == PlanOperation.AcyclicRoot).Distinct().Select(Make).ToList();
        var root = Add(new(_nodes.Count, operation)
        {
            Constraint = index, KeepsRows = operation == PlanOperation.AcyclicRoot, KeepsColumns = operation == PlanOperation.AcyclicRoot,
        });
        foreach (var leaf in leaves)
        {
            leaf.Consumers.Add((root, Port.Left));
        }
    }

    /// <summary>The parts of a union; for an acyclic root also those under a closure, which has the same cycles.</summary>
    private static IEnumerable<Expression> Leaves(Expression e, bool throughClosure) => e.Kind switch
    {
        ExpressionKind.Union => Leaves(e.Left, throughClosure).Concat(Leaves(e.Right, throughClosure)),
        ExpressionKind.Plus when throughClosure => Leaves(e.Left, throughClosure),
        _ => [e],
    };

    private PlanNode Make(Expression e)
    {
        if (!_made.TryGetValue(e, out var node))
        {
            node = e.IsSet ? MakeSet(e) : MakeRelation(e);
            _made[e] = node;
        }

        return node;
    }

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

    private PlanNode? NodeOrNull(Expression e) => _made.GetValueOrDefault(e);

    /// <summary>Deferred constraints are evaluated from the base values, so those must all be there.</summary>
    private void KeepEverythingGiven()
    {
        foreach (var set in Enum.GetValues<BaseSet>())
        {
            Make(Model.Graph.Base(set));
        }

        foreach (var relation in Enum.GetValues<BaseRelation>())
        {
            Make(Model.Graph.Base(relation)).KeepsRows = true;
        }
    }

    private IEnumerable<(PlanNode, PlanNode?)> FindCycleTests(Communication communication)
    {
        var graph = Model.Graph;
        var rf = graph.Base(BaseRelation.Rf);
        var co = graph.Base(BaseRelation.Co);
        var all = communication switch
        {
            Communication.Rf => rf,
            Communication.Co => co,
            _ => graph.Sequence(graph.Inverse(rf), co),
        };
        var external = graph.Difference(all, graph.Base(BaseRelation.Int));
        foreach (var root in _nodes.Where(n => n.Operation == PlanOperation.AcyclicRoot).ToList())
        {
            bool Feeds(Expression e) => NodeOrNull(e) is { } node && node.Consumers.Exists(c => ReferenceEquals(c.Node, root));
            if (Feeds(all))
            {
                yield return (root, null);
            }
            else if (Feeds(external))
            {
                var inside = Make(graph.Base(BaseRelation.Int));
                inside.KeepsRows = true;
                yield return (root, inside);
            }
        }
    }

    private PlanNode? FindOrder()
    {
        var last = Model.Constraints.LastOrDefault(c => c is { Kind: ConstraintKind.Acyclic, IsNegated: false });
        return last is null ? null : _nodes.Find(n => n.IsRoot && ReferenceEquals(Model.Constraints[n.Constraint], last));
    }

    private (int Matrices, int Sets) Lay()
    {
        var matrices = 0;
        var sets = 0;
        foreach (var node in _nodes)
        {
            if (node.IsSet)
            {
                node.SetAt = sets++;
                continue;
            }

            node.RowsAt = node.KeepsRows ? matrices++ : -1;
            node.ColumnsAt = node.KeepsColumns ? matrices++ : node.IsSymmetric ? node.RowsAt : -1;
        }

        return (matrices, sets);
    }
}
