using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.Decisions;

// Decisions on where a read gets its value.
internal sealed partial class DepthFirstSearch
{
    // Where it makes no difference to what the thread waits for from which of several writes a read gets its value, they are decided on
    // as one: in a search that leaves branches early, most of those end before it matters.
    private bool TryDecideClasses(int read, Value needed)
    {
        if (!visitor.LeavesEarly || state.Sources.ValuesOf(read).IsEmpty || IsOfLaterRound(read))
        {
            return false;
        }

        var missing = state.Values.MissingReads(needed);
        var parts = missing.FindAll(m => m.Read == read);
        Span<ulong> sources = stackalloc ulong[state.Words];
        var (count, classes) = (state.Sources.Find(read, sources), 0);
        for (var w = ExecutionState.Next(sources, -1); w >= 0; w = ExecutionState.Next(sources, w))
        {
            classes += FirstAlike(parts, sources, w) == w ? 1 : 0;
        }

        if (classes == count || classes == 1)
        {
            return false; // one class decides nothing: the search would stay where it is
        }

        var end = state.EventCount;
        for (var w = ExecutionState.Next(sources, -1); w >= 0; w = ExecutionState.Next(sources, w))
        {
            if (FirstAlike(parts, sources, w) == w && Takes(w))
            {
                var mark = state.Mark();
                foreach (var part in parts)
                {
                    state.Restrict(part, ResultFor(part, w));
                }

                state.SetWord(state.SourceLimit, read, end);
                Descend(w);
                state.UndoTo(mark);
            }
        }

        return true;
    }

    // Whether a round before has left its read of the same place undecided: nothing but their sources bounds how many rounds there are.
    private bool IsOfLaterRound(int read)
    {
        for (var e = 0; e < read; e++)
        {
            if (state.Source[e] < 0 && state.Kind[e] == EventKind.Read && (state.Thread[e], state.Step[e], state.CellOf[e]) == (state.Thread[read], state.Step[read], state.CellOf[read]))
            {
                return true;
            }
        }

        return false;
    }

    private int FirstAlike(List<Missing> parts, ReadOnlySpan<ulong> sources, int write)
    {
        for (var w = ExecutionState.Next(sources, -1); w < write; w = ExecutionState.Next(sources, w))
        {
            if (parts.TrueForAll(part => ((ResultFor(part, w) ^ ResultFor(part, write)) & part.Bits) == 0))
            {
                return w;
            }
        }

        return write;
    }

    private ulong ResultFor(Missing part, int write) => state.Values.EvaluateFor(part.Part, state.Values.Bits(state.Written[write]).Ones);

    private void DecideSource(int read, bool mayBePostponed)
    {
        var end = state.EventCount;
        var mustSucceed = _reads.MustSucceed(read) ? state.Threads[state.Thread[read]].Needed : (Value?)null;
        Span<ulong> sources = stackalloc ulong[state.Words];
        if (state.Sources.Find(read, sources) == 0 && !mayBePostponed)
        {
            LeaveUnfinished();
            return;
        }

        var mayBeNeedless = mayBePostponed && state.Evaluation.Model.IsExtensible && mustSucceed is null && IsFree(read) && !MayCompleteWaits();
        var since = state.Postponed[read] > 0 ? _waitingSince[read] : state.Seen.Now;
        var anyBelow = false;
        if (mayBeNeedless)
        {
            state.Seen.BeginWaiting(state.CellOf[read]);
        }

        for (var w = ExecutionState.Next(sources, -1); w >= 0; w = ExecutionState.Next(sources, w))
        {
            if (!Takes(w) || (mustSucceed is { } equal && MakesZero(equal, w)))
            {
                continue;
            }

            if (state.Values.DependsOn(state.Written[w], read))
            {
                DeadEndBelow(w); // a value out of thin air
                continue;
            }

            var mark = state.Mark();
            state.ReadFrom(read, w);
            PlaceUpdate(w, read);
            if (state.Evaluation.Propagate() && SettleWrites())
            {
                anyBelow = true;
                Descend(w);
            }
            else
            {
                state.Unsettled.Clear();
                DeadEndBelow(w);
            }

            state.UndoTo(mark);
        }

        if (mayBeNeedless)
        {
            state.Seen.EndWaiting();
        }

        bool MakesZero(Value value, int w) => state.Values.Bits(state.Written[w]) is { IsConstant: true, Ones: var written } && state.Values.EvaluateFor(value, written) == 0;

        if (mayBePostponed && (!mayBeNeedless || MustWait(read, since, anyBelow)) && Takes(-1))
        {
            var (mark, old) = (state.Mark(), (_waitingSince[read], _isAskedBySubtrees[read]));
            (_waitingSince[read], _isAskedBySubtrees[read]) = (since, IsAboveSubtree || _isAskedBySubtrees[read]);
            state.SetWord(state.Postponed, read, end);
            Descend(-1);
            state.UndoTo(mark);
            (_waitingSince[read], _isAskedBySubtrees[read]) = old;
        }
    }

