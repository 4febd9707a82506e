using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search;

// How accesses become events: split into cells, with their dependencies, and put together again.
internal sealed partial class Interpreter
{
    private readonly int[] _cellIds = new int[8];

    // Splits an access into cells, in address order. A word that is accessed in parts anywhere is split for everybody.
    private bool CellsOf(int t, ref ThreadState thread, ulong address, int sizeBytes, out int count)
    {
        count = 0;
        var word = address & ~7UL;
        var cellSize = state.Known.CellSize(word);
        if (sizeBytes < cellSize)
        {
            state.Discovered.Add(new Discovery(DiscoveryKind.CellSize, Address: word, Number: sizeBytes));
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

        if (state.HasPoison && !state.Known.IsTouched(word))
        {
            state.Discovered.Add(new Discovery(DiscoveryKind.Touched, Address: word));
        }

        return true;
    }

    private void MakeReads(int t, ref ThreadState thread, int addressTaint, int cells, ulong sets)
    {
        var first = -1;
        for (var i = 0; i < cells; i++)
        {
            var e = state.AddEvent(EventKind.Read, t, thread.Step, sets, first, _cellIds[i]);
            first = first < 0 ? e : first;
            _parts[i] = e;
            state.Evaluation.AddEdges(BaseRelation.Addr, state.Taints.Row(addressTaint), e);
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

    private void AddWrites(
        int t, ref ThreadState thread, int addressTaint, RegisterValue data, int cells, ulong sets, int instruction, int sizeBytes)
    {
        for (var i = 0; i < cells; i++)
        {
            var cell = _cellIds[i];
            var e = state.AddEvent(EventKind.Write, t, thread.Step, sets, instruction, cell);
            instruction = instruction < 0 ? e : instruction;
            _writeParts[i] = e;
            state.Evaluation.AddEdges(BaseRelation.Addr, state.Taints.Row(addressTaint), e);
            state.Evaluation.AddEdges(BaseRelation.Data, state.Taints.Row(data.Taint), e);
            var part = i == 0 ? data.Value : state.Values.Compute(Operation.ShiftRightLogical, data.Value, ShiftOf(i, cells, sizeBytes));
            state.Written[e] = Truncated(part, sizeBytes / cells);
            state.OrderCoherence(state.InitialWrite[cell] - 1, e);
            CountWrite(t, cell);
        }

        thread.EffectCount++;
    }

    private void CountWrite(int t, int cell)
    {
        var made = state.LastWriteCount[t][cell] + 1;
        state.SetWord(state.LastWriteCount[t], cell, made);
        Invariant.Check(made <= state.Known.Bounds.Altogether(t, state.CellAt(cell).Address), "a thread makes more writes than it may");
    }
}
