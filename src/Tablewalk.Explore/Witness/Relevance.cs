using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;

namespace Tablewalk.Explore.Witness;

/// <summary>
/// Which events a broken claim depends on: those of its thread before it in program order, and whatever must come before an event that is kept, by
/// the orders of <see cref="Precedence"/> or by program order. The others may come later, so a table can do without them.
/// </summary>
internal static class Relevance
{
    /// <summary>By event, whether it is kept; initial writes never are. A claim over the final state (thread -1) depends on all.</summary>
    public static bool[] Of(ExecutionState state, Precedence precedence, int thread, int claimStep)
    {
        var last = thread < 0 ? -1 : LastBefore(state, thread, claimStep);
        var kept = new bool[state.EventCount];
        for (var e = 0; e < kept.Length; e++)
        {
            kept[e] = thread < 0 ? state.Thread[e] >= 0 : state.Thread[e] == thread && e <= last;
        }

        Close(state, precedence, kept);
        return kept;
    }

    /// <summary>Keeps what must come before the events that are kept.</summary>
    public static void Close(ExecutionState state, Precedence precedence, bool[] kept)
    {
        var open = new Stack<int>(Enumerable.Range(0, kept.Length).Where(e => kept[e]));
        while (open.TryPop(out var e))
        {
            for (var p = 0; p < kept.Length; p++)
            {
                if (!kept[p] && state.Thread[p] >= 0 && (precedence.Contains(p, e) || IsProgramBefore(state, p, e)))
                {
                    kept[p] = true;
                    open.Push(p);
                }
            }
        }
    }

    // Events of a thread are numbered in program order.
    private static bool IsProgramBefore(ExecutionState state, int a, int b) => a < b && state.Thread[a] == state.Thread[b];

    // A claim is no event. It stands between two events of its thread if the code leads from the first to it and from it to the second without
    // making another; where it does so more than once, in a loop, the last time counts. -1 if it stands before all events.
    private static int LastBefore(ExecutionState state, int thread, int claimStep)
    {
        var code = state.Codes[thread];
        var events = Enumerable.Range(0, state.EventCount).Where(e => state.Thread[e] == thread).ToArray();
        for (var i = events.Length - 1; i >= 0; i--)
        {
            var mayEndHere = i == events.Length - 1 || Leads(code, claimStep, state.Step[events[i + 1]]);
            if (mayEndHere && (state.Step[events[i]] == claimStep || Leads(code, state.Step[events[i]], claimStep)))
            {
                return events[i];
            }
        }

        return -1;
    }

    private static bool Leads(FlatCode code, int from, int to)
    {
        var seen = new bool[code.Steps.Length];
        var open = new Stack<int>(Successors(code, from));
        while (open.TryPop(out var step))
        {
            if (step == to)
            {
                return true;
            }

            if (!seen[step] && !MakesEvents(code.Steps[step].Code))
            {
                seen[step] = true;
                foreach (var next in Successors(code, step))
                {
                    open.Push(next);
                }
            }
        }

        return false;
    }

    private static int[] Successors(FlatCode code, int step) => code.Steps[step] switch
    {
        { Code: StepCode.Jump, Target: var target } => [target],
        { Code: StepCode.Branch, Target: var target, Otherwise: var otherwise } => [target, otherwise],
        { Code: StepCode.Return } => [],
        _ => [step + 1],
    };

    // Always: the edge of an inner section, a failed store-exclusive or poison that nobody looks at makes none.
    private static bool MakesEvents(StepCode code) =>
        code is StepCode.Load or StepCode.Store or StepCode.AtomicUpdate or StepCode.Fence or StepCode.Wait;
}
