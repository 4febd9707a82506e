using System.Globalization;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

internal enum TraceKind
{
    Read,
    Write,
    Fence,
}

/// <summary>One event of one run of a thread. Dependencies are indices of events of the same run: reads, and writes whose success is depended on.</summary>
internal sealed class TraceEvent(TraceKind kind, int index, params string[] sets)
{
    internal TraceKind Kind { get; } = kind;

    /// <summary>The number of the event within its thread, in program order.</summary>
    internal int Index { get; } = index;

    /// <summary>The names of the cat sets that it is in, R, W and M aside.</summary>
    internal HashSet<string> Sets { get; } = [.. sets];

    internal ulong Address { get; init; }

    internal ulong Value { get; init; }

    internal SortedSet<int> AddressDependencies { get; init; } = [];

    internal SortedSet<int> DataDependencies { get; init; } = [];

    internal SortedSet<int> ControlDependencies { get; init; } = [];

    /// <summary>The same three that only picked between values.</summary>
    internal SortedSet<int> AddressPicks { get; init; } = [];

    internal SortedSet<int> DataPicks { get; init; } = [];

    internal SortedSet<int> ControlPicks { get; init; } = [];

    /// <summary>For the write of a read-modify-write: its read; else -1.</summary>
    internal int ReadOfUpdate { get; init; } = -1;

    /// <summary>Whether the read-modify-write is a single instruction.</summary>
    internal bool IsAtomicUpdate { get; init; }

    /// <summary>For the entry of a section: the index of its end.</summary>
    internal int SectionEnd { get; set; } = -1;
}

/// <summary>One run of a thread under one guess of what its reads return and of what it chooses.</summary>
internal sealed record ThreadTrace(IReadOnlyList<TraceEvent> Events, IReadOnlyList<int> Choices, ulong Result, IReadOnlySet<string> Broken)
{
    /// <summary>Every run of a thread whose reads return values out of <paramref name="domain"/>.</summary>
    internal static List<ThreadTrace> All(ThreadCode thread, Func<ulong, IReadOnlyList<ulong>> domain)
    {
        var (traces, script) = (new List<ThreadTrace>(), new Script());
        do
        {
            script.Rewind();
            traces.Add(new ThreadRun(thread, domain, script).Run());
        }
        while (script.Advance());

        return traces;
    }

    /// <summary>The guesses of one run, in the order in which it asks; <see cref="Advance"/> goes on to the next combination.</summary>
    private sealed class Script
    {
        private readonly List<(int Chosen, int Count)> _decisions = [];
        private int _next;

        internal void Rewind() => _next = 0;

        internal int Decide(int count)
        {
            if (_next == _decisions.Count)
            {
                _decisions.Add((0, count));
            }

            return _decisions[_next++].Chosen;
        }

