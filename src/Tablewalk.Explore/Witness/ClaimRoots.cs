using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Witness;

/// <summary>What a broken claim was computed from.</summary>
/// <param name="Events">The events whose values its condition, or the address of a wild access, is computed from.</param>
/// <param name="Guards">The reads that decided that its thread came to it.</param>
/// <param name="FinalLoads">What a claim over the final state loads.</param>
/// <param name="Results">The threads of which a claim over the final state is told the result.</param>
internal sealed record ClaimRoots(HashSet<int> Events, HashSet<int> Guards, List<(ulong Address, int SizeBytes)> FinalLoads, HashSet<int> Results)
{
    /// <summary>Of an execution that breaks a claim.</summary>
    public static ClaimRoots Of(Program program, ExecutionState state, FlatCode? final, string claim, Break broken)
    {
        var roots = new ClaimRoots([], [], [], []);
        if (broken.Thread < 0)
        {
            var arguments = program.FinalArguments.Concat(state.Threads.Select(t => FinalState.KnownValue(state, t.Result)));
            var run = new RecordingRun(state, claim, roots.FinalLoads);
            FinalPredicate.Run(final!, [.. arguments.Take(final!.Procedure.Parameters.Length)], ref run);
            for (var t = 0; t < state.Threads.Length && program.FinalArguments.Length + t < final.Procedure.Parameters.Length; t++)
            {
                roots.AddResult(state, t);
            }
        }
        else if (broken.Kind == BreakKind.WildAccess)
        {
            ref readonly var step = ref state.Codes[broken.Thread].Steps[broken.Step];
            roots.Add(state, broken.Thread, step.A);
            roots.AddGuards(state, state.Threads[broken.Thread].CtrlTaint, state.Threads[broken.Thread].PickCtrlTaint);
        }
        else
        {
            var instance = state.Claims.Find(c => (c.Thread, c.Step) == (broken.Thread, broken.Step) && FinalState.KnownValue(state, c.Condition) != 0);
            roots.Add(state, instance.Held);
            roots.AddGuards(state, instance.Control, instance.PickControl);
        }

        return roots;
    }

    private void AddResult(ExecutionState state, int thread)
    {
        Results.Add(thread);
        ref readonly var step = ref state.Codes[thread].Steps[state.Threads[thread].Step];
        if (step.Code == StepCode.Return)
        {
            Add(state, thread, step.A);
            AddGuards(state, state.Threads[thread].CtrlTaint, state.Threads[thread].PickCtrlTaint);
        }
    }

    private void Add(ExecutionState state, int thread, in FlatOperand operand)
    {
        if (operand.Register >= 0)
        {
            Add(state, state.Registers[thread][operand.Register]);
        }
    }

    // A selection that was left open when its value was asked for depends on all of its parts, as far as anybody noted.
    private void Add(ExecutionState state, RegisterValue value)
    {
        if (value.OpenSelect > 0)
        {
            var open = state.OpenSelects[value.OpenSelect - 1];
            Add(state, open.Condition);
            Add(state, FinalState.KnownValue(state, open.Condition.Value) != 0 ? open.IfTrue : open.IfFalse);
        }

        Events.UnionWith(Dependencies.Members(state, value.Taint, value.Pick));
    }

    private void AddGuards(ExecutionState state, int control, int pickControl) => Guards.UnionWith(Dependencies.Members(state, control, pickControl));

    private readonly struct RecordingRun(ExecutionState state, string claim, List<(ulong Address, int SizeBytes)> loads) : IFinalRun
    {
        public ulong Load(ulong address, int sizeBytes)
        {
            loads.Add((address, sizeBytes));
            return FinalState.ReadMemory(state, address, sizeBytes);
        }

        public bool TakeBreak(int step, string broken) => broken != claim;
    }
}
