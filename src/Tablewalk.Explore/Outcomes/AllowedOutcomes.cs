using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Analysis;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Workers;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Outcomes;

/// <summary>The outcomes that a model allows of a program: whether certain ones are among them, and all there are.</summary>
/// <remarks>
/// Executions are looked at only as long as an outcome may come of them that is looked for, so many need not be told apart. What is found does not depend on the number
/// of workers.
/// </remarks>
/// <param name="program">The program.</param>
/// <param name="memory">Its initial memory.</param>
/// <param name="model">The memory model.</param>
/// <param name="jobs">Worker threads, at least 1.</param>
public sealed class AllowedOutcomes(Program program, IInitialMemory memory, Model model, int jobs)
{
    private readonly OutcomeCode _code = new(program);
    private readonly ConcurrentDictionary<Outcome, byte> _found = new();
    private WriteBounds? _bounds; // the searches differ in what they look for only

    /// <summary>What was found so far, in no order. Another thread may ask while a search goes on, and after one was cancelled.</summary>
    /// <remarks>
    /// An execution that was met is one also where the search has to begin again: what it learns adds executions and splits words into cells that no execution met so far
    /// tells apart.
    /// </remarks>
    public IReadOnlyCollection<Outcome> Found => [.. _found.Keys];

    /// <summary>Whether in some execution that was met a thread touches what is outside of memory. Those have no outcome.</summary>
    public bool MayTouchOutside { get; private set; }

    /// <summary>The outcome of a run by somebody else, of which the memory is left.</summary>
    /// <param name="results">What each thread returned.</param>
    /// <param name="broken">The claims that broke, those of the final predicate among them.</param>
    /// <param name="left">The memory when all threads had returned. What the final predicate reads outside of it counts as 0.</param>
    public Outcome OfRun(ImmutableArray<ulong> results, IEnumerable<string> broken, IInitialMemory left)
    {
        ArgumentNullException.ThrowIfNull(left);
        var (reads, _) = _code.RunFinal(results, (address, sizeBytes) => left.TryRead(address, sizeBytes, out var value) ? value : 0);
        return new(results, reads, broken);
    }

    /// <summary>Looks for executions with certain outcomes, until there is one of each or none is left.</summary>
    /// <param name="asked">The outcomes. Those that are allowed are among <see cref="Found"/> afterwards.</param>
    /// <param name="progress">Told from time to time how far it has come.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="NotSupportedException">An execution has more events than there is room for, or the final predicate does more than load and compute.</exception>
    public void Find(IReadOnlyCollection<Outcome> asked, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default) =>
        Search(new OutcomeHunt([.. asked], _found), progress, cancellation);

    /// <summary>Looks for all outcomes: <see cref="Found"/> has them afterwards.</summary>
    /// <inheritdoc cref="Find"/>
    public void FindAll(IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default) =>
        Search(new OutcomeHunt(null, _found), progress, cancellation);

    private void Search(OutcomeHunt hunt, IProgress<CheckProgress>? progress, CancellationToken cancellation)
    {
        if (hunt.IsOver)
        {
            return;
        }

        try
        {
            var search = new ParallelSearch(_code.Program, memory, model, OutcomeCode.AnyClaim, followsWaits: false, jobs, progress, cancellation) { Bounds = _bounds };
            search.Run(codes => new OutcomeVisitor(codes, _code, hunt), static (_, _, _) => { }, static () => { });
            _bounds = search.Bounds;
        }
        catch (SearchFullException full)
        {
            throw new NotSupportedException($"an execution has more than {Discoveries.MaxCapacity} events", full);
        }
        finally
        {
            MayTouchOutside |= hunt.IsOutsideMet;
        }
    }
}
