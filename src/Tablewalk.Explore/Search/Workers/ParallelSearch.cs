using Tablewalk.Cat;
using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Workers;

/// <summary>
/// Cuts the tree of decisions into subtrees and lets workers search them. The cut does not depend on the number of workers, and results are
/// added up in the order of the tree up to the first subtree that ended the search, so neither does the answer.
/// </summary>
internal sealed class ParallelSearch(
    Program program, IInitialMemory memory, Model model, string? claim, bool followsWaits, int jobs,
    IProgress<CheckProgress>? progress, CancellationToken cancellation)
{
    private const int DeepestCut = 40;
    private readonly FlatCode[] _codes = program.Threads.Select(t => FlatCode.From(t.Code)).ToArray();
    private long _executions;
    private long _deadEnds;

    /// <summary>How many branches are not worth cutting.</summary>
    public long BranchesForOne { get; init; } = 2000;

    /// <summary>How many subtrees are enough to keep the workers busy.</summary>
    public int EnoughSubtrees { get; init; } = 64;

    /// <summary>The bounds of the program's writes; found by <see cref="Run"/> if it is not told.</summary>
    public WriteBounds? Bounds { get; set; }

    /// <summary>What was counted so far, whether or not it ended up in a result; what was met again counts again.</summary>
    public SearchCounts Seen => new(Interlocked.Read(ref _executions), Interlocked.Read(ref _deadEnds));

    /// <summary>Searches everything, beginning again as long as something is learnt.</summary>
    /// <param name="makeVisitor">Makes a worker's visitor.</param>
    /// <param name="onStop">
    /// Told, on the worker, of what its visitor would stop at, with the subtree's place in the order: the first one of that subtree, and others soon after it.
    /// </param>
    /// <param name="onRestart">Told when all that was found is void.</param>
    public SearchCounts Run(Func<FlatCode[], ISearchVisitor> makeVisitor, Action<Break, ExecutionState, int> onStop, Action onRestart)
    {
        progress?.Report(new(Seen.Executions, Seen.Explored) { Phase = CheckProgress.Bounding });
        var known = new Discoveries(Bounds ??= WriteBounds.Of(program, _codes, memory, model, cancellation));
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new(Seen.Executions, Seen.Explored));
        while (true)
        {
            var (counts, discovered) = RunKnowing(known, makeVisitor, onStop);
            if (discovered.Count == 0)
            {
                return counts;
            }

            onRestart();
            foreach (var discovery in discovered)
            {
                known.Apply(discovery);
            }
        }
    }

    /// <summary>Searches everything on the calling thread, knowing only what it is told.</summary>
    public static SearchOutcome RunOnce(
        Program program,
        FlatCode[] codes,
        IInitialMemory memory,
        Model model,
        Discoveries known,
        ISearchVisitor visitor,
        string? claim,
        CancellationToken cancellation,
        Action<SearchCounts>? onProgress = null) =>
        new SearchWorker(program, codes, memory, model, known, claim, false, visitor, cancellation) { OnProgress = onProgress }.Search([]);

    private (SearchCounts Counts, IReadOnlyCollection<Discovery> Discovered) RunKnowing(
        Discoveries known, Func<FlatCode[], ISearchVisitor> makeVisitor, Action<Break, ExecutionState, int> onStop)
    {
        var first = MakeWorker(known, makeVisitor, cancellation); // what it meets is met again if it has to be cut
        var whole = first.Search([], (b, s) => onStop(b, s, 0), BranchesForOne);
        if (!whole.IsLimited)
        {
            return (whole.Counts, whole.Discovered);
        }

        foreach (var contended in first.Contended)
        {
            known.Apply(contended); // most of what the subtrees would find out one after the other
        }

        var subtrees = new List<(int[] Path, SearchCounts Before)>();
        SearchOutcome cut;
        for (var depth = 2; ; depth += 2)
        {
            subtrees.Clear();
            cut = first.Cut(depth, (path, counts) => subtrees.Add((path, counts)), (b, s) => onStop(b, s, subtrees.Count));
            if (cut.IsStopped || cut.Discovered.Count > 0 || subtrees.Count == 0 || subtrees.Count >= EnoughSubtrees || depth >= DeepestCut)
            {
                break;
            }
        }

        if (subtrees.Count == 0)
        {
            return (cut.Counts, cut.Discovered);
        }

        var outcomes = SearchAll(known, makeVisitor, onStop, subtrees);
        var total = new SearchCounts();
        for (var i = 0; i < subtrees.Count; i++)
        {
            total += outcomes[i]!.Counts;
            if (outcomes[i]!.IsStopped || outcomes[i]!.Discovered.Count > 0)
            {
                return (total + subtrees[i].Before, outcomes[i]!.Discovered);
            }
        }

        return (total + cut.Counts, cut.Discovered);
    }

    private SearchWorker MakeWorker(
        Discoveries known, Func<FlatCode[], ISearchVisitor> makeVisitor, CancellationToken token) =>
        new(program, _codes, memory, model, known, claim, followsWaits, makeVisitor(_codes), token) { OnProgress = Report };

    private SearchOutcome?[] SearchAll(
        Discoveries known,
        Func<FlatCode[], ISearchVisitor> makeVisitor,
        Action<Break, ExecutionState, int> onStop,
        List<(int[] Path, SearchCounts Before)> subtrees)
    {
        var outcomes = new SearchOutcome?[subtrees.Count];
        var next = -1;
        var firstEnd = int.MaxValue;
        var errors = new List<Exception>();
        var gate = new Lock();
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        void Work()
        {
            try
            {
                var worker = MakeWorker(known, makeVisitor, failed.Token);
                while (Interlocked.Increment(ref next) is var i && i < subtrees.Count && i <= Volatile.Read(ref firstEnd))
                {
                    var outcome = worker.Search(subtrees[i].Path, (b, s) => onStop(b, s, i));
                    outcomes[i] = outcome;
                    if (outcome.IsStopped || outcome.Discovered.Count > 0)
                    {
                        lock (gate)
                        {
                            firstEnd = Math.Min(firstEnd, i);
                        }
                    }
                }
            }
            catch (Exception e)
            {
                lock (gate)
                {
                    errors.Add(e);
                }

                failed.Cancel();
            }
        }

        var workers = Enumerable.Range(0, Math.Max(1, jobs)).Select(_ => DeepStack.Start(Work)).ToArray();
        foreach (var worker in workers)
        {
            worker.Join();
        }

        if (errors.Find(e => e is not OperationCanceledException) is { } error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        cancellation.ThrowIfCancellationRequested();
        return outcomes;
    }

    private void Report(SearchCounts since)
    {
        Interlocked.Add(ref _executions, since.Executions);
        Interlocked.Add(ref _deadEnds, since.DeadEnds);
        progress?.Report(new CheckProgress(Seen.Executions, Seen.Explored));
    }
}
