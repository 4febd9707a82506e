using System.Runtime.CompilerServices;
using Tablewalk.Cat;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

/// <summary>Whether a model keeps each location coherent for a thread by itself: a load finds neither what its own thread has overwritten nor what it writes later.</summary>
internal static class Coherence
{
    private static readonly ConditionalWeakTable<Model, object> s_known = []; // asked once: an evaluation costs more to set up than a small test to judge

    /// <summary>Asks the model about the three smallest executions in which that goes wrong.</summary>
    public static bool IsKeptBy(Model model) => (bool)s_known.GetValue(model, m => Forbids(m));

    private static bool Forbids(Model model) => !Allows(model, isLoadFirst: true, own: 1, source: 1)
        && !Allows(model, isLoadFirst: false, own: 1, source: 0) && !Allows(model, isLoadFirst: false, own: 2, source: 1);

    // Write 0 is the initial one, the thread's own come behind it in coherence.
    private static bool Allows(Model model, bool isLoadFirst, int own, int source)
    {
        var evaluation = new IncrementalEvaluation(model, own + 2);
        var writes = new List<int> { evaluation.AddEvent(EventSets.InitialWrite) };
        var thread = new List<int>();
        var load = isLoadFirst ? Add(EventSets.Read(LoadOrder.Once, isExclusive: false)) : -1;
        for (var i = 0; i < own; i++)
        {
            writes.Add(Add(EventSets.Write(StoreOrder.Once)));
        }

        load = isLoadFirst ? load : Add(EventSets.Read(LoadOrder.Once, isExclusive: false));
        for (var a = 0; a < writes.Count; a++)
        {
            for (var b = a + 1; b < writes.Count; b++)
            {
                evaluation.AddEdge(BaseRelation.Co, writes[a], writes[b]);
            }
        }

        evaluation.AddEdge(BaseRelation.Rf, writes[source], load);
        return evaluation.Propagate() && evaluation.CheckComplete();

        int Add(ulong sets)
        {
            var e = evaluation.AddEvent(sets);
            evaluation.AddEdge(BaseRelation.Loc, writes[0], e);
            foreach (var earlier in thread)
            {
                evaluation.AddEdge(BaseRelation.Po, earlier, e);
                evaluation.AddEdge(BaseRelation.Int, earlier, e);
                evaluation.AddEdge(BaseRelation.Loc, earlier, e);
            }

            thread.Add(e);
            return e;
        }
    }
}
