using System.Collections.Immutable;
using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Evaluation;

/// <summary>
/// A model compiled for incremental evaluation: its monotone constraints as a network of nodes, operands before what uses them. What is stable
/// needs no propagation into an intersection or difference with something else: it is looked up there, and being decided as soon as both events
/// exist, it is complete by the time the other side grows.
/// </summary>
internal sealed partial class Plan
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

        if (!Deferred.IsEmpty || !model.Reports.IsEmpty || model.KeepsEverything)
        {
            KeepEverythingGiven();
        }

        CycleTests = [.. Enum.GetValues<Communication>().Select(c => FindCycleTests(c).Distinct().ToImmutableArray())];
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

    /// <summary>By <see cref="Communication"/>: which edges of it are edges of an acyclic root.</summary>
    internal ImmutableArray<ImmutableArray<CycleTest>> CycleTests { get; }

    private void AddRoot(Constraint constraint, int index)
    {
        var operation = constraint.Kind switch
        {
            ConstraintKind.Acyclic => PlanOperation.AcyclicRoot,
            ConstraintKind.Irreflexive when constraint.Expression!.Kind == ExpressionKind.Plus => PlanOperation.AcyclicRoot,
            ConstraintKind.Irreflexive => PlanOperation.IrreflexiveRoot,
            _ => PlanOperation.EmptyRoot,
        };
        var expression = constraint.Expression!;
        var leaves = Leaves(expression, throughClosure: operation == PlanOperation.AcyclicRoot).Distinct().Select(Make).ToList();
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
    internal static IEnumerable<Expression> Leaves(Expression e, bool throughClosure) => e.Kind switch
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

    private PlanNode? NodeOrNull(Expression e) => _made.GetValueOrDefault(e);

    /// <summary>Deferred constraints, flags and assertions are evaluated from the base values, so those must all be there.</summary>
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
