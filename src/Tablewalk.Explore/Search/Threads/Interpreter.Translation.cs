using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

// What the MMU does: it reads entries, updates them and refuses accesses; and what makes TLBs forget.
internal sealed partial class Interpreter
{
    private void RecordWalk(int t, ref ThreadProgress thread, int cells, ulong input)
    {
        thread.LastWalk = _parts[0] + 1;
        for (var i = 0; i < cells; i++)
        {
            state.Walks.Add(new(_parts[i], t, input));
        }
    }

    // The update is in one piece with the read that called for it: nobody writes the entry in between.
    private void PairWithWalk(ref ThreadProgress thread, int cells)
    {
        FindParts(thread.LastWalk - 1, cells);
        for (var i = 0; i < cells; i++)
        {
            Pair(_parts[i], _writeParts[i], BaseRelation.Amo);
            state.Evaluation.AddToSet(BaseSet.Rmw, _parts[i]);
        }
    }

    private void DoFault(int t, ref ThreadProgress thread, ref FlatStep step)
    {
        var cause = Operand(t, step.A);
        var e = state.AddEvent(EventKind.Fence, t, thread.Step, EventSets.Fault((MmuFault)step.Detail), -1);
        AddDependencies(BaseRelation.Addr, BaseRelation.PickAddr, cause, e);
        thread.EffectCount++;
    }

    private bool DoInvalidate(int t, ref ThreadProgress thread, ref FlatStep step)
    {
        var start = Operand(t, step.A);
        if (!Needs(ref thread, start.Value, out var first) || !Needs(ref thread, Operand(t, step.B).Value, out var length))
        {
            return false;
        }

        var e = state.AddEvent(EventKind.Fence, t, thread.Step, EventSets.Of(BaseSet.Tlbi), -1);
        AddDependencies(BaseRelation.Addr, BaseRelation.PickAddr, start, e);
        state.Invalidations.Add(new(e, t, first, length, IsAll: step.Detail != 0, IsBroadcast: step.IsEntry));
        thread.EffectCount++;
        return true;
    }
}
