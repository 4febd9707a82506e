using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Executions;

// The cells of memory that some thread came to, with what they held in the beginning.
internal sealed partial class ExecutionState
{
    private readonly Dictionary<(ulong Address, int Size), int> _cellIds = [];
    private readonly List<Cell> _cells = [];
    private readonly IInitialMemory _memory;

    /// <summary>By cell: its initial write + 1, or 0.</summary>
    public int[] InitialWrite { get; private set; }

    /// <summary>By thread and cell: how many writes it made.</summary>
    public int[][] LastWriteCount { get; }

    /// <summary>By thread and cell: how often it came to a write, those of updates that failed among them.</summary>
    public int[][] WriteAttempts { get; }

    public Cell CellAt(int cell) => _cells[cell];

    public int CellCount => _cells.Count;

    /// <summary>The cell at an address, with its initial write; -1 if the address is outside of memory.</summary>
    public int CellFor(ulong address, int sizeBytes)
    {
        if (!_cellIds.TryGetValue((address, sizeBytes), out var cell))
        {
            if (address % (ulong)sizeBytes != 0 || !_memory.TryRead(address, sizeBytes, out var initial))
            {
                return -1;
            }

            cell = _cells.Count;
            _cells.Add(new Cell(address, sizeBytes, initial));
            _cellIds.Add((address, sizeBytes), cell);
            if (cell >= InitialWrite.Length)
            {
                GrowCells();
            }
        }

        if (InitialWrite[cell] == 0)
        {
            var e = AddEvent(EventKind.Write, -1, -1, EventSets.InitialWrite, -1, cell);
            Written[e] = Value.Of(_cells[cell].Initial);
            SetWord(InitialWrite, cell, e + 1);
        }

        return cell;
    }

    /// <summary>The final value of a cell of a complete execution; the initial one if nobody touched it.</summary>
    public ulong FinalOrInitial(ulong address, int sizeBytes)
    {
        if (_cellIds.TryGetValue((address, sizeBytes), out var cell) && InitialWrite[cell] != 0)
        {
            return FinalState.ValueOf(this, cell);
        }

        Invariant.Check(_memory.TryRead(address, sizeBytes, out var value), "the final predicate reads outside of memory");
        return value;
    }

    private void GrowCells()
    {
        var length = InitialWrite.Length * 2;
        InitialWrite = Grow(InitialWrite, length);
        Array.Resize(ref _cellEvents, length * Words);
        for (var t = 0; t < LastWriteCount.Length; t++)
        {
            LastWriteCount[t] = Grow(LastWriteCount[t], length);
            WriteAttempts[t] = Grow(WriteAttempts[t], length);
        }
    }
}
