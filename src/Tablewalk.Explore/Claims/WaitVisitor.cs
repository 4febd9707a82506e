using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;

namespace Tablewalk.Explore.Claims;

/// <summary>
/// Looks for an execution in which a thread waits for ever: a round of a waiting loop has no effect, all other threads have finished or wait likewise, and
/// every read of the round gets the coherence-last write of its location, so that the next round, and all after it, can only be the same.
/// </summary>
internal sealed class WaitVisitor(FlatCode[] codes) : ISearchVisitor
{
    private readonly bool[][] _reachesLoop = [.. codes.Select(code => code.Flow.ReachesLoopHead())];

    /// <summary>Where the wait is, in the execution that was visited last.</summary>
    public Break? Broken { get; private set; }

    public bool LeavesEarly => true;

    public bool MayMatter(ExecutionState state)
    {
        if (state.WildAccess is not null)
        {
            return false;
        }

        var mayWait = false;
        for (var t = 0; t < codes.Length; t++)
        {
            ref readonly var thread = ref state.Threads[t];
            if (thread.Status == ThreadStatus.Spinning)
            {
                mayWait = true;
                if (!MayGoOnForEver(state, t))
                {
                    return false;
                }
            }
            else if (thread.Status != ThreadStatus.Finished)
            {
                mayWait |= _reachesLoop[t][codes[t].BlockOf(thread.Step)];
            }
        }

        return mayWait;
    }

    public bool Visit(ExecutionState state)
    {
        var t = Array.FindIndex(state.Threads, thread => thread.Status == ThreadStatus.Spinning);
        Broken = t < 0 ? null : new(t, state.Threads[t].Step, BreakKind.EndlessWait);
        return t < 0;
    }

    // Memory is fair: what was overwritten is not read for ever.
    private static bool MayGoOnForEver(ExecutionState state, int t)
    {
        for (var e = state.Threads[t].RoundBegin; e < state.EventCount; e++)
        {
            if (state.Thread[e] == t && state.Kind[e] == EventKind.Read && state.Source[e] is >= 0 and var source && IsOverwritten(state, source))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOverwritten(ExecutionState state, int write)
    {
        var cell = state.CellOf[write];
        for (var w = state.FirstWrite(cell); w >= 0; w = state.NextWrite(cell, w))
        {
            if (w != write && (state.IsCoherenceBefore(write, w) || state.Evaluation.WouldClose(Cat.Communication.Co, w, write)))
            {
                return true;
            }
        }

        return false;
    }
}
