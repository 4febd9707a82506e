using System.Runtime.InteropServices;
using System.Text;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

/// <summary>
/// Walks through one thread with abstract values. The states that reach a block are told apart by which registers are constants and which
/// constants they are (trace partitioning), so that counting loops are unrolled; states that agree in that are joined. Within a block, the ways
/// on which an update succeeds or fails are walked side by side; those that agree in all that is read later go on as one.
/// </summary>
/// <remarks>
/// Errs on the side of too many values, ways and writes, never too few. Where the model keeps each location coherent, a thread finds what it wrote last or what others
/// write, neither what it has overwritten nor what it writes later.
/// </remarks>
internal sealed partial class ThreadAnalysis(FlatCode code, ThreadCode thread, int number, SharedValues memory, bool isCoherent, CancellationToken cancellation)
{
    private const int MostPartitionsOfBlock = 64;
    private const int MostStatesOfBlock = 128;
    private const int MostVisits = 20_000;
    private readonly List<Partition> _partitions = [];
    private readonly Dictionary<(int Block, string Constants), Partition> _byKey = [];
    private readonly int[] _partitionsOfBlock = new int[thread.Code.Blocks.Length];
    private readonly Dictionary<(int Partition, int Place), int> _sources = [];
    private readonly Queue<Partition> _queue = new();
    private readonly Dictionary<int, int[]> _liveAfterForks = []; // by the step after one

    /// <summary>The places of the thread. The first one is the entry.</summary>
    public IReadOnlyList<Place> Places { get; private set; } = [];

    /// <summary>Walks until nothing changes any more, adding to the shared values.</summary>
    /// <returns>False if the thread may write where it cannot be told, or if there is too much to walk through.</returns>
    /// <exception cref="OperationCanceledException">The walk was cancelled.</exception>
    public bool Run()
    {
        var registers = new AbstractValue?[code.RegisterCount];
        for (var p = 0; p < thread.Code.Parameters.Length; p++)
        {
            registers[thread.Code.Parameters[p].Index] = p < thread.Arguments.Length ? AbstractValue.Of(thread.Arguments[p]) : AbstractValue.Unknown;
        }

        Enter(0, registers, OwnWrites.None);
        for (var visits = 0; _queue.TryDequeue(out var partition); visits++)
        {
            if (visits == MostVisits)
            {
                return false;
            }

            partition.IsQueued = false;
            if (!Walk(partition))
            {
                return false;
            }
        }

        Places = [.. _partitions, .. _partitions.SelectMany(p => p.Junctions)];
        for (var i = 0; i < Places.Count; i++)
        {
            Places[i].Index = i;
        }

        return true;
    }

    private Partition Enter(int block, AbstractValue?[] registers, OwnWrites written)
    {
        var live = code.Flow.LiveIn[block];
        var key = _partitionsOfBlock[block] > MostPartitionsOfBlock ? "" : KeyOf(live, registers);
        if (!_byKey.TryGetValue((block, key), out var partition))
        {
            // The last partition of a block takes all further states.
            key = _partitionsOfBlock[block]++ == MostPartitionsOfBlock ? "" : key;
            partition = new(_partitions.Count, code.StartOf(block), new AbstractValue?[registers.Length]) { Written = written };
            for (var r = 0; r < registers.Length; r++)
            {
                partition.Registers[r] = live[r] ? registers[r] ?? AbstractValue.Zero : null;
            }

            _partitions.Add(partition);
            _byKey.Add((block, key), partition);
            Enqueue(partition);
        }
        else if (JoinInto(partition.Registers, registers, partition, 0) | partition.AddWritten(written))
        {
            Enqueue(partition);
        }

        return partition;
    }

    private void Enqueue(Partition partition)
    {
        if (!partition.IsQueued)
        {
            partition.IsQueued = true;
            _queue.Enqueue(partition);
        }
    }

