using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search;

/// <summary>What a step of <see cref="FlatCode"/> does; one per kind of IR instruction.</summary>
internal enum StepCode : byte
{
    Compute,
    Select,
    Load,
    Store,
    StoreExclusive,
    AtomicUpdate,
    Fence,
    TakeFault,
    Invalidate,
    Assume,
    SectionEdge,
    Wait,
    Poison,
    BugOn,
    Choose,
    Jump,
    Branch,
    Return,
}

/// <summary>A register number, or -1 and a constant.</summary>
internal readonly struct FlatOperand(Operand operand)
{
    public readonly int Register = operand.IsConstant ? -1 : operand.Register.Index;
    public readonly ulong Constant = operand.Constant;
}

/// <summary>One IR instruction, flattened so that the search touches no object per step. Mutable, do not copy.</summary>
internal struct FlatStep
{
    public StepCode Code;
    public bool IsExclusive;
    public bool IsEntry;
    public bool IsImplicit; // of a branch inside of an instruction of the program
    public bool OrdersOnFailure;
    public bool HasNoReturn;
    public byte Detail; // the operation, order or kind as its enumeration's value
    public byte Order;
    public int SizeBytes;
    public int Destination;
    public int Target; // of a jump, or of a branch whose condition is nonzero
    public int Otherwise; // of a branch whose condition is zero; the count of a choice
    public FlatOperand A;
    public FlatOperand B;
    public FlatOperand C;
    public ulong Pattern;
    public string? Claim;
    public SourceLocation? Source;
}

/// <summary>A procedure as one array of steps, with what the search asks about its control flow.</summary>
internal sealed class FlatCode
{
    private readonly bool[] _entersSection; // by block, or later
    private readonly int[] _starts;
    private readonly int[] _blockOf;

    private FlatCode(Procedure procedure, int[] starts, FlatStep[] steps, int[] blockOf)
    {
        Procedure = procedure;
        _starts = starts;
        Steps = steps;
        _blockOf = blockOf;
        Flow = new ControlFlow(procedure);
        HasSelects = Array.Exists(steps, s => s.Code == StepCode.Select);
        _entersSection = Flow.ReachesSectionEntry();
        GoesOnPastComparison = ComparisonFlow.Of(steps, procedure.RegisterCount);
    }

    public Procedure Procedure { get; }

    public FlatStep[] Steps { get; }

    public bool HasSelects { get; }

    public ControlFlow Flow { get; }

    /// <summary>By step: whether it is a compare-exchange whose outcome a thread need not wait for; see <see cref="ComparisonFlow"/>.</summary>
    public bool[] GoesOnPastComparison { get; }

    public int RegisterCount => Procedure.RegisterCount;

    public static FlatCode From(Procedure procedure)
    {
        var starts = new int[procedure.Blocks.Length];
        var count = 0;
        for (var b = 0; b < starts.Length; b++)
        {
            starts[b] = count;
            count += procedure.Blocks[b].Body.Length + 1;
        }

        var steps = new FlatStep[count];
        var blockOf = new int[count];
        for (var b = 0; b < starts.Length; b++)
        {
            var at = starts[b];
            foreach (var instruction in procedure.Blocks[b].Body.Append(procedure.Blocks[b].End))
            {
                blockOf[at] = b;
                steps[at++] = Flatten(instruction, starts);
            }
        }

        return new FlatCode(procedure, starts, steps, blockOf);
    }

    /// <summary>The block that begins at a step, or -1.</summary>
    public int BlockStartingAt(int step) => _starts[_blockOf[step]] == step ? _blockOf[step] : -1;

    public int BlockOf(int step) => _blockOf[step];

    public int StartOf(int block) => _starts[block];

    /// <summary>Whether a section may begin in the block of a step or later.</summary>
    public bool MayEnterSection(int step) => _entersSection[_blockOf[step]];