    private bool IsReplayed => _path.Count < _prefix.Length;

    private bool IsAboveSubtree => IsReplayed || _splitDepth < int.MaxValue;

    // Whether a read may get each write that exists, whatever was assumed of it: only then it is known what was left out if it gets none that comes later.
    private bool IsFree(int read)
    {
        var isUpdate = state.UpdateWrite[read] >= 0 || state.Threads[state.Thread[read]].PendingUpdate - 1 == read;
        if (state.LastRestriction[read] != 0 || state.SourceLimit[read] < state.Capacity || (isUpdate && state.HasHardwareUpdates))
        {
            return false;
        }

        foreach (var assumption in state.Assumptions)
        {
            if (state.Values.DependsOn(assumption.Condition, read))
            {
                return false;
            }
        }

        return true;
    }

    // Whether a wait that is over already, with all that came after it, is one for the end of a section that is not. A write of that section comes before what comes after the wait, so
    // without the write there is no such execution as this one: what is seen below says nothing of it.
    private bool MayCompleteWaits()
    {
        for (var w = 0; w < state.Waits.Count; w++)
        {
            for (var s = 0; s < state.Sections.Count; s++)
            {
                if (state.SectionExit[s] == 0 && state.OrderOf(w, s) == WaitOrder.SectionFirst)
                {
                    return true;
                }
            }

            for (var t = 0; t < state.Threads.Length; t++)
            {
                ref readonly var thread = ref state.Threads[t];
                if (t != state.Waits[w].Thread && thread.Status != ThreadStatus.Finished && state.Codes[t].MayEnterSection(thread.Step))
                {
                    return true; // and be decided to come first
                }
            }
        }

        return false;
    }

    // Whether some thread came to a write for which the read has to be postponed. Above a subtree that is searched by itself that is not known: there it must have been known before.
    private bool MustWait(int read, long since, bool anyBelow)
    {
        var (isKnown, comes) = (false, false);
        var cell = state.CellOf[read];
        var address = state.CellAt(cell).Address;
        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (t == state.Thread[read])
            {
                continue;
            }

            var next = state.Seen.NextAttempt(cell, t, _reads.CannotSucceedYet(t, cell) ? 1 : 0);
            isKnown |= state.Known.IsContended(t, address, next);
            if (state.Seen.LastAttemptSince(since, cell, t) is var seen && seen >= state.Seen.NextAttempt(cell, t, skip: 0))
            {
                comes |= seen >= next;
                if (!state.Known.IsContended(t, address, seen))
                {
                    (IsAboveSubtree ? state.Discovered : Contended).Add(new(DiscoveryKind.Contended, address, t, seen));
                }
            }
        }

        return IsReplayed || !anyBelow || (IsAboveSubtree ? isKnown : comes || (isKnown && _isAskedBySubtrees[read]));
    }
}
