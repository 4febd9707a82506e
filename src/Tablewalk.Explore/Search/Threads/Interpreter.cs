using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

/// <summary>
/// Runs threads over an <see cref="ExecutionState"/> as far as they get: a load makes a pending read whose value is symbolic; a thread stops
/// where a branch, an address or a comparison needs a pending read.
/// </summary>
internal sealed partial class Interpreter(ExecutionState state, string? claim, bool followsWaits)
{
    private readonly int[] _parts = new int[8];
    private readonly int[] _writeParts = new int[8];
    private bool _isImpossible; // what the thread that runs does cannot be

    /// <summary>Whether nothing but the model is in the way of an execution that was given up.</summary>
    public bool IsForbidden { get; private set; }

    /// <summary>Runs every thread as far as it gets.</summary>
    /// <returns>False if nothing can become of this execution: the model forbids it, or a wait failed in it.</returns>
    public bool RunAll()
    {
        IsForbidden = false;
        if (!AssumptionsMayHold())
        {
            return false;
        }

        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (CanGoOn(t) && !Run(t))
            {
                return false;
            }
        }

        IsForbidden = true;
        return state.Evaluation.Propagate();
    }

    /// <summary>Whether some thread can go on without a further decision.</summary>
    public bool AnyCanGoOn()
    {
        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (CanGoOn(t))
            {
                return true;
            }
        }

        return false;
    }

    private bool CanGoOn(int t) => state.Threads[t].Status switch
    {
        ThreadStatus.Running => true,
        ThreadStatus.NeedsRead => state.Threads[t].AssumedOutcome != 0 || state.Values.TryDecide(state.Threads[t].Needed, out _),
        ThreadStatus.NeedsChoice => state.Threads[t].ChosenAlternative != 0,
        _ => false,
    };

    private bool Run(int t)
    {
        state.SaveThread(t);
        ref var thread = ref state.Threads[t];
        thread.Status = ThreadStatus.Running;
        _isImpossible = false;
        var code = state.Codes[t];
        while (thread.Status == ThreadStatus.Running && !_isImpossible)
        {
            if (!Execute(t, ref thread, code, ref code.Steps[thread.Step]))
            {
                break;
            }
        }

        // A store-exclusive does not fail for ever, so a round with one that did for no reason is no wait.
        return !_isImpossible && (thread.Status != ThreadStatus.Spinning || (followsWaits && thread.FailedExclusive <= thread.RoundBegin));
    }

    // Returns false where the thread stops, its status saying why.
    private bool Execute(int t, ref ThreadProgress thread, FlatCode code, ref FlatStep step)
    {
        if (code.HasSelects && !CloseSelects(t, ref thread, ref step))
        {
            return false;
        }

        switch (step.Code)
        {
            case StepCode.Compute:
            {
                var a = Operand(t, step.A);
                var b = Operand(t, step.B);
                state.SetRegister(t, step.Destination, new(
                    state.Values.Compute((Operation)step.Detail, a.Value, b.Value),
                    state.Taints.Union(a.Taint, b.Taint),
                    state.Taints.Union(a.Pick, b.Pick)));
                break;
            }

            case StepCode.Select:
            {
                var open = new OpenSelect(Operand(t, step.A), Operand(t, step.B), Operand(t, step.C));
                state.SetRegister(t, step.Destination, state.Values.TryDecide(open.Condition.Value, out var isTrue) ? Chosen(open, isTrue) : Open(open));
                break;
            }

            case StepCode.Load:
                if (!DoLoad(t, ref thread, ref step))
                {
                    return false;
                }

                break;
            case StepCode.Store:
                if (!DoStore(t, ref thread, ref step, Operand(t, step.B), EventSets.Write((StoreOrder)step.Order)))
                {
                    return false;
                }

                break;
            case StepCode.StoreExclusive:
                if (!DoStoreExclusive(t, ref thread, ref step))
                {
                    return false;
                }

                break;
            case StepCode.AtomicUpdate:
                if (!DoUpdate(t, ref thread, ref step))
                {
                    return false;
                }

                break;
            case StepCode.Fence:
                state.AddEvent(EventKind.Fence, t, thread.Step, EventSets.Fence((FenceKind)step.Detail), -1);
                break;
            case StepCode.TakeFault:
                DoFault(t, ref thread, ref step);
                break;
            case StepCode.Invalidate:
                if (!DoInvalidate(t, ref thread, ref step))
                {
                    return false;
                }

                break;
            case StepCode.Assume:
                Assume(Operand(t, step.A).Value, isTrue: true);
                break;
            case StepCode.SectionEdge:
                DoSectionEdge(t, ref thread, ref step);
                break;
            case StepCode.Wait:
                var wait = state.AddEvent(EventKind.Wait, t, thread.Step, EventSets.Wait((WaitKind)step.Detail), -1);
                state.Waits.Add((wait, t, (WaitKind)step.Detail));
                thread.EffectCount++;
                break;
            case StepCode.Poison:
                if (!DoPoison(t, ref thread, ref step))
                {
                    return false;
                }

                break;
            case StepCode.BugOn:
                DoBugOn(t, ref thread, ref step);
                break;
            case StepCode.Choose:
                if (!DoChoose(t, ref thread, step.Otherwise, out var alternative))
                {
                    return false;
                }

                state.SetRegister(t, step.Destination, new(Value.Of((ulong)alternative), 0));
                break;
            case StepCode.Jump:
                return GoTo(t, ref thread, code, step.Target);
            case StepCode.Branch:
            {
                var condition = Operand(t, step.A);
                if (!Needs(ref thread, condition.Value, out var value) && !IsImplied(ref thread, condition.Value, out value))
                {
                    LeaveOutIdleRounds(t, ref thread, code, ref step, condition.Value);
                    return false;
                }

                if (!step.IsImplicit)
                {
                    thread.CtrlTaint = state.Taints.Union(thread.CtrlTaint, condition.Taint);
                    thread.PickCtrlTaint = state.Taints.Union(thread.PickCtrlTaint, condition.Pick);
                }

                return GoTo(t, ref thread, code, value != 0 ? step.Target : step.Otherwise);
            }

            case StepCode.Return:
                thread.Result = Operand(t, step.A).Value;
                thread.Status = ThreadStatus.Finished;
                return false;
            default:
                throw new InvalidOperationException($"no meaning for {step.Code}");
        }

        thread.Step++;
        return true;
    }

    private RegisterValue Operand(int t, in FlatOperand operand)
    {
        if (operand.Register < 0)
        {
            return new(Value.Of(operand.Constant), 0);
        }

        var held = state.Registers[t][operand.Register];
        return held.Value.IsConstant ? held : held with { Value = Evaluate(held.Value) };
    }

    private Value Evaluate(Value value) => state.Values.TryEvaluate(value, out var constant, out _) ? Value.Of(constant) : value;

    // Whether a value is known, or certain whatever its pending reads get; if not, the thread waits.
    private bool Needs(ref ThreadProgress thread, Value value, out ulong constant)
    {
        if (state.Values.TryDecide(value, out constant))
        {
            return true;
        }

        thread.Status = ThreadStatus.NeedsRead;
        thread.Needed = value;
        return false;
    }

    private void DoSectionEdge(int t, ref ThreadProgress thread, ref FlatStep step)
    {
        var kind = (SectionKind)step.Detail;
        ref var depth = ref kind == SectionKind.IrqOff ? ref thread.IrqDepth : ref thread.RcuDepth;
        ref var open = ref kind == SectionKind.IrqOff ? ref thread.OpenIrqEntry : ref thread.OpenRcuEntry;
        thread.EffectCount++;
        if (step.IsEntry ? depth++ > 0 : --depth > 0)
        {
            return; // only the outermost edges count
        }

        var e = state.AddEvent(
            step.IsEntry ? EventKind.SectionEntry : EventKind.SectionExit, t, thread.Step, EventSets.Section(kind, step.IsEntry), -1);
        if (step.IsEntry)
        {
            open = state.Sections.Count;
            state.OpenSection(t, kind, e);
        }
        else
        {
            state.SetWord(state.SectionExit, open, e + 1);
        }
    }

    private void DoBugOn(int t, ref ThreadProgress thread, ref FlatStep step)
    {
        if (claim is null || step.Claim != claim)
        {
            return;
        }

        var condition = Operand(t, step.A);
        if (!condition.Value.IsConstant || condition.Value.Constant != 0)
        {
            state.Claims.Add(new ClaimInstance(t, thread.Step, condition, thread.CtrlTaint, thread.PickCtrlTaint));
            thread.EffectCount++;
        }
    }

    private bool DoChoose(int t, ref ThreadProgress thread, int count, out int chosen)
    {
        chosen = thread.ChosenAlternative - 1;
        if (chosen < 0 && count == 1)
        {
            chosen = 0;
            return true;
        }

        if (chosen < 0)
        {
            thread.Status = ThreadStatus.NeedsChoice;
            thread.ChoiceCount = count;
            return false;
        }

        thread.ChosenAlternative = 0;
        thread.ChoiceCount = 0;
        thread.EffectCount++;
        state.Choices.Add((t, chosen));
        return true;
    }
}