    private static FlatStep Flatten(Instruction instruction, int[] starts)
    {
        var none = new FlatOperand(default);
        var step = new FlatStep { Source = instruction.Source, Destination = -1, A = none, B = none, C = none };
        switch (instruction)
        {
            case Compute i:
                step.Code = StepCode.Compute;
                step.Destination = i.Destination.Index;
                step.Detail = (byte)i.Operation;
                step.A = new(i.Left);
                step.B = new(i.Right);
                break;
            case Select i:
                step.Code = StepCode.Select;
                step.Destination = i.Destination.Index;
                step.A = new(i.Condition);
                step.B = new(i.IfTrue);
                step.C = new(i.IfFalse);
                break;
            case Load i:
                step.Code = StepCode.Load;
                step.Destination = i.Destination.Index;
                step.A = new(i.Address);
                step.SizeBytes = (int)i.Size;
                step.Order = (byte)i.Order;
                step.IsExclusive = i.Exclusive;
                step.B = new(i.InputAddress);
                break;
            case Store i:
                step.Code = StepCode.Store;
                step.A = new(i.Address);
                step.B = new(i.Value);
                step.SizeBytes = (int)i.Size;
                step.Order = (byte)i.Order;
                break;
            case StoreExclusive i:
                step.Code = StepCode.StoreExclusive;
                step.Destination = i.Status.Index;
                step.A = new(i.Address);
                step.B = new(i.Value);
                step.SizeBytes = (int)i.Size;
                step.Order = (byte)i.Order;
                step.IsExclusive = true;
                step.Otherwise = 2;
                break;
            case AtomicUpdate i:
                step.Code = StepCode.AtomicUpdate;
                step.Destination = i.Destination.Index;
                step.Detail = (byte)i.Operation;
                step.A = new(i.Address);
                step.B = new(i.Value);
                step.C = new(i.Expected);
                step.SizeBytes = (int)i.Size;
                step.Order = (byte)i.Order;
                step.OrdersOnFailure = i.OrdersOnFailure;
                step.HasNoReturn = i.HasNoReturn;
                break;
            case Fence i:
                step.Code = StepCode.Fence;
                step.Detail = (byte)i.Kind;
                break;
            case TakeFault i:
                step.Code = StepCode.TakeFault;
                step.Detail = (byte)i.Kind;
                step.A = new(i.Cause);
                break;
            case Invalidate i:
                step.Code = StepCode.Invalidate;
                step.A = new(i.Start);
                step.B = new(i.Length);
                step.Detail = (byte)(i.IsAll ? 1 : 0);
                step.IsEntry = i.IsBroadcast;
                break;
            case Assume i:
                step.Code = StepCode.Assume;
                step.A = new(i.Condition);
                break;
            case SectionEdge i:
                step.Code = StepCode.SectionEdge;
                step.Detail = (byte)i.Section;
                step.IsEntry = i.IsEntry;
                break;
            case Wait i:
                step.Code = StepCode.Wait;
                step.Detail = (byte)i.Kind;
                break;
            case Poison i:
                step.Code = StepCode.Poison;
                step.A = new(i.Address);
                step.B = new(i.LengthBytes);
                step.Pattern = i.Pattern;
                step.SizeBytes = sizeof(ulong);
                break;
            case BugOn i:
                step.Code = StepCode.BugOn;
                step.A = new(i.Condition);
                step.Claim = i.Claim;
                break;
            case Choose i:
                step.Code = StepCode.Choose;
                step.Destination = i.Destination.Index;
                step.Otherwise = i.Count;
                break;
            case Jump i:
                step.Code = StepCode.Jump;
                step.Target = starts[i.Target];
                break;
            case Branch i:
                step.Code = StepCode.Branch;
                step.A = new(i.Condition);
                step.IsImplicit = i.IsImplicit;
                step.Target = starts[i.IfNonzero];
                step.Otherwise = starts[i.IfZero];
                break;
            case Return i:
                step.Code = StepCode.Return;
                step.A = new(i.Value);
                break;
            default:
                throw new ArgumentException($"instruction {instruction.GetType().Name} is not known here", nameof(instruction));
        }

        return step;
    }
}

