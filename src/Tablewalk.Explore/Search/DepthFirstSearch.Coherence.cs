using Tablewalk.Cat;
using Tablewalk.Explore.Events;

namespace Tablewalk.Explore.Search;

// Decisions on which of two writes is coherence-first.
internal sealed partial class DepthFirstSearch
{
    private readonly bool _areUpdatesAtomic = state.Evaluation.Model.HasAtomicUpdates;
    private readonly ulong[] _unordered = new ulong[state.Words]; // of one write at a time, as are the next four
    private readonly ulong[] _forcedAfter = new ulong[state.Words];
    private readonly ulong[] _forcedBefore = new ulong[state.Words];
    private readonly ulong[] _closingTo = new ulong[state.Words];
    private readonly ulong[] _closingFrom = new ulong[state.Words];
    private readonly ulong[] _closingNone = new ulong[state.Words];
    private readonly ulong[] _firsts = new ulong[state.Words];
    private readonly ulong[] _seconds = new ulong[state.Words];

    // Gives what has only one place in coherence that place: updates whose reads were decided on since the last time, right behind what they read, and
    // writes behind earlier ones of their own thread.
    private bool SettleWrites()
    {
        var isConsistent = true;
        foreach (var cell in state.Unsettled)
        {
            isConsistent = isConsistent && OrderForcedWrites(cell);
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
                if (!state.FindUnordered(a, _unordered))
                {
                    continue;
                }

                if (!FindForced(a, out var anyAfter, out var anyBefore) || (anyAfter && !OrderWrites(Only(_firsts, a), _forcedAfter)))
                {
                    return false;
                }

                if (anyBefore && !OrderWrites(_forcedBefore, Only(_seconds, a)))
                {
                    return false;
                }

                again |= anyAfter || anyBefore;
            }
        }
        while (again);
        return true;
    }

    // Which of the writes that are not ordered against a write have only one place left, since the model is sure to forbid the other: after it, or before it.
    private bool FindForced(int a, out bool anyAfter, out bool anyBefore)
    {
        state.Evaluation.FindClosing(Communication.Co, a, _forcedBefore, _forcedAfter);
        AddForcedByReads(a);
        if (_areUpdatesAtomic)
        {
            AddForcedByUpdates(a);
        }

        var (after, before, both) = (0UL, 0UL, 0UL);
        for (var w = 0; w < _unordered.Length; w++)
        {
            after |= _forcedAfter[w] &= _unordered[w];
            before |= _forcedBefore[w] &= _unordered[w];
            both |= _forcedAfter[w] & _forcedBefore[w];
        }

        (anyAfter, anyBefore) = (after != 0, before != 0);
        return both == 0;
    }

    // Whoever reads a write comes before all that is behind it.
    private void AddForcedByReads(int a)
    {
        state.Evaluation.FindClosing(Communication.Fr, a, _closingTo, _closingFrom);
        for (var read = state.NextRead(state.CellOf[a], -1); read >= 0; read = state.NextRead(state.CellOf[a], read))
        {
            if (state.Source[read] is var source && source == a)
            {
                state.Evaluation.FindClosing(Communication.Fr, read, _closingTo, _closingNone);
                for (var w = 0; w < _closingTo.Length; w++)
                {
                    _forcedBefore[w] |= _closingTo[w];
                }
            }
            else if (source >= 0 && (_closingFrom[read >> 6] >> (read & 63) & 1) != 0)
            {
                _forcedAfter[source >> 6] |= 1UL << (source & 63);
            }
        }
    }

    private void AddForcedByUpdates(int a)
    {
        var concernsAll = state.UpdateRead[a] != 0 || state.ReplacedBy[a] != 0;
        for (var b = ExecutionState.Next(_unordered, a); b >= 0; b = ExecutionState.Next(_unordered, b))
        {
            if (concernsAll || state.UpdateRead[b] != 0 || state.ReplacedBy[b] != 0)
            {
                _forcedBefore[b >> 6] |= ComesBetween(a, b) || ComesBetweenReplaced(a, b) ? 1UL << (b & 63) : 0;
                _forcedAfter[b >> 6] |= ComesBetween(b, a) || ComesBetweenReplaced(b, a) ? 1UL << (b & 63) : 0;
            }
        }
    }

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

    // Keeps co transitive: whatever is before the first ones is before whatever is after the second ones.
    private bool OrderWrites(ulong[] firsts, ulong[] seconds)
    {
        state.AddBefore(firsts);
        state.AddAfter(seconds);
        state.OrderCoherence(firsts, seconds);
        return state.Evaluation.Propagate();
    }

    private static ulong[] Only(ulong[] set, int write)
    {
        Array.Clear(set);
        set[write >> 6] = 1UL << (write & 63);
        return set;
    }

    private bool FindUnorderedWrites(out int first, out int second)
    {
        for (first = 0; first < state.EventCount; first++)
        {
            if (state.Kind[first] == EventKind.Write && state.FindUnordered(first, _unordered))
            {
                second = ExecutionState.Next(_unordered, first);
                return true;
            }
        }

        second = -1;
        return false;
    }

    // Writes and sections that came after the last decision on a read of the cell may have left one place only: that is no decision.
    private void DecideCoherence(int first, int second)
    {
        var mark = state.Mark();
        if (!OrderForcedWrites(state.CellOf[first]))
        {
            DeadEnd();
        }
        else if (IsOrdered(first, second))
        {
            Decide();
        }
        else
        {
            DescendOrdered(first, second, 0);
            DescendOrdered(second, first, 1);
        }

        state.UndoTo(mark);
    }

    private bool IsOrdered(int a, int b) => state.IsCoherenceBefore(a, b) || state.IsCoherenceBefore(b, a);

    private void DescendOrdered(int first, int second, int alternative)
    {
        if (!Takes(alternative))
        {
            return;
        }

        var mark = state.Mark();
        if (OrderWrites(Only(_firsts, first), Only(_seconds, second)) && OrderForcedWrites(state.CellOf[first]))
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
