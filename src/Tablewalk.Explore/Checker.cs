using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Workers;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;

namespace Tablewalk.Explore;

/// <summary>The judge: looks at every execution of a program that a model allows.</summary>
public static class Checker
{
    /// <summary>Whether a claim of a program holds in all executions.</summary>
    /// <param name="program">The threads and the final predicate.</param>
    /// <param name="memory">The initial memory.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="claim">The claim; BugOns of other claims are ignored.</param>
    /// <param name="options">Workers and limits.</param>
    /// <param name="progress">Told from time to time how far the check has come.</param>
    /// <param name="cancellation">Ends the check early, with an inconclusive verdict.</param>
    /// <exception cref="FinalPredicateException">The final predicate does more than load and compute, or does not end.</exception>
    public static CheckResult Check(
        Program program,
        IInitialMemory memory,
        Model model,
        string claim,
        CheckOptions options,
        IProgress<CheckProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var limit = new Limit(options.Timeout, cancellation);

        // What breaks the claim outweighs a wait that never ends: the second is looked for where the claim holds.
        var check = new Search(program, memory, model, claim, options, progress, limit.Token);
        try
        {
            var (broken, flags) = (check.ForClaim(out var counts), check.Flags);
            if (broken is null && check.ForEndlessWait() is { } endless)
            {
                (broken, flags) = (endless, []); // that one is not complete
            }

            return new(broken is null ? new Verdict.Holds() : new Verdict.Violated(broken), counts.Executions, counts.Explored)
            {
                Flags = flags,
                Reach = broken is null && options.AsksForReach ? check.ForReach() : ClaimReach.Unknown,
            };
        }
        catch (OperationCanceledException)
        {
            return new(new Verdict.Inconclusive(limit.Reason), check.Seen.Executions, check.Seen.Explored);
        }
        catch (SearchFullException)
        {
            return new(
                new Verdict.Inconclusive($"an execution has more than {Discoveries.MaxCapacity} events"), check.Seen.Executions, check.Seen.Explored);
        }
    }

    /// <summary>Counts every execution of a program, looking at each once.</summary>
    /// <returns>The executions, and the branches explored for them.</returns>
    /// <exception cref="OperationCanceledException">The count was cancelled or its limit was reached.</exception>
    public static (long Executions, long Explored) Count(
        Program program, IInitialMemory memory, Model model, CheckOptions options, CancellationToken cancellation = default)
    {
        using var limit = new Limit(options.Timeout, cancellation);
        var run = new ParallelSearch(program, memory, model, claim: null, followsWaits: false, options.Jobs, progress: null, limit.Token);
        var counts = run.Run(_ => EverythingMatters.Instance, (_, _, _) => { }, () => { });
        return (counts.Executions, counts.Explored);
    }