    // Where different sources meet in a register that is live, the new one is of that register alone, since values of different rounds of a loop may meet.
    private bool JoinInto(AbstractValue?[] into, AbstractValue?[] registers, Partition partition, int meeting)
    {
        var changed = false;
        for (var r = 0; r < registers.Length; r++)
        {
            if (into[r] is { } old)
            {
                var joined = old.Join(registers[r] ?? AbstractValue.Zero);
                joined = joined.Source == 0 && !joined.IsConstant
                    ? joined.AsSource(SourceOf(partition, -1 - r - (meeting * code.RegisterCount)))
                    : joined;
                changed |= !joined.Equals(old);
                into[r] = joined;
            }
        }

        return changed;
    }

    private static string KeyOf(bool[] live, AbstractValue?[] registers)
    {
        var key = new StringBuilder();
        for (var r = 0; r < registers.Length; r++)
        {
            if (live[r])
            {
                _ = registers[r] is { IsConstant: false } ? key.Append("- ") : key.Append($"{registers[r]?.Constant ?? 0:x} ");
            }
        }

        return key.ToString();
    }

    // Sources are numbered by where they come from, so that walking again gives the same numbers: a step of a partition, or a register in which
    // different sources meet.
    private int SourceOf(Partition partition, int place)
    {
        ref var source = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, (partition.Number, place), out _);
        source = source == 0 ? _sources.Count : source;
        return source;
    }

    // Walks to the end of a block.
    private bool Walk(Partition partition)
    {
        partition.Passages.Clear();
        partition.Junctions.Clear();
        List<State> states = [new(partition, partition, (AbstractValue?[])partition.Registers.Clone()) { Written = partition.Written }];
        List<State> next = [];
        for (var at = partition.FirstStep; states.Count > 0; at++)
        {
            cancellation.ThrowIfCancellationRequested();
            ref var step = ref code.Steps[at];
            foreach (var state in states)
            {
                state.Step = at;
                if (!TryStep(state, ref step, next))
                {
                    return false;
                }
            }

            (states, next) = (IsFork(step) ? Meet(next, partition, at + 1) : next, states);
            next.Clear();
        }

        return true;
    }

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

    // Mutable, do not share: a copy walks on its own.
    private sealed class State(Partition partition, Place from, AbstractValue?[] registers)
    {
        public Partition Partition { get; } = partition;

        /// <summary>Where the passage that it is on began.</summary>
        public Place From { get; } = from;

        public int Step { get; set; }

        public AbstractValue?[] Registers { get; } = registers;

        public List<PossibleWrite> Writes { get; private init; } = [];

        /// <summary>What the thread has written by now, on whatever way it came.</summary>
        public OwnWrites Written { get; set; } = OwnWrites.None;

        public State Copy() => new(Partition, From, (AbstractValue?[])Registers.Clone()) { Step = Step, Writes = [.. Writes], Written = Written };

        public void Write(ulong cell, AbstractValue value, bool isSure)
        {
            Writes.Add(new(Step, cell));
            Written = Written.With(cell, value, isSure);
        }

        public AbstractValue Get(in FlatOperand operand) =>
            operand.Register < 0 ? AbstractValue.Of(operand.Constant) : Registers[operand.Register] ?? AbstractValue.Zero;

        public void Leave(Place? target) => From.Passages.Add(new(target, Step + 1, [.. Writes]));
    }

    private sealed class Partition(int number, int firstStep, AbstractValue?[] registers) : Place(firstStep)
    {
        public int Number { get; } = number;

        public AbstractValue?[] Registers { get; } = registers;

        /// <summary>What the thread has written before.</summary>
        public OwnWrites Written { get; set; } = OwnWrites.None;

        /// <summary>Adds another way to come here.</summary>
        /// <returns>Whether it says anything new.</returns>
        public bool AddWritten(OwnWrites written)
        {
            var before = Written;
            Written = before.Join(written);
            return !ReferenceEquals(Written, before);
        }

        /// <summary>The places within the block where ways meet.</summary>
        public List<Place> Junctions { get; } = [];

        public bool IsQueued { get; set; }
    }
}
