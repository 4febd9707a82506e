using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

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
