using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search;

/// <summary>
/// Runs threads over an <see cref="ExecutionState"/> as far as they get: a load makes a pending read whose value is symbolic; a thread stops
/// where a branch, an address or a comparison needs a pending read.
/// </summary>
internal sealed partial class Interpreter(ExecutionState state, string? claim, bool followsWaits)
{
    private readonly int[] _parts = new int[8];
    private readonly int[] _writeParts = new int[8];

    /// <summary>Runs every thread as far as it gets.</summary>
    /// <returns>False if nothing can become of this execution: the model forbids it, or a wait failed in it.</returns>
    public bool RunAll()
    {
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

    private bool AssumptionsMayHold()
    {
        foreach (var assumption in state.Assumptions)
        {
            var bits = state.Values.Bits(assumption.Condition);
            if (assumption.IsTrue ? bits.IsZero : bits.IsNonzero)
            {
                return false;
            }
        }

        return true;
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
        var code = state.Codes[t];
        while (thread.Status == ThreadStatus.Running)
        {
            if (!Execute(t, ref thread, code, ref code.Steps[thread.Step]))
            {
                break;
            }
        }

        return followsWaits || thread.Status != ThreadStatus.Spinning;
    }

    // Returns false where the thread stops, its status saying why.
    private bool Execute(int t, ref ThreadState thread, FlatCode code, ref FlatStep step)
    {
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
                // Which value is chosen decides what the result depends on, so it must be known.
                var condition = Operand(t, step.A);
                if (!Needs(ref thread, condition.Value, out var isTrue))
                {
                    return false;
                }

                var chosen = Operand(t, isTrue != 0 ? step.B : step.C);
                state.SetRegister(t, step.Destination, chosen with { Pick = PickedBy(condition, chosen.Pick) });
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
                state.Assumptions.Add(new(Operand(t, step.A).Value, true));
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
                if (!Needs(ref thread, condition.Value, out var value))
                {
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

    // A waiting loop is explored in its last round only: a round that changed nothing that the next round can see, neither in memory nor in
    // a register that is live at the head, adds reads and nothing else, and any execution with it is one without it plus constraints.
    private bool GoTo(int t, ref ThreadState thread, FlatCode code, int target)
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

    private RegisterValue Operand(int t, in FlatOperand operand)
    {
        if (operand.Register < 0)
        {
            return new(Value.Of(operand.Constant), 0);
        }

        var held = state.Registers[t][operand.Register];
        return held.Value.IsConstant ? held : held with { Value = Evaluate(held.Value) };
    }

    // The events that picked a value under a condition, and what else picked it.
    private int PickedBy(RegisterValue condition, int others) => state.Taints.Union(others, state.Taints.Union(condition.Taint, condition.Pick));

    private Value Evaluate(Value value) => state.Values.TryEvaluate(value, out var constant, out _) ? Value.Of(constant) : value;

    // Whether a value is known, or certain whatever its pending reads get; if not, the thread waits.
    private bool Needs(ref ThreadState thread, Value value, out ulong constant)
    {
        if (state.Values.TryDecide(value, out constant))
        {
            return true;
        }

        thread.Status = ThreadStatus.NeedsRead;
        thread.Needed = value;
        return false;
    }

    private bool DoLoad(int t, ref ThreadState thread, ref FlatStep step)
    {
        var address = Operand(t, step.A);
        var isWalk = (LoadOrder)step.Order == LoadOrder.Walk;
        var page = 0UL;
        if (!Needs(ref thread, address.Value, out var at) || (isWalk && !Needs(ref thread, Operand(t, step.B).Value, out page))
            || !CellsOf(t, ref thread, at, step.SizeBytes, out var cells))
        {
            return false;
        }

        var sets = EventSets.Read((LoadOrder)step.Order, step.IsExclusive);
        MakeReads(t, ref thread, address, cells, sets);
        if (isWalk)
        {
            RecordWalk(t, ref thread, cells, page);
        }

        if (step.IsExclusive)
        {
            thread.LastExclusive = _parts[0] + 1;
        }

        state.SetRegister(t, step.Destination, Combine(cells, step.SizeBytes));
        return true;
    }

    private bool DoStore(int t, ref ThreadState thread, ref FlatStep step, RegisterValue data, ulong sets)
    {
        var address = Operand(t, step.A);
        if (!Needs(ref thread, address.Value, out var at) || !CellsOf(t, ref thread, at, step.SizeBytes, out var cells))
        {
            return false;
        }

        AddWrites(t, ref thread, address, data, cells, sets, -1, step.SizeBytes);
        if ((StoreOrder)step.Order == StoreOrder.HardwareUpdate)
        {
            PairWithWalk(ref thread, cells);
        }

        return true;
    }

    // A store-exclusive may fail for no reason; it cannot succeed without a load-exclusive of the same location before it.
    private bool DoStoreExclusive(int t, ref ThreadState thread, ref FlatStep step)
    {
        var address = Operand(t, step.A);
        if (!Needs(ref thread, address.Value, out var at) || !CellsOf(t, ref thread, at, step.SizeBytes, out var cells))
        {
            return false;
        }

        var load = thread.LastExclusive - 1;
        var canSucceed = load >= 0 && state.CellOf[load] == _cellIds[0] && CountParts(load) == cells;
        var (status, dependsOn) = (1, 0);
        if (canSucceed && !DoChoose(t, ref thread, 2, out status))
        {
            return false;
        }

        if (status == 0)
        {
            var sets = EventSets.Write((StoreOrder)step.Order) | EventSets.Of(BaseSet.X, BaseSet.Rmw);
            AddWrites(t, ref thread, address, Operand(t, step.B), cells, sets, -1, step.SizeBytes);
            FindParts(load, cells);
            for (var i = 0; i < cells; i++)
            {
                Pair(_parts[i], _writeParts[i], BaseRelation.Lxsx);
                state.Evaluation.AddToSet(BaseSet.Rmw, _parts[i]);
                dependsOn = state.Taints.Union(dependsOn, state.Taints.Single(_writeParts[i]));
            }
        }

        thread.LastExclusive = 0;
        state.SetRegister(t, step.Destination, new(Value.Of((ulong)status), dependsOn));
        return true;
    }

    private bool DoUpdate(int t, ref ThreadState thread, ref FlatStep step)
    {
        var operation = (AtomicOperation)step.Detail;
        var order = (AtomicOrder)step.Order;
        var address = Operand(t, step.A);
        if (!Needs(ref thread, address.Value, out var at) || !CellsOf(t, ref thread, at, step.SizeBytes, out var cells))
        {
            return false;
        }

        // A compare-exchange comes here twice: once to make its read, and again when it is known whether it succeeds.
        if (thread.PendingUpdate == 0)
        {
            MakeReads(t, ref thread, address, cells, EventSets.Of(BaseSet.R) | SetsOfUpdateRead(operation, order, ref step));
        }
        else
        {
            FindParts(thread.PendingUpdate - 1, cells);
        }

        var old = Combine(cells, step.SizeBytes);
        var data = Operand(t, step.B);
        if (operation == AtomicOperation.CompareExchange)
        {
            var expected = Operand(t, step.C);
            thread.PendingUpdate = _parts[0] + 1;
            var equal = state.Values.Compute(Operation.Equal, Evaluate(old.Value), Truncated(expected.Value, step.SizeBytes));
            if (!Needs(ref thread, equal, out var succeeds))
            {
                if (thread.AssumedOutcome == 0)
                {
                    return false;
                }

                thread.Status = ThreadStatus.Running;
                succeeds = thread.AssumedOutcome == 2 ? 1UL : 0;
                state.Assumptions.Add(new(equal, succeeds != 0));
            }

            thread.AssumedOutcome = 0;
            thread.PendingUpdate = 0;
            if (succeeds == 0)
            {
                state.SetRegister(t, step.Destination, old with { Pick = PickedBy(expected, 0) });
                return true;
            }

            // That the old value was the expected one picks what is written, and the old value is the expected one. ARM: DDI 0487, "Pick dependency".
            data = data with { Pick = PickedBy(expected, data.Pick) };
            old = old with { Taint = expected.Taint, Pick = PickedBy(old, expected.Pick) };
            for (var i = 0; i < cells; i++)
            {
                AddToSets(EventSets.UpdateRead(order), _parts[i]);
            }
        }
        else
        {
            data = data with { Value = Updated(operation, old.Value, data.Value, step.SizeBytes) };
        }

        AddWrites(t, ref thread, address, data, cells, EventSets.UpdateWrite(order), _parts[0], step.SizeBytes);
        for (var i = 0; i < cells; i++)
        {
            Pair(_parts[i], _writeParts[i], BaseRelation.Amo);
        }

        state.SetRegister(t, step.Destination, old);
        return true;
    }

    // A compare-exchange gets its sets when it succeeds, unless it orders in any case.
    private static ulong SetsOfUpdateRead(AtomicOperation operation, AtomicOrder order, ref FlatStep step) =>
        (operation != AtomicOperation.CompareExchange ? EventSets.UpdateRead(order)
            : step.OrdersOnFailure ? EventSets.UpdateRead(order) & ~EventSets.Of(BaseSet.Rmw) : 0)
        | (step.HasNoReturn ? EventSets.Of(BaseSet.NoRet) : 0);

    private Value Updated(AtomicOperation operation, Value old, Value operand, int sizeBytes)
    {
        switch (operation)
        {
            case AtomicOperation.Exchange:
                return operand;
            case AtomicOperation.Clear:
                return state.Values.Compute(Operation.And, old, state.Values.Compute(Operation.Xor, operand, Value.Of(ulong.MaxValue)));
            case AtomicOperation.MaxSigned or AtomicOperation.MinSigned or AtomicOperation.MaxUnsigned or AtomicOperation.MinUnsigned:
                var isSigned = operation is AtomicOperation.MaxSigned or AtomicOperation.MinSigned;
                var width = Value.Of((ulong)sizeBytes * 8);
                var left = state.Values.Compute(isSigned ? Operation.SignExtend : Operation.ZeroExtend, old, width);
                var right = state.Values.Compute(isSigned ? Operation.SignExtend : Operation.ZeroExtend, operand, width);
                var isLess = state.Values.Compute(isSigned ? Operation.LessSigned : Operation.LessUnsigned, left, right);
                return operation is AtomicOperation.MaxSigned or AtomicOperation.MaxUnsigned
                    ? state.Values.Select(isLess, right, left)
                    : state.Values.Select(isLess, left, right);
            default:
                return state.Values.Compute(operation.AsOperation(), old, operand);
        }
    }

    private void Pair(int read, int write, BaseRelation kind)
    {
        state.SetWord(state.UpdateWrite, read, write);
        state.Evaluation.AddEdge(BaseRelation.Rmw, read, write);
        state.Evaluation.AddEdge(kind, read, write);
    }

    private void AddToSets(ulong sets, int e)
    {
        for (; sets != 0; sets &= sets - 1)
        {
            state.Evaluation.AddToSet((BaseSet)System.Numerics.BitOperations.TrailingZeroCount(sets), e);
        }
    }

    private static Value ShiftOf(int part, int cells, int sizeBytes) => Value.Of((ulong)(part * 8 * (sizeBytes / cells)));

    private Value Truncated(Value value, int sizeBytes) =>
        sizeBytes == sizeof(ulong) ? value : state.Values.Compute(Operation.ZeroExtend, value, Value.Of((ulong)(sizeBytes * 8)));

    private void DoSectionEdge(int t, ref ThreadState thread, ref FlatStep step)
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

    private bool DoPoison(int t, ref ThreadState thread, ref FlatStep step)
    {
        var address = Operand(t, step.A);
        if (!Needs(ref thread, address.Value, out var start) || !Needs(ref thread, Operand(t, step.B).Value, out var length))
        {
            return false;
        }

        for (var word = start & ~7UL; word < start + length; word += sizeof(ulong))
        {
            if (state.Known.IsTouched(word))
            {
                if (!CellsOf(t, ref thread, word, sizeof(ulong), out var cells))
                {
                    return false;
                }

                AddWrites(t, ref thread, address, new(Value.Of(step.Pattern), 0), cells, EventSets.Write(StoreOrder.Once), -1, sizeof(ulong));
            }
        }

        return true;
    }

    private void DoBugOn(int t, ref ThreadState thread, ref FlatStep step)
    {
        if (claim is null || step.Claim != claim)
        {
            return;
        }

        var condition = Operand(t, step.A).Value;
        if (!condition.IsConstant || condition.Constant != 0)
        {
            state.Claims.Add(new ClaimInstance(t, thread.Step, condition));
            thread.EffectCount++;
        }
    }

    private bool DoChoose(int t, ref ThreadState thread, int count, out int chosen)
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
