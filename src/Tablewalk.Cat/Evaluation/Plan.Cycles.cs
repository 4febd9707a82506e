using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Evaluation;

/// <summary>A relation's edges that are edges of an acyclic root.</summary>
/// <param name="Root">The root.</param>
/// <param name="Internal">The node of <c>int</c> if only edges between threads are; else null.</param>
/// <param name="Before">The set that they must begin in; null for any.</param>
/// <param name="After">The set that they must end in; null for any.</param>
internal sealed record CycleTest(PlanNode Root, PlanNode? Internal, PlanNode? Before, PlanNode? After);

// Which edges would close a cycle is seen without propagating them, where they are part of an acyclic relation as they are: rf, [M] ; (rfe | co | fr) ; [M].
internal sealed partial class Plan
{
    private IEnumerable<CycleTest> FindCycleTests(Communication communication)
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
            foreach (var leaf in Leaves(Model.Constraints[root.Constraint].Expression!, throughClosure: true))
            {
                var (before, middle, after) = Filtered(leaf);
                var parts = Leaves(middle, throughClosure: false).ToList();
                if (parts.Contains(all))
                {
                    yield return new(root, null, before, after);
                }
                else if (parts.Contains(external))
                {
                    var inside = Make(graph.Base(BaseRelation.Int));
                    inside.KeepsRows = true;
                    yield return new(root, inside, before, after);
                }
            }
        }
    }

    /// <summary>The parts of [S] ; r ; [T], with null for a set that is not there.</summary>
    private (PlanNode? Before, Expression Middle, PlanNode? After) Filtered(Expression e)
    {
        var items = Chain(e).ToList();
        var (from, to) = (0, items.Count);
        var before = items[0].Kind == ExpressionKind.Identity && to > 1 ? Make(items[from++].Left) : null;
        var after = items[^1].Kind == ExpressionKind.Identity && to - from > 1 ? Make(items[--to].Left) : null;
        return (before, items[from..to].Aggregate(Model.Graph.Sequence), after);
    }
}
