using System.Numerics;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.ReadsFrom;

/// <summary>
/// Which threads can still go on, and so which writes may still come, while some reads wait for writes that do not exist yet. Errs towards writes that never
/// come.
/// </summary>
/// <remarks>
/// A least fixpoint over threads, in the order in which writes could cause one another: a thread goes on if each read that it waits for has a source or may get
/// one, and a compare-exchange writes only if what it expects is there or may come. That a success would come of itself, by way of a cycle of dependencies and
/// reads-from, is left out like every other value out of thin air. A failed compare-exchange orders nothing, so its thread may go on past it where it need not know.
/// </remarks>
internal sealed class FutureWrites(ExecutionState state)
{
    private const int MostValues = 8;
    private readonly Missing[][] _missing = new Missing[state.Threads.Length][]; // by thread: the reads that it waits for
    private readonly int[] _missingCount = new int[state.Threads.Length];
    private ulong _unfinished;
    private ulong _comparing; // threads in a compare-exchange whose outcome is open
    private ulong _passing; // of those that compare: need not wait for the outcome
    private ulong _goingOn;
    private ulong _succeeding; // of those that compare: may find what they expect

    /// <summary>Looks at the threads. The answers hold for the state as it is now.</summary>
    public void Begin()
    {
        (_unfinished, _comparing, _passing) = (0, 0, 0);
        for (var t = 0; t < state.Threads.Length; t++)
        {
            ref readonly var thread = ref state.Threads[t];
            _missingCount[t] = 0;
            if (thread.Status >= ThreadStatus.Finished)
            {
                continue;
            }

            _unfinished |= 1UL << t;
            if (thread is { Status: ThreadStatus.NeedsRead, AssumedOutcome: 0 })
            {
                Remember(t, state.Values.MissingReads(thread.Needed));
                _comparing |= thread.PendingUpdate != 0 ? 1UL << t : 0;
                _passing |= thread.PendingUpdate != 0 && state.Codes[t].GoesOnPastComparison[thread.Step] ? 1UL << t : 0;
            }
        }
    }

    /// <summary>The reads that a thread waits for, as of <see cref="Begin"/>.</summary>
    public ReadOnlySpan<Missing> MissingOf(int thread) => _missing[thread].AsSpan(0, _missingCount[thread]);

    /// <summary>The threads that can still go on, as of the last question.</summary>
    public ulong GoingOn => _goingOn;

    /// <summary>Whether some thread waits for a write that can no longer come.</summary>
    public bool IsDeadlocked() => !CanAllGoOn(postponed: -1);

    /// <summary>Whether some thread could not go on if a compare-exchange of another one, whose outcome is open, failed.</summary>
    public bool MustSucceed(int thread) => !CanAllGoOn(postponed: -1, failing: thread);

    /// <summary>Whether a write may still come that a read could get if it waited for one.</summary>
    public bool MayWait(int read) => state.Sources.MoreMayCome(read) && CanAllGoOn(read);

    // With a read postponed: what exists by now is no source of it, and more must come. Who may succeed is looked at only while that is not yet clear.
    private bool CanAllGoOn(int postponed, int failing = -1)
    {
        (_goingOn, _succeeding) = (_passing, 0);
        bool again;
        do
        {
            again = false;
            for (var rest = _unfinished & ~_goingOn; rest != 0; rest &= rest - 1)
            {
                var t = BitOperations.TrailingZeroCount(rest);
                if (CanGoOn(t, postponed))
                {
                    _goingOn |= 1UL << t;
                    again = true;
                }
            }

            if (_goingOn == _unfinished && (postponed < 0 || MoreMayCome(postponed)))
            {
                return true;
            }

            for (var rest = _comparing & ~_succeeding; rest != 0; rest &= rest - 1)
            {
                var t = BitOperations.TrailingZeroCount(rest);
                if (t != failing && MaySucceed(t, postponed))
                {
                    _succeeding |= 1UL << t;
                    again = true;
                }
            }
        }
        while (again);
        return false;
    }

    private bool CanGoOn(int t, int postponed)
    {
        foreach (ref readonly var missing in MissingOf(t))
        {
            var hasSource = missing.Read != postponed && state.Sources.Count(missing.Read) > 0;
            if (!hasSource && !MoreMayCome(missing.Read))
            {
                return false;
            }
        }

        return true;
    }

    private bool MaySucceed(int t, int postponed)
    {
        ref readonly var thread = ref state.Threads[t];
        var read = thread.PendingUpdate - 1;
        return state.Values.IsComputedFrom(thread.Needed, read)
            ? (read != postponed && MaySucceedNow(t, postponed)) || MoreMayCome(read, thread.Needed)
            : MayTwoMake(t, postponed);
    }