    /// <summary>Which calls of intrinsics some execution of a program comes to.</summary>
    /// <param name="program">The program. Its final predicate makes no events.</param>
    /// <param name="memory">Its initial memory.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="wanted">The calls that are asked about.</param>
    /// <param name="most">How many partial executions to look at; what is not reached by then is taken for not reached.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImmutableHashSet<IntrinsicCall> CallsReached(
        Program program, IInitialMemory memory, Model model, IEnumerable<IntrinsicCall> wanted, long most, CancellationToken cancellation = default)
    {
        const string Any = "reached";
        IntrinsicCall[] calls = [.. wanted.Distinct()];
        var isReached = new bool[calls.Length];
        program = program with { Threads = [.. program.Threads.Select(t => t with { Code = Claims.Reach.WithClaim(t.Code, Any) })], Final = null, FinalArguments = [] };
        var run = new ParallelSearch(program, memory, model, Any, followsWaits: false, jobs: 1, progress: null, cancellation) { BranchesForOne = long.MaxValue };
        try
        {
            run.Run(codes => new CallVisitor(codes, calls, isReached, most), (_, _, _) => { }, () => { });
        }
        catch (SearchFullException)
        {
            // Executions that are too long reach nothing.
        }

        return [.. calls.Where((_, call) => isReached[call])];
    }

    /// <summary>Visits every complete execution of a program, one after the other. The view is valid during the call only.</summary>
    /// <param name="program">The program.</param>
    /// <param name="memory">Its initial memory.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="visit">Takes an execution.</param>
    /// <param name="progress">Told from time to time how far the enumeration has come, and when it ends, also by an exception.</param>
    /// <param name="cancellation">Ends the enumeration early.</param>
    /// <returns>The executions, and the branches explored for them.</returns>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled.</exception>
    /// <exception cref="NotSupportedException">An execution has more events than there is room for.</exception>
    public static (long Executions, long Explored) Enumerate(
        Program program,
        IInitialMemory memory,
        Model model,
        Action<ExecutionView> visit,
        IProgress<CheckProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        try
        {
            return EnumerateKnowing(program, memory, model, visit, progress, cancellation);
        }
        catch (SearchFullException full)
        {
            throw new NotSupportedException($"an execution has more than {Discoveries.MaxCapacity} events", full);
        }
    }

    private static (long Executions, long Explored) EnumerateKnowing(
        Program program, IInitialMemory memory, Model model, Action<ExecutionView> visit, IProgress<CheckProgress>? progress, CancellationToken cancellation)
    {
        // What the search learns on its way makes it begin again, so views are collected only once nothing is left to learn: the first run counts.
        progress?.Report(new() { Phase = CheckProgress.Bounding });
        var codes = program.Threads.Select(t => FlatCode.From(t.Code)).ToArray();
        var known = new Discoveries(WriteBounds.Of(program, codes, memory, model, cancellation));
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(default);
        var seen = new SearchCounts();
        void Report(SearchCounts since)
        {
            seen += since;
            progress?.Report(new(seen.Executions, seen.Explored));
        }

        SearchOutcome Run(ISearchVisitor visitor) => ParallelSearch.RunOnce(program, codes, memory, model, known, visitor, claim: null, cancellation, Report);
        while (Run(EverythingMatters.Instance).Discovered is { Count: > 0 } learnt)
        {
            foreach (var discovery in learnt)
            {
                known.Apply(discovery);
            }
        }

        var outcome = Run(new ViewingVisitor(memory, visit));
        return (outcome.Counts.Executions, outcome.Counts.Explored);
    }

    /// <summary>The searches of one check.</summary>
    private sealed class Search(
        Program program, IInitialMemory memory, Model model, string claim, CheckOptions options, IProgress<CheckProgress>? progress, CancellationToken cancellation)
    {
        private readonly FlatCode? _final = program.Final is null ? null : FlatCode.From(program.Final);
        private readonly Lock _gate = new();
        private readonly SortedSet<string> _raised = new(StringComparer.Ordinal);
        private ImmutableArray<string> _foundFlags = [];
        private Counterexample? _found;
        private int _foundAt;
        private ParallelSearch? _running;
        private SearchCounts _done;
        private WriteBounds? _bounds; // the searches differ in what they look for only

        /// <summary>What was counted so far.</summary>
        public SearchCounts Seen => _done + (_running?.Seen ?? default);

        /// <summary>The flags raised for what was found last, or for some of the executions that were looked at if nothing was.</summary>
        public ImmutableArray<string> Flags => _found is null ? [.. _raised] : _foundFlags;

        /// <summary>An execution that breaks the claim; null if there is none. Where the model may raise flags, every execution is looked at for them.</summary>
        public Counterexample? ForClaim(out SearchCounts counts) => Run(
            codes => new ClaimVisitor(program, codes, _final, claim, options.Exhaustive || model.HasFlags, model.HasFlags ? Raise : null),
            followsWaits: false,
            out counts);

        /// <summary>An execution in which a thread waits for ever; null if there is none.</summary>
        public Counterexample? ForEndlessWait() => Run(codes => new WaitVisitor(codes), followsWaits: true, out _);

        /// <summary>Whether anything puts the claim to the test. Looks for one execution, and at all of them only if there is none.</summary>
        public ClaimReach ForReach()
        {
            progress?.Report(new(Seen.Executions, Seen.Explored) { Phase = "looking whether the claim is reached" });
            try
            {
                return BreaksIn(Reach.OfClaim(program, claim), _bounds) ? ClaimReach.Reached
                    : BreaksIn(Reach.OfAny(program, claim), bounds: null) ? ClaimReach.NotReached
                    : ClaimReach.NoExecution;
            }
            catch (SearchFullException)
            {
                return ClaimReach.Unknown;
            }
        }

        private bool BreaksIn(Program asked, WriteBounds? bounds)
        {
            var final = asked.Final is null ? null : FlatCode.From(asked.Final);
            var isBroken = false;
            new ParallelSearch(asked, memory, model, claim, followsWaits: false, options.Jobs, progress: null, cancellation) { Bounds = bounds }.Run(
                codes => new ClaimVisitor(asked, codes, final, claim, isExhaustive: false), (_, _, _) => isBroken = true, () => isBroken = false);
            return isBroken;
        }

        private Counterexample? Run(Func<FlatCode[], ISearchVisitor> makeVisitor, bool followsWaits, out SearchCounts counts)
        {
            var search = new ParallelSearch(program, memory, model, claim, followsWaits, options.Jobs, progress, cancellation) { Bounds = _bounds };
            _running = search;
            Forget();
            counts = search.Run(makeVisitor, Describe, Forget);
            (_running, _done, _bounds) = (null, _done + counts, search.Bounds);
            return _found;
        }

        private void Forget()
        {
            (_found, _foundAt) = (null, int.MaxValue);
            _raised.Clear();
        }

        private void Raise(ExecutionState state)
        {
            var flags = state.Evaluation.RaisedFlags();
            lock (_gate)
            {
                _raised.UnionWith(flags);
            }
        }

        // Of the first subtree in order that has any, the shortest.
        private void Describe(Break broken, ExecutionState state, int order)
        {
            lock (_gate)
            {
                if (order > _foundAt)
                {
                    return;
                }

                progress?.Report(new(Seen.Executions, Seen.Explored) { Phase = "telling the violation" });
                var next = Lineariser.Describe(program, memory, state, _final, claim, broken);
                if (order < _foundAt || next.Steps.Length < _found!.Steps.Length)
                {
                    (_found, _foundAt) = (next, order);
                    _foundFlags = [.. state.Evaluation.RaisedFlags().Order(StringComparer.Ordinal)];
                }
            }
        }
    }

    private sealed class ViewingVisitor(IInitialMemory memory, Action<ExecutionView> visit) : ISearchVisitor
    {
        private ExecutionView? _view; // one for all executions: the search stands on one after the other

        public Break? Broken => null;

        public bool LeavesEarly => false;

        public bool MayMatter(ExecutionState state) => true;

        public bool Visit(ExecutionState state)
        {
            visit(_view ??= new ExecutionView(state, memory));
            return true;
        }
    }
}
