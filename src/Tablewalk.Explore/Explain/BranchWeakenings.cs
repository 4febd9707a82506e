using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>
/// Programs whose branches go one way only. A re-check is such a branch, or several that lead to one place, where it gives up: several compares of one re-check
/// can stand in for each other. Branches in loops are left alone, since a loop that goes one way has no end.
/// </summary>
public static class BranchWeakenings
{
    /// <summary>Each branch, one way and the other, in the order of threads and code.</summary>
    public static IEnumerable<Weakening> Single(Program program)
    {
        ArgumentNullException.ThrowIfNull(program);
        foreach (var (thread, block, branch) in BranchesOf(program))
        {
            foreach (var target in (int[])[branch.IfNonzero, branch.IfZero])
            {
                var change = $"always on to {PlaceOf(program, thread, target)}";
                yield return new(thread, WeakeningKind.Branch, "branch", change, branch.Source, Always(program, thread, block, branch, target));
            }
        }
    }

    /// <summary>All branches that may lead to one place, past it: for each place with more than one such branch.</summary>
    public static IEnumerable<Weakening> Together(Program program)
    {
        ArgumentNullException.ThrowIfNull(program);
        var ways = BranchesOf(program).SelectMany(b => (IEnumerable<(int Thread, int Block, Branch Branch, int To, int Past)>)
            [(b.Thread, b.Block, b.Branch, b.Branch.IfNonzero, b.Branch.IfZero), (b.Thread, b.Block, b.Branch, b.Branch.IfZero, b.Branch.IfNonzero)]);
        foreach (var place in ways.GroupBy(w => (w.Thread, w.To)).Where(g => g.Count() > 1))
        {
            var changed = place.Aggregate(program, (p, w) => Always(p, w.Thread, w.Block, w.Branch, w.Past));
            var change = $"never on to {PlaceOf(program, place.Key.Thread, place.Key.To)}";
            yield return new(place.Key.Thread, WeakeningKind.Branch, "branches", change, place.First().Branch.Source, changed)
            {
                Others = [.. place.Skip(1).Select(w => w.Branch.Source).OfType<SourceLocation>()],
            };
        }
    }

    private static IEnumerable<(int Thread, int Block, Branch Branch)> BranchesOf(Program program) =>
        from t in Enumerable.Range(0, program.Threads.Length)
        let code = program.Threads[t].Code
        from b in Enumerable.Range(0, code.Blocks.Length)
        let branch = code.Blocks[b].End as Branch
        where branch is { IsImplicit: false } && branch.IfNonzero != branch.IfZero && !Flow.IsInLoop(code, b)
        select (t, b, branch);

    private static Program Always(Program program, int thread, int block, Branch branch, int target) =>
        Rewriting.End(program, thread, block, new Jump(target) { Source = branch.Source });

    private static string PlaceOf(Program program, int thread, int block)
    {
        var code = program.Threads[thread].Code.Blocks[block];
        var source = code.Body.Append(code.End).Select(i => i.Source).FirstOrDefault(s => s is not null);
        return source is null ? $"block {block}" : $"{source.File[(source.File.LastIndexOfAny(['/', '\\']) + 1)..]}:{source.Line}";
    }
}
