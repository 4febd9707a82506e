using System.Collections.Immutable;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Relations;

namespace Tablewalk.Cat;

/// <summary>
/// Judges an execution by a model while a search builds it: events, memberships and edges are added, <see cref="Propagate"/> tells whether the
/// model forbids every completion, and <see cref="UndoTo"/> goes back.
/// </summary>
/// <remarks>
/// <para><b>What the caller promises.</b> An event is added after its predecessors in po. The relations that
/// <see cref="Vocabulary.IsPairStable"/> names are given between two events before the first <see cref="Propagate"/> after the later one was
/// added, <c>si</c> between events added in one batch; who breaks this is told by an exception. <c>co</c> and <c>po</c> are given transitively closed.
/// <c>si</c>, <c>loc</c> and <c>int</c> need one direction only, and <c>si</c> relates each event to itself unasked.</para>
/// <para><b>Cost.</b> In proportion to what changes; nothing is allocated once the buffers have grown.</para>
/// <para><b>Threads.</b> One at a time for each evaluation; any number of evaluations may share a model.</para>
/// </remarks>
public sealed class IncrementalEvaluation
{
    private readonly EvaluationCore _core;
    private readonly Plan _plan;
    private readonly OrderView _order;

    /// <summary>An evaluation of the execution without events.</summary>
    /// <param name="model">The model to judge by.</param>
    /// <param name="capacity">The most events it will hold, at most <see cref="LargestCapacity"/>.</param>
    public IncrementalEvaluation(Model model, int capacity)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, LargestCapacity);
        (Model, Capacity, _plan) = (model, capacity, model.Plan);
        _core = capacity switch
        {
            <= 64 => new EvaluationCore<Mask64>(_plan, capacity),
            <= 128 => new EvaluationCore<Mask128>(_plan, capacity),
            <= 256 => new EvaluationCore<Mask256>(_plan, capacity),
            <= 512 => new EvaluationCore<WideMask<Words512>>(_plan, capacity),
            <= 1024 => new EvaluationCore<WideMask<Words1024>>(_plan, capacity),
            <= 2048 => new EvaluationCore<WideMask<Words2048>>(_plan, capacity),
            _ => new EvaluationCore<WideMask<Words4096>>(_plan, capacity),
        };
        _order = new(this);
    }

    /// <summary>The most events that an evaluation can be made for.</summary>
    public static int LargestCapacity => 4096;

    /// <summary>The model it judges by.</summary>
    public Model Model { get; }

    /// <summary>The most events it holds.</summary>
    public int Capacity { get; }

    /// <summary>How many events there are now.</summary>
    public int EventCount => _core.EventCount;

    /// <summary>The constraint that the last <see cref="Propagate"/> or <see cref="CheckComplete"/> found broken; null if none.</summary>
    public Constraint? BrokenConstraint { get; private set; }

    /// <summary>
    /// What the model's last acyclic constraint orders: the transitive closure of its relation as it is now. Views this object, so it changes
    /// with it. Relates nothing if the model has no such constraint.
    /// </summary>
    public IReadOnlyRelation Order => _order;

    /// <summary>A point to come back to. Stays valid until an earlier one is come back to; what is buffered at that point is buffered again then.</summary>
    public int Mark() => _core.Mark();

    /// <summary>Restores everything as it was at <paramref name="mark"/>, which stays valid.</summary>
    public void UndoTo(int mark)
    {
        BrokenConstraint = null;
        _core.UndoTo(mark);
    }

    /// <summary>Adds an event that is in the given sets; see <see cref="Vocabulary.Bit"/>.</summary>
    /// <returns>Its index: how many events there were.</returns>
    /// <exception cref="InvalidOperationException">There are <see cref="Capacity"/> events already.</exception>
    public int AddEvent(ulong setMask) => _core.AddEvent(setMask);

    /// <summary>Adds an event that is in the given sets.</summary>
    /// <returns>Its index: how many events there were.</returns>
    /// <exception cref="InvalidOperationException">There are <see cref="Capacity"/> events already.</exception>
    public int AddEvent(params ReadOnlySpan<BaseSet> sets)
    {
        var mask = 0UL;
        foreach (var set in sets)
        {
            mask |= set.Bit();
        }

        return _core.AddEvent(mask);
    }

    /// <summary>Puts an event into one more set.</summary>
    /// <exception cref="ArgumentException">The event was propagated and the set cannot be joined late.</exception>
    public void AddToSet(BaseSet set, int e) => _core.AddToSet(set, e);

    /// <summary>Relates two events.</summary>
    /// <exception cref="InvalidOperationException">The relation between these two events is fixed already.</exception>
    public void AddEdge(BaseRelation relation, int from, int to) => _core.AddEdge(relation, from, to);

    /// <summary>Relates all of <paramref name="fromMask"/> (bit e of word w is event 64 w + e) to <paramref name="to"/>.</summary>
    /// <exception cref="InvalidOperationException">The relation between two of these events is fixed already.</exception>
    public void AddEdges(BaseRelation relation, ReadOnlySpan<ulong> fromMask, int to) => _core.AddEdges(relation, fromMask, to);

    /// <summary>Relates <paramref name="from"/> to all of <paramref name="toMask"/> (bit e of word w is event 64 w + e).</summary>
    /// <exception cref="InvalidOperationException">The relation between two of these events is fixed already.</exception>
    public void AddEdges(BaseRelation relation, int from, ReadOnlySpan<ulong> toMask) => _core.AddEdges(relation, from, toMask);

    /// <summary>Works in all that was added since the last call.</summary>
    /// <returns>False if a monotone constraint is broken: no completion is allowed, and nothing but <see cref="UndoTo"/> makes sense.</returns>
    public bool Propagate()
    {
        if (_core.Propagate())
        {
            return true;
        }

        BrokenConstraint = Model.Constraints[_core.Broken];
        return false;
    }

    /// <summary>Asks the constraints that <see cref="Propagate"/> cannot, of a complete and propagated execution.</summary>
    /// <returns>Whether all of them hold. True at once if the model has none.</returns>
    /// <exception cref="CatException">The model turned out to be wrong, or an assertion of it fails.</exception>
    public bool CheckComplete() => (_plan.Deferred.IsEmpty && !Model.HasAssertions) || CheckDeferred();

    // On its own, since what is captured in it is allocated on entry.
    private bool CheckDeferred()
    {
        BrokenConstraint = Model.BrokenWhenComplete(_core.ToExecution());
        return BrokenConstraint is null;
    }

    /// <summary>The flags that a complete, propagated and consistent execution raises: names of <c>flag</c> and <c>undefined_unless</c>, in the order of the file.</summary>
    /// <exception cref="CatException">The model turned out to be wrong.</exception>
    public ImmutableArray<string> RaisedFlags() => Model.HasFlags ? Model.RaisedFlags(_core.ToExecution()) : [];

    /// <summary>Whether the model is sure to forbid that an update's write comes before, in coherence, what its read reads; that it does read that need not be propagated.</summary>
    /// <param name="replaced">The write that the read reads.</param>
    /// <param name="read">The update's read.</param>
    /// <param name="update">The update's write.</param>
    public bool WouldPlace(int replaced, int read, int update) => _core.WouldPlace(replaced, read, update);

    /// <summary>
    /// Whether an edge from one event to the other is sure to close a cycle: an acyclic constraint that the relation is part of has the way back.
    /// </summary>
    /// <remarks><b>Cost.</b> Two loads and a bit test for each such constraint. False says nothing.</remarks>
    public bool WouldClose(Communication communication, int from, int to) => _core.WouldClose(communication, from, to);

    /// <summary>All that <see cref="WouldClose"/> says of edges between an event and others.</summary>
    /// <param name="communication">The relation.</param>
    /// <param name="e">The event.</param>
    /// <param name="to">Gets the other events to which an edge from it closes a cycle (bit e of word w is event 64 w + e), as many words as it has.</param>
    /// <param name="from">Gets those from which an edge to it does, as many words.</param>
    public void FindClosing(Communication communication, int e, Span<ulong> to, Span<ulong> from) => _core.FindClosing(communication, e, to, from);

    /// <summary>What it was given, as one execution; only what the model asks for, but for one of <see cref="Model.Without"/>.</summary>
    public Execution ToExecution() => _core.ToExecution();

    /// <summary>The inner works. For tests.</summary>
    internal EvaluationCore Core => _core;

    private sealed class OrderView(IncrementalEvaluation owner) : IReadOnlyRelation
    {
        public int EventCount => owner.EventCount;

        public bool Contains(int from, int to)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)EventCount, nameof(from));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)EventCount, nameof(to));
            return owner._plan.Order is { } root && owner._core.Reaches(root, from, to);
        }
    }
}
