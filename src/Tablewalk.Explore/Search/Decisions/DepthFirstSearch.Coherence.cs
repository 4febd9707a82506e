using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;

namespace Tablewalk.Explore.Search.Decisions;

// Decisions on which of two writes is coherence-first.
internal sealed partial class DepthFirstSearch
{
    private readonly bool _areUpdatesAtomic = state.Evaluation.Model.HasAtomicUpdates;
    private readonly ulong[] _unordered = new ulong[state.Words]; // of one write at a time, as are the next four
    private readonly ulong[] _forcedAfter = new ulong[state.Words];
    private readonly ulong[] _forcedBefore = new ulong[state.Words];
    private readonly ulong[] _closingTo = new ulong[state.Words];
    private readonly ulong[] _closingFrom = new ulong[state.Words];
    private readonly ulong[] _firsts = new ulong[state.Words];
    private readonly ulong[] _seconds = new ulong[state.Words];

    // Gives what has only one place in coherence that place: writes before and behind a read that was decided on since the last time, an update right behind
    // what it read, and writes behind earlier ones of their own thread.
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
    // ordered against what it replaces, so one edge leads to another: round and round, until a round found nothing.
    private bool OrderForcedWrites(int cell)
    {
        var first = state.FirstWrite(cell);
        var (a, begin) = (first, -1); // of a round that found nothing so far
        while (a != begin)
        {
            var isForced = false;
            if (state.FindUnordered(a, _unordered))
            {
                if (!FindForced(a, out var anyAfter, out var anyBefore) || (anyAfter && !OrderWrites(Only(_firsts, a), _forcedAfter)))
                {
                    return false;
                }

                if (anyBefore && !OrderWrites(_forcedBefore, Only(_seconds, a)))
                {
                    return false;
                }

                isForced = anyAfter || anyBefore;
            }

            begin = isForced ? -1 : begin < 0 ? a : begin;
            a = state.NextWrite(cell, a) is >= 0 and var next ? next : first;
        }

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
        for (var read = state.LastReader[a] - 1; read >= 0; read = state.PreviousReader[read] - 1)
        {
            state.Evaluation.FindClosing(Communication.Fr, read, _closingTo, _closingFrom);
            for (var w = 0; w < _closingTo.Length; w++)
            {
                _forcedBefore[w] |= _closingTo[w];
            }
        }

        state.Evaluation.FindClosing(Communication.Fr, a, _closingTo, _closingFrom);
        state.KeepReads(state.CellOf[a], _closingFrom);
        for (var read = ExecutionState.Next(_closingFrom, -1); read >= 0; read = ExecutionState.Next(_closingFrom, read))
        {
            if (state.Source[read] is >= 0 and var source && source != a)
            {
                _forcedAfter[source >> 6] |= 1UL << (source & 63);
            }
        }
    }

    // Nothing of another thread comes between an update's write and the write that it replaces.
    private void AddForcedByUpdates(int a)
    {
        var (replaced, update) = (state.Replaced(a), state.ReplacingUpdate(a));
        if (replaced >= 0)
        {
            state.AddOthersAfter(replaced, state.Thread[a], _forcedAfter);
        }

        if (update >= 0)
        {
            state.AddOthersBefore(update, _forcedBefore);
        }

        for (var b = ExecutionState.Next(_unordered, a); b >= 0; b = ExecutionState.Next(_unordered, b))
        {
            var isOther = state.Thread[a] != state.Thread[b];
            if (isOther && state.Replaced(b) is >= 0 and var ofB && state.IsCoherenceBefore(ofB, a))
            {
                _forcedBefore[b >> 6] |= 1UL << (b & 63);
            }

            if (state.ReplacingUpdate(b) is >= 0 and var by && state.Thread[a] != state.Thread[by] && state.IsCoherenceBefore(a, by))
            {
                _forcedAfter[b >> 6] |= 1UL << (b & 63);
            }
        }
    }

    // The same as soon as it is known what is replaced, so that the model need not be asked first; then for the updates that stand in line with this one.
    private void PlaceUpdate(int replaced, int read)
    {
        var update = state.UpdateWrite[read];
        if (update < 0 || !_areUpdatesAtomic || (!state.IsCoherenceBefore(replaced, update) && !state.Evaluation.WouldPlace(replaced, read, update)))
        {
            return;
        }

        Relate(Only(_firsts, replaced), Only(_seconds, update));
        for (var (a, b) = (replaced, update); a >= 0 && PlaceOthersBefore(a, b); (a, b) = (state.Replaced(a), a))
        {
        }

        for (var (a, b) = (replaced, update); b >= 0 && PlaceOthersBehind(a, b); (a, b) = (b, state.ReplacingUpdate(b)))
        {
        }
    }

    private bool PlaceOthersBefore(int replaced, int update)
    {
        Array.Clear(_forcedBefore);
        state.AddOthersBefore(update, _forcedBefore);
        _forcedBefore[replaced >> 6] &= ~(1UL << (replaced & 63));
        return Relate(_forcedBefore, Only(_seconds, replaced));
    }

    private bool PlaceOthersBehind(int replaced, int update)
    {
        Array.Clear(_forcedAfter);
        state.AddOthersAfter(replaced, state.Thread[update], _forcedAfter);
        return Relate(Only(_firsts, update), _forcedAfter);
    }

    // Keeps co transitive: whatever is before the first ones is before whatever is after the second ones.
    private bool OrderWrites(ulong[] firsts, ulong[] seconds)
    {
        Relate(firsts, seconds);
        return state.Evaluation.Propagate();
    }

    // Returns whether that is new of any two.
    private bool Relate(ulong[] firsts, ulong[] seconds)
    {
        state.AddBefore(firsts);
        state.AddAfter(seconds);
        return state.OrderCoherence(firsts, seconds);
    }

    private static ulong[] Only(ulong[] set, int write)
    {
        Array.Clear(set);
        set[write >> 6] = 1UL << (write & 63);
        return set;
    }

    // All threads are done and each read has its source: what is left is which write comes first, and nothing else changes below.
    private void DecideOrders()
    {
        var mark = state.Mark();
        var isConsistent = true;
        for (var first = -1; isConsistent && FindUnorderedWrites(first + 1, out first, out _);)
        {
            isConsistent = OrderForcedWrites(state.CellOf[first]); // writes and sections that came after the last decision may have left one place
        }

        if (isConsistent)
        {
            DecideOrdersFrom(0);
        }
        else
        {
            DeadEnd();
        }

        state.UndoTo(mark);
    }

    private void DecideOrdersFrom(int write)
    {
        if (FindUnorderedWrites(write, out var first, out var second))
        {
            DescendOrdered(first, second, 0, first);
            DescendOrdered(second, first, 1, first);
        }
        else
        {
            Complete();
        }
    }

    private bool FindUnorderedWrites(int from, out int first, out int second)
    {
        for (first = from; first < state.EventCount; first++)
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

    // Those before the write from which to look are ordered against all behind them.
    private void DescendOrdered(int first, int second, int alternative, int from)
    {
        if (!Takes(alternative))
        {
            return;
        }

        var mark = state.Mark();
        _path.Add(alternative);
        if (!OrderWrites(Only(_firsts, first), Only(_seconds, second)) || !OrderForcedWrites(state.CellOf[first]))
        {
            DeadEnd();
        }
        else
        {
            Poll();
            if (!IsLeft())
            {
                DecideOrdersFrom(from);
            }
        }

        _path.RemoveAt(_path.Count - 1);
        state.UndoTo(mark);
    }
}
