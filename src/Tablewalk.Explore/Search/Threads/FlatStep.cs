using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

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
