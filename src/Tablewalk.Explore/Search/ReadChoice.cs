using Tablewalk.Explore.Events;

namespace Tablewalk.Explore.Search;

/// <summary>Which read to decide on next.</summary>
internal sealed class ReadChoice(ExecutionState state)
{
    private readonly FutureWrites _future = new(state);

    /// <summary>Of the pending reads of finished threads, one that a claim depends on if there is any, else the one with the fewest sources.</summary>
    /// <returns>-1 if no read is pending.</returns>
    public int FindPending()
    {
        var (read, fewest) = (-1, int.MaxValue);
        foreach (var claim in state.Claims)
        {
            foreach (var missing in state.Values.MissingReads(claim.Condition))
            {
                Consider(missing.Read);
            }
        }

        var isClaimed = read >= 0;

        for (var e = 0; e < state.EventCount && !isClaimed; e++)
        {
            if (state.Kind[e] == EventKind.Read && state.Source[e] < 0)
            {
                Consider(e);
            }
        }

        return read;

        void Consider(int candidate)
        {
            if (state.Sources.Count(candidate) is var sources && sources < fewest)
            {
                (read, fewest) = (candidate, sources);
            }
        }
    }

    /// <summary>Whether some thread waits for a write that can no longer come: those that may make it wait too, and in the end for one another.</summary>
    public bool IsDeadlocked()
    {
        _future.Begin();
        return _future.IsDeadlocked();
    }

    /// <summary>Of the reads that threads wait for, one that leaves no choice, else one that need not wait for more writes, else one of a thread that waits for few.</summary>
    /// <remarks>Those that wait for many are best left until the others are done: then it is known what there is to read. Comes after <see cref="IsDeadlocked"/>.</remarks>
    public bool FindNeeded(out int read, out int thread, out bool mayBePostponed)
    {
        (read, thread, mayBePostponed) = (-1, -1, false);
        var best = int.MaxValue;
        for (var t = 0; t < state.Threads.Length; t++)
        {
            var missing = _future.MissingOf(t);
            foreach (ref readonly var candidate in missing)
            {
                var sources = state.Sources.Count(candidate.Read);
                var postponable = _future.MayWait(candidate.Read);
                var rank = sources <= 1 && !postponable ? 0 : (missing.Length * 1000) + sources + (postponable ? 500 : 0);
                if (rank < best && (sources > 0 || !postponable))
                {
                    (best, read, thread, mayBePostponed) = (rank, candidate.Read, t, postponable);
                }
            }
        }

        return read >= 0;
    }
}
