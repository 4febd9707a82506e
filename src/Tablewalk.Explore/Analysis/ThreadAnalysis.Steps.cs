using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

// What each step does to a state.
internal sealed partial class ThreadAnalysis
{
    // Adds to the states of the next step what becomes of this one: nothing where the thread ends, two where a step may do one of two things.
    private bool TryStep(State state, ref FlatStep step, List<State> next)
    {
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
                    state.Registers[step.Destination] = AsSource(AbstractValue.OfBits(KnownBits.OfWidth(step.SizeBytes * 8)), state, 0);
                    break;
                }

                if (LoadOrNull(state, places, step.SizeBytes, (LoadOrder)step.Order == LoadOrder.Walk) is not { } loaded)
                {
                    state.Leave(null);
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
                return StoreExclusive(state, step, next);
            case StepCode.AtomicUpdate:
                return Update(state, step, next);
            case StepCode.Poison:
                if (!Poison(state, step))
                {
                    return false;
                }

                break;
            case StepCode.Choose:
                state.Registers[step.Destination] = AsSource(AbstractValue.Of(Enumerable.Range(0, step.Otherwise).Select(i => (ulong)i)), state, 0);
                break;
            case StepCode.Jump:
                GoTo(state, step.Target);
                return true;
            case StepCode.Branch:
                Branch(state, step);
                return true;
            case StepCode.Return:
                state.Leave(null);
                return true;
            default:
                break; // fences, faults, invalidations, section edges, waits, assumptions and claims change no value
        }

        next.Add(state);
        return true;
    }

    private void GoTo(State state, int target) => state.Leave(Enter(code.BlockOf(target), state.Registers, state.Written));

    // A thread ends where it touches what is no memory; what it wrote before, it wrote.
    private AbstractValue? LoadOrNull(State state, ulong[] places, int sizeBytes, bool isWalk)
    {
        AbstractValue? loaded = null;
        foreach (var place in places)
        {
            if (memory.LoadOrNull(place, sizeBytes, number, isCoherent && !isWalk ? state.Written : null) is { } value)
            {
                loaded = loaded?.Join(value) ?? value;
            }
        }

        return loaded;
    }

    private AbstractValue AsSource(AbstractValue value, State state, int outcome) =>
        value.AsSource(SourceOf(state.Partition, (state.Step * 2) + outcome));

    private AbstractValue Sourced(AbstractValue value, State state) => value.Source == 0 && !value.IsConstant ? AsSource(value, state, 0) : value;

    private bool Store(State state, in FlatOperand address, int sizeBytes, AbstractValue value)
    {
        if (state.Get(address).ValuesOrNull is not { } places)
        {
            return false;
        }

        var most = new Dictionary<ulong, AbstractValue>();
        foreach (var place in places)
        {
            memory.Store(place, sizeBytes, value, number, (cell, part) => most[cell] = most.TryGetValue(cell, out var other) ? other.Join(part) : part);
        }

        foreach (var (cell, part) in most)
        {
            state.Write(cell, part, isSure: places.Length == 1);
        }

        return true;
    }

    private bool Poison(State state, FlatStep step)
    {
        if (state.Get(step.A).ValuesOrNull is not { } starts || state.Get(step.B).ValuesOrNull is not { } lengths)
        {
            return false;
        }

        foreach (var start in starts)
        {
            memory.Poison(start, lengths[^1], step.Pattern, number, (cell, part) => state.Write(cell, part, isSure: starts.Length == 1 && lengths.Length == 1));
        }

        return true;
    }

    private bool StoreExclusive(State state, FlatStep step, List<State> next)
    {
        var failed = state.Copy();
        failed.Registers[step.Destination] = AbstractValue.Of(1);
        next.Add(failed);
        if (!Store(state, step.A, step.SizeBytes, state.Get(step.B)))
        {
            return false;
        }

        state.Registers[step.Destination] = AbstractValue.Of(0);
        next.Add(state);
        return true;
    }

    private bool Update(State state, FlatStep step, List<State> next)
    {
        if (state.Get(step.A).ValuesOrNull is not { } places)
        {
            return false;
        }

        if (LoadOrNull(state, places, step.SizeBytes, isWalk: false) is not { } old)
        {
            state.Leave(null);
            return true;
        }

        var operation = (AtomicOperation)step.Detail;
        if (operation == AtomicOperation.CompareExchange)
        {
            return CompareExchange(state, step, old, next);
        }

        if (!Store(state, step.A, step.SizeBytes, Updated(operation, old, state.Get(step.B))))
        {
            return false;
        }

        state.Registers[step.Destination] = AsSource(old, state, 0);
        next.Add(state);
        return true;
    }

    // A comparison that fails leaves a value that was not expected, one that succeeds the very value that was.
    private bool CompareExchange(State state, FlatStep step, AbstractValue old, List<State> next)
    {
        var expected = state.Get(step.C);
        var mask = step.SizeBytes == sizeof(ulong) ? ulong.MaxValue : (1UL << (step.SizeBytes * 8)) - 1;
        var wanted = expected.ValuesOrNull?.Select(v => v & mask).ToHashSet();
        var found = old.ValuesOrNull;
        var others = found?.Where(v => wanted is not { Count: 1 } || !wanted.Contains(v)).ToArray();
        if (others is not { Length: 0 })
        {
            var failed = state.Copy();
            failed.Registers[step.Destination] = AsSource(others is null ? old : AbstractValue.Of(others), state, 0);
            next.Add(failed);
        }

        if (found is not null && wanted is not null && !found.Any(wanted.Contains))
        {
            return true;
        }

        if (!Store(state, step.A, step.SizeBytes, state.Get(step.B)))
        {
            return false;
        }

        state.Registers[step.Destination] = mask == ulong.MaxValue ? expected : AbstractValue.Compute(Operation.And, expected, AbstractValue.Of(mask));
        next.Add(state);
        return true;
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
    private void Branch(State state, FlatStep step)
    {
        var condition = state.Get(step.A);
        if (condition.MayBeZero && condition.MayBeNonzero && condition is { Source: not 0, IsTable: true })
        {
            GoNarrowed(state, condition.Source, condition.KeysWhere(isNonzero: true), step.Target);
            GoNarrowed(state, condition.Source, condition.KeysWhere(isNonzero: false), step.Otherwise);
            return;
        }

        if (condition.MayBeNonzero)
        {
            GoTo(state, step.Target);
        }

        if (condition.MayBeZero)
        {
            GoTo(state, step.Otherwise);
        }
    }

    private void GoNarrowed(State state, int source, HashSet<ulong> keys, int target)
    {
        var narrowed = (AbstractValue?[])state.Registers.Clone();
        for (var r = 0; r < narrowed.Length; r++)
        {
            if (narrowed[r] is { } value && value.Source == source)
            {
                if (value.NarrowOrNull(keys) is not { } rest)
                {
                    return; // no execution goes this way with these values
                }

                narrowed[r] = rest;
            }
        }

        state.Leave(Enter(code.BlockOf(target), narrowed, state.Written));
    }
}
