using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.Threads;

// Loops that wait. A waiting loop is explored in its last round only: a round that changed nothing that the next round can see, neither in memory nor in
// a register that is live at the head, adds reads and nothing else, and any execution with it is one without it plus constraints.
internal sealed partial class Interpreter
{
    private bool GoTo(int t, ref ThreadProgress thread, FlatCode code, int target)
    {
        thread.Step = target;
        var block = code.BlockStartingAt(target);
        if (!code.Flow.IsLoopHead[block])
        {
            return true;
        }

        var visit = state.LoopVisit[t][block];
        if (visit != 0 && state.LoopEffect[t][block] == thread.EffectCount && !ChangedSince(t, visit - 1, code.Flow.LiveIn[block]))
        {
            thread.Status = ThreadStatus.Spinning;
            thread.RoundBegin = state.LoopEvents[t][block];
            return false;
        }

        state.SetWord(state.LoopVisit[t], block, state.RegisterTrailLength + 1);
        state.SetWord(state.LoopEffect[t], block, thread.EffectCount);
        state.SetWord(state.LoopEvents[t], block, state.EventCount);
        return true;
    }

    private bool ChangedSince(int t, int mark, bool[] live)
    {
        // The oldest entry of each register holds its value at the mark; a later entry that differs from an older one is no change by itself.
        for (var i = mark; i < state.RegisterTrailLength; i++)
        {
            var entry = state.RegisterTrailAt(i);
            if (entry.Thread == t && live[entry.Register] && IsOldest(entry.Register, t, mark, i)
                && state.Registers[t][entry.Register].Value != entry.Old.Value)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOldest(int register, int t, int mark, int index)
    {
        for (var i = mark; i < index; i++)
        {
            var entry = state.RegisterTrailAt(i);
            if (entry.Thread == t && entry.Register == register)
            {
                return false;
            }
        }

        return true;
    }

    // The outcome of a branch that would end an idle round is no choice but a constraint on what the thread reads.
    private void LeaveOutIdleRounds(int t, ref ThreadProgress thread, FlatCode code, ref FlatStep branch, Value condition)
    {
        if (followsWaits || !IsInIdleRound(t, thread.EffectCount, code))
        {
            return;
        }

        var ifNonzero = EndsIdleRound(t, ref thread, code, branch.Target);
        var ifZero = EndsIdleRound(t, ref thread, code, branch.Otherwise);
        if (ifNonzero && ifZero)
        {
            thread.Status = ThreadStatus.Spinning;
        }
        else if (ifNonzero || ifZero)
        {
            Assume(condition, ifZero);
        }
    }

    // Whether an update that fails leads back to where the round began, so that it must succeed.
    private bool FailureEndsIdleRound(int t, ref ThreadProgress thread, RegisterValue result, Value? equal = null)
    {
        var code = state.Codes[t];
        if (!IsInIdleRound(t, thread.EffectCount, code))
        {
            return false;
        }

        var mark = state.Mark();
        state.SetRegister(t, code.Steps[thread.Step].Destination, result);
        if (equal is { } comparison)
        {
            state.Assumptions.Add(new(comparison, IsTrue: false, DecidesBranches: true));
        }

        var isIdle = EndsIdleRound(t, ref thread, code, thread.Step + 1);
        state.UndoTo(mark);
        return isIdle;
    }

    private bool IsInIdleRound(int t, int effects, FlatCode code)
    {
        for (var block = 0; block < state.LoopVisit[t].Length; block++)
        {
            if (code.Flow.IsLoopHead[block] && state.LoopVisit[t][block] != 0 && state.LoopEffect[t][block] == effects)
            {
                return true;
            }
        }

        return false;
    }

    // Runs on from a step, for as long as that takes neither an event nor a decision, to see whether the thread would spin.
    private bool EndsIdleRound(int t, ref ThreadProgress thread, FlatCode code, int from)
    {
        var mark = state.Mark();
        state.SaveThread(t);
        thread.Status = ThreadStatus.Running;
        thread.Step = from;
        var goesOn = code.BlockStartingAt(from) < 0 || GoTo(t, ref thread, code, from);
        for (var left = code.Steps.Length; goesOn && left > 0; left--)
        {
            ref var step = ref code.Steps[thread.Step];
            goesOn = step.Code is StepCode.Compute or StepCode.Select or StepCode.Jump
                ? Execute(t, ref thread, code, ref step)
                : step.Code == StepCode.Branch && GoOnAtBranch(t, ref thread, code, ref step);
        }

        var spins = thread.Status == ThreadStatus.Spinning;
        state.UndoTo(mark);
        return spins;
    }

    private bool GoOnAtBranch(int t, ref ThreadProgress thread, FlatCode code, ref FlatStep step)
    {
        var condition = Operand(t, step.A).Value;
        return (Needs(ref thread, condition, out var value) || IsImplied(ref thread, condition, out value))
            && GoTo(t, ref thread, code, value != 0 ? step.Target : step.Otherwise);
    }
}
