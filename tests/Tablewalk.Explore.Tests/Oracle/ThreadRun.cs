using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>An interpreter of IR over concrete values that records events and which reads each register depends on.</summary>
internal sealed partial class ThreadRun(ThreadCode thread, ThreadLoops loops, IGuesses guesses, Script script)
{
    private const int MaxSteps = 1000;
    private const int MostEvents = 48; // a handler of faults may come back as often as a thread alone likes: longer runs are left out

    private readonly ulong[] _values = new ulong[thread.Code.RegisterCount];
    private readonly SortedSet<int>[] _taints = [.. Enumerable.Range(0, thread.Code.RegisterCount).Select(_ => new SortedSet<int>())];
    private readonly SortedSet<int>[] _picks = [.. Enumerable.Range(0, thread.Code.RegisterCount).Select(_ => new SortedSet<int>())];
    private readonly SortedSet<int> _control = [];
    private readonly SortedSet<int> _controlPicks = [];
    private readonly List<TraceEvent> _events = [];
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private readonly Dictionary<SectionKind, TraceEvent> _open = [];
    private readonly Dictionary<int, (int Effects, ulong[] Values)> _visits = []; // by loop head: what there was at the last visit
    private int _effects; // writes, choices and whatever else a round of a loop may do but to read
    private int _accesses;
    private bool _isOver; // it left memory
    private bool _isImpossible;

    /// <summary>
    /// Runs it. There is no such execution if what it assumed is false, or a round of a loop changed nothing; it is left out if it is too long.
    /// </summary>
    internal ThreadTrace Run()
    {
        for (var i = 0; i < thread.Arguments.Length; i++)
        {
            _values[thread.Code.Parameters[i].Index] = thread.Arguments[i];
        }

        var (block, steps) = (0, 0);
        while (!IsIdleRound(block) && _events.Count <= MostEvents)
        {
            foreach (var instruction in thread.Code.Blocks[block].Body)
            {
                Step(instruction);
                if (_isOver || _isImpossible)
                {
                    return Trace(0, !_isImpossible);
                }

                if (++steps > MaxSteps)
                {
                    throw new TooLargeException($"{thread.Name} does not end within {MaxSteps} steps");
                }
            }

            switch (thread.Code.Blocks[block].End)
            {
                case Jump jump:
                    block = jump.Target;
                    break;
                case Branch branch:
                    if (!branch.IsImplicit)
                    {
                        _control.UnionWith(Taint(branch.Condition));
                        _controlPicks.UnionWith(Picks(branch.Condition));
                    }

                    block = Value(branch.Condition) != 0 ? branch.IfNonzero : branch.IfZero;
                    break;
                case Return result:
                    return Trace(Value(result.Value), true);
                default:
                    throw new NotSupportedException("unknown terminator");
            }
        }

        return Trace(0, false);
    }

    private ThreadTrace Trace(ulong result, bool isExecution) => new(_events, result, _broken, isExecution);

    // An execution is told by the last round of a waiting loop: rounds before it that changed nothing only add reads.
    private bool IsIdleRound(int block)
    {
        if (!loops.IsHead(block))
        {
            return false;
        }

        var now = (Effects: _effects, Values: loops.LiveValues(block, _values));
        var isIdle = _visits.TryGetValue(block, out var last) && last.Effects == now.Effects && last.Values.AsSpan().SequenceEqual(now.Values);
        _visits[block] = now;
        return isIdle;
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
                DoLoad(load);
                break;
            case Store store:
                DoStore(store);
                break;
            case StoreExclusive store:
                DoStoreExclusive(store);
                break;
            case AtomicUpdate update:
                DoUpdate(update);
                break;
            case Fence fence:
                AddFence(EventWords.Of(fence.Kind));
                break;
            case TakeFault fault:
                _effects++;
                AddFence(EventWords.Of(fault.Kind), fault.Cause);
                break;
            case Invalidate invalidate:
                _effects++;
                AddFence(["TLBI"], invalidate.Start, invalidate.IsAll ? null : (Value(invalidate.Start), Value(invalidate.Length)), invalidate.IsBroadcast);
                break;
            case Assume assume:
                _isImpossible |= Value(assume.Condition) == 0;
                break;
            case SectionEdge edge:
                DoSection(edge);
                break;
            case Wait wait:
                _effects++;
                AddFence([wait.Kind == WaitKind.Ipi ? "IPI" : "GP"]);
                break;
            case BugOn bug:
                if (Value(bug.Condition) != 0)
                {
                    _broken.Add(bug.Claim);
                }

                break;
            case Choose choose:
                _effects++;
                Set(choose.Destination, (ulong)script.Decide(choose.Count), []);
                break;
            default:
                throw new NotSupportedException(instruction.GetType().Name);
        }
    }

    private TraceEvent AddFence(string[] sets, Operand address = default, (ulong Start, ulong Length)? range = null, bool isBroadcast = false)
    {
        var fence = new TraceEvent(TraceKind.Fence, _events.Count, sets)
        {
            Access = _accesses++,
            AddressDependencies = Taint(address),
            AddressPicks = Picks(address),
            ControlDependencies = [.. _control],
            ControlPicks = [.. _controlPicks],
            InputAddress = range?.Start,
            InputLength = range?.Length ?? 0,
            IsBroadcast = isBroadcast,
        };
        _events.Add(fence);
        return fence;
    }

    private void DoSection(SectionEdge edge)
    {
        _effects++;
        var prefix = edge.Section == SectionKind.IrqOff ? "IRQ-" : "RCU-";
        if (edge.IsEntry)
        {
            _open.Add(edge.Section, AddFence([prefix + (edge.Section == SectionKind.IrqOff ? "SAVE" : "LOCK")]));
        }
        else
        {
            _open.Remove(edge.Section, out var entry);
            entry!.SectionEnd = AddFence([prefix + (edge.Section == SectionKind.IrqOff ? "RESTORE" : "UNLOCK")]).Index;
        }
    }
}
