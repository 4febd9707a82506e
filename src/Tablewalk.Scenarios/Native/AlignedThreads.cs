using System.Runtime.ExceptionServices;

#pragma warning disable RS0030 // The order of rounds is no shared memory of a scenario's, and must hold also where Cpu is broken on purpose.

namespace Tablewalk.Scenarios;

/// <summary>Threads that begin each round together, as near as they can get, but for a delay that each draws.</summary>
/// <remarks>
/// Whoever comes to the end of a round last ends it; then each waits until all are at the start. Who waits, spins: only threads that are running already begin within some ten
/// nanoseconds of each other. Delays are drawn over their orders of magnitude, since what threads race for may be a few instructions away or a few thousand.
/// </remarks>
/// <param name="names">The threads' names.</param>
/// <param name="codes">What each does in a round.</param>
/// <param name="endRound">Takes the results of a round when all have returned, before the next begins; returns whether it was the last.</param>
/// <param name="patience">How long a round may take. The clock stands still while the process does not get to run.</param>
internal sealed class AlignedThreads(string[] names, Func<ulong>[] codes, Func<ulong[], bool> endRound, TimeSpan patience)
{
    private const int MostDelayBits = 13; // thousands of cycles: the length of a round
    private const int LooksBeforeYield = 20_000; // tens of microseconds; then others may want the CPU that an absent thread needs
    private const int LooksWithoutCpus = 100; // where some thread certainly does

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly ulong[] _results = new ulong[codes.Length];
    private readonly long[] _done = new long[codes.Length]; // by thread: the rounds that it came to the end of
    private readonly object _ending = new();
    private readonly int _looksBeforeYield = codes.Length <= Environment.ProcessorCount ? LooksBeforeYield : LooksWithoutCpus;
    private int _running = codes.Length;
    private int _atWork = codes.Length;
    private long _started; // threads at the start of a round, of all rounds
    private long _round = 1;
    private bool _isAbandoned;
    private volatile bool _isOver;
    private volatile string? _hindrance;
    private volatile ExceptionDispatchInfo? _error;

    /// <summary>Runs rounds until one is the last, or does not end.</summary>
    /// <param name="cancellation">Ends the run where a round does not.</param>
    /// <returns>Why a round did not end; null if each did.</returns>
    public string? RunOrHindrance(CancellationToken cancellation)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            int index = i;
            new Thread(() => Work(index)) { IsBackground = true, Name = names[i] }.Start();
        }

        long seen = 0;
        int looks = 0;
        while (Volatile.Read(ref _running) > 0)
        {
            AwaitEnd();
            long round = Volatile.Read(ref _round);
            looks = round == seen ? looks + 1 : 0;
            seen = round;
            bool isEnough = looks > patience / s_betweenLooks || cancellation.IsCancellationRequested || _hindrance is not null;
            if (looks > 1 && isEnough && TryAbandon(round))
            {
                string absent = string.Join(" and ", names.Where((_, i) => Volatile.Read(ref _done[i]) < round));
                return _hindrance ?? $"in round {round} {absent} did not return";
            }
        }

        _error?.Throw();
        return _hindrance;
    }

    private void AwaitEnd()
    {
        lock (_ending)
        {
            if (Volatile.Read(ref _running) > 0)
            {
                Monitor.Wait(_ending, s_betweenLooks);
            }
        }
    }

    // Threads that come to their ends later end no round any more.
    private bool TryAbandon(long round)
    {
        lock (_ending)
        {
            _isOver = _isAbandoned = Volatile.Read(ref _round) == round;
            return _isAbandoned;
        }
    }

    private void Work(int index)
    {
        ulong random = ((ulong)(index + 1) * 0x9E37_79B9_7F4A_7C15) | 1;
        try
        {
            for (long round = 1; AwaitBegin(round); round++)
            {
                Delay(ref random);
                _results[index] = codes[index]();
                Volatile.Write(ref _done[index], round);
                if (Interlocked.Decrement(ref _atWork) == 0)
                {
                    EndRound(round);
                }
            }
        }
        catch (Exception thrown) // by the scenario: on a thread of its own nobody else would take it, and the process would end
        {
            _hindrance = $"{names[index]} threw {thrown.GetType().Name}";
            _isOver = true;
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            lock (_ending)
            {
                Monitor.PulseAll(_ending);
            }
        }
    }

    private bool AwaitBegin(long round)
    {
        Await(ref _round, round);
        Interlocked.Increment(ref _started);
        Await(ref _started, round * codes.Length);
        return !_isOver;
    }

    // Without pauses of the processor's, which a virtual machine may take for long ones.
    private void Await(ref long reached, long wanted)
    {
        for (int looks = 0; Volatile.Read(ref reached) < wanted && !_isOver; looks++)
        {
            if (looks > _looksBeforeYield)
            {
                Thread.Yield();
            }
        }
    }

    // In cycles, more or less: a pause of the processor's would be too coarse.
    private void Delay(ref ulong random)
    {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        int bits = (int)((random >> 32) % (MostDelayBits + 1));
        for (ulong left = (random >> 40) & ((1UL << bits) - 1); left > 0; left--)
        {
            Volatile.Read(ref _round);
        }
    }

    private void EndRound(long round)
    {
        lock (_ending)
        {
            if (_isAbandoned)
            {
                return;
            }

            try
            {
                _isOver = endRound(_results);
            }
            catch (Exception thrown)
            {
                _error = ExceptionDispatchInfo.Capture(thrown);
                _isOver = true;
            }

            _atWork = codes.Length;
            Volatile.Write(ref _round, round + 1);
        }
    }
}
