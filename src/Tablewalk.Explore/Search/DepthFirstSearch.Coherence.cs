using Tablewalk.Cat;
using Tablewalk.Explore.Events;

namespace Tablewalk.Explore.Search;

// Decisions on which of two writes is coherence-first.
internal sealed partial class DepthFirstSearch
{
    private readonly bool _areUpdatesAtomic = state.Evaluation.Model.HasAtomicUpdates;

    // Gives the updates whose reads were decided on since the last time their place: right behind what they read.
    private bool SettleUpdates()
    {
        var isConsistent = true;
        foreach (var cell in state.Unsettled)
        {
            isConsistent = isConsistent && (!_areUpdatesAtomic || OrderForcedWrites(cell));
        }

        state.Unsettled.Clear();
        return isConsistent;
    }

    // Adds the coherence edges that the model leaves no choice about, so that later decisions see them. What is ordered against an update is
    // ordered against what it replaces, so there one edge leads to another.
    private bool OrderForcedWrites(int cell)
    {
        bool again;
        do
        {
            again = false;
            for (var a = state.FirstWrite(cell); a >= 0; a = state.NextWrite(cell, a))
            {
                for (var b = state.NextWrite(cell, a); b >= 0; b = state.NextWrite(cell, b))
                {
                    if (IsOrdered(a, b))
                    {
                        continue;
                    }

                    var notAB = IsForbidden(a, b);
                    var notBA = IsForbidden(b, a);
                    if (notAB && notBA)
                    {
                        return false;
                    }

                    if (notAB || notBA)
                    {
                        if (!OrderWrites(notAB ? b : a, notAB ? a : b))
                        {
                            return false;
                        }

                        again = _areUpdatesAtomic;
                    }
                }
            }
        }
        while (again);
        return true;
    }

    // Whether the model is sure to forbid that one write is coherence-before another.
    private bool IsForbidden(int a, int b) =>
        state.Evaluation.WouldClose(Communication.Co, a, b) || (_areUpdatesAtomic && (ComesBetween(a, b) || ComesBetweenReplaced(a, b)));

    // Whether a write before an update's write is known to be behind what that update replaces.
    private bool ComesBetween(int a, int update)
    {
        var read = state.UpdateRead[update] - 1;
        return read >= 0 && state.Source[read] is >= 0 and var replaced && replaced != a && state.Thread[a] != state.Thread[update]
            && state.IsCoherenceBefore(replaced, a);
    }

    // Whether a write behind a replaced write is known to be before the write that replaces it.
    private bool ComesBetweenReplaced(int replaced, int b)
    {
        var read = state.ReplacedBy[replaced] - 1;
        return read >= 0 && state.UpdateWrite[read] is var update && update != b && state.Thread[b] != state.Thread[update]
            && state.IsCoherenceBefore(b, update);
    }

    private bool IsOrdered(int a, int b) =>
        state.IsCoherenceBefore(a, b) || state.IsCoherenceBefore(b, a);

    // Keeps co transitive: whatever is before the first is before whatever is after the second.
    private bool OrderWrites(int first, int second)
    {
        var cell = state.CellOf[first];
        for (var a = 0; a < state.EventCount; a++)
        {
            if (state.CellOf[a] != cell || (a != first && !state.IsCoherenceBefore(a, first)))
            {
                continue;
            }

            for (var b = 0; b < state.EventCount; b++)
            {
                if (state.CellOf[b] == cell && (b == second || state.IsCoherenceBefore(second, b)))
                {
                    state.OrderCoherence(a, b);
                }
            }
        }

        return state.Evaluation.Propagate();
    }

    private bool FindUnorderedWrites(out int first, out int second)
    {
        for (first = 0; first < state.EventCount; first++)
        {
            if (state.Kind[first] != EventKind.Write)
            {
                continue;
            }

            for (second = first + 1; second < state.EventCount; second++)
            {
                if (state.Kind[second] == EventKind.Write && state.CellOf[second] == state.CellOf[first] && !IsOrdered(first, second))
                {
                    return true;
                }
            }
        }

        second = -1;
        return false;
    }

    private void DecideCoherence(int first, int second)
    {
        var (forwards, backwards) = (!IsForbidden(first, second), !IsForbidden(second, first));
        if (!forwards && !backwards)
        {
            DeadEnd();
        }

        if (forwards && Takes(0))
        {
            DescendOrdered(first, second, 0);
        }

        if (backwards && Takes(1))
        {
            DescendOrdered(second, first, 1);
        }
    }

    private void DescendOrdered(int first, int second, int alternative)
    {
        var mark = state.Mark();
        if (OrderWrites(first, second) && OrderForcedWrites(state.CellOf[first]))
        {
            Descend(alternative);
        }
        else
        {
            DeadEndBelow(alternative);
        }

        state.UndoTo(mark);
    }
}
