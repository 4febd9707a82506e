using System.Collections.Immutable;
using System.Runtime.ExceptionServices;

namespace Tablewalk.Cli;

/// <summary>Many small pieces of work on some threads, whose results are told in order.</summary>
internal static class OrderedWork
{
    /// <summary>The stack of a thread that searches: the search recurses once per decision.</summary>
    internal const int DeepStackBytes = 64 << 20;

    /// <summary>Works on each item.</summary>
    /// <param name="items">The items.</param>
    /// <param name="work">What is done to each, on any thread.</param>
    /// <param name="jobs">Worker threads.</param>
    /// <param name="onResult">Told of each result in the order of the items, on the calling thread, as soon as those before it are there.</param>
    /// <param name="cancellation">Ends the run; the rest of the items have no result.</param>
    /// <remarks>What <paramref name="work"/> throws first is thrown here, when all workers have stopped.</remarks>
    public static void Run<TItem, TResult>(
        ImmutableArray<TItem> items, Func<TItem, TResult> work, int jobs, Action<TResult> onResult, CancellationToken cancellation)
        where TResult : class
    {
        var results = new TResult?[items.Length];
        var (next, gate, error) = (-1, new object(), (Exception?)null);
        void Work()
        {
            while (Interlocked.Increment(ref next) is var i && i < items.Length && !cancellation.IsCancellationRequested && Volatile.Read(ref error) is null)
            {
                TResult? result = null;
                try
                {
                    result = work(items[i]);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    Interlocked.CompareExchange(ref error, e, null);
                }

                lock (gate)
                {
                    results[i] = result;
                    Monitor.PulseAll(gate);
                }
            }
        }

        Thread[] workers = [.. Enumerable.Range(0, Math.Min(jobs, items.Length)).Select(_ => new Thread(Work, DeepStackBytes) { IsBackground = true })];
        Array.ForEach(workers, worker => worker.Start());
        for (int i = 0; i < items.Length; i++)
        {
            lock (gate)
            {
                while (results[i] is null && Volatile.Read(ref error) is null && !cancellation.IsCancellationRequested)
                {
                    Monitor.Wait(gate, TimeSpan.FromMilliseconds(100));
                }
            }

            if (results[i] is not { } result)
            {
                break;
            }

            onResult(result);
            results[i] = null;
        }

        Array.ForEach(workers, worker => worker.Join());
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }
}