    // The same where what is read and what is expected are both open. Of more reads, or of values that are not known, nothing is known.
    private bool MayTwoMake(int t, int postponed)
    {
        var (first, second) = (-1, -1);
        foreach (ref readonly var missing in MissingOf(t))
        {
            if (first < 0 || missing.Read == first)
            {
                first = missing.Read;
            }
            else if (second >= 0 && missing.Read != second)
            {
                return true;
            }
            else
            {
                second = missing.Read;
            }
        }

        Span<ulong> firsts = stackalloc ulong[MostValues];
        Span<ulong> seconds = stackalloc ulong[MostValues];
        if (second < 0 || !TryFindValues(first, postponed, firsts, out var count) || !TryFindValues(second, postponed, seconds, out var secondCount))
        {
            return true;
        }

        foreach (var one in firsts[..count])
        {
            foreach (var other in seconds[..secondCount])
            {
                if (!state.Values.TryEvaluateFor(state.Threads[t].Needed, (first, one), (second, other), out var result) || result != 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    // All values that a read may get of writes that come without the postponed one.
    private bool TryFindValues(int read, int postponed, Span<ulong> values, out int count)
    {
        count = 0;
        var cell = state.CellOf[read];
        Span<ulong> sources = stackalloc ulong[state.Words];
        state.Sources.Find(read, sources);
        for (var w = read == postponed ? -1 : ExecutionState.Next(sources, -1); w >= 0; w = ExecutionState.Next(sources, w))
        {
            if (NeedsPostponed(w, postponed))
            {
                continue;
            }

            if (state.Values.Bits(state.Written[w]) is not { IsConstant: true, Ones: var written } || count == values.Length)
            {
                return false;
            }

            values[count++] = written;
        }

        for (var rest = _goingOn & state.Sources.ThreadsToCome(read); rest != 0; rest &= rest - 1)
        {
            var t = BitOperations.TrailingZeroCount(rest);
            if (!MayWrite(t, cell, needed: null))
            {
                continue;
            }

            if (state.Known.Bounds.ValuesOrNull(t, state.CellAt(cell).Address) is not { } coming || count + coming.Length > values.Length)
            {
                return false;
            }

            coming.CopyTo(values[count..]);
            count += coming.Length;
        }

        return true;
    }

    private bool NeedsPostponed(int write, int postponed) => postponed >= 0 && state.Values.DependsOn(state.Written[write], postponed);

    /// <summary>Whether a compare-exchange that a thread is in may find what it expects in a write that exists.</summary>
    public bool MaySucceedNow(int t, int postponed = -1)
    {
        ref readonly var thread = ref state.Threads[t];
        var read = thread.PendingUpdate - 1;
        if (!state.Values.IsComputedFrom(thread.Needed, read))
        {
            return true; // only where one read decides is it known what has to come
        }

        Span<ulong> sources = stackalloc ulong[state.Words];
        state.Sources.Find(read, sources);
        for (var w = ExecutionState.Next(sources, -1); w >= 0; w = ExecutionState.Next(sources, w))
        {
            if (!NeedsPostponed(w, postponed) && MayMake(thread.Needed, state.Values.Bits(state.Written[w])))
            {
                return true;
            }
        }

        return false;
    }

    private bool MayMake(Value needed, KnownBits written) => !written.IsConstant || state.Values.EvaluateFor(needed, written.Ones) != 0;

    private bool MayMakeOneOf(Value needed, ulong[]? values)
    {
        if (values is null)
        {
            return true;
        }

        foreach (var value in values)
        {
            if (state.Values.EvaluateFor(needed, value) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool MoreMayCome(int read, Value? needed = null)
    {
        var cell = state.CellOf[read];
        for (var rest = _goingOn & state.Sources.ThreadsToCome(read); rest != 0; rest &= rest - 1)
        {
            var t = BitOperations.TrailingZeroCount(rest);
            if (MayWrite(t, cell, needed))
            {
                return true;
            }
        }

        return false;
    }

    private bool MayWrite(int t, int cell, Value? needed)
    {
        if ((_comparing >> t & 1) == 0)
        {
            return needed is null || MayMakeOneOf(needed.Value, state.Known.Bounds.ValuesOrNull(t, state.CellAt(cell).Address)); // as often as its bound says
        }

        ref readonly var thread = ref state.Threads[t];
        if (state.Known.Bounds.From(t, thread.Step + 1, state.CellAt(cell).Address) > 0)
        {
            return true;
        }

        return (_succeeding >> t & 1) != 0 && (needed is null || MayMake(needed.Value, state.Values.Bits(thread.PendingData)));
    }

    private void Remember(int t, List<Missing> missing)
    {
        if (_missing[t] is null || _missing[t].Length < missing.Count)
        {
            _missing[t] = new Missing[Math.Max(8, 2 * missing.Count)];
        }

        missing.CopyTo(_missing[t]);
        _missingCount[t] = missing.Count;
    }
}
