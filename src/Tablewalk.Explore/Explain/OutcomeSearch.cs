using Tablewalk.Cat;
using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Workers;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>Looks for executions with some outcome: all of them up to a number, in the order of the search. On the calling thread, so that the order is one.</summary>
internal static class OutcomeSearch
{
    /// <summary>Whether there is one.</summary>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <exception cref="NotSupportedException">An execution has more events than there is room for.</exception>
    public static bool Finds(Program program, IInitialMemory memory, Model model, Func<ExecutionView, bool> isOutcome, CancellationToken cancellation) =>
        Collect(program, memory, model, isOutcome, _ => true, 1, cancellation).Count > 0;

    /// <summary>What there is to say of each.</summary>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <exception cref="NotSupportedException">An execution has more events than there is room for.</exception>
    public static List<T> Collect<T>(
        Program program, IInitialMemory memory, Model model, Func<ExecutionView, bool> isOutcome, Func<ExecutionView, T> describe, int most, CancellationToken cancellation)
    {
        var codes = program.Threads.Select(t => FlatCode.From(t.Code)).ToArray();
        var known = new Discoveries(WriteBounds.Of(program, codes, memory, model, cancellation));
        cancellation.ThrowIfCancellationRequested();
        try
        {
            while (true)
            {
                // What was found is void if the search has to begin again with what it learnt.
                var visitor = new Visitor<T>(memory, isOutcome, describe, most);
                var outcome = ParallelSearch.RunOnce(program, codes, memory, model, known, visitor, GuessedReads.Claim, cancellation);
                if (outcome.Discovered.Count == 0)
                {
                    return visitor.Found;
                }

                foreach (var discovery in outcome.Discovered)
                {
                    known.Apply(discovery);
                }
            }
        }
        catch (SearchFullException full)
        {
            throw new NotSupportedException($"an execution has more than {Discoveries.MaxCapacity} events", full);
        }
    }

    private sealed class Visitor<T>(IInitialMemory memory, Func<ExecutionView, bool> isOutcome, Func<ExecutionView, T> describe, int most) : ISearchVisitor
    {
        private ExecutionView? _view; // one for all executions: the search stands on one after the other

        public List<T> Found { get; } = [];

        public Break? Broken => new Break(-1, 0, BreakKind.Claim);

        public bool LeavesEarly => true;

        // Nothing comes of an execution in which a read did not get the value that was guessed.
        public bool MayMatter(ExecutionState state) => Found.Count < most && !state.Claims.Exists(c => state.Values.Bits(c.Condition).IsNonzero);

        public bool Visit(ExecutionState state)
        {
            if (Found.Count < most && state.WildAccess is null
                && state.Claims.TrueForAll(c => FinalState.KnownValue(state, c.Condition) == 0)
                && isOutcome(_view ??= new ExecutionView(state, memory)))
            {
                Found.Add(describe(_view));
            }

            return Found.Count < most;
        }
    }
}
