using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>An event of a picture.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Thread">The index of its thread; -1 for an initial write.</param>
/// <param name="Source">The source line that made it; null where none is known.</param>
/// <param name="Operation">In a word, as <see cref="Step.Operation"/>.</param>
/// <param name="Location">The location's name; empty for fences.</param>
/// <param name="Value">The value read or written; 0 for fences.</param>
/// <param name="Description">The value in words; null to show the number.</param>
public sealed record PictureEvent(int Id, int Thread, SourceLocation? Source, string Operation, string Location, ulong Value, string? Description);

/// <summary>An edge of a picture.</summary>
public sealed record PictureEdge(string Relation, int From, int To);

/// <summary>
/// One complete execution to draw: its events, and of each relation the edges that the others do not follow from. Initial writes are there only
/// where a read or an explanation needs them.
/// </summary>
/// <param name="ThreadNames">The threads' names, by index.</param>
/// <param name="Events">The events, by number.</param>
/// <param name="Edges">po, addr, data, ctrl, the same for values that were picked, rmw, rf, co and fr, each by its events.</param>
public sealed record ExecutionPicture(ImmutableArray<string> ThreadNames, ImmutableArray<PictureEvent> Events, ImmutableArray<PictureEdge> Edges)
{
    private static readonly BaseRelation[] s_inside = 
    [
        BaseRelation.Addr, BaseRelation.Data, BaseRelation.Ctrl, BaseRelation.PickAddr, BaseRelation.PickData, BaseRelation.PickCtrl, BaseRelation.Rmw,
    ];

    /// <summary>Whether a relation is one of the dependencies.</summary>
    internal static bool IsDependency(string relation) => s_inside.Any(r => r != BaseRelation.Rmw && r.CatName() == relation);

    /// <summary>The event of a number.</summary>
    public PictureEvent this[int id] => Events[id];

    /// <summary>What a search stands on.</summary>
    /// <param name="program">The program.</param>
    /// <param name="view">The execution, by a model that keeps everything (<see cref="Model.Without"/>).</param>
    internal static ExecutionPicture Of(Program program, ExecutionView view)
    {
        var events = Enumerable.Range(0, view.EventCount).Select(e => EventOf(view, e)).ToImmutableArray();
        var edges = new List<PictureEdge>();
        edges.AddRange(Pairs(view, (a, b) => view.Thread(a) >= 0 && view.Thread(a) == view.Thread(b) && a < b && IsNextOfThread(view, a, b)).Select(p => new PictureEdge("po", p.From, p.To)));
        var execution = view.State.Evaluation.ToExecution();
        foreach (var relation in s_inside)
        {
            var pairs = execution.Relation(relation).Pairs();
            edges.AddRange(pairs.Where(p => relation is not (BaseRelation.Ctrl or BaseRelation.PickCtrl) || !view.IsFence(p.To)).Select(p => new PictureEdge(relation.CatName(), p.From, p.To)));
        }

        edges.AddRange(Enumerable.Range(0, view.EventCount).Where(view.IsRead).Select(r => new PictureEdge("rf", view.ReadsFrom(r), r)));
        bool IsNext(int a, int b) => view.IsCoherenceBefore(a, b) && !Enumerable.Range(0, view.EventCount).Any(w => view.IsCoherenceBefore(a, w) && view.IsCoherenceBefore(w, b));
        edges.AddRange(Pairs(view, (a, b) => view.IsWrite(a) && view.IsWrite(b) && IsNext(a, b)).Select(p => new PictureEdge("co", p.From, p.To)));
        edges.AddRange(Pairs(view, (a, b) => view.IsRead(a) && view.IsWrite(b) && IsNext(view.ReadsFrom(a), b)).Select(p => new PictureEdge("fr", p.From, p.To)));
        return new([.. program.Threads.Select(t => t.Name)], events, [.. edges]);
    }

    private static IEnumerable<(int From, int To)> Pairs(ExecutionView view, Func<int, int, bool> areRelated) =>
        from a in Enumerable.Range(0, view.EventCount) from b in Enumerable.Range(0, view.EventCount) where areRelated(a, b) select (a, b);

    // Events of a thread are numbered in program order.
    private static bool IsNextOfThread(ExecutionView view, int a, int b) => !Enumerable.Range(a + 1, b - a - 1).Any(e => view.Thread(e) == view.Thread(a));

    private static PictureEvent EventOf(ExecutionView view, int e)
    {
        var thread = view.Thread(e);
        if (thread < 0)
        {
            return new(e, thread, null, "W", view.LocationName(e), view.Value(e), view.DescriptionOrNull(e));
        }

        ref readonly var step = ref view.State.Codes[thread].Steps[view.State.Step[e]];
        var isAccess = view.IsRead(e) || view.IsWrite(e);
        return new(
            e, thread, step.Source, Lineariser.NameOf(view.State, step, e), view.LocationName(e), isAccess ? view.Value(e) : 0, isAccess ? view.DescriptionOrNull(e) : null);
    }
}
