using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>The memory after a complete execution, and the predicate that a program states over it.</summary>
internal static class FinalState
{
    /// <summary>The coherence-last value of a cell.</summary>
    public static ulong ValueOf(ExecutionState state, int cell)
    {
        for (var w = 0; w < state.EventCount; w++)
        {
            if (state.Kind[w] == EventKind.Write && state.CellOf[w] == cell && state.IsCoherenceLast(w))
            {
                return KnownValue(state, state.Written[w]);
            }
        }

        return state.CellAt(cell).Initial;
    }

    /// <summary>A value of a complete execution.</summary>
    public static ulong KnownValue(ExecutionState state, Value value)
    {
        Invariant.Check(state.Values.TryEvaluate(value, out var constant, out _), "a value of a complete execution is not known");
        return constant;
    }

    /// <summary>Runs the final predicate.</summary>
    /// <returns>The step whose BugOn broke the claim, or -1.</returns>
    public static int Run(ExecutionState state, FlatCode code, ReadOnlySpan<ulong> arguments, string claim)
    {
        var run = new ClaimRun(state, claim);
        FinalPredicate.Run(code, arguments, ref run);
        return run.BrokenAt;
    }

    /// <summary>The value at an address, however its word was accessed.</summary>
    public static ulong ReadMemory(ExecutionState state, ulong address, int sizeBytes)
    {
        var cellSize = Math.Min(state.Known.CellSize(address & ~7UL), sizeBytes);
        var value = 0UL;
        for (var offset = 0; offset < sizeBytes; offset += cellSize)
        {
            value |= state.FinalOrInitial(address + (ulong)offset, cellSize) << (offset * 8);
        }

        return value;
    }

    private struct ClaimRun(ExecutionState state, string claim) : IFinalRun
    {
        public int BrokenAt { get; private set; } = -1;

        public readonly ulong Load(ulong address, int sizeBytes) => ReadMemory(state, address, sizeBytes);

        public bool TakeBreak(int step, string broken)
        {
            BrokenAt = broken == claim ? step : -1;
            return broken != claim;
        }
    }
}
