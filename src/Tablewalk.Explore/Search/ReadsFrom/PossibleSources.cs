using Tablewalk.Cat;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.ReadsFrom;

/// <summary>
/// Which writes a pending read may still read from, and what that says about its value. Leaves out writes from which the model is sure to get a cycle:
/// a search need not try those.
/// </summary>
internal sealed class PossibleSources(ExecutionState state)
{
    private const int MostValues = 8;
    private readonly ulong[] _values = new ulong[state.Capacity * MostValues];
    private readonly int[] _valueCounts = new int[state.Capacity]; // -1 where they are not known
    private readonly KnownBits[] _bits = new KnownBits[state.Capacity];
    private readonly long[] _asOf = new long[state.Capacity]; // by read: the moment for which its bits were found
    private readonly bool[] _isAsked = new bool[state.Capacity];
    private readonly ulong[] _sources = new ulong[state.Capacity * state.Words]; // by read: what was found while the threads rested
    private readonly int[] _counts = new int[state.Capacity];
    private readonly long[] _foundIn = new long[state.Capacity]; // by read: the rest for which that was found
    private readonly ulong[] _mayMake = new ulong[state.Capacity]; // by read: the threads that may make another write for it
    private readonly long[] _askedIn = new long[state.Capacity];
    private readonly ulong[] _closing = new ulong[state.Words];
    private readonly ulong[] _ignored = new ulong[state.Words];

    /// <summary>What was found out for a moment holds until the next; see <see cref="ExecutionState.Moment"/>.</summary>
    public long Moment => state.Moment;

    /// <summary>The writes that exist, were not postponed, and may be what a read reads from, as a bit row.</summary>
    /// <returns>How many there are.</returns>
    public int Find(int read, Span<ulong> sources)
    {
        if (state.Rest == 0)
        {
            return FindNow(read, sources);
        }

        var found = _sources.AsSpan(read * sources.Length, sources.Length);
        if (_foundIn[read] != state.Rest)
        {
            _counts[read] = FindNow(read, sources);
            sources.CopyTo(found);
            _foundIn[read] = state.Rest;
        }
        else
        {
            found.CopyTo(sources);
        }

        return _counts[read];
    }

    private int FindNow(int read, Span<ulong> sources)
    {
        state.CopyWrites(state.CellOf[read], sources);
        LeaveOutBelow(sources, state.Postponed[read]);
        LeaveOutFrom(sources, state.SourceLimit[read]);
        state.Evaluation.FindClosing(Communication.Rf, read, _ignored, _closing);
        for (var w = 0; w < sources.Length; w++)
        {
            sources[w] &= ~_closing[w];
        }

        LeaveOut(sources, state.UpdateWrite[read]);

        // Whoever reads an overwritten value comes before what overwrote it.
        state.Evaluation.FindClosing(Communication.Fr, read, _closing, _ignored);
        AddBeforeUpdate(read, _closing);
        for (var write = ExecutionState.Next(sources, -1); write >= 0; write = ExecutionState.Next(sources, write))
        {
            if (state.IsCoherenceBeforeAny(write, _closing))
            {
                LeaveOut(sources, write);
            }
        }

        // These may ask about other reads.
        var count = 0;
        for (var write = ExecutionState.Next(sources, -1); write >= 0; write = ExecutionState.Next(sources, write))
        {
            if (MeetsRestrictions(read, write) && !IsTaken(read, write))
            {
                count++;
            }
            else
            {
                LeaveOut(sources, write);
            }
        }

        return count;
    }

    /// <summary>How many writes the read may read from.</summary>
    public int Count(int read)
    {
        if (state.Rest != 0 && _foundIn[read] == state.Rest)
        {
            return _counts[read];
        }

        Span<ulong> sources = stackalloc ulong[state.Words];
        return Find(read, sources);
    }

    /// <summary>Whether an unfinished thread may make another write that the read may read from.</summary>
    public bool MoreMayCome(int read) => ThreadsToCome(read) != 0;

    /// <summary>The unfinished threads that may make another write that the read may read from, a bit each.</summary>
    public ulong ThreadsToCome(int read)
    {
        if (state.Rest == 0 || _askedIn[read] != state.Rest)
        {
            _mayMake[read] = FindThreadsToCome(read);
            _askedIn[read] = state.Rest;
        }

        return _mayMake[read];
    }

    private ulong FindThreadsToCome(int read)
    {
        var threads = 0UL;
        if (state.SourceLimit[read] < state.Capacity)
        {
            return threads;
        }

        var cell = state.CellOf[read];
        var address = state.CellAt(cell).Address;
        var bounds = state.Known.Bounds;
        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (t != state.Thread[read] && state.Threads[t].Status < ThreadStatus.Finished
                && bounds.From(t, state.Threads[t].Step, address) > 0 && state.LastWriteCount[t][cell] < bounds.Altogether(t, address)
                && MayMeetRestrictions(read, bounds.ValuesOrNull(t, address)))
            {
                threads |= 1UL << t;
            }
        }

