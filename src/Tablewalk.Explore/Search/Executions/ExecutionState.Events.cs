using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Search.Executions;

// The events and what each one is: columns that grow together, and the rows of events that belong to a thread or access a cell.
internal sealed partial class ExecutionState
{
    private readonly ulong[] _threadEvents; // by thread: its events, a bit row
    private ulong[] _cellEvents; // by cell: its accesses, a bit row

    public int EventCount { get; private set; }

    public EventKind[] Kind { get; }

    /// <summary>By event: its thread, -1 for initial writes.</summary>
    public int[] Thread { get; }

    public int[] Step { get; }

    /// <summary>By event: its cell, -1 for what is no access.</summary>
    public int[] CellOf { get; }

    public Value[] Written { get; }

    /// <summary>By event: the first event of its instruction.</summary>
    public int[] Instruction { get; }

    /// <summary>By event: what it depends on, whatever the model asks about.</summary>
    public EventTaints[] DependsOn { get; }

    /// <summary>Adds an event of a thread, after all others of that thread, with its po, ctrl, int, ext and id edges.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="thread">Its thread; -1 for an initial write.</param>
    /// <param name="step">Its step.</param>
    /// <param name="sets">The base sets that it is in.</param>
    /// <param name="instruction">The first event of its instruction; -1 if it is the first.</param>
    /// <param name="cell">What it accesses; -1 if it is no access.</param>
    /// <param name="isWhole">Whether the parts of the access happen at once; one that is misaligned across 16 bytes never does.</param>
    public int AddEvent(EventKind kind, int thread, int step, ulong sets, int instruction, int cell = -1, bool isWhole = true)
    {
        if (EventCount == Capacity)
        {
            throw new SearchFullException();
        }

        GrowCoherence();
        var e = Evaluation.AddEvent(sets);
        EventCount = e + 1;
        _writes[e >> 6] |= kind == EventKind.Write ? 1UL << (e & 63) : 0;
        Kind[e] = kind;
        Thread[e] = thread;
        Step[e] = step;
        CellOf[e] = cell;
        Source[e] = -1;
        UpdateWrite[e] = -1;
        UpdateRead[e] = 0;
        ReplacedBy[e] = 0;
        LastReader[e] = 0;
        Postponed[e] = 0;
        SourceLimit[e] = Capacity;
        LastRestriction[e] = 0;
        Instruction[e] = instruction < 0 ? e : instruction;
        DependsOn[e] = default;
        if (cell >= 0)
        {
            AddMember(_cellEvents, cell, e);
            Evaluation.AddEdges(BaseRelation.Loc, Row(_cellEvents, cell), e);
        }

        if (thread >= 0)
        {
            AddProgramOrder(thread, e);
            AddMember(_threadEvents, thread, e);
            Evaluation.AddEdges(BaseRelation.Int, Row(_threadEvents, thread), e);
            DependsOn[e].Control = Threads[thread].CtrlTaint;
            DependsOn[e].ControlPick = Threads[thread].PickCtrlTaint;
            Evaluation.AddEdges(BaseRelation.Ctrl, Taints.Row(Threads[thread].CtrlTaint), e);
            if (Threads[thread].PickCtrlTaint != 0)
            {
                Evaluation.AddEdges(BaseRelation.PickCtrl, Taints.Row(Threads[thread].PickCtrlTaint), e);
            }

            OrderBeforeWaits(thread, e);
        }

        if (instruction >= 0 && isWhole)
        {
            for (var part = instruction; part < e; part++)
            {
                if (Instruction[part] == instruction && Kind[part] == kind)
                {
                    Evaluation.AddEdge(BaseRelation.Si, part, e);
                    Evaluation.AddEdge(BaseRelation.Si, e, part);
                }
            }
        }

        return e;
    }

    // The parts of one access happen at once: po does not order them.
    private void AddProgramOrder(int thread, int e)
    {
        Span<ulong> before = stackalloc ulong[Words];
        Row(_threadEvents, thread).CopyTo(before);
        for (var part = Instruction[e]; part < e; part++)
        {
            if (Instruction[part] == Instruction[e] && Kind[part] == Kind[e])
            {
                before[part >> 6] &= ~(1UL << (part & 63));
            }
        }

        Evaluation.AddEdges(BaseRelation.Po, before, e);
    }

    private void RemoveEvents(int from)
    {
        while (EventCount > from)
        {
            var e = --EventCount;
            _writes[e >> 6] &= ~(1UL << (e & 63));
            if (Thread[e] >= 0)
            {
                _threadEvents[(Thread[e] * Words) + (e >> 6)] &= ~(1UL << (e & 63));
            }

            if (CellOf[e] >= 0)
            {
                _cellEvents[(CellOf[e] * Words) + (e >> 6)] &= ~(1UL << (e & 63));
            }
        }
    }

    private Span<ulong> Row(ulong[] rows, int row) => rows.AsSpan(row * Words, Words);

    private void AddMember(ulong[] rows, int row, int e) => rows[(row * Words) + (e >> 6)] |= 1UL << (e & 63);
}
