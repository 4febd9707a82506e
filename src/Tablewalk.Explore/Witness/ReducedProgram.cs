using System.Collections.Immutable;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Witness;

/// <summary>
/// The program that does only what a table shows: straight-line threads with the accesses, fences, flushes, sections and waits of its rows, each at the address and
/// with the value that the table says, and with the dependencies between them. It breaks <see cref="Claim"/> exactly where every read gets what
/// the table says, so whoever checks it learns whether the model allows what is shown.
/// </summary>
/// <remarks>Errs: may allow more than the whole program, since dependencies that went through what is left out are gone.</remarks>
internal sealed class ReducedProgram
{
    /// <summary>The claim that breaks.</summary>
    public const string Claim = "(as shown)";

    private readonly ExecutionState _state;
    private readonly bool[] _kept;

    private ReducedProgram(ExecutionState state, bool[] kept) => (_state, _kept) = (state, kept);

    /// <summary>Of an execution and the events of it that are shown.</summary>
    /// <param name="program">The program.</param>
    /// <param name="state">The execution.</param>
    /// <param name="kept">By event, whether it is shown.</param>
    /// <param name="finalLoads">What the claim loads of the final state: it must hold then what it holds in the execution.</param>
    public static Program Of(Program program, ExecutionState state, bool[] kept, IEnumerable<(ulong Address, int SizeBytes)> finalLoads)
    {
        var reduced = new ReducedProgram(state, kept);
        var threads = program.Threads.Select((thread, t) => new ThreadCode(thread.Name, reduced.ThreadOf(t, thread.Name), [])).ToImmutableArray();
        return new(threads, reduced.FinalOf(threads.Length, finalLoads), []);
    }

    private Procedure ThreadOf(int thread, string name)
    {
        var code = new Writer();
        var all = code.New();
        code.Add(new Compute(all, Operation.Copy, 1UL, 0UL));
        var registers = new Dictionary<int, Register>(); // by event: what it read
        var branched = new HashSet<int>();
        var open = new Stack<SectionKind>();
        foreach (var group in Enumerable.Range(0, _state.EventCount).Where(e => _kept[e] && _state.Thread[e] == thread).GroupBy(e => _state.Instruction[e]).OrderBy(g => g.Min()))
        {
            int[] events = [.. group];
            foreach (var decider in DependenciesOf(events, static taints => taints.Control).Where(d => registers.ContainsKey(d) && branched.Add(d)))
            {
                code.BranchOn(code.Nothing(registers[decider]));
            }

            Register? read = Write(code, events, registers, open);
            if (read is { } register)
            {
                var asShown = code.New();
                code.Add(new Compute(asShown, Operation.Equal, register, ValueOf(events.Where(e => _state.Kind[e] == EventKind.Read))));
                code.Add(new Compute(all, Operation.And, all, asShown));
                foreach (var e in events)
                {
                    registers[e] = register;
                }
            }
        }

        while (open.TryPop(out var section))
        {
            code.Add(new SectionEdge(section, IsEntry: false)); // it ends later than what is shown
        }

        return code.ToProcedure(name, all);
    }

    private Procedure FinalOf(int threads, IEnumerable<(ulong Address, int SizeBytes)> finalLoads)
    {
        var code = new Writer();
        ImmutableArray<Register> results = [.. Enumerable.Range(0, threads).Select(_ => code.New())];
        var all = code.New();
        code.Add(new Compute(all, Operation.Copy, 1UL, 0UL));
        foreach (var result in results)
        {
            code.Add(new Compute(all, Operation.And, all, result));
        }

        foreach (var (address, size) in finalLoads)
        {
            var (loaded, asShown) = (code.New(), code.New());
            code.Add(new Load(loaded, address, (AccessSize)size, LoadOrder.Once));
            code.Add(new Compute(asShown, Operation.Equal, loaded, FinalState.ReadMemory(_state, address, size)));
            code.Add(new Compute(all, Operation.And, all, asShown));
        }

        code.Add(new BugOn(all, Claim));
        return code.ToProcedure("final", 0UL, results);
    }

