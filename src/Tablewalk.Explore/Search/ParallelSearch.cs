using Tablewalk.Cat;
using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Claims;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search;

/// <summary>What one search of one subtree came to.</summary>
internal sealed record SearchOutcome(SearchCounts Counts, bool IsStopped, IReadOnlyCollection<Discovery> Discovered);

/// <summary>
/// Cuts the tree of decisions into subtrees and lets workers search them. The cut does not depend on the number of workers, and results are
/// added up in the order of the tree up to the first subtree that ended the search, so neither does the answer.
/// </summary>
internal sealed class ParallelSearch(
    Program program, IInitialMemory memory, Model model, string? claim, int jobs, CancellationToken cancellation, IProgress<CheckProgress>? progress)
{
    private const int EnoughSubtrees = 64;
    private const int DeepestCut = 40;
    private readonly FlatCode[] _codes = program.Threads.Select(t => FlatCode.From(t.Code)).ToArray();
    private long _executions;
    private long _deadEnds;

    /// <summary>What was counted so far, whether or not it ended up in a result.</summary>
    public SearchCounts Seen => new(Interlocked.Read(ref _executions), Interlocked.Read(ref _deadEnds));

    /// <summary>Searches everything, beginning again as long as something is learnt.</summary>
    /// <param name="makeVisitor">Makes a worker's visitor.</param>
    /// <param name="onStop">Told, on the worker, of a search that its visitor stopped, with the subtree's place in the order.</param>
    /// <param name="onRestart">Told when all that was found is void.</param>
    public SearchCounts Run(Func<FlatCode[], ISearchVisitor> makeVisitor, Action<ISearchVisitor, ExecutionState, int> onStop, Action onRestart)
    {
        var known = new Discoveries(WriteBounds.Of(program, _codes, memory));
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
        Program program, FlatCode[] codes, IInitialMemory memory, Model model, Discoveries known, ISearchVisitor visitor, string? claim)
    {
        var state = new ExecutionState(program, codes, memory, model, known);
        var search = new DepthFirstSearch(state, new Interpreter(state, claim), visitor, CancellationToken.None);
        try
        {
            search.Run([]);
        }
        catch (SearchFullException) when (known.Capacity < Discoveries.MaxCapacity)
        {
            return new(default, false, [new Discovery(DiscoveryKind.Capacity)]);
        }

        return new(search.Counts, search.IsStopped, state.Discovered);
    }

    private (SearchCounts Counts, IReadOnlyCollection<Discovery> Discovered) RunKnowing(
        Discoveries known, Func<FlatCode[], ISearchVisitor> makeVisitor, Action<ISearchVisitor, ExecutionState, int> onStop)
    {
        var subtrees = new List<(int[] Path, SearchCounts Before)>();
        SearchOutcome cut;
        for (var depth = 2; ; depth += 2)
        {
            subtrees.Clear();
            cut = SearchSubtree(
                known, makeVisitor, [], depth, (path, counts) => subtrees.Add((path, counts)), (v, s) => onStop(v, s, subtrees.Count));
            if (cut.IsStopped || cut.Discovered.Count > 0 || subtrees.Count is 0 or >= EnoughSubtrees || depth >= DeepestCut)
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

    private SearchOutcome?[] SearchAll(
        Discoveries known,
        Func<FlatCode[], ISearchVisitor> makeVisitor,
        Action<ISearchVisitor, ExecutionState, int> onStop,
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
                while (Interlocked.Increment(ref next) is var i && i < subtrees.Count && i <= Volatile.Read(ref firstEnd))
                {
                    var outcome = SearchSubtree(known, makeVisitor, subtrees[i].Path, int.MaxValue, null, (v, s) => onStop(v, s, i), failed.Token);
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
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                lock (gate)
                {
                    errors.Add(e);
                }

                failed.Cancel();
            }
        }

        var workers = Enumerable.Range(0, Math.Max(1, jobs)).Select(_ => StartDeep(Work)).ToArray();
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

    private SearchOutcome SearchSubtree(
        Discoveries known,
        Func<FlatCode[], ISearchVisitor> makeVisitor,
        int[] path,
        int splitDepth,
        Action<int[], SearchCounts>? onSplit,
        Action<ISearchVisitor, ExecutionState> onStop,
        CancellationToken token = default)
    {
        var state = new ExecutionState(program, _codes, memory, model, known);
        var visitor = new StopRecorder(makeVisitor(_codes), onStop);
        var reported = new SearchCounts();
        DepthFirstSearch search = null!;
        search = new DepthFirstSearch(state, new Interpreter(state, claim), visitor, token.CanBeCanceled ? token : cancellation)
        {
            OnProgress = counts => Report(counts, ref reported),
        };
        try
        {
            search.Run(path, splitDepth, onSplit is null ? null : p => onSplit(p, search.Counts));
        }
        catch (SearchFullException) when (known.Capacity < Discoveries.MaxCapacity)
        {
            return new(default, false, [new Discovery(DiscoveryKind.Capacity)]);
        }

        return new(search.Counts, search.IsStopped, state.Discovered);
    }

    private void Report(SearchCounts counts, ref SearchCounts reported)
    {
        Interlocked.Add(ref _executions, counts.Executions - reported.Executions);
        Interlocked.Add(ref _deadEnds, counts.DeadEnds - reported.DeadEnds);
        reported = counts;
        progress?.Report(new CheckProgress(Seen.Executions, Seen.Explored));
    }

    // The search recurses once per decision; a few hundred are more than a default stack is sure to hold.
    private static Thread StartDeep(Action work)
    {
        var thread = new Thread(() => work(), maxStackSize: 64 << 20) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private sealed class StopRecorder(ISearchVisitor inner, Action<ISearchVisitor, ExecutionState> onStop) : ISearchVisitor
    {
        public bool LeavesEarly => inner.LeavesEarly;

        public bool MayMatter(ExecutionState state) => inner.MayMatter(state);

        public bool Visit(ExecutionState state)
        {
            if (inner.Visit(state))
            {
                return true;
            }

            onStop(inner, state);
            return false;
        }
    }
}
