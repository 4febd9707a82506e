using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

// Loads, stores and poison, and how accesses become events: split into cells, with their dependencies, and put together again.
internal sealed partial class Interpreter
{
    private readonly int[] _cellIds = new int[8];
    private bool _isAligned; // whether the access whose cells were looked up last has an address that is a multiple of its size
    private bool _isWhole; // whether it may happen at once

    private bool DoLoad(int t, ref ThreadProgress thread, ref FlatStep step)
    {
        var address = Operand(t, step.A);
        var isWalk = (LoadOrder)step.Order == LoadOrder.Walk;
        var input = 0UL;
        if (!Needs(ref thread, address.Value, out var at) || (isWalk && !Needs(ref thread, Operand(t, step.B).Value, out input))
            || !CellsOf(t, ref thread, at, step.SizeBytes, out var cells))
        {
            return false;
        }

        var sets = EventSets.Read((LoadOrder)step.Order, step.IsExclusive);
        MakeReads(t, ref thread, address, cells, sets);
        if (isWalk)
        {
            RecordWalk(t, ref thread, cells, input);
        }

        if (step.IsExclusive)
        {
            thread.LastExclusive = _parts[0] + 1;
        }

        state.SetRegister(t, step.Destination, Combine(cells, step.SizeBytes));
        return true;
    }

    private bool DoStore(int t, ref ThreadProgress thread, ref FlatStep step, RegisterValue data, ulong sets)
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

    private bool DoPoison(int t, ref ThreadProgress thread, ref FlatStep step)
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

    // Splits an access into cells, in address order. A word that is accessed in parts anywhere is split for everybody. A misaligned access is
    // split into bytes, which may belong together only within 16 bytes; its model says whether they do. ARM: DDI 0487, B2.2.1, FEAT_LSE2.
    private bool CellsOf(int t, ref ThreadProgress thread, ulong address, int sizeBytes, out int count)
    {
        count = 0;
        _isAligned = address % (ulong)sizeBytes == 0;
        _isWhole = (address & ~15UL) == ((address + (ulong)sizeBytes - 1) & ~15UL);
        var cellSize = state.Known.CellSize(address & ~7UL);
        var finest = _isAligned ? sizeBytes : 1;
        if (finest < cellSize || finest < state.Known.CellSize(LastWord(address, sizeBytes)))
        {
            for (var word = address & ~7UL; word <= LastWord(address, sizeBytes); word += sizeof(ulong))
            {
                state.Discovered.Add(new Discovery(DiscoveryKind.CellSize, Address: word, Number: finest));
            }

            thread.Status = ThreadStatus.Finished; // the search begins again
            return false;
        }

        for (var offset = 0; offset < sizeBytes; offset += cellSize)
        {
            var cell = state.CellFor(address + (ulong)offset, cellSize);
            if (cell < 0)
            {
                state.WildAccess = (t, thread.Step);
                thread.Status = ThreadStatus.Finished;
                thread.Result = Value.Of(0);
                return false;
            }

            _cellIds[count++] = cell;
        }

        if (state.HasPoison && !state.Known.IsTouched(address & ~7UL))
        {
            state.Discovered.Add(new Discovery(DiscoveryKind.Touched, Address: address & ~7UL));
        }

        return true;
    }

    private static ulong LastWord(ulong address, int sizeBytes) => (address + (ulong)sizeBytes - 1) & ~7UL;

    private void MakeReads(int t, ref ThreadProgress thread, RegisterValue address, int cells, ulong sets)
    {
        var first = -1;
        sets |= _isAligned ? 0 : EventSets.Of(BaseSet.Unaligned);
        for (var i = 0; i < cells; i++)
        {
            var e = state.AddEvent(EventKind.Read, t, thread.Step, sets, first, _cellIds[i], _isWhole);
            first = first < 0 ? e : first;
            _parts[i] = e;
            AddDependencies(BaseRelation.Addr, BaseRelation.PickAddr, address, e);
        }
    }

    private void AddDependencies(BaseRelation through, BaseRelation picked, RegisterValue value, int e)
    {
        ref var taints = ref state.DependsOn[e];
        if (through == BaseRelation.Addr)
        {
            (taints.Address, taints.AddressPick) = (value.Taint, value.Pick);
        }
        else
        {
            (taints.Data, taints.DataPick) = (value.Taint, value.Pick);
        }

        state.Evaluation.AddEdges(through, state.Taints.Row(value.Taint), e);
        if (value.Pick != 0)
        {
            state.Evaluation.AddEdges(picked, state.Taints.Row(value.Pick), e);
        }
    }

    // The value of an access from its cells' reads.
    private RegisterValue Combine(int cells, int sizeBytes)
    {
        var taint = 0;
        var value = Value.Of(0);
        for (var i = 0; i < cells; i++)
        {
            taint = state.Taints.Union(taint, state.Taints.Single(_parts[i]));
            var part = state.Values.Read(_parts[i]);
            value = i == 0 ? part : state.Values.Compute(Operation.Or, value, state.Values.Compute(Operation.ShiftLeft, part, ShiftOf(i, cells, sizeBytes)));
        }

        return new(value, taint);
    }

    private void FindParts(int first, int cells)
    {
        var found = 0;
        for (var e = first; found < cells; e++)
        {
            if (state.Instruction[e] == first)
            {
                _parts[found++] = e;
            }
        }
    }

    private int CountParts(int first)
    {
        var count = 0;
        for (var e = first; e < state.EventCount; e++)
        {
            count += state.Instruction[e] == first ? 1 : 0;
        }

        return count;
    }

    private void AddWrites(
        int t, ref ThreadProgress thread, RegisterValue address, RegisterValue data, int cells, ulong sets, int instruction, int sizeBytes)
    {
        sets |= _isAligned ? 0 : EventSets.Of(BaseSet.Unaligned);
        for (var i = 0; i < cells; i++)
        {
            var cell = _cellIds[i];
            var e = state.AddEvent(EventKind.Write, t, thread.Step, sets, instruction, cell, _isWhole);
            instruction = instruction < 0 ? e : instruction;
            _writeParts[i] = e;
            AddDependencies(BaseRelation.Addr, BaseRelation.PickAddr, address, e);
            AddDependencies(BaseRelation.Data, BaseRelation.PickData, data, e);
            var part = i == 0 ? data.Value : state.Values.Compute(Operation.ShiftRightLogical, data.Value, ShiftOf(i, cells, sizeBytes));
            state.Written[e] = Truncated(part, sizeBytes / cells);
            state.OrderCoherence(state.InitialWrite[cell] - 1, e);
            if (state.LastWriteCount[t][cell] > 0)
            {
                state.Unsettle(cell); // settled at once, so that the thread's later reads are not offered what it has overwritten
            }

            state.Seen.Note(t, cell);
            CountWrite(t, cell);
        }

        thread.EffectCount++;
    }

    // More writes than there can be come only of an assumption that cannot come true.
    private void CountWrite(int t, int cell)
    {
        var made = state.LastWriteCount[t][cell] + 1;
        state.SetWord(state.LastWriteCount[t], cell, made);
        if (made > state.Known.Bounds.Altogether(t, state.CellAt(cell).Address))
        {
            Invariant.Check(state.Assumptions.Exists(a => !state.Values.TryEvaluate(a.Condition, out _, out _)), "a thread makes more writes than it may");
            _isImpossible = true;
        }
    }
}
