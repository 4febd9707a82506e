using Tablewalk.Explore.Search.Executions;

namespace Tablewalk.Explore.Search.ReadsFrom;

/// <summary>
/// When it was last seen that a thread came to write a cell, in whatever branch: a read need be postponed only for writes that come. What a bound says may
/// come often never does.
/// </summary>
/// <remarks>
/// Let a read r get, in some execution, a write that does not exist yet when r is decided on, and let w be the first such write to its cell. What w depends on comes without r,
/// and there r finds the newest of the writes that exist: so among the executions in which r got one of those, there is one in which the thread of w comes to its write.
/// If that is the write of an update, it may find there what r wrote: so an update that fails counts, too. See docs/adr/0016.
/// </remarks>
internal sealed class SeenWrites(ExecutionState state)
{
    private const int Most = 7; // of attempts that are told apart

    private readonly int _threads = state.Threads.Length;
    private readonly Stack<int> _waiting = new();
    private long[] _last = new long[64 * state.Threads.Length * (Most + 1)]; // by cell, thread and attempt of the thread to write to it

    /// <summary>Grows with each write that is seen.</summary>
    public long Now { get; private set; } = 1;

    /// <summary>A thread writes to a cell, or would have if it had read something else.</summary>
    public void Note(int thread, int cell)
    {
        var before = state.WriteAttempts[thread][cell];
        Note(thread, cell, before);
        state.SetWord(state.WriteAttempts[thread], cell, before + 1);
    }

    /// <summary>A search looks for writes to a cell until <see cref="EndWaiting"/>: what ends early in between must say what it left out.</summary>
    public void BeginWaiting(int cell) => _waiting.Push(cell);

    /// <summary>The search that began last has ended.</summary>
    public void EndWaiting() => _waiting.Pop();

    /// <summary>The branch ends here though threads could go on: they may have written whatever their bounds allow.</summary>
    /// <param name="threads">The threads that could, a bit each.</param>
    public void NoteWhatMayCome(ulong threads = ulong.MaxValue)
    {
        foreach (var cell in _waiting)
        {
            var address = state.CellAt(cell).Address;
            for (var t = 0; t < _threads; t++)
            {
                if (state.WildAccess is not null // which ends its thread before its time
                    || ((threads >> t & 1) != 0 && state.Threads[t].Status != ThreadStatus.Finished && state.LastWriteCount[t][cell] < state.Known.Bounds.Altogether(t, address)
                    && state.Known.Bounds.From(t, state.Threads[t].Step, address) > 0))
                {
                    Note(t, cell, Most);
                }
            }
        }
    }

    /// <summary>The number of an attempt to write to a cell that a thread has not made yet, from 0 on; past the most that are told apart that of the last.</summary>
    public int NextAttempt(int cell, int thread, int skip) => Math.Min(state.WriteAttempts[thread][cell] + skip, Most);

    /// <summary>The last attempt to write to a cell that a thread was seen to make since a moment; -1 if there is none.</summary>
    public int LastAttemptSince(long moment, int cell, int thread)
    {
        for (var attempt = Most; attempt >= 0; attempt--)
        {
            if (Index(thread, cell, attempt) is var index && index < _last.Length && _last[index] > moment)
            {
                return attempt;
            }
        }

        return -1;
    }

    private void Note(int thread, int cell, int attempt)
    {
        var index = Index(thread, cell, Math.Min(attempt, Most));
        if (index >= _last.Length)
        {
            Array.Resize(ref _last, Math.Max(index + 1, _last.Length * 2));
        }

        _last[index] = ++Now;
    }

    private int Index(int thread, int cell, int attempt) => (((cell * _threads) + thread) * (Most + 1)) + attempt;
}
