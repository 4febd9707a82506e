using Tablewalk.Cat;
using Tablewalk.Explore.Search.Executions;

namespace Tablewalk.Explore.Search.Decisions;

// Which of a TLB invalidation and a walk in its scope comes first. Nobody observes that but by what it orders, so an execution is one execution however
// many of these orders it allows: it is enough to find one.
internal sealed partial class DepthFirstSearch
{
    private bool CompleteOrdered(int pair)
    {
        for (; pair < state.Invalidations.Count * state.Walks.Count; pair++)
        {
            var invalidation = state.Invalidations[pair / state.Walks.Count];
            var walk = state.Walks[pair % state.Walks.Count];
            if (!IsInScope(invalidation, walk))
            {
                continue;
            }

            return CompleteWith(invalidation.Event, walk.Event, pair) || CompleteWith(walk.Event, invalidation.Event, pair);
        }

        return CompleteNow();
    }

    private bool CompleteWith(int first, int second, int pair)
    {
        var mark = state.Mark();
        state.Evaluation.AddEdge(BaseRelation.TlbiAfter, first, second);
        var isComplete = state.Evaluation.Propagate() && CompleteOrdered(pair + 1);
        state.UndoTo(mark);
        return isComplete;
    }

    private static bool IsInScope(in Invalidation invalidation, in WalkRecord walk) =>
        (invalidation.IsBroadcast || invalidation.Thread == walk.Thread)
        && (invalidation.IsAll || walk.InputAddress - invalidation.Start < invalidation.Length);
}