        internal bool Advance()
        {
            while (_decisions.Count > 0)
            {
                var (chosen, count) = _decisions[^1];
                _decisions.RemoveAt(_decisions.Count - 1);
                if (chosen + 1 < count)
                {
                    _decisions.Add((chosen + 1, count));
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>An interpreter of IR over concrete values that records events and which reads each register depends on.</summary>
    private sealed class ThreadRun(ThreadCode thread, Func<ulong, IReadOnlyList<ulong>> domain, Script script)
    {
        private const int MaxSteps = 1000;

        private readonly ulong[] _values = new ulong[thread.Code.RegisterCount];
        private readonly SortedSet<int>[] _taints = [.. Enumerable.Range(0, thread.Code.RegisterCount).Select(_ => new SortedSet<int>())];
        private readonly SortedSet<int>[] _picks = [.. Enumerable.Range(0, thread.Code.RegisterCount).Select(_ => new SortedSet<int>())];
        private readonly SortedSet<int> _control = [];
        private readonly SortedSet<int> _controlPicks = [];
        private readonly List<TraceEvent> _events = [];
        private readonly List<int> _choices = [];
        private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
        private readonly Dictionary<SectionKind, TraceEvent> _open = [];
        private TraceEvent? _monitor; // the load-exclusive that a store-exclusive may pair with

        internal ThreadTrace Run()
        {
            for (var i = 0; i < thread.Arguments.Length; i++)
            {
                _values[thread.Code.Parameters[i].Index] = thread.Arguments[i];
            }

            var (block, steps) = (0, 0);
            while (true)
            {
                foreach (var instruction in thread.Code.Blocks[block].Body)
                {
                    Step(instruction);
                    if (++steps > MaxSteps)
                    {
                        throw new InvalidOperationException($"{thread.Name} does not end within {MaxSteps} steps");
                    }
                }

                switch (thread.Code.Blocks[block].End)
                {
                    case Jump jump:
                        block = jump.Target;
                        break;
                    case Branch branch:
                        _control.UnionWith(Taint(branch.Condition));
                        _controlPicks.UnionWith(Picks(branch.Condition));
                        block = Value(branch.Condition) != 0 ? branch.IfNonzero : branch.IfZero;
                        break;
                    case Return result:
                        return new ThreadTrace(_events, _choices, Value(result.Value), _broken);
                    default:
                        throw new NotSupportedException("unknown terminator");
                }
            }
        }

        private ulong Value(Operand operand) => operand.IsConstant ? operand.Constant : _values[operand.Register.Index];

        private SortedSet<int> Taint(params ReadOnlySpan<Operand> operands) => Union(_taints, operands);

        private SortedSet<int> Picks(params ReadOnlySpan<Operand> operands) => Union(_picks, operands);

        private static SortedSet<int> Union(SortedSet<int>[] sets, ReadOnlySpan<Operand> operands)
        {
            var union = new SortedSet<int>();
            foreach (var operand in operands)
            {
                if (!operand.IsConstant)
                {
                    union.UnionWith(sets[operand.Register.Index]);
                }
            }

            return union;
        }

        private void Set(Register register, ulong value, SortedSet<int> taint, SortedSet<int>? picks = null) =>
            (_values[register.Index], _taints[register.Index], _picks[register.Index]) = (value, taint, picks ?? []);

        private void Step(Instruction instruction)
        {
            switch (instruction)
            {
                case Compute c:
                    Set(c.Destination, c.Operation.Evaluate(Value(c.Left), Value(c.Right)), Taint(c.Left, c.Right), Picks(c.Left, c.Right));
                    break;
                case Select s:
                    var taken = Value(s.Condition) != 0 ? s.IfTrue : s.IfFalse;
                    Set(s.Destination, Value(taken), Taint(taken), [.. Taint(s.Condition), .. Picks(s.Condition, taken)]);
                    break;
                case Load load:
                    RequireDouble(load.Size);
                    var read = Read(load.Address, [.. OrderOf(load.Order), .. load.Exclusive ? ["X"] : Array.Empty<string>()]);
                    Set(load.Destination, read.Value, [read.Index]);
                    _monitor = load.Exclusive ? read : _monitor;
                    break;
                case Store store:
                    RequireDouble(store.Size);
                    Write(store.Address, store.Value, Value(store.Value), [], -1, false, OrderOf(store.Order));
                    break;
                case StoreExclusive store:
                    RequireDouble(store.Size);
                    DoStoreExclusive(store);
                    break;
                case AtomicUpdate update:
                    RequireDouble(update.Size);
                    DoUpdate(update);
                    break;
                case Fence fence:
                    AddFence(SetsOf(fence.Kind));
                    break;
                case SectionEdge edge:
                    DoSection(edge);
                    break;
                case Wait wait:
                    AddFence(wait.Kind == WaitKind.Ipi ? "IPI" : "GP");
                    break;
                case BugOn bug:
                    if (Value(bug.Condition) != 0)
                    {
                        _broken.Add(bug.Claim);
                    }

                    break;
                case Choose choose:
                    var chosen = script.Decide(choose.Count);
                    _choices.Add(chosen);
                    Set(choose.Destination, (ulong)chosen, []);
                    break;
                default:
                    throw new NotSupportedException(instruction.GetType().Name);
            }
        }

        private TraceEvent Read(Operand address, params string[] sets)
        {
            var at = Value(address);
            var values = domain(at);
            var read = new TraceEvent(TraceKind.Read, _events.Count, sets)
            {
                Address = at,
                Value = values[script.Decide(values.Count)],
                AddressDependencies = Taint(address),
                AddressPicks = Picks(address),
                ControlDependencies = [.. _control],
                ControlPicks = [.. _controlPicks],
            };
            _events.Add(read);
            return read;
        }

        private void Write(
            Operand address, Operand source, ulong value, IEnumerable<int> furtherPicks, int readOfUpdate, bool isAtomic, params string[] sets) =>
            _events.Add(new TraceEvent(TraceKind.Write, _events.Count, sets)
            {
                Address = Value(address),
                Value = value,
                AddressDependencies = Taint(address),
                AddressPicks = Picks(address),
                DataDependencies = Taint(source),
                DataPicks = [.. Picks(source), .. furtherPicks],
                ControlDependencies = [.. _control],
                ControlPicks = [.. _controlPicks],
                ReadOfUpdate = readOfUpdate,
                IsAtomicUpdate = isAtomic,
            });

        private TraceEvent AddFence(params string[] sets)
        {
            var fence = new TraceEvent(TraceKind.Fence, _events.Count, sets) { ControlDependencies = [.. _control], ControlPicks = [.. _controlPicks] };
            _events.Add(fence);
            return fence;
        }

        private void DoStoreExclusive(StoreExclusive store)
        {
            var (loaded, address) = (_monitor, Value(store.Address));
            _monitor = null;
            var stores = loaded is not null && loaded.Address == address && script.Decide(2) == 0;
            if (stores)
            {
                Write(store.Address, store.Value, Value(store.Value), [], loaded!.Index, false, [.. OrderOf(store.Order), "X", "RMW"]);
                loaded.Sets.Add("RMW");
            }

            Set(store.Status, stores ? 0UL : 1, stores ? [_events.Count - 1] : []);
        }

        private void DoUpdate(AtomicUpdate update)
        {
            var acquires = update.Order is AtomicOrder.Acquire or AtomicOrder.Full;
            var read = Read(
                update.Address,
                [.. update.HasNoReturn ? ["NoRet"] : Array.Empty<string>(), .. update.OrdersOnFailure ? acquires ? ["AMO", "A"] : ["AMO"] : Array.Empty<string>()]);
            var isComparing = update.Operation == AtomicOperation.CompareExchange;
            var succeeds = !isComparing || read.Value == Value(update.Expected);
            SortedSet<int> comparedWith = isComparing ? [.. Taint(update.Expected), .. Picks(update.Expected)] : [];
            if (succeeds)
            {
                var value = isComparing || update.Operation == AtomicOperation.Exchange
                    ? Value(update.Value)
                    : update.Operation.AsOperation().Evaluate(read.Value, Value(update.Value));
                var releases = update.Order is AtomicOrder.Release or AtomicOrder.Full;
                Write(update.Address, update.Value, value, comparedWith, read.Index, true, [.. releases ? ["L"] : Array.Empty<string>(), "AMO", "RMW"]);
                read.Sets.UnionWith(["AMO", "RMW"]);
                if (acquires)
                {
                    read.Sets.Add("A");
                }
            }

            if (isComparing && succeeds)
            {
                Set(update.Destination, read.Value, Taint(update.Expected), [.. Picks(update.Expected), read.Index]);
            }
            else
            {
                Set(update.Destination, read.Value, [read.Index], comparedWith);
            }
        }

        private void DoSection(SectionEdge edge)
        {
            var prefix = edge.Section == SectionKind.IrqOff ? "IRQ-" : "RCU-";
            if (edge.IsEntry)
            {
                _open.Add(edge.Section, AddFence(prefix + (edge.Section == SectionKind.IrqOff ? "SAVE" : "LOCK")));
            }
            else
            {
                _open.Remove(edge.Section, out var entry);
                entry!.SectionEnd = AddFence(prefix + (edge.Section == SectionKind.IrqOff ? "RESTORE" : "UNLOCK")).Index;
            }
        }

        private static void RequireDouble(AccessSize size)
        {
            if (size != AccessSize.Double)
            {
                throw new NotSupportedException("the oracle knows 8-byte accesses only");
            }
        }

        private static string[] OrderOf(LoadOrder order) => order switch
        {
            LoadOrder.Acquire => ["A"],
            LoadOrder.AcquirePc => ["Q"],
            LoadOrder.AcquireRelease => ["A", "L"],
            _ => [],
        };

        private static string[] OrderOf(StoreOrder order) => order switch
        {
            StoreOrder.Release => ["L"],
            StoreOrder.AcquireRelease => ["A", "L"],
            _ => [],
        };

        private static string[] SetsOf(FenceKind kind) => kind switch
        {
            FenceKind.SmpMb => ["F", "DMB.SY", "MFENCE", "Fence.rw.rw"],
            FenceKind.SmpRmb => ["F", "DMB.LD", "Fence.r.r"],
            FenceKind.SmpWmb => ["F", "DMB.ST", "Fence.w.w"],
            FenceKind.DmbSy => ["F", "DMB.SY", "MFENCE"],
            FenceKind.DmbLd => ["F", "DMB.LD"],
            FenceKind.DmbSt => ["F", "DMB.ST"],
            FenceKind.DsbSy => ["F", "DSB.SY", "MFENCE"],
            FenceKind.DsbLd => ["F", "DSB.LD"],
            FenceKind.DsbSt => ["F", "DSB.ST"],
            FenceKind.Isb => ["F", "ISB"],
            FenceKind.MFence => ["F", "MFENCE"],
            FenceKind.FenceRR => ["F", "Fence.r.r"],
            FenceKind.FenceRW => ["F", "Fence.r.w"],
            FenceKind.FenceRM => ["F", "Fence.r.rw"],
            FenceKind.FenceWR => ["F", "Fence.w.r"],
            FenceKind.FenceWW => ["F", "Fence.w.w"],
            FenceKind.FenceWM => ["F", "Fence.w.rw"],
            FenceKind.FenceMR => ["F", "Fence.rw.r"],
            FenceKind.FenceMW => ["F", "Fence.rw.w"],
            FenceKind.FenceMM => ["F", "Fence.rw.rw"],
            FenceKind.FenceTso => ["F", "Fence.tso"],
            FenceKind.FenceI => ["F", "Fence.i"],
            FenceKind.SFence => ["F", "SFENCE"],
            FenceKind.LFence => ["F", "LFENCE"],
            _ => throw new NotSupportedException(kind.ToString()),
        };
    }

    public override string ToString() => string.Join(' ', Events.Select(e =>
        string.Create(CultureInfo.InvariantCulture, $"{e.Kind}@{e.Address:x}={e.Value}")));
}
