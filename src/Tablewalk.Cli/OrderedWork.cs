using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Tablewalk.Explore;

namespace Tablewalk.Cli;

/// <summary>A piece of work that a limit may end.</summary>
/// <remarks>What it tells are actions, such as to print a result. They run one after the other, on the thread that waits for all pieces, in the order of the pieces.</remarks>
internal interface IWork
{
    /// <summary>Does it, on a thread with a deep stack.</summary>
    /// <exception cref="OperationCanceledException">The limit ended it.</exception>
    void Do(Action<Action> tell);

    /// <summary>Tells what is known when the limit has ended it. <see cref="Do"/> may still be at it, but nothing of what it tells from now on counts.</summary>
    /// <param name="tell">Takes what to do.</param>
    /// <param name="told">How many actions <see cref="Do"/> told.</param>
    void GiveUp(Action<Action> tell, int told);
}

/// <summary>Pieces of work on some threads, told in order.</summary>
/// <remarks>
/// Work whose limit is reached gets a moment to notice. If it does not, it is given up, and its thread is left behind: nothing ends a thread from outside but the end of
/// the process.
/// </remarks>
internal sealed class OrderedWork
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.05);

    private readonly object _gate = new();
    private readonly Func<int, Limit, IWork> _begin;
    private readonly Limits _limits;
    private readonly Queue<Action>[] _told; // by piece
    private readonly bool[] _isDone; // by piece
    private readonly List<Shift> _shifts = [];
    private int _next;
    private int _workers;
    private bool _isOver;
    private Exception? _error;

    private OrderedWork(int count, Func<int, Limit, IWork> begin, Limits limits)
    {
        (_begin, _limits, _isDone) = (begin, limits, new bool[count]);
        _told = [.. Enumerable.Range(0, count).Select(_ => new Queue<Action>())];
    }

    /// <summary>Does a piece of work for each item. Once the user interrupts, no other is begun.</summary>
    /// <param name="items">The items.</param>
    /// <param name="begin">Makes the work of an item, with the limit that began for it.</param>
    /// <param name="jobs">Worker threads.</param>
    /// <param name="limits">What ends pieces early.</param>
    /// <remarks>What a piece throws first is thrown here, when the others have ended.</remarks>
    public static void Run<TItem>(IReadOnlyList<TItem> items, Func<TItem, Limit, IWork> begin, int jobs, Limits limits) =>
        new OrderedWork(items.Count, (i, limit) => begin(items[i], limit), limits).Run(Math.Min(jobs, items.Count));

    private void Run(int jobs)
    {
        _workers = jobs;
        for (int i = 0; i < jobs; i++)
        {
            AddWorker();
        }

        try
        {
            for (int piece = 0; piece < _told.Length; piece++)
            {
                while (AwaitNext(piece) is { } told)
                {
                    told();
                }
            }
        }
        finally
        {
            AwaitEnd();
        }

        if (_error is not null)
        {
            ExceptionDispatchInfo.Throw(_error);
        }
    }

    /// <summary>What is told next of a piece; null if nothing more comes.</summary>
    private Action? AwaitNext(int piece)
    {
        lock (_gate)
        {
            while (_error is null)
            {
                if (_told[piece].TryDequeue(out Action? told))
                {
                    return told;
                }

                if (_isDone[piece] || _workers == 0)
                {
                    return null;
                }

                AwaitChange();
            }

            return null;
        }
    }

    private void AwaitEnd()
    {
        lock (_gate)
        {
            _isOver = true;
            foreach (Shift shift in _shifts) // there are some only after an error
            {
                shift.Limit.Reach("another one failed");
            }

            while (_workers > 0)
            {
                AwaitChange();
            }
        }
    }

    private void AwaitChange()
    {
        Monitor.Wait(_gate, s_interval);
        for (int i = _shifts.Count - 1; i >= 0; i--)
        {
            Shift shift = _shifts[i];
            if (shift.Limit.IsReached && Stopwatch.GetElapsedTime(shift.ReachedAt ??= Stopwatch.GetTimestamp()) > s_grace)
            {
                GiveUp(shift);
                shift.IsLeftBehind = true;
                _limits.LeaveBehind(shift.Limit);
                Finish(shift);
                AddWorker();
            }
        }
    }

    private void AddWorker() => DeepStack.Start(Work);

    private void Work()
    {
        while (TryBegin() is { } shift)
        {
            Exception? failure = null;
            try
            {
                shift.Work.Do(action => Tell(shift, action));
            }
            catch (OperationCanceledException) when (shift.Limit.IsReached)
            {
                GiveUp(shift);
            }
            catch (OutOfMemoryException)
            {
                shift.Limit.Reach(Limits.NoMemoryLeft);
                GiveUp(shift);
            }
            catch (Exception e)
            {
                failure = e;
            }

            if (!TryEnd(shift, failure))
            {
                return; // another worker has taken this one's place
            }
        }
    }

    private Shift? TryBegin()
    {
        lock (_gate)
        {
            if (_isOver || _error is not null || _limits.WhyOver is not null || _next == _told.Length)
            {
                _workers--;
                Monitor.PulseAll(_gate);
                return null;
            }

            Limit limit = _limits.Begin();
            var shift = new Shift(_next, limit, _begin(_next, limit));
            _next++;
            _shifts.Add(shift);
            return shift;
        }
    }

    private bool TryEnd(Shift shift, Exception? failure)
    {
        lock (_gate)
        {
            if (!shift.IsLeftBehind)
            {
                _error ??= failure;
                Finish(shift);
            }
        }

        _limits.End(shift.Limit);
        return !shift.IsLeftBehind;
    }

    private void Finish(Shift shift)
    {
        _shifts.Remove(shift);
        _isDone[shift.Piece] = true;
        Monitor.PulseAll(_gate);
    }

    private void GiveUp(Shift shift)
    {
        lock (_gate)
        {
            if (!shift.IsGivenUp)
            {
                shift.IsGivenUp = true;
                shift.Work.GiveUp(action => Tell(shift, action), shift.Told);
            }
        }
    }

    private void Tell(Shift shift, Action action)
    {
        lock (_gate)
        {
            if (!shift.IsLeftBehind)
            {
                shift.Told++;
                _told[shift.Piece].Enqueue(action);
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>A piece of work that a worker is at.</summary>
    private sealed class Shift(int piece, Limit limit, IWork work)
    {
        public int Piece { get; } = piece;

        public Limit Limit { get; } = limit;

        public IWork Work { get; } = work;

        public int Told { get; set; }

        /// <summary>When the limit was first seen to be reached.</summary>
        public long? ReachedAt { get; set; }

        /// <summary>Whether the work has told what is known without it.</summary>
        public bool IsGivenUp { get; set; }

        /// <summary>Whether its worker went on all the same.</summary>
        public bool IsLeftBehind { get; set; }
    }
}
