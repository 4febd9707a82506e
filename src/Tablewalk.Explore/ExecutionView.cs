using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Ir;

namespace Tablewalk.Explore;

/// <summary>A complete execution, to look at while the search stands on it.</summary>
public sealed class ExecutionView
{
    private readonly ExecutionState _state;
    private readonly IInitialMemory _memory;

    internal ExecutionView(ExecutionState state, IInitialMemory memory) => (_state, _memory) = (state, memory);

    /// <summary>The inner works. For tests.</summary>
    internal ExecutionState State => _state;

    /// <summary>The number of events, initial writes included.</summary>
    public int EventCount => _state.EventCount;

    /// <summary>The thread of an event; -1 for initial writes.</summary>
    public int Thread(int e) => _state.Thread[e];

    /// <summary>The number of an event within its thread, from 0, in program order; 0 for initial writes.</summary>
    public int Index(int e)
    {
        var index = 0;
        for (var earlier = 0; earlier < e; earlier++)
        {
            index += Thread(e) >= 0 && Thread(earlier) == Thread(e) ? 1 : 0;
        }

        return index;
    }

    /// <summary>What an event is.</summary>
    public EventKind Kind(int e) => _state.Kind[e];

    /// <summary>Whether an event is a read.</summary>
    public bool IsRead(int e) => Kind(e) == EventKind.Read;

    /// <summary>Whether an event is a write.</summary>
    public bool IsWrite(int e) => Kind(e) == EventKind.Write;

    /// <summary>The name of the cell that an access touches; empty for other events.</summary>
    public string LocationName(int e)
    {
        if (_state.CellOf[e] < 0)
        {
            return "";
        }

        var cell = _state.CellAt(_state.CellOf[e]);
        return _memory.NameOf(cell.Address, cell.SizeBytes);
    }

    /// <summary>The value that an access read or wrote.</summary>
    public ulong Value(int e) => FinalState.KnownValue(_state, _state.Written[IsRead(e) ? ReadsFrom(e) : e]);

    /// <summary>Whether an event is no access.</summary>
    internal bool IsFence(int e) => _state.CellOf[e] < 0;

    /// <summary>The value of an access in words; null to show the number.</summary>
    internal string? DescriptionOrNull(int e)
    {
        var cell = _state.CellAt(_state.CellOf[e]);
        return _memory.Describe(cell.Address, cell.SizeBytes, Value(e));
    }

    /// <summary>The write that a read reads from.</summary>
    public int ReadsFrom(int read) => _state.Source[read];

    /// <summary>Whether one write is coherence-before another.</summary>
    public bool IsCoherenceBefore(int first, int second) => _state.IsCoherenceBefore(first, second);

    /// <summary>The flags that the model raises for this execution, in the order of its file.</summary>
    /// <exception cref="CatException">The model turned out to be wrong.</exception>
    public ImmutableArray<string> RaisedFlags => _state.Evaluation.RaisedFlags();

    /// <summary>The values that the threads returned.</summary>
    public ImmutableArray<ulong> Results => [.. _state.Threads.Select(t => FinalState.KnownValue(_state, t.Result))];

    /// <summary>What a register of a thread holds at the end.</summary>
    public ulong RegisterValue(int thread, Register register) => FinalState.KnownValue(_state, _state.Registers[thread][register.Index].Value);

    /// <summary>The thread and the step that touched memory outside of what the program may touch; null if none did.</summary>
    public (int Thread, SourceLocation? Source)? WildAccess =>
        _state.WildAccess is { } wild ? (wild.Thread, _state.Codes[wild.Thread].Steps[wild.Step].Source) : null;

    /// <summary>The choices taken: thread and alternative, in the order in which the search took them.</summary>
    public ImmutableArray<(int Thread, int Alternative)> Choices => [.. _state.Choices];

    /// <summary>For each wait and section of different threads, by their events: whether the wait came first.</summary>
    public ImmutableArray<(int Wait, int SectionEntry, bool IsWaitFirst)> WaitOrders
    {
        get
        {
            var orders = ImmutableArray.CreateBuilder<(int, int, bool)>();
            for (var w = 0; w < _state.Waits.Count; w++)
            {
                for (var s = 0; s < _state.Sections.Count; s++)
                {
                    if (_state.OrderOf(w, s) != WaitOrder.Undecided)
                    {
                        orders.Add((_state.Waits[w].Event, _state.Sections[s].Entry, _state.OrderOf(w, s) == WaitOrder.WaitFirst));
                    }
                }
            }

            return orders.ToImmutable();
        }
    }

    /// <summary>The final value of the 8-byte (or smaller) cell at an address.</summary>
    public ulong FinalValue(ulong address, int sizeBytes = sizeof(ulong)) => _state.FinalOrInitial(address, sizeBytes);

    /// <summary>The final value of up to 8 bytes that do not cross an 8-byte word, however memory was accessed.</summary>
    public ulong FinalBytes(ulong address, int sizeBytes)
    {
        var value = 0UL;
        var word = address & ~7UL;
        var cellSize = _state.Known.CellSize(word);
        for (var offset = 0; offset < sizeof(ulong); offset += cellSize)
        {
            if (word + (ulong)offset < address + (ulong)sizeBytes && word + (ulong)(offset + cellSize) > address)
            {
                value |= _state.FinalOrInitial(word + (ulong)offset, cellSize) << (offset * 8);
            }
        }

        return Operation.ZeroExtend.Evaluate(value >> (int)((address - word) * 8), (ulong)sizeBytes * 8);
    }
}
