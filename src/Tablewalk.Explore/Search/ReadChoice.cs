using Tablewalk.Explore.Events;

namespace Tablewalk.Explore.Search;

/// <summary>Which read to decide on next.</summary>
internal sealed class ReadChoice(ExecutionState state)
{
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
        var stuck = 0UL;
        for (var t = 0; t < state.Threads.Length; t++)
        {
            stuck |= IsStuck(t) ? 1UL << t : 0;
        }

        for (var last = 0UL; stuck != last;)
        {
            last = stuck;
            for (var rest = stuck; rest != 0; rest &= rest - 1)
            {
                var t = System.Numerics.BitOperations.TrailingZeroCount(rest);
                stuck &= MayBeHelped(t, ~stuck) ? ~(1UL << t) : ulong.MaxValue;
            }
        }

        return stuck != 0;
    }

    private bool IsStuck(int t)
    {
        ref readonly var thread = ref state.Threads[t];
        if (thread.Status != ThreadStatus.NeedsRead || (thread.PendingUpdate != 0 && thread.AssumedOutcome == 0))
        {
            return false;
        }

        foreach (var missing in state.Values.MissingReads(thread.Needed))
        {
            if (state.Sources.Count(missing.Read) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool MayBeHelped(int t, ulong helpers)
    {
        foreach (var missing in state.Values.MissingReads(state.Threads[t].Needed))
        {
            if (state.Sources.MoreMayCome(missing.Read, helpers))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Of the reads that threads wait for, one that leaves no choice, else one of a thread that waits for few.</summary>
    /// <remarks>Those that wait for many are best left until the others are done: then it is known what there is to read.</remarks>
    public bool FindNeeded(out int read, out int thread, out bool mayBePostponed)
    {
        (read, thread, mayBePostponed) = (-1, -1, false);
        var best = int.MaxValue;
        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (state.Threads[t].Status != ThreadStatus.NeedsRead)
            {
                continue;
            }

            var missing = state.Values.MissingReads(state.Threads[t].Needed);
            foreach (var candidate in missing)
            {
                var sources = state.Sources.Count(candidate.Read);
                var postponable = state.Sources.MoreMayCome(candidate.Read);
                var rank = sources <= 1 && !postponable ? 0 : (missing.Count * 1000) + sources + (postponable ? 500 : 0);
                if (rank < best && (sources > 0 || !postponable))
                {
                    (best, read, thread, mayBePostponed) = (rank, candidate.Read, t, postponable);
                }
            }
        }

        return read >= 0;
    }
}
