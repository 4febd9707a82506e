using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

// Within a block: the ways on which updates succeed or fail, and where they meet.
internal sealed partial class ThreadAnalysis
{
    private readonly Dictionary<int, int[]> _liveAfterForks = []; // by the step after one

    private static bool IsFork(FlatStep step) =>
        step.Code == StepCode.StoreExclusive || (step.Code == StepCode.AtomicUpdate && (AtomicOperation)step.Detail == AtomicOperation.CompareExchange);

    // Ways that agree in what is live go on as one, so that a row of updates does not double them with each. Where too many differ, all are joined.
    private List<State> Meet(List<State> states, Partition partition, int at)
    {
        if (!_liveAfterForks.TryGetValue(at, out var live))
        {
            FindLiveAfterForks(code.BlockOf(at));
            live = _liveAfterForks[at];
        }

        var met = new Dictionary<AbstractValue?[], State>(new SameWhereLive(live));
        State? all = null;
        foreach (var state in states)
        {
            cancellation.ThrowIfCancellationRequested();
            Forget(state.Registers, live);
            if (all is not null)
            {
                JoinInto(all.Registers, state.Registers, partition, at + 1);
            }

            var same = all;
            if (same is null && !met.TryGetValue(state.Registers, out same))
            {
                partition.Junctions.Add(new(at));
                same = new(partition, partition.Junctions[^1], state.Registers) { Written = state.Written };
                met.Add(state.Registers, same);
                all = states.Count > MostStatesOfBlock ? same : null;
            }

            same.Written = same.Written.Join(state.Written);
            state.Leave(same.From);
        }

        return [.. met.Values];
    }

    private void FindLiveAfterForks(int block)
    {
        var start = code.StartOf(block);
        foreach (var (index, live) in code.Flow.LiveBackwards(block))
        {
            if (index > 0 && IsFork(code.Steps[start + index - 1]))
            {
                _liveAfterForks.Add(start + index, [.. Enumerable.Range(0, live.Length).Where(r => live[r])]);
            }
        }
    }

    // All registers but those that are live.
    private static void Forget(AbstractValue?[] registers, int[] live)
    {
        var kept = Array.ConvertAll(live, r => registers[r] ?? AbstractValue.Zero);
        Array.Clear(registers);
        for (var i = 0; i < live.Length; i++)
        {
            registers[live[i]] = kept[i];
        }
    }

    // Two states that agree in the registers that are live.
    private sealed class SameWhereLive(int[] live) : IEqualityComparer<AbstractValue?[]>
    {
        public bool Equals(AbstractValue?[]? x, AbstractValue?[]? y) => Array.TrueForAll(live, r => x![r]!.Equals(y![r]));

        public int GetHashCode(AbstractValue?[] registers) => live.Aggregate(0, (hash, r) => HashCode.Combine(hash, registers[r]));
    }
}
