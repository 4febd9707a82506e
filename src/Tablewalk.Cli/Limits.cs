using Tablewalk.Explore;

namespace Tablewalk.Cli;

/// <summary>What ends the pieces of work of a command early: the user, the time of each, and the memory of all.</summary>
internal sealed class Limits : IDisposable
{
    /// <summary>Why a piece of work ends for which the runtime has no memory.</summary>
    public const string NoMemoryLeft = "memory: none is left";

    private const int BytesPerMegabyte = 1_000_000;

    private static readonly TimeSpan s_leastToPrepare = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan s_untilReleased = TimeSpan.FromSeconds(1); // work that was ended goes on for a moment, and then its memory is to be collected

    private readonly Lock _lock = new();
    private readonly List<Limit> _begun = [];
    private readonly List<Limit> _leftBehind = [];
    private readonly ManualResetEventSlim _isDisposed = new();
    private readonly CancellationToken _cancellation;
    private readonly TimeSpan? _timeOfEach;
    private readonly int _megabytes;
    private string? _over;

    /// <summary>Begins to watch the memory of the process.</summary>
    /// <param name="cancellation">Cancelled when the user interrupts.</param>
    /// <param name="timeOfEach">The most that a piece may take; null for any.</param>
    /// <param name="megabytes">
    /// The memory that the process may have before the pieces end that are at work, and all others if one that was given up goes on; null for three quarters of the
    /// machine's.
    /// </param>
    public Limits(CancellationToken cancellation, TimeSpan? timeOfEach = null, int? megabytes = null)
    {
        (_cancellation, _timeOfEach) = (cancellation, timeOfEach);
        _megabytes = megabytes ?? (int)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3 / BytesPerMegabyte);
        new Thread(WatchMemory) { IsBackground = true }.Start();
    }

    /// <summary>Why no other piece is to be begun; null if others may.</summary>
    public string? WhyOver => _cancellation.IsCancellationRequested ? "interrupted" : Volatile.Read(ref _over);

    /// <summary>The limit of a piece of work that begins now.</summary>
    public Limit Begin()
    {
        var limit = new Limit(_timeOfEach, _cancellation);
        lock (_lock)
        {
            _begun.Add(limit);
        }

        return limit;
    }

    /// <summary>The piece of work has ended.</summary>
    public void End(Limit limit)
    {
        lock (_lock)
        {
            _begun.Remove(limit);
            _leftBehind.Remove(limit);
        }

        limit.Dispose();
    }

    /// <summary>The piece of work was given up, and goes on.</summary>
    public void LeaveBehind(Limit limit)
    {
        lock (_lock)
        {
            _begun.Remove(limit);
            _leftBehind.Add(limit);
        }
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose() => _isDisposed.Set(); // the watch looks at the event a last time, so it is left to the collector

    /// <summary>Does what comes before the first piece of work, in the time of one or a second, whichever is more: the runtime is still getting going.</summary>
    /// <param name="phase">What it is, as in "while reading the models".</param>
    /// <param name="error">Where to say that a limit ended it.</param>
    /// <param name="work">Does it.</param>
    /// <returns>Whether it was done.</returns>
    public bool TryPrepare(string phase, TextWriter error, Action work)
    {
        bool isDone = false;
        using var limits = new Limits(_cancellation, _timeOfEach < s_leastToPrepare ? s_leastToPrepare : _timeOfEach, _megabytes);
        OrderedWork.Run(
            [work],
            (_, limit) => new Preparation(work, () => isDone = true, () => error.WriteLine($"inconclusive: {limit.Reason} while {phase}")),
            jobs: 1,
            limits);
        return isDone;
    }

    private void WatchMemory()
    {
        TimeSpan pause = s_betweenLooks;
        while (!_isDisposed.Wait(pause))
        {
            pause = s_betweenLooks;
            if (IsTooMuch() && IsTooMuchWithoutGarbage())
            {
                lock (_lock)
                {
                    string reason = $"memory: the limit of {_megabytes} MB was reached";
                    _begun.ForEach(limit => limit.Reach(reason));
                    if (_leftBehind.Count > 0)
                    {
                        _over = reason; // nothing keeps those from taking still more
                    }
                }

                pause = s_untilReleased;
            }
        }
    }

    private bool IsTooMuch() => Environment.WorkingSet / BytesPerMegabyte >= _megabytes;

    private bool IsTooMuchWithoutGarbage()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return IsTooMuch();
    }

    private sealed class Preparation(Action work, Action onDone, Action onLimit) : IWork
    {
        public void Do(Action<Action> tell)
        {
            work();
            tell(onDone);
        }

        public void GiveUp(Action<Action> tell, int told) => tell(onLimit);
    }
}
