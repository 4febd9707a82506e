using Tablewalk.Cat;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

// Exclusives and atomic updates: a read and a write that belong together.
internal sealed partial class Interpreter
{
    // A store-exclusive may fail for no reason; it cannot succeed without a load-exclusive of the same location before it.
    private bool DoStoreExclusive(int t, ref ThreadProgress thread, ref FlatStep step)
    {
        var address = Operand(t, step.A);
        if (!Needs(ref thread, address.Value, out var at) || !CellsOf(t, ref thread, at, step.SizeBytes, out var cells))
        {
            return false;
        }

        var load = thread.LastExclusive - 1;
        var canSucceed = load >= 0 && state.CellOf[load] == _cellIds[0] && CountParts(load) == cells;
        var (status, dependsOn) = (1, 0);
        if (canSucceed)
        {
            var mustSucceed = thread.ChosenAlternative == 0 && FailureEndsIdleRound(t, ref thread, new(Value.Of(1), 0));
            if (mustSucceed)
            {
                status = 0;
            }
            else if (!DoChoose(t, ref thread, 2, out status))
            {
                return false;
            }
            else if (status != 0)
            {
                thread.EffectCount--; // nobody sees it
                thread.FailedExclusive = load + 1;
            }
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

    private bool DoUpdate(int t, ref ThreadProgress thread, ref FlatStep step)
    {
        var operation = (AtomicOperation)step.Detail;
        var order = (AtomicOrder)step.Order;
        var address = Operand(t, step.A);

        // A compare-exchange comes here twice: once to make its read, and again when it is known whether it succeeds, or assumed. Its read knows where.
        var at = 0UL;
        if (thread.PendingUpdate == 0 && !Needs(ref thread, address.Value, out at))
        {
            return false;
        }

        at = thread.PendingUpdate == 0 ? at : state.CellAt(state.CellOf[thread.PendingUpdate - 1]).Address;
        if (!CellsOf(t, ref thread, at, step.SizeBytes, out var cells))
        {
            return false;
        }

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
            thread.PendingData = data.Value;
            var equal = state.Values.Compute(Operation.Equal, Evaluate(old.Value), Truncated(expected.Value, step.SizeBytes));
            var mustSucceed = false;
            if (!Needs(ref thread, equal, out var succeeds))
            {
                mustSucceed = thread.AssumedOutcome == 0 && !followsWaits && FailureEndsIdleRound(t, ref thread, old, equal);
                if (mustSucceed)
                {
                    thread.AssumedOutcome = 2;
                }

                if (thread.AssumedOutcome == 0)
                {
                    return false;
                }

                thread.Status = ThreadStatus.Running;
                succeeds = thread.AssumedOutcome == 2 ? 1UL : 0;
            }

            Assume(equal, succeeds != 0, mustSucceed); // what was certain before its read is decided on binds that read
            thread.AssumedOutcome = 0;
            thread.PendingUpdate = 0;
            if (succeeds == 0)
            {
                foreach (var cell in _cellIds.AsSpan(0, cells))
                {
                    state.Seen.Note(t, cell); // it would have written if it had read something else
                }

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
        state.PairUpdate(read, write);
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
}