        return threads;
    }

    /// <summary>The bits of what a pending read gets that are certain: those that all its sources have in common, once no more sources may come.</summary>
    public KnownBits BitsOf(int read)
    {
        FindValues(read);
        return _asOf[read] == state.Moment ? _bits[read] : KnownBits.Nothing;
    }

    /// <summary>All values that a pending read may get; empty if they are not known, or too many.</summary>
    public ReadOnlySpan<ulong> ValuesOf(int read)
    {
        FindValues(read);
        return _asOf[read] == state.Moment && _valueCounts[read] > 0 ? _values.AsSpan(read * MostValues, _valueCounts[read]) : [];
    }

    private void FindValues(int read)
    {
        if (_asOf[read] == state.Moment || _isAsked[read])
        {
            return; // known; or a source whose value depends on this very read
        }

        _isAsked[read] = true;
        _valueCounts[read] = 0;
        _bits[read] = MoreMayCome(read) ? KnownBits.Nothing : JoinOfSources(read);
        _isAsked[read] = false;
        _asOf[read] = state.Moment;
    }

    private KnownBits JoinOfSources(int read)
    {
        KnownBits? bits = null;
        Span<ulong> sources = stackalloc ulong[state.Words];
        Find(read, sources);
        for (var w = ExecutionState.Next(sources, -1); w >= 0; w = ExecutionState.Next(sources, w))
        {
            var written = state.Values.Bits(state.Written[w]);
            bits = bits?.Join(written) ?? written;
            AddValue(read, written);
        }

        return bits ?? KnownBits.Nothing;
    }

    private void AddValue(int read, KnownBits written)
    {
        var count = _valueCounts[read];
        if (count < 0 || (written.IsConstant && _values.AsSpan(read * MostValues, count).Contains(written.Ones)))
        {
            return;
        }

        if (!written.IsConstant || count == MostValues)
        {
            _valueCounts[read] = -1;
        }
        else
        {
            _values[(read * MostValues) + count] = written.Ones;
            _valueCounts[read] = count + 1;
        }
    }

    // Of a write whose value is not known yet some bits may be.
    private bool MeetsRestrictions(int read, int write)
    {
        if (state.LastRestriction[read] == 0)
        {
            return true;
        }

        var written = state.Values.Bits(state.Written[write]);
        if (written.IsConstant)
        {
            return MeetsRestrictions(read, written.Ones);
        }

        for (var r = state.LastRestriction[read]; r != 0; r = state.Restrictions[r - 1].Previous)
        {
            var (missing, result, _) = state.Restrictions[r - 1];
            var bits = state.Values.BitsFor(missing.Part, written);
            if ((((bits.Ones & ~result) | (bits.Zeros & result)) & missing.Bits) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool MayMeetRestrictions(int read, ulong[]? values)
    {
        if (state.LastRestriction[read] == 0 || values is null)
        {
            return true;
        }

        foreach (var value in values)
        {
            if (MeetsRestrictions(read, value))
            {
                return true;
            }
        }

        return false;
    }

    private bool MeetsRestrictions(int read, ulong value)
    {
        for (var r = state.LastRestriction[read]; r != 0; r = state.Restrictions[r - 1].Previous)
        {
            var (missing, result, _) = state.Restrictions[r - 1];
            if ((state.Values.EvaluateFor(missing.Part, value) & missing.Bits) != result)
            {
                return false;
            }
        }

        return true;
    }

    // An update's write comes right behind what its read reads, so nothing of another thread stands between them.
    private void AddBeforeUpdate(int read, ulong[] writes)
    {
        if (state.UpdateWrite[read] is >= 0 and var update && state.Evaluation.Model.HasAtomicUpdates)
        {
            state.AddOthersBefore(update, writes);
        }
    }

    // For the same reason no two updates read one write.
    private bool IsTaken(int read, int write)
    {
        if (!state.Evaluation.Model.HasAtomicUpdates || !WillUpdate(read, write))
        {
            return false;
        }

        var other = state.ReplacedBy[write] - 1;
        return other >= 0 && state.Thread[other] != state.Thread[read];
    }

    // A compare-exchange whose read is pending succeeds if it reads what it expects.
    private bool WillUpdate(int read, int write)
    {
        if (state.UpdateWrite[read] >= 0)
        {
            return true;
        }

        ref readonly var thread = ref state.Threads[state.Thread[read]];
        return thread.PendingUpdate - 1 == read && thread.Status == ThreadStatus.NeedsRead && state.Values.IsComputedFrom(thread.Needed, read)
            && state.Values.Bits(state.Written[write]) is { IsConstant: true, Ones: var written } && state.Values.EvaluateFor(thread.Needed, written) != 0;
    }

    private static void LeaveOut(Span<ulong> writes, int write)
    {
        if (write >= 0)
        {
            writes[write >> 6] &= ~(1UL << (write & 63));
        }
    }

    private static void LeaveOutBelow(Span<ulong> writes, int first)
    {
        writes[..(first >> 6)].Clear();
        if (first >> 6 < writes.Length)
        {
            writes[first >> 6] &= ulong.MaxValue << (first & 63);
        }
    }

    private static void LeaveOutFrom(Span<ulong> writes, int end)
    {
        if (end >> 6 < writes.Length)
        {
            writes[end >> 6] &= (1UL << (end & 63)) - 1;
            writes[((end >> 6) + 1)..].Clear();
        }
    }
}
