using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tablewalk.Explore.Search;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

/// <summary>A write that a thread may make: the step and the cell.</summary>
internal readonly record struct PossibleWrite(int Step, ulong Cell);

/// <summary>A way from one partition to another, or out of the procedure, and the writes on it in program order.</summary>
/// <param name="Target">The partition reached; -1 where the thread ends.</param>
/// <param name="Writes">The writes.</param>
internal sealed record Passage(int Target, ImmutableArray<PossibleWrite> Writes);

/// <summary>
/// Walks through one thread with abstract values. The states that reach a block are told apart by which registers are constants and which
/// constants they are (trace partitioning), so that counting loops are unrolled; states that agree in that are joined.
/// </summary>
/// <remarks>Errs on the side of too many values, ways and writes, never too few.</remarks>
internal sealed class ThreadAnalysis(FlatCode code, ThreadCode thread, SharedValues memory)
{
    private const int MostPartitionsOfBlock = 64;
    private const int MostVisits = 20_000;
    private readonly List<Partition> _partitions = [];
    private readonly Dictionary<(int Block, string Constants), Partition> _byKey = [];
    private readonly int[] _partitionsOfBlock = new int[thread.Code.Blocks.Length];
    private readonly Dictionary<(int Partition, int Place), int> _sources = [];
    private readonly Queue<Partition> _queue = new();

    /// <summary>How many partitions there are. The first one is the entry.</summary>
    public int PartitionCount => _partitions.Count;

    /// <summary>The block that a partition begins.</summary>
    public int BlockOf(int partition) => _partitions[partition].Block;

    /// <summary>The ways out of a partition.</summary>
    public IReadOnlyList<Passage> PassagesOf(int partition) => _partitions[partition].Passages;

    /// <summary>Walks until nothing changes any more, adding to the shared values.</summary>
    /// <returns>False if the thread may write where it cannot be told, or if there is too much to walk through.</returns>
    public bool Run()
    {
        var registers = new AbstractValue?[code.RegisterCount];
        for (var p = 0; p < thread.Code.Parameters.Length; p++)
        {
            registers[thread.Code.Parameters[p].Index] = AbstractValue.Of(thread.Arguments[p]);
        }

        Enter(0, registers);
        for (var visits = 0; _queue.TryDequeue(out var partition); visits++)
        {
            if (visits == MostVisits)
            {
                return false;
            }

            partition.IsQueued = false;
            partition.Passages.Clear();
            if (!Walk(new(partition, code.StartOf(partition.Block), (AbstractValue?[])partition.Registers.Clone(), [])))
            {
                return false;
            }
        }

        return true;
    }

    private int Enter(int block, AbstractValue?[] registers)
    {
        var live = code.Flow.LiveIn[block];
        var key = _partitionsOfBlock[block] > MostPartitionsOfBlock ? "" : KeyOf(live, registers);
        if (!_byKey.TryGetValue((block, key), out var partition))
        {
            // The last partition of a block takes all further states.
            key = _partitionsOfBlock[block]++ == MostPartitionsOfBlock ? "" : key;
            partition = new(_partitions.Count, block, new AbstractValue?[registers.Length]);
            for (var r = 0; r < registers.Length; r++)
            {
                partition.Registers[r] = live[r] ? registers[r] ?? AbstractValue.Zero : null;
            }

            _partitions.Add(partition);
            _byKey.Add((block, key), partition);
            Enqueue(partition);
            return partition.Index;
        }

        var changed = false;
        for (var r = 0; r < registers.Length; r++)
        {
            if (live[r] && partition.Registers[r] is { } old)
            {
                var joined = old.Join(registers[r] ?? AbstractValue.Zero);
                joined = joined.Source == 0 && !joined.IsConstant ? joined.AsSource(SourceOf(partition.Index, -1 - r)) : joined;
                changed |= !joined.Equals(old);
                partition.Registers[r] = joined;
            }
        }

        if (changed)
        {
            Enqueue(partition);
        }

        return partition.Index;
    }

    private void Enqueue(Partition partition)
    {
        if (!partition.IsQueued)
        {
            partition.IsQueued = true;
            _queue.Enqueue(partition);
        }
    }

    private static string KeyOf(bool[] live, AbstractValue?[] registers) => string.Join(
        ' ', registers.Select((value, r) => !live[r] ? "" : value is null ? "0" : value.IsConstant ? $"{value.ValuesOrNull![0]:x}" : "-"));

