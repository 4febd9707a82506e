using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.ReadsFrom;

namespace Tablewalk.Explore.Search.Decisions;

/// <summary>Which read to decide on next.</summary>
internal sealed class ReadChoice(ExecutionState state)
{
    private const int Many = 4;

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

        for (var e = 0; e < state.EventCount && !isClaimed && fewest > 1; e++)
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

    /// <summary>Whether a read decides a compare-exchange that must succeed, since some thread waits for what it writes.</summary>
    /// <remarks>Comes after <see cref="IsDeadlocked"/>.</remarks>
    public bool MustSucceed(int read)
    {
        var t = state.Thread[read];
        ref readonly var thread = ref state.Threads[t];
        return thread is { Status: ThreadStatus.NeedsRead, AssumedOutcome: 0 } && thread.PendingUpdate - 1 == read
            && state.Values.IsComputedFrom(thread.Needed, read) && _future.MustSucceed(t);
    }

    /// <summary>Whether a thread is in a compare-exchange of a cell that writes only if its read gets a write that does not exist yet.</summary>
    public bool CannotSucceedYet(int t, int cell)
    {
        ref readonly var thread = ref state.Threads[t];
        return thread is { Status: ThreadStatus.NeedsRead, AssumedOutcome: 0, PendingUpdate: > 0 } && state.CellOf[thread.PendingUpdate - 1] == cell && !_future.MaySucceedNow(t);
    }

    /// <summary>The threads that can still go on.</summary>
    /// <remarks>Comes after <see cref="IsDeadlocked"/>.</remarks>
    public ulong GoingOn => _future.GoingOn;

    /// <summary>A pending read that must get a certain value, has one source or none, and is none that a comparison waits for; -1 if there is none.</summary>
    /// <remarks>A thread that went on under an assumption took that source away from the others, who see it only once that is decided. Whether a comparison must succeed is to be known first.</remarks>
    public int FindForced()
    {
        for (var r = state.Restrictions.Count - 1; r >= 0; r--)
        {
            if (state.Restrictions[r].Missing.Read is var read && IsForced(read))
            {
                return read;
            }
        }

        return -1;
    }

    // A read that was decided on with others alike is left until it matters from which of them it reads.
    private bool IsForced(int read) =>
        state.Source[read] < 0 && !IsCompared(read) && (state.UpdateWrite[read] >= 0 || state.SourceLimit[read] == state.Capacity)
        && !state.Sources.MoreMayCome(read) && state.Sources.Count(read) <= 1;

    private bool IsCompared(int read) =>
        state.Threads[state.Thread[read]] is { Status: ThreadStatus.NeedsRead } thread && thread.PendingUpdate - 1 == read;

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
                if (RankOf(t, candidate.Read, sources, missing.Length, postponable: false) >= best)
                {
                    continue; // it would not be better if it could be postponed
                }

                var postponable = _future.MayWait(candidate.Read);
                var rank = RankOf(t, candidate.Read, sources, missing.Length, postponable);
                if (rank < best && (sources > 0 || !postponable))
                {
                    (best, read, thread, mayBePostponed) = (rank, candidate.Read, t, postponable);
                }
            }
        }

        return read >= 0;
    }

    private int RankOf(int t, int read, int sources, int missing, bool postponable) =>
        sources <= 1 && !postponable ? 0
        : sources > 0 && state.Postponed[read] > 0 ? 1
        : (missing * 1000) + sources + LeaveUntil(t, missing, postponable);

    // What a thread waits for that waits for many is known only when the others are done; what others may still write, and how a comparison comes out, comes before.
    private int LeaveUntil(int t, int missing, bool postponable) =>
        missing > Many ? 3_000_000 : !postponable ? 0 : state.Threads[t].PendingUpdate != 0 ? 2_000_000 : 1_000_000;
}
