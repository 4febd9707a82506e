using System.Collections.Immutable;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Witness;

/// <summary>
/// Tells a complete execution that breaks a claim as steps from top to bottom, in the order of <see cref="Schedule"/>, without those that come too
/// late to matter. An event that comes before one that is earlier in its thread is marked early.
/// </summary>
internal static class Lineariser
{
    public static Counterexample Describe(
        Program program, IInitialMemory memory, ExecutionState state, FlatCode? final, string claim, Break broken)
    {
        var isEndless = broken.Kind == BreakKind.EndlessWait; // that nobody ends a wait depends on all that everybody does
        var order = Linearise(state, isEndless ? -1 : broken.Thread, broken.Step);
        var code = broken.Thread < 0 ? final! : state.Codes[broken.Thread];
        var source = code.Steps[broken.Step].Source;
        var reason = broken.Kind switch
        {
            BreakKind.WildAccess => "a thread touches memory outside of the arena",
            BreakKind.EndlessWait => "a thread waits for ever: nobody is left to end it",
            _ => source?.Text ?? "the condition of BugOn is true",
        };
        var end = new Step(broken.Thread, StepKind.Claim, source, "CLAIM", "", 0, reason, Early: false, ReadsFrom: -1);
        var count = Enumerable.Range(0, state.EventCount).Count(e => state.Thread[e] >= 0);
        Counterexample Tell(List<int> shown)
        {
            var place = PlacesOf(state, shown);
            var steps = shown.Select(e => StepOf(memory, state, place, e)).Append(end).ToImmutableArray();
            return new(claim, reason, [.. program.Threads.Select(t => t.Name)], steps, count - shown.Count) { IsOfClaim = broken.Kind == BreakKind.Claim };
        }

        if (isEndless)
        {
            return Tell(order);
        }

        var roots = ClaimRoots.Of(program, state, final, claim, broken);
        var kept = Distillation.Of(state, PlacesOf(state, order), broken.Thread, roots);
        var distilled = Tell(order.FindAll(e => kept[e])) with { Reduced = ReducedProgram.Of(program, state, kept, roots.FinalLoads) };
        return Tell(order) with { Distilled = distilled };
    }

    /// <summary>Tells a whole execution, for what it ends with.</summary>
    public static Counterexample Tell(Program program, IInitialMemory memory, ExecutionState state, string outcome)
    {
        var order = Linearise(state, -1, -1);
        var place = PlacesOf(state, order);
        return new(outcome, "", [.. program.Threads.Select(t => t.Name)], [.. order.Select(e => StepOf(memory, state, place, e))], 0) { Shows = "is reached" };
    }

    /// <summary>The events that matter for a claim of a thread (-1: over the final state) at a step of its code, earliest first.</summary>
    public static List<int> Linearise(ExecutionState state, int thread, int claimStep)
    {
        var precedence = new Precedence(state);
        return Schedule.Of(state, precedence, Relevance.Of(state, precedence, thread, claimStep));
    }

    private static int[] PlacesOf(ExecutionState state, List<int> order)
    {
        var place = new int[state.EventCount];
        Array.Fill(place, -1);
        for (var i = 0; i < order.Count; i++)
        {
            place[order[i]] = i;
        }

        return place;
    }

    private static Step StepOf(IInitialMemory memory, ExecutionState state, int[] place, int e)
    {
        var thread = state.Thread[e];
        ref readonly var code = ref state.Codes[thread].Steps[state.Step[e]];
        var isEarly = Enumerable.Range(0, e).Any(p => state.Thread[p] == thread && place[p] > place[e]);
        var kind = state.Kind[e] switch
        {
            EventKind.Read => StepKind.Read,
            EventKind.Write => StepKind.Write,
            EventKind.Fence => StepKind.Fence,
            EventKind.Wait => StepKind.Wait,
            _ => StepKind.Section,
        };
        var location = "";
        var value = 0UL;
        string? description = null;
        if (state.CellOf[e] >= 0)
        {
            var cell = state.CellAt(state.CellOf[e]);
            location = memory.NameOf(cell.Address, cell.SizeBytes);
            value = FinalState.KnownValue(state, state.Written[kind == StepKind.Read ? state.Source[e] : e]);
            description = memory.Describe(cell.Address, cell.SizeBytes, value);
        }

        return new(thread, kind, code.Source, NameOf(state, code, e), location, value, description, isEarly, kind == StepKind.Read ? place[state.Source[e]] : -1);
    }

    /// <summary>What an event does, in a word; see <see cref="Step.Operation"/>.</summary>
    public static string NameOf(ExecutionState state, FlatStep code, int e)
    {
        var isUpdate = code.Code == StepCode.AtomicUpdate;
        return state.Kind[e] switch
        {
            EventKind.Read => isUpdate ? "RMW.R" : (LoadOrder)code.Order == LoadOrder.Walk ? "WALK" : "R",
            EventKind.Write => isUpdate ? "RMW.W" : (StoreOrder)code.Order == StoreOrder.HardwareUpdate ? "UPDATE" : "W",
            EventKind.Wait => (WaitKind)code.Detail == WaitKind.Ipi ? "IPI" : "GP",
            EventKind.SectionEntry => (SectionKind)code.Detail == SectionKind.IrqOff ? "IRQ-OFF" : "RCU-LOCK",
            _ when code.Code == StepCode.TakeFault => $"FAULT {(MmuFault)code.Detail}",
            _ when code.Code == StepCode.Invalidate => code.IsEntry ? "TLBI" : "TLBI.LOCAL",
            EventKind.SectionExit => (SectionKind)code.Detail == SectionKind.IrqOff ? "IRQ-ON" : "RCU-UNLOCK",
            _ => (FenceKind)code.Detail switch
            {
                FenceKind.SmpMb => "MB",
                FenceKind.SmpRmb => "RMB",
                FenceKind.SmpWmb => "WMB",
                FenceKind.DmbSy => "DMB.SY",
                FenceKind.DmbLd => "DMB.LD",
                FenceKind.DmbSt => "DMB.ST",
                FenceKind.DsbSy => "DSB",
                FenceKind.DsbLd => "DSB.LD",
                FenceKind.DsbSt => "DSB.ST",
                FenceKind.Isb => "ISB",
                FenceKind.MFence => "MFENCE",
                FenceKind.SFence => "SFENCE",
                FenceKind.LFence => "LFENCE",
                FenceKind.FenceRR => "FENCE R,R",
                FenceKind.FenceRW => "FENCE R,W",
                FenceKind.FenceRM => "FENCE R,RW",
                FenceKind.FenceWR => "FENCE W,R",
                FenceKind.FenceWW => "FENCE W,W",
                FenceKind.FenceWM => "FENCE W,RW",
                FenceKind.FenceMR => "FENCE RW,R",
                FenceKind.FenceMW => "FENCE RW,W",
                FenceKind.FenceMM => "FENCE RW,RW",
                FenceKind.FenceTso => "FENCE.TSO",
                _ => "FENCE.I",
            },
        };
    }
}
