namespace Tablewalk.Cat.Evaluation;

/// <summary>What <see cref="IncrementalEvaluation"/> does, for one size of mask.</summary>
internal abstract class EvaluationCore
{
    internal int EventCount { get; private protected set; }

    /// <summary>The index of the constraint that broke, -1 while none has.</summary>
    internal int Broken { get; private protected set; } = -1;

    internal abstract int Mark();

    internal abstract void UndoTo(int mark);

    internal abstract int AddEvent(ulong setMask);

    internal abstract void AddToSet(BaseSet set, int e);

    internal abstract void AddEdge(BaseRelation relation, int from, int to);

    internal abstract void AddEdges(BaseRelation relation, ReadOnlySpan<ulong> fromMask, int to);

    internal abstract void AddEdges(BaseRelation relation, int from, ReadOnlySpan<ulong> toMask);

    internal abstract bool Propagate();

    internal abstract bool WouldClose(Communication communication, int from, int to);

    internal abstract bool WouldPlace(int replaced, int read, int update);

    internal abstract void FindClosing(Communication communication, int e, Span<ulong> to, Span<ulong> from);

    internal abstract bool Reaches(PlanNode root, int from, int to);

    internal abstract Execution ToExecution();

    /// <summary>Everything that undoing must restore, as words. For tests.</summary>
    internal abstract ulong[] Snapshot();

    /// <summary>The kept value of a relation's node; null if no rows are kept. For tests.</summary>
    internal abstract Relations.Relation? ValueOrNull(PlanNode node);
}