/// <summary>Loop heads, live registers and reachable claims of a procedure, by block.</summary>
internal sealed class ControlFlow
{
    private readonly ImmutableArray<Block> _blocks;
    private readonly int _registerCount;

    public ControlFlow(Procedure procedure)
    {
        (_blocks, _registerCount) = (procedure.Blocks, procedure.RegisterCount);
        IsLoopHead = FindLoopHeads();
        LiveIn = [.. _blocks.Select(_ => new bool[_registerCount])];
        FindLiveIn();
    }

    /// <summary>Whether a block is the target of a back edge of the depth-first walk.</summary>
    public bool[] IsLoopHead { get; }

    /// <summary>For each block, which registers may be read before they are written from its beginning on.</summary>
    public bool[][] LiveIn { get; }

    public static IEnumerable<int> Successors(Block block) => block.End switch
    {
        Jump j => [j.Target],
        Branch b => [b.IfNonzero, b.IfZero],
        _ => [],
    };

    /// <summary>For each block, whether a BugOn of <paramref name="claim"/> may come at or after its beginning.</summary>
    public bool[] ReachesClaim(string claim) => Reaching(b => b.Body.Any(i => i is BugOn bug && bug.Claim == claim));

    /// <summary>For each block, whether a loop head may come after its beginning.</summary>
    public bool[] ReachesLoopHead() => Reaching(b => Successors(b).Any(s => IsLoopHead[s]));

    /// <summary>For each block, whether a section may begin at or after its beginning.</summary>
    public bool[] ReachesSectionEntry() => Reaching(b => b.Body.Any(i => i is SectionEdge { IsEntry: true }));

    private bool[] Reaching(Func<Block, bool> isGoal)
    {
        var reaches = _blocks.Select(isGoal).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            for (var b = _blocks.Length - 1; b >= 0; b--)
            {
                if (!reaches[b] && Successors(_blocks[b]).Any(s => reaches[s]))
                {
                    reaches[b] = changed = true;
                }
            }
        }

        return reaches;
    }

    private bool[] FindLoopHeads()
    {
        var heads = new bool[_blocks.Length];
        var state = new byte[_blocks.Length]; // 1 on the walk's path, 2 done
        var path = new Stack<(int Block, int Next)>();
        path.Push((0, 0));
        state[0] = 1;
        while (path.TryPop(out var top))
        {
            var successors = Successors(_blocks[top.Block]).ToArray();
            if (top.Next == successors.Length)
            {
                state[top.Block] = 2;
                continue;
            }

            path.Push((top.Block, top.Next + 1));
            var next = successors[top.Next];
            if (state[next] == 1)
            {
                heads[next] = true;
            }
            else if (state[next] == 0)
            {
                state[next] = 1;
                path.Push((next, 0));
            }
        }

        return heads;
    }

    /// <summary>For each instruction of a block, the last one first, the registers that may be read before they are written from there on.</summary>
    /// <returns>The instruction's number, and an array that is used again for the next.</returns>
    public IEnumerable<(int Index, bool[] Live)> LiveBackwards(int block)
    {
        var live = new bool[_registerCount];
        foreach (var successor in Successors(_blocks[block]))
        {
            for (var r = 0; r < live.Length; r++)
            {
                live[r] |= LiveIn[successor][r];
            }
        }

        for (var i = _blocks[block].Body.Length; i >= 0; i--)
        {
            var instruction = i == _blocks[block].Body.Length ? _blocks[block].End : _blocks[block].Body[i];
            if (instruction.DestinationOrNull() is { } written)
            {
                live[written.Index] = false;
            }

            foreach (var operand in instruction.Operands().Where(o => !o.IsConstant))
            {
                live[operand.Register.Index] = true;
            }

            yield return (i, live);
        }
    }

    private void FindLiveIn()
    {
        for (var changed = true; changed;)
        {
            changed = false;
            for (var b = _blocks.Length - 1; b >= 0; b--)
            {
                var now = LiveBackwards(b).Last().Live;
                if (!now.AsSpan().SequenceEqual(LiveIn[b]))
                {
                    LiveIn[b] = now;
                    changed = true;
                }
            }
        }
    }
}
