using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Claims;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>What became of a claim that holds when one thing of the program was weakened.</summary>
/// <param name="Weakening">What was weakened.</param>
/// <param name="Verdict">Violated, where the claim rests on it; inconclusive, where a limit left that open.</param>
public sealed record Support(Weakening Weakening, Verdict Verdict);

/// <summary>Finds what a claim that holds rests on.</summary>
public static class ClaimExplainer
{
    /// <summary>
    /// Checks the program again for each way to weaken it. Fences, orders, sections and waits count however they break it; a branch that goes one way only does where
    /// the claim itself breaks, not where the code then runs into what the branch kept it from.
    /// </summary>
    /// <param name="program">A program of which the claim holds.</param>
    /// <param name="memory">Its initial memory.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="options">Workers, and the limit of each check.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <returns>What the claim rests on and what was left open, in the order of threads and code, as it is found.</returns>
    public static IEnumerable<Support> Of(
        Program program, IInitialMemory memory, Model model, string claim, CheckOptions options, CancellationToken cancellation = default)
    {
        var decisive = new HashSet<SourceLocation>();
        foreach (var weakening in Weakenings.Of(program).Concat(BranchWeakenings.Single(program)).Concat(BranchWeakenings.Together(program)))
        {
            cancellation.ThrowIfCancellationRequested();

            // Of branches that lead to one place only those are told together of which none matters alone.
            ImmutableArray<SourceLocation> places = weakening.Source is { } s ? [s, .. weakening.Others] : weakening.Others;
            if (weakening.Kind == WeakeningKind.Branch && !weakening.Others.IsEmpty && places.Any(decisive.Contains))
            {
                continue;
            }

            var verdict = Checker.Check(weakening.Program, memory, model, claim, options, cancellation: cancellation).Verdict;
            cancellation.ThrowIfCancellationRequested(); // that one was not looked at whole
            if (Counts(weakening.Kind, verdict))
            {
                decisive.UnionWith(places);
                yield return new(weakening, verdict);
            }
        }
    }

    private static bool Counts(WeakeningKind kind, Verdict verdict) => verdict switch
    {
        Verdict.Violated v => kind != WeakeningKind.Branch || v.Counterexample.IsOfClaim,
        Verdict.Inconclusive => kind != WeakeningKind.Branch, // a branch that goes one way may have no end
        _ => false,
    };
}
