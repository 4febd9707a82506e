using Tablewalk.Cat;
using Tablewalk.Explore.Events;

namespace Tablewalk.Explore.Search;

// Decisions on which of two writes is coherence-first.
internal sealed partial class DepthFirstSearch
{
    // Adds the coherence edges that the model leaves no choice about, so that later decisions see them.
    private bool OrderForcedWrites(int cell)
    {
        for (var a = 0; a < state.EventCount; a++)
        {
            if (state.CellOf[a] != cell || state.Kind[a] != EventKind.Write)
            {
                continue;
            }

            for (var b = a + 1; b < state.EventCount; b++)
            {
                if (state.CellOf[b] != cell || state.Kind[b] != EventKind.Write || IsOrdered(a, b))
                {
                    continue;
                }

                var notAB = state.Evaluation.WouldClose(Communication.Co, a, b);
                var notBA = state.Evaluation.WouldClose(Communication.Co, b, a);
                if (notAB && notBA)
                {
                    return false;
                }

                if ((notAB || notBA) && !OrderWrites(notAB ? b : a, notAB ? a : b))
                {
                    return false;
                }
            }
        }

        return true;
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
        for (var alternative = 0; alternative < 2; alternative++)
        {
            if (!Takes(alternative))
            {
                continue;
            }

            var mark = state.Mark();
            var (a, b) = alternative == 0 ? (first, second) : (second, first);
            if (OrderWrites(a, b) && OrderForcedWrites(state.CellOf[first]))
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
}
