using Tablewalk.Cat;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Executions;

// Sections of threads, the waits of others for them, and which of the two comes first.
internal sealed partial class ExecutionState
{
    private readonly int[]?[] _waitOrders; // by wait and section; null for a wait that is not ordered

    public List<SectionRecord> Sections { get; } = [];

    /// <summary>By section: its exit event + 1, or 0 while it is open.</summary>
    public int[] SectionExit { get; }

    public List<(int Event, int Thread, WaitKind Kind)> Waits { get; } = [];

    /// <summary>Begins a section of a thread.</summary>
    public void OpenSection(int thread, SectionKind kind, int entry)
    {
        SetWord(SectionExit, Sections.Count, 0);
        Sections.Add(new SectionRecord(thread, kind, entry));
    }

    /// <summary>How a wait was ordered against a section.</summary>
    public WaitOrder OrderOf(int wait, int section) => _waitOrders[wait] is { } orders ? (WaitOrder)orders[section] : WaitOrder.Undecided;

    /// <summary>
    /// Orders a wait against a section. "Section first" orders all events that the section has and will have before the wait, which the order of
    /// its exit implies anyway: so the model can object before the section has ended.
    /// </summary>
    public void Order(int wait, int section, WaitOrder order)
    {
        SetWord(_waitOrders[wait] ??= new int[Capacity], section, (int)order);
        var record = Sections[section];
        var waitEvent = Waits[wait].Event;
        if (order == WaitOrder.WaitFirst)
        {
            Evaluation.AddEdge(BaseRelation.WaitOrder, waitEvent, record.Entry);
            return;
        }

        var last = SectionExit[section] == 0 ? EventCount - 1 : SectionExit[section] - 1;
        for (var e = record.Entry; e <= last; e++)
        {
            if (Thread[e] == record.Thread)
            {
                Evaluation.AddEdge(BaseRelation.WaitOrder, e, waitEvent);
            }
        }
    }

    private void OrderBeforeWaits(int thread, int e)
    {
        for (var s = 0; s < Sections.Count; s++)
        {
            if (Sections[s].Thread != thread || SectionExit[s] != 0)
            {
                continue;
            }

            for (var w = 0; w < Waits.Count; w++)
            {
                if (OrderOf(w, s) == WaitOrder.SectionFirst)
                {
                    Evaluation.AddEdge(BaseRelation.WaitOrder, e, Waits[w].Event);
                }
            }
        }
    }
}
