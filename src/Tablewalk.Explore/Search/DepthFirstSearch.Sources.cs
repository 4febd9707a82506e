namespace Tablewalk.Explore.Search;

// Decisions on where a read gets its value.
internal sealed partial class DepthFirstSearch
{
    // Where it makes no difference to what the thread waits for from which of several writes a read gets its value, they are decided on
    // as one: in a search that leaves branches early, most of those end before it matters.
    private bool TryDecideClasses(int read, Value needed)
    {
        if (!visitor.LeavesEarly || state.Sources.ValuesOf(read).IsEmpty)
        {
            return false;
        }

        var missing = state.Values.MissingReads(needed);
        var parts = missing.FindAll(m => m.Read == read);
        var (sources, classes) = (0, 0);
        for (var w = 0; w < state.EventCount; w++)
        {
            if (state.Sources.MayReadFrom(read, w))
            {
                sources++;
                classes += FirstAlike(parts, read, w) == w ? 1 : 0;
            }
        }

        if (classes == sources || classes == 1)
        {
            return false; // one class decides nothing: the search would stay where it is
        }

        var end = state.EventCount;
        for (var w = 0; w < end; w++)
        {
            if (state.Sources.MayReadFrom(read, w) && FirstAlike(parts, read, w) == w && Takes(w))
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

    private int FirstAlike(List<Missing> parts, int read, int write)
    {
        for (var w = 0; w < write; w++)
        {
            if (state.Sources.MayReadFrom(read, w) && parts.TrueForAll(part => ((ResultFor(part, w) ^ ResultFor(part, write)) & part.Bits) == 0))
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
        if (!mayBePostponed && state.Sources.Count(read) == 0)
        {
            DeadEnd();
            return;
        }

        for (var w = state.Postponed[read]; w < end; w++)
        {
            if (!state.Sources.MayReadFrom(read, w) || !Takes(w) || (mustSucceed is { } equal && MakesZero(equal, w)))
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
            if (state.Evaluation.Propagate() && SettleWrites() && OrderForcedWrites(state.CellOf[read]))
            {
                Descend(w);
            }
            else
            {
                DeadEndBelow(w);
            }

            state.UndoTo(mark);
        }

        bool MakesZero(Value value, int w) => state.Values.Bits(state.Written[w]) is { IsConstant: true, Ones: var written } && state.Values.EvaluateFor(value, written) == 0;

        if (mayBePostponed && Takes(-1))
        {
            var mark = state.Mark();
            state.SetWord(state.Postponed, read, end);
            Descend(-1);
            state.UndoTo(mark);
        }
    }
}
