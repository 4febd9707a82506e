using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Claims;

/// <summary>What the predicate over the final state meets as it runs.</summary>
internal interface IFinalRun
{
    /// <summary>The value in memory.</summary>
    ulong Load(ulong address, int sizeBytes);

    /// <summary>Takes a BugOn whose condition holds.</summary>
    /// <returns>Whether to go on.</returns>
    bool TakeBreak(int step, string claim);
}

/// <summary>Runs the predicate that a program states over the final state, over whatever memory.</summary>
internal static class FinalPredicate
{
    private const int StepLimit = 1_000_000;

    /// <summary>Runs it to its end, or to where it is told not to go on.</summary>
    /// <param name="code">The predicate.</param>
    /// <param name="arguments">The values of its first parameters; the others are zero.</param>
    /// <param name="run">What it meets.</param>
    /// <exception cref="FinalPredicateException">It does more than load and compute, or does not end.</exception>
    public static void Run<TRun>(FlatCode code, ReadOnlySpan<ulong> arguments, ref TRun run)
        where TRun : struct, IFinalRun
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
                    registers[step.Destination] = run.Load(Get(step.A), step.SizeBytes);
                    break;
                case StepCode.BugOn:
                    if (Get(step.A) != 0 && !run.TakeBreak(at - 1, step.Claim!))
                    {
                        return;
                    }

                    break;
                case StepCode.Jump:
                    at = step.Target;
                    break;
                case StepCode.Branch:
                    at = Get(step.A) != 0 ? step.Target : step.Otherwise;
                    break;
                case StepCode.Return:
                    return;
                default:
                    throw new FinalPredicateException(step.Source, $"the final predicate may only load and compute; found {step.Code}");
            }
        }

        throw new FinalPredicateException(null, $"the final predicate {code.Procedure.Name} did not end within {StepLimit} steps");
    }
}
