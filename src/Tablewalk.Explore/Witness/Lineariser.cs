using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Witness;

/// <summary>
/// Puts a complete execution into one order that respects reads-from, coherence, from-reads between threads and the model's global order, and
/// program order wherever those leave it free. An event that comes before one that is earlier in its thread is marked early.
/// </summary>
internal static class Lineariser
{
    public static Counterexample Describe(
        Program program, IInitialMemory memory, ExecutionState state, FlatCode? final, string claim, (int Thread, int Step, bool IsWild) broken)
    {
        var order = Linearise(state);
        var place = new int[state.EventCount];
        Array.Fill(place, -1);
        var steps = ImmutableArray.CreateBuilder<Step>();
        foreach (var e in order.Where(e => state.Thread[e] >= 0))
        {
            place[e] = steps.Count;
            steps.Add(StepOf(program, memory, state, order, place, e));
        }

        var code = broken.Thread < 0 ? final! : state.Codes[broken.Thread];
        var source = code.Steps[broken.Step].Source;
        var reason = broken.IsWild ? "a thread touches memory outside of the arena" : source?.Text ?? "the condition of BugOn is true";
        steps.Add(new Step(broken.Thread, StepKind.Claim, source, "CLAIM", "", 0, reason, Early: false, ReadsFrom: -1));
        return new(claim, reason, [.. program.Threads.Select(t => t.Name)], steps.ToImmutable());
    }

    private static Step StepOf(Program program, IInitialMemory memory, ExecutionState state, List<int> order, int[] place, int e)
    {
        var thread = state.Thread[e];
        ref readonly var code = ref state.Codes[thread].Steps[state.Step[e]];
        var isEarly = false;
        for (var earlier = 0; earlier < e; earlier++)
        {
            isEarly |= state.Thread[earlier] == thread && place[earlier] < 0;
        }

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

    private static string NameOf(ExecutionState state, FlatStep code, int e)
    {
        var isUpdate = code.Code == StepCode.AtomicUpdate;
        return state.Kind[e] switch
        {
            EventKind.Read => isUpdate ? "RMW.R" : "R",
            EventKind.Write => isUpdate ? "RMW.W" : "W",
            EventKind.Wait => (WaitKind)code.Detail == WaitKind.Ipi ? "IPI" : "GP",
            EventKind.SectionEntry => (SectionKind)code.Detail == SectionKind.IrqOff ? "IRQ-OFF" : "RCU-LOCK",
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
                _ => "TLBI",
            },
        };
    }

    // Kahn's algorithm; among the events that may come next, one whose program-order predecessors are all out, of the thread that is
    // running, then of the lowest thread; only if there is none, an early one.
    private static List<int> Linearise(ExecutionState state)
    {
        var n = state.EventCount;
        var before = new bool[n, n];
        for (var a = 0; a < n; a++)
        {
            for (var b = 0; b < n; b++)
            {
                before[a, b] = a != b && MustPrecede(state, a, b);
            }
        }

        var order = new List<int>(n);
        var isOut = new bool[n];
        var running = -1;
        while (order.Count < n)
        {
            var best = -1;
            var bestRank = int.MaxValue;
            for (var e = 0; e < n; e++)
            {
                if (isOut[e] || Enumerable.Range(0, n).Any(p => !isOut[p] && before[p, e]))
                {
                    continue;
                }

                var skipped = Enumerable.Range(0, e).Count(p => !isOut[p] && state.Thread[p] == state.Thread[e]);
                var rank = (state.Thread[e] < 0 ? -1_000_000 : 0) + (skipped * 1000) + (state.Thread[e] == running ? 0 : state.Thread[e] + 1);
                if (rank < bestRank)
                {
                    (best, bestRank) = (e, rank);
                }
            }

            Invariant.Check(best >= 0, "an execution's orders form a cycle");
            isOut[best] = true;
            order.Add(best);
            running = state.Thread[best];
        }

        return order;
    }

    private static bool MustPrecede(ExecutionState state, int a, int b)
    {
        if (state.Evaluation.Order.Contains(a, b))
        {
            return true;
        }

        // Inside a thread only the model's order counts: a read may be served early from its own thread's write.
        if (state.Thread[a] == state.Thread[b] && state.Thread[a] >= 0)
        {
            return false;
        }

        return state.Source[b] == a && state.Kind[b] == EventKind.Read
            || state.IsCoherenceBefore(a, b)
            || (state.Kind[a] == EventKind.Read && state.IsCoherenceBefore(state.Source[a], b));
    }
}
