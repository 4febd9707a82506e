using System.Numerics;
using System.Runtime.InteropServices;
using Tablewalk.Cat;

namespace Tablewalk.Explore.Search.Executions;

// The coherence order as far as it is decided, transitively closed. By write two bit rows: the writes after it, and those before it.
internal sealed partial class ExecutionState
{
    private readonly ulong[] _writes; // all writes, a bit row
    private int[] _coherence; // halves of words, so that the trail of ints covers them; grows with the events

    /// <summary>Whether one write is coherence-before another.</summary>
    public bool IsCoherenceBefore(int first, int second) => (_coherence[(first * RowLength) + (second >> 5)] >> (second & 31) & 1) != 0;

    /// <summary>Whether no write is coherence-after a write.</summary>
    public bool IsCoherenceLast(int write) => !After(write).ContainsAnyExcept(0UL);

    /// <summary>Whether a write is coherence-before one of some others.</summary>
    public bool IsCoherenceBeforeAny(int write, ReadOnlySpan<ulong> others)
    {
        var after = After(write);
        for (var w = 0; w < after.Length; w++)
        {
            if ((after[w] & others[w]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds to a set of writes those of other threads that are coherence-before a write.</summary>
    public void AddOthersBefore(int write, Span<ulong> writes)
    {
        var before = Before(write);
        var own = Row(_threadEvents, Thread[write]);
        for (var w = 0; w < before.Length; w++)
        {
            writes[w] |= before[w] & ~own[w];
        }
    }

    /// <summary>Adds to a set of writes those that are coherence-after a write and not of a thread.</summary>
    public void AddOthersAfter(int write, int thread, Span<ulong> writes)
    {
        var after = After(write);
        var own = Row(_threadEvents, thread);
        for (var w = 0; w < after.Length; w++)
        {
            writes[w] |= after[w] & ~own[w];
        }
    }

    /// <summary>Leaves of a set of events the reads of a cell.</summary>
    public void KeepReads(int cell, Span<ulong> events)
    {
        var accesses = Row(_cellEvents, cell);
        for (var w = 0; w < events.Length; w++)
        {
            events[w] &= accesses[w] & ~_writes[w];
        }
    }

    /// <summary>The write that an update's write replaces; -1 if it is not known or the write is of no update.</summary>
    public int Replaced(int write) => UpdateRead[write] is > 0 and var read ? Source[read - 1] : -1;

    /// <summary>The update's write that replaces a write; -1 if none is known.</summary>
    public int ReplacingUpdate(int write) => ReplacedBy[write] is > 0 and var read ? UpdateWrite[read - 1] : -1;

    /// <summary>The writes to a cell, as a bit row.</summary>
    public void CopyWrites(int cell, Span<ulong> writes)
    {
        var events = Row(_cellEvents, cell);
        for (var w = 0; w < writes.Length; w++)
        {
            writes[w] = events[w] & _writes[w];
        }
    }

    /// <summary>Makes one write coherence-before another; the caller keeps the order transitive.</summary>
    public void OrderCoherence(int first, int second)
    {
        if (!IsCoherenceBefore(first, second))
        {
            Relate(first, second);
            Evaluation.AddEdge(BaseRelation.Co, first, second);
        }
    }

    /// <summary>Makes all of some writes coherence-before all of others; keeps the order transitive.</summary>
    /// <param name="firsts">The writes and all that are before them, as <see cref="AddBefore"/> makes it.</param>
    /// <param name="seconds">The writes and all that are after them, as <see cref="AddAfter"/> makes it.</param>
    /// <returns>Whether that is new of any two.</returns>
    public bool OrderCoherence(ReadOnlySpan<ulong> firsts, ReadOnlySpan<ulong> seconds)
    {
        Span<ulong> added = stackalloc ulong[Words];
        var isNew = false;
        for (var first = Next(firsts, -1); first >= 0; first = Next(firsts, first))
        {
            var after = After(first);
            var any = 0UL;
            for (var w = 0; w < added.Length; w++)
            {
                added[w] = seconds[w] & ~after[w];
                any |= added[w];
            }

            if (any == 0)
            {
                continue;
            }

            isNew = true;
            RelateAll(first, added);
            Evaluation.AddEdges(BaseRelation.Co, first, added);
        }

        return isNew;
    }

    /// <summary>Adds to a set of writes all that are coherence-before one of them.</summary>
    public void AddBefore(Span<ulong> writes) => AddRelated(writes, RowLength / 2);

    /// <summary>Adds to a set of writes all that are coherence-after one of them.</summary>
    public void AddAfter(Span<ulong> writes) => AddRelated(writes, 0);

    /// <summary>The writes after a write in the order of events that access its cell and are not ordered against it.</summary>
    /// <returns>Whether there are any.</returns>
    public bool FindUnordered(int write, Span<ulong> unordered)
    {
        var cell = Row(_cellEvents, CellOf[write]);
        var after = After(write);
        var before = Before(write);
        var any = 0UL;
        for (var w = write >> 6; w < unordered.Length; w++)
        {
            unordered[w] = cell[w] & _writes[w] & ~after[w] & ~before[w];
            unordered[w] &= w == write >> 6 ? ~1UL << (write & 63) : ulong.MaxValue;
            any |= unordered[w];
        }

        unordered[..(write >> 6)].Clear();
        return any != 0;
    }

    /// <summary>The first write to a cell; -1 if there is none.</summary>
    public int FirstWrite(int cell) => NextWrite(cell, -1);

    /// <summary>The next write to a cell after an event; -1 if there is none.</summary>
    public int NextWrite(int cell, int after)
    {
        var start = after + 1;
        for (var w = start >> 6; w < Words; w++)
        {
            var rest = _cellEvents[(cell * Words) + w] & _writes[w] & (w == start >> 6 ? ulong.MaxValue << (start & 63) : ulong.MaxValue);
            if (rest != 0)
            {
                return (w << 6) + BitOperations.TrailingZeroCount(rest);
            }
        }

        return -1;
    }

    /// <summary>The next event of a bit row after an event; -1 if there is none.</summary>
    public static int Next(ReadOnlySpan<ulong> row, int after)
    {
        var start = after + 1;
        for (var w = start >> 6; w < row.Length; w++)
        {
            var rest = row[w] & (w == start >> 6 ? ulong.MaxValue << (start & 63) : ulong.MaxValue);
            if (rest != 0)
            {
                return (w << 6) + BitOperations.TrailingZeroCount(rest);
            }
        }

        return -1;
    }

    // Four halves of words for each word of events: two rows.
    private int RowLength => Words * 4;

    private ReadOnlySpan<ulong> After(int write) => CoherenceRow(write, 0);

    private ReadOnlySpan<ulong> Before(int write) => CoherenceRow(write, RowLength / 2);

    private ReadOnlySpan<ulong> CoherenceRow(int write, int offset) =>
        MemoryMarshal.Cast<int, ulong>(_coherence.AsSpan((write * RowLength) + offset, RowLength / 2));

    private void Relate(int first, int second)
    {
        SetBit((first * RowLength) + (second >> 5), second);
        SetBit((second * RowLength) + (RowLength / 2) + (first >> 5), first);
    }

    private void RelateAll(int first, ReadOnlySpan<ulong> seconds)
    {
        var halves = MemoryMarshal.Cast<ulong, int>(seconds);
        for (var h = 0; h < halves.Length; h++)
        {
            if (halves[h] != 0)
            {
                var at = (first * RowLength) + h;
                SetWord(_coherence, at, _coherence[at] | halves[h]);
            }
        }

        for (var second = Next(seconds, -1); second >= 0; second = Next(seconds, second))
        {
            SetBit((second * RowLength) + (RowLength / 2) + (first >> 5), first);
        }
    }

    private void SetBit(int index, int e) => SetWord(_coherence, index, _coherence[index] | (1 << (e & 31)));

    // What is related to a write that was looked at need not be: the order is transitive.
    private void AddRelated(Span<ulong> writes, int offset)
    {
        Span<ulong> rest = stackalloc ulong[Words];
        writes.CopyTo(rest);
        for (var write = Next(rest, -1); write >= 0; write = Next(rest, write))
        {
            var related = CoherenceRow(write, offset);
            for (var w = 0; w < related.Length; w++)
            {
                writes[w] |= related[w];
                rest[w] &= ~related[w];
            }
        }
    }

    private void GrowCoherence()
    {
        if ((EventCount + 1) * RowLength > _coherence.Length)
        {
            _coherence = Grow(_coherence, Math.Min(_coherence.Length * 2, Capacity * RowLength));
        }
    }
}
