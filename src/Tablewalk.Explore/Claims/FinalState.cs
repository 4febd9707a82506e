using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>The memory after a complete execution, and the predicate that a program states over it.</summary>
internal static class FinalState
{
    private const int StepLimit = 1_000_000;

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
        var registers = new ulong[code.RegisterCount];
        for (var p = 0; p < arguments.Length; p++)
        {
            registers[code.Procedure.Parameters[p].Index] = arguments[p];
        }

        ulong Get(FlatOperand operand) => operand.Register < 0 ? operand.Constant : registers[operand.Register];
        var at = 0;
        for (var limit = 0; limit < StepLimit; limit++)
        {
            ref readonly var step = ref code.Steps[at++];
            switch (step.Code)
            {
                case StepCode.Compute:
                    registers[step.Destination] = ((Operation)step.Detail).Evaluate(Get(step.A), Get(step.B));
                    break;
                case StepCode.Select:
                    registers[step.Destination] = Get(step.A) != 0 ? Get(step.B) : Get(step.C);
                    break;
                case StepCode.Load:
                    registers[step.Destination] = ReadMemory(state, Get(step.A), step.SizeBytes);
                    break;
                case StepCode.BugOn:
                    if (step.Claim == claim && Get(step.A) != 0)
                    {
                        return at - 1;
                    }

                    break;
                case StepCode.Jump:
                    at = step.Target;
                    break;
                case StepCode.Branch:
                    at = Get(step.A) != 0 ? step.Target : step.Otherwise;
                    break;
                case StepCode.Return:
                    return -1;
                default:
                    throw new NotSupportedException(
                        $"{step.Source?.File}:{step.Source?.Line}: the final predicate may only load and compute; found {step.Code}");
            }
        }

        throw new NotSupportedException($"the final predicate {code.Procedure.Name} did not end within {StepLimit} steps");
    }

    private static ulong ReadMemory(ExecutionState state, ulong address, int sizeBytes)
    {
        var cellSize = Math.Min(state.Known.CellSize(address & ~7UL), sizeBytes);
        var value = 0UL;
        for (var offset = 0; offset < sizeBytes; offset += cellSize)
        {
            value |= state.FinalOrInitial(address + (ulong)offset, cellSize) << (offset * 8);
        }

        return value;
    }
}
