using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search;
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
    /// <exception cref="NotSupportedException">The final predicate does more than load and compute.</exception>
    public static CheckResult Check(
        Program program,
        IInitialMemory memory,
        Model model,
        string claim,
        CheckOptions options,
        IProgress<CheckProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        var final = program.Final is null ? null : FlatCode.From(program.Final);
        var run = new ParallelSearch(program, memory, model, claim, options.Jobs, limit.Token, progress);
        Counterexample? found = null;
        var gate = new Lock();
        var foundAt = int.MaxValue;
        try
        {
            var counts = run.Run(
                codes => new ClaimVisitor(program, codes, final, claim, options.Exhaustive),
                (visitor, state, order) =>
                {
                    lock (gate)
                    {
                        if (order > foundAt)
                        {
                            return;
                        }

                        var broken = ((ClaimVisitor)visitor).Broken!.Value;
                        var next = Lineariser.Describe(program, memory, state, final, claim, broken);
                        if (order < foundAt || next.Steps.Length < found!.Steps.Length)
                        {
                            (found, foundAt) = (next, order);
                        }
                    }
                },
                () => (found, foundAt) = (null, int.MaxValue));
            return new(found is null ? new Verdict.Holds() : new Verdict.Violated(found), counts.Executions, counts.Explored);
        }
        catch (OperationCanceledException)
        {
            var reason = cancellation.IsCancellationRequested ? "interrupted" : $"the limit of {options.Timeout!.Value.TotalSeconds:0.###} s was reached";
            return new(new Verdict.Inconclusive(reason), run.Seen.Executions, run.Seen.Explored);
        }
        catch (SearchFullException)
        {
            return new(
                new Verdict.Inconclusive($"an execution has more than {Discoveries.MaxCapacity} events"), run.Seen.Executions, run.Seen.Explored);
        }
    }

    /// <summary>Counts every execution of a program, looking at each once.</summary>
    /// <returns>The executions, and the branches explored for them.</returns>
    /// <exception cref="OperationCanceledException">The count was cancelled or its limit was reached.</exception>
    public static (long Executions, long Explored) Count(
        Program program, IInitialMemory memory, Model model, CheckOptions options, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        var run = new ParallelSearch(program, memory, model, claim: null, options.Jobs, limit.Token, progress: null);
        var counts = run.Run(_ => EverythingMatters.Instance, (_, _, _) => { }, () => { });
        return (counts.Executions, counts.Explored);
    }

    /// <summary>Visits every complete execution of a program, one after the other. The view is valid during the call only.</summary>
    /// <returns>The executions, and the branches explored for them.</returns>
    public static (long Executions, long Explored) Enumerate(Program program, IInitialMemory memory, Model model, Action<ExecutionView> visit)
    {
        // What the search learns on its way makes it begin again, so views are collected only once nothing is left to learn: the first run counts.
        var codes = program.Threads.Select(t => FlatCode.From(t.Code)).ToArray();
        var known = new Discoveries(WriteBounds.Of(program, codes, memory));
        SearchOutcome Run(ISearchVisitor visitor) => ParallelSearch.RunOnce(program, codes, memory, model, known, visitor, claim: null);
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

    private sealed class ViewingVisitor(IInitialMemory memory, Action<ExecutionView> visit) : ISearchVisitor
    {
        private ExecutionView? _view; // one for all executions: the search stands on one after the other

        public bool LeavesEarly => false;

        public bool MayMatter(ExecutionState state) => true;

        public bool Visit(ExecutionState state)
        {
            visit(_view ??= new ExecutionView(state, memory));
            return true;
        }
    }
}
