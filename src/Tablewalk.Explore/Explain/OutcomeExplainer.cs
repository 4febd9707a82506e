using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>Explains what becomes of an outcome, such as a litmus test's condition. Runs on the calling thread, which needs a deep stack.</summary>
/// <param name="program">The program.</param>
/// <param name="memory">Its initial memory.</param>
/// <param name="model">The model.</param>
/// <param name="isOutcome">Whether a complete execution ends with the outcome.</param>
/// <param name="values">Values that the outcome names: what reads may have to get.</param>
public sealed class OutcomeExplainer(Program program, IInitialMemory memory, Model model, Func<ExecutionView, bool> isOutcome, ImmutableArray<ulong> values)
{
    private const int MostCandidates = 500; // looked at for the shortest; the first ones in the order of the search
    private const int MostForValues = 2000;
    private const long MostGuesses = 100_000;

    /// <summary>Whether some execution ends with the outcome.</summary>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public bool IsReached(CancellationToken cancellation) => OutcomeSearch.Finds(program, memory, model, isOutcome, cancellation);

    /// <summary>A shortest execution that ends with the outcome; null if there is none.</summary>
    /// <param name="outcome">What it is called.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public ReachedOutcome? ShortestOrNull(string outcome, CancellationToken cancellation)
    {
        var found = OutcomeSearch.Collect(
            program, memory, model.Without(), isOutcome,
            view => new ReachedOutcome(Lineariser.Tell(program, memory, view.State, outcome), ExecutionPicture.Of(program, view)), MostCandidates, cancellation);
        return found.MinBy(r => (r.Table.Steps.Length, r.Table.Steps.Count(s => s.Early), Changes(r.Table.Steps)));
    }

    /// <summary>Why no execution ends with the outcome. Asked only where none does.</summary>
    /// <param name="timeoutOfEach">When to give up a weakening; null for never.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public ForbiddenOutcome WhyForbidden(TimeSpan? timeoutOfEach, CancellationToken cancellation)
    {
        var guessed = GuessedValues(cancellation);
        var guessing = Guessing(guessed);
        var nearest = Nearest(guessing, cancellation);
        var (rests, undecided) = (ImmutableArray.CreateBuilder<Weakening>(), ImmutableArray.CreateBuilder<Weakening>());
        foreach (var weakening in Weakenings.Of(program).Concat(nearest is null ? [] : Dependencies(nearest.Execution, guessed)))
        {
            switch (Reaches(weakening.Program, timeoutOfEach, cancellation))
            {
                case true:
                    rests.Add(weakening);
                    break;
                case null:
                    undecided.Add(weakening);
                    break;
            }
        }

        return new(nearest?.Rule, nearest?.IsOnly ?? false, nearest?.Execution, rests.ToImmutable(), undecided.ToImmutable());
    }

    private bool? Reaches(Program weaker, TimeSpan? timeout, CancellationToken cancellation)
    {
        using var limit = new Limit(timeout, cancellation);
        try
        {
            return OutcomeSearch.Finds(weaker, memory, model, isOutcome, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsOwn)
        {
            return null;
        }
        catch (NotSupportedException)
        {
            return null; // it makes more events than there is room for
        }
    }

    // An execution that breaks one rule alone tells most; only where there is none is one looked for that breaks several.
    private Candidate? Nearest(Program? guessing, CancellationToken cancellation)
    {
        var removable = model.Constraints.Where(c => c.Kind != ConstraintKind.SomeChoice).ToArray();
        foreach (var tried in (Program?[])[program, guessing])
        {
            if (tried is not null && Shortest(removable.SelectMany(c => Candidates(tried, [c], cancellation))) is { } alone)
            {
                return alone;
            }
        }

        return Shortest(Candidates(program, removable, cancellation)) ?? (guessing is null ? null : Shortest(Candidates(guessing, removable, cancellation)));
    }

    private static Candidate? Shortest(IEnumerable<Candidate> candidates) => candidates.MinBy(c => c.Length);

    private List<Candidate> Candidates(Program tried, Constraint[] without, CancellationToken cancellation) =>
        OutcomeSearch.Collect(tried, memory, model.Without(without), isOutcome, view => CandidateOf(view, without), MostCandidates, cancellation);

    private Candidate CandidateOf(ExecutionView view, Constraint[] without)
    {
        var execution = view.State.Evaluation.ToExecution();
        var broken = without.Select(c => model.Explain(c, execution)).OfType<BrokenRule>().ToList();
        Invariant.Check(broken.Count > 0, "an execution that keeps all rules was not found by the search for those");
        return new(broken.MinBy(Length)!, broken.Count == 1, ExecutionPicture.Of(program, view));
    }

    private static int Length(BrokenRule rule) => rule.Steps.IsEmpty ? int.MaxValue : rule.Steps.Sum(s => 100 + s.Through.Length);

    private ImmutableArray<ulong> GuessedValues(CancellationToken cancellation)
    {
        var seen = OutcomeSearch.Collect(
            program, memory, model, _ => true, view => Enumerable.Range(0, view.EventCount).Where(e => view.IsRead(e) || view.IsWrite(e)).Select(view.Value).ToArray(),
            MostForValues, cancellation);
        return [.. values.Concat(seen.SelectMany(s => s)).Distinct().Order()];
    }

    // All loads guess, the last first, so that the places of the others stay what they are; null if that would be too much to try.
    private Program? Guessing(ImmutableArray<ulong> guessed)
    {
        var loads = GuessedReads.LoadsOf(program).Reverse().ToList();
        return guessed.IsEmpty || Math.Pow(guessed.Length, loads.Count) > MostGuesses
            ? null
            : loads.Aggregate(program, (p, load) => GuessedReads.Guess(p, load, guessed, keepsDependency: true));
    }

    private IEnumerable<Weakening> Dependencies(ExecutionPicture picture, ImmutableArray<ulong> guessed)
    {
        foreach (var load in guessed.IsEmpty ? [] : GuessedReads.LoadsOf(program))
        {
            var source = program.Threads[load.Thread].Code.Blocks[load.Block].Body[load.Index].Source;
            var edges = picture.Edges.Where(e => ExecutionPicture.IsDependency(e.Relation) && picture[e.From].Thread == load.Thread && picture[e.From].Source == source).ToList();
            if (edges.Count > 0)
            {
                var how = string.Join(" and ", edges.Select(e => e.Relation).Distinct());
                yield return new(load.Thread, WeakeningKind.Dependency, $"{how} dependency", "removed", source, GuessedReads.Guess(program, load, guessed, keepsDependency: false));
            }
        }
    }

    private static int Changes(ImmutableArray<Step> steps) => steps.Where((s, i) => i > 0 && s.Cpu != steps[i - 1].Cpu).Count();

    private sealed record Candidate(BrokenRule Rule, bool IsOnly, ExecutionPicture Execution)
    {
        public int Length => OutcomeExplainer.Length(Rule);
    }
}