    // The instruction that made these events. Returns what it reads.
    private Register? Write(Writer code, int[] events, Dictionary<int, Register> registers, Stack<SectionKind> open)
    {
        var first = events[0];
        ref readonly var step = ref _state.Codes[_state.Thread[first]].Steps[_state.Step[first]];
        var source = step.Source;
        var size = (AccessSize)step.SizeBytes;
        Operand With(ulong value, Func<EventTaints, int> dependency) => DependenciesOf(events, dependency).Where(registers.ContainsKey)
            .Aggregate(Operand.Of(value), (sum, d) => code.Sum(sum, code.Nothing(registers[d])));
        Operand Address() => With(_state.CellAt(_state.CellOf[first]).Address, static taints => taints.Address);
        Operand Written() => With(ValueOf(events.Where(e => _state.Kind[e] == EventKind.Write)), static taints => taints.Data);
        var destination = code.New();
        Instruction instruction;
        switch (step.Code)
        {
            case StepCode.Load:
                instruction = new Load(destination, Address(), size, (LoadOrder)step.Order, step.IsExclusive)
                {
                    InputAddress = _state.Walks.Find(w => w.Event == first).InputAddress,
                };
                break;
            case StepCode.AtomicUpdate:
                instruction = Update(destination, step, events, Address(), Written);
                break;
            case StepCode.Store:
                instruction = new Store(Address(), Written(), size, (StoreOrder)step.Order);
                break;
            case StepCode.StoreExclusive:
                instruction = new StoreExclusive(code.New(), Address(), Written(), size, (StoreOrder)step.Order);
                break;
            case StepCode.Poison:
                instruction = new Poison(Address(), (ulong)step.SizeBytes, step.Pattern);
                break;
            case StepCode.Fence:
                instruction = new Fence((FenceKind)step.Detail);
                break;
            case StepCode.TakeFault:
                instruction = new TakeFault((MmuFault)step.Detail, With(0, static taints => taints.Address));
                break;
            case StepCode.Invalidate:
                var flush = _state.Invalidations.Find(i => i.Event == first);
                instruction = new Invalidate(With(flush.Start, static taints => taints.Address), flush.Length, flush.IsAll, flush.IsBroadcast);
                break;
            case StepCode.SectionEdge:
                instruction = Edge((SectionKind)step.Detail, step.IsEntry, open);
                break;
            case StepCode.Wait:
                instruction = new Wait((WaitKind)step.Detail);
                break;
            default:
                throw new InvalidOperationException($"{step.Code} makes no event");
        }

        code.Add(instruction with { Source = source });
        return _state.Kind[first] == EventKind.Read ? destination : null;
    }

    private IEnumerable<int> DependenciesOf(int[] events, Func<EventTaints, int> dependency) =>
        events.SelectMany(e => Dependencies.Members(_state, dependency(_state.DependsOn[e]))).Distinct();

    private static SectionEdge Edge(SectionKind section, bool isEntry, Stack<SectionKind> open)
    {
        if (isEntry)
        {
            open.Push(section);
        }
        else
        {
            open.TryPop(out _);
        }

        return new(section, isEntry);
    }

    private AtomicUpdate Update(Register destination, FlatStep step, int[] events, Operand address, Func<Operand> written)
    {
        var old = ValueOf(events.Where(e => _state.Kind[e] == EventKind.Read));
        var hasWritten = events.Any(e => _state.Kind[e] == EventKind.Write);
        var isCompare = (AtomicOperation)step.Detail == AtomicOperation.CompareExchange;
        return new(
            destination,
            isCompare ? AtomicOperation.CompareExchange : AtomicOperation.Exchange,
            address,
            hasWritten ? written() : 0UL,
            hasWritten ? old : ~old, // one that did not write found something else
            (AccessSize)step.SizeBytes,
            (AtomicOrder)step.Order)
        {
            OrdersOnFailure = step.OrdersOnFailure,
            HasNoReturn = step.HasNoReturn,
        };
    }

    // An access's value from those of its parts, which are in the order of addresses.
    private ulong ValueOf(IEnumerable<int> parts)
    {
        var value = 0UL;
        var shift = 0;
        foreach (var e in parts)
        {
            var written = _state.Kind[e] == EventKind.Read ? _state.Source[e] : e;
            value |= FinalState.KnownValue(_state, _state.Written[written]) << shift;
            shift += _state.CellAt(_state.CellOf[e]).SizeBytes * 8;
        }

        return value;
    }

    /// <summary>Straight-line code as it grows; a branch that always goes on begins a new block.</summary>
    private sealed class Writer
    {
        private readonly List<Block> _blocks = [];
        private readonly List<Instruction> _body = [];
        private int _registers;

        public Register New() => new(_registers++);

        public void Add(Instruction instruction) => _body.Add(instruction);

        // Zero, and depends on a register.
        public Register Nothing(Register register)
        {
            var nothing = New();
            Add(new Compute(nothing, Operation.And, register, 0UL));
            return nothing;
        }

        public Operand Sum(Operand left, Operand right)
        {
            var sum = New();
            Add(new Compute(sum, Operation.Or, left, right));
            return sum;
        }

        // Block 0 is where a branch would go that does not go on; see ToProcedure.
        public void BranchOn(Register nothing)
        {
            _blocks.Add(new Block([.. _body], new Branch(nothing, 1, _blocks.Count + 3)));
            _body.Clear();
        }

        public Procedure ToProcedure(string name, Operand result, ImmutableArray<Register> parameters = default) => new(
            name,
            _registers,
            parameters.IsDefault ? [] : parameters,
            [new Block([], new Jump(2)), new Block([], new Return(0UL)), .. _blocks, new Block([.. _body], new Return(result))]);
    }
}