    // Sources are numbered by where they come from, so that walking again gives the same numbers: a step of a partition, or a register in which
    // different sources meet at its beginning. There the new source is of this register alone, since values of different rounds of a loop may meet.
    private int SourceOf(int partition, int place)
    {
        ref var source = ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, (partition, place), out _);
        source = source == 0 ? _sources.Count : source;
        return source;
    }

    // Walks to the end of a block. Where a step may do one of several things, each is walked from there.
    private bool Walk(State state)
    {
        for (; ; state.Step++)
        {
            ref readonly var step = ref code.Steps[state.Step];
            switch (step.Code)
            {
                case StepCode.Compute:
                    state.Registers[step.Destination] = Sourced(AbstractValue.Compute((Operation)step.Detail, state.Get(step.A), state.Get(step.B)), state);
                    break;
                case StepCode.Select:
                    var condition = state.Get(step.A);
                    state.Registers[step.Destination] = !condition.MayBeZero ? state.Get(step.B)
                        : !condition.MayBeNonzero ? state.Get(step.C)
                        : Sourced(state.Get(step.B).Join(state.Get(step.C)), state);
                    break;
                case StepCode.Load:
                    if (state.Get(step.A).ValuesOrNull is not { } places)
                    {
                        return false;
                    }

                    if (LoadOrNull(places, step.SizeBytes) is not { } loaded)
                    {
                        EndWild(state);
                        return true;
                    }

                    state.Registers[step.Destination] = AsSource(loaded, state, 0);
                    break;
                case StepCode.Store:
                    if (!Store(state, step.A, step.SizeBytes, state.Get(step.B)))
                    {
                        return false;
                    }

                    break;
                case StepCode.StoreExclusive:
                    return WalkStoreExclusive(state, step);
                case StepCode.AtomicUpdate:
                    return WalkUpdate(state, step);
                case StepCode.Poison:
                    if (state.Get(step.A).ValuesOrNull is not { } starts || state.Get(step.B) is not { IsConstant: true } length)
                    {
                        return false;
                    }

                    foreach (var start in starts)
                    {
                        memory.Poison(start, length.ValuesOrNull![0], step.Pattern, cell => state.Writes.Add(new(state.Step, cell)));
                    }

                    break;
                case StepCode.Choose:
                    state.Registers[step.Destination] = AsSource(AbstractValue.Of(Enumerable.Range(0, step.Otherwise).Select(i => (ulong)i)), state, 0);
                    break;
                case StepCode.Jump:
                    Leave(state, step.Target);
                    return true;
                case StepCode.Branch:
                    WalkBranch(state, step);
                    return true;
                case StepCode.Return:
                    state.Partition.Passages.Add(new(-1, [.. state.Writes]));
                    return true;
                default:
                    break; // fences, faults, invalidations, section edges, waits, assumptions and claims change no value
            }
        }
    }

    private void Leave(State state, int target) => state.Partition.Passages.Add(new(Enter(code.BlockOf(target), state.Registers), [.. state.Writes]));

    // A thread ends where it touches what is no memory; what it wrote before, it wrote.
    private static void EndWild(State state) => state.Partition.Passages.Add(new(-1, [.. state.Writes]));

    private AbstractValue? LoadOrNull(ulong[] places, int sizeBytes)
    {
        AbstractValue? loaded = null;
        foreach (var place in places)
        {
            if (memory.LoadOrNull(place, sizeBytes) is { } value)
            {
                loaded = loaded?.Join(value) ?? value;
            }
        }

        return loaded;
    }

    private AbstractValue AsSource(AbstractValue value, State state, int outcome) =>
        value.AsSource(SourceOf(state.Partition.Index, (state.Step * 2) + outcome));

    private AbstractValue Sourced(AbstractValue value, State state) => value.Source == 0 && !value.IsConstant ? AsSource(value, state, 0) : value;

    private bool Store(State state, in FlatOperand address, int sizeBytes, AbstractValue value)
    {
        if (state.Get(address).ValuesOrNull is not { } places)
        {
            return false;
        }

        var most = new Dictionary<ulong, int>();
        foreach (var place in places)
        {
            memory.Store(place, sizeBytes, value, cell => most[cell] = 1);
        }

        state.Writes.AddRange(most.Keys.Select(cell => new PossibleWrite(state.Step, cell)));
        return true;
    }

    private bool WalkStoreExclusive(State state, FlatStep step)
    {
        var failed = state.Copy();
        failed.Registers[step.Destination] = AbstractValue.Of(1);
        failed.Step++;
        if (!Walk(failed) || !Store(state, step.A, step.SizeBytes, state.Get(step.B)))
        {
            return false;
        }

        state.Registers[step.Destination] = AbstractValue.Of(0);
        state.Step++;
        return Walk(state);
    }

    private bool WalkUpdate(State state, FlatStep step)
    {
        if (state.Get(step.A).ValuesOrNull is not { } places)
        {
            return false;
        }

        if (LoadOrNull(places, step.SizeBytes) is not { } old)
        {
            EndWild(state);
            return true;
        }

        var operation = (AtomicOperation)step.Detail;
        var data = state.Get(step.B);
        if (operation != AtomicOperation.CompareExchange)
        {
            data = Updated(operation, old, data);
            if (!Store(state, step.A, step.SizeBytes, data))
            {
                return false;
            }

            state.Registers[step.Destination] = AsSource(old, state, 0);
            state.Step++;
            return Walk(state);
        }

        // A comparison that fails leaves a value that was not expected, one that succeeds the very value that was.
        var expected = state.Get(step.C);
        var mask = step.SizeBytes == sizeof(ulong) ? ulong.MaxValue : (1UL << (step.SizeBytes * 8)) - 1;
        var wanted = expected.ValuesOrNull?.Select(v => v & mask).ToHashSet();
        var found = old.ValuesOrNull;
        var others = found?.Where(v => wanted is not { Count: 1 } || !wanted.Contains(v)).ToArray();
        if (others is not { Length: 0 })
        {
            var failed = state.Copy();
            failed.Registers[step.Destination] = AsSource(others is null ? old : AbstractValue.Of(others), state, 0);
            failed.Step++;
            if (!Walk(failed))
            {
                return false;
            }
        }

        if (found is not null && wanted is not null && !found.Any(wanted.Contains))
        {
            return true;
        }

        if (!Store(state, step.A, step.SizeBytes, data))
        {
            return false;
        }

        state.Registers[step.Destination] = mask == ulong.MaxValue ? expected : AbstractValue.Compute(Operation.And, expected, AbstractValue.Of(mask));
        state.Step++;
        return Walk(state);
    }

    // A maximum or minimum is one of its operands.
    private static AbstractValue Updated(AtomicOperation operation, AbstractValue old, AbstractValue data) => operation switch
    {
        AtomicOperation.Exchange => data,
        AtomicOperation.Clear => AbstractValue.Compute(Operation.And, old, AbstractValue.Compute(Operation.Xor, data, AbstractValue.Of(ulong.MaxValue))),
        AtomicOperation.MaxSigned or AtomicOperation.MinSigned or AtomicOperation.MaxUnsigned or AtomicOperation.MinUnsigned => old.Join(data),
        _ => AbstractValue.Compute(operation.AsOperation(), old, data),
    };

    // Where the condition has a source, each way is taken with what leads to it, for all that has the same source.
    private void WalkBranch(State state, FlatStep step)
    {
        var condition = state.Get(step.A);
        if (condition.MayBeZero && condition.MayBeNonzero && condition is { Source: not 0, ValuesOrNull: not null })
        {
            LeaveNarrowed(state, condition.Source, condition.KeysWhere(isNonzero: true), step.Target);
            LeaveNarrowed(state, condition.Source, condition.KeysWhere(isNonzero: false), step.Otherwise);
            return;
        }

        if (condition.MayBeNonzero)
        {
            Leave(state, step.Target);
        }

        if (condition.MayBeZero)
        {
            Leave(state, step.Otherwise);
        }
    }

    private void LeaveNarrowed(State state, int source, HashSet<ulong> keys, int target)
    {
        var narrowed = state.Copy();
        for (var r = 0; r < narrowed.Registers.Length; r++)
        {
            if (narrowed.Registers[r] is { } value && value.Source == source)
            {
                if (value.NarrowOrNull(keys) is not { } rest)
                {
                    return; // no execution goes this way with these values
                }

                narrowed.Registers[r] = rest;
            }
        }

        Leave(narrowed, target);
    }

    // Mutable, do not share: a copy walks on its own.
    private sealed class State(Partition partition, int step, AbstractValue?[] registers, List<PossibleWrite> writes)
    {
        public Partition Partition { get; } = partition;

        public int Step { get; set; } = step;

        public AbstractValue?[] Registers { get; } = registers;

        public List<PossibleWrite> Writes { get; } = writes;

        public State Copy() => new(Partition, Step, (AbstractValue?[])Registers.Clone(), [.. Writes]);

        public AbstractValue Get(in FlatOperand operand) =>
            operand.Register < 0 ? AbstractValue.Of(operand.Constant) : Registers[operand.Register] ?? AbstractValue.Zero;
    }

    private sealed class Partition(int index, int block, AbstractValue?[] registers)
    {
        public int Index { get; } = index;

        public int Block { get; } = block;

        public AbstractValue?[] Registers { get; } = registers;

        public List<Passage> Passages { get; } = [];

        public bool IsQueued { get; set; }
    }
}
