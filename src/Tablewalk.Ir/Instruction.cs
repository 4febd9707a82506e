namespace Tablewalk.Ir;

/// <summary>One step of a thread. Registers hold 64 bits; shared memory is reached only by the memory instructions.</summary>
public abstract record Instruction
{
    private protected Instruction() { }

    /// <summary>Where the step stands in the source, for reports; null for steps that no source line owns.</summary>
    public SourceLocation? Source { get; init; }

    /// <summary>
    /// The call of an intrinsic that the step does a part of, where that call itself stands: <see cref="Source"/> may name a caller's line instead. Null for
    /// steps of no such call.
    /// </summary>
    public IntrinsicCall? Call { get; init; }
}

/// <summary>Computes a value from two others; see <see cref="OperationExtensions.Evaluate"/> for the meaning.</summary>
public sealed record Compute(Register Destination, Operation Operation, Operand Left, Operand Right) : Instruction;

/// <summary>
/// A choice between two values without a branch: Arm's CSEL and kin. What is computed from it depends on the value that was chosen, and
/// has a pick dependency on the condition. Nothing depends on the value that was not chosen.
/// </summary>
public sealed record Select(Register Destination, Operand Condition, Operand IfTrue, Operand IfFalse) : Instruction;

/// <summary>A load of <paramref name="Size"/> bytes, zero-extended.</summary>
public sealed record Load(Register Destination, Operand Address, AccessSize Size, LoadOrder Order, bool Exclusive = false) : Instruction
{
    /// <summary>Of a <see cref="LoadOrder.Walk"/>: the address that is translated, in the unit of <see cref="Invalidate"/>: any that the program keeps to.</summary>
    public Operand InputAddress { get; init; }
}

/// <summary>A store of the low <paramref name="Size"/> bytes of a value.</summary>
public sealed record Store(Operand Address, Operand Value, AccessSize Size, StoreOrder Order) : Instruction;

/// <summary>
/// A store-exclusive: <paramref name="Status"/> gets 0 if it stored, 1 if not (either may happen). What is computed from a status of 0 depends
/// on the write.
/// </summary>
public sealed record StoreExclusive(Register Status, Operand Address, Operand Value, AccessSize Size, StoreOrder Order) : Instruction;

/// <summary>
/// An atomic read-modify-write in one instruction; <paramref name="Destination"/> gets the old value. For
/// <see cref="AtomicOperation.CompareExchange"/> the write happens only if the old value equals <paramref name="Expected"/>, and a
/// failed one has no ordering (LINUX: Documentation/atomic_t.txt, ORDERING) unless <see cref="OrdersOnFailure"/> says so. Other operations
/// ignore <paramref name="Expected"/>. Of a compare-exchange that succeeds, the old value is the expected one: what is computed from it depends
/// on <paramref name="Expected"/> and has a pick dependency on the read; of one that fails, the reverse.
/// </summary>
public sealed record AtomicUpdate(
    Register Destination, AtomicOperation Operation, Operand Address, Operand Value, Operand Expected, AccessSize Size, AtomicOrder Order) : Instruction
{
    /// <summary>Whether the read of a compare-exchange that fails is ordered as one that succeeds: Arm's CASA, x86's lock cmpxchg.</summary>
    public bool OrdersOnFailure { get; init; }

    /// <summary>Whether nobody gets the old value: Arm's ST&lt;op&gt;, whose read a DMB LD does not order (cat's <c>NoRet</c>).</summary>
    public bool HasNoReturn { get; init; }
}

/// <summary>A fence of the kernel's or of an architecture's.</summary>
public sealed record Fence(FenceKind Kind) : Instruction;

/// <summary>The MMU refuses an access and takes an exception. <paramref name="Cause"/> is computed from the entry that it read.</summary>
public sealed record TakeFault(MmuFault Kind, Operand Cause) : Instruction;

/// <summary>
/// Arm's TLBI, x86's INVLPG: invalidates what TLBs hold of a range of input addresses, or of all if <paramref name="IsAll"/>; on all CPUs or, unless
/// <paramref name="IsBroadcast"/>, on this one.
/// </summary>
/// <param name="Start">The first input address.</param>
/// <param name="Length">How many there are.</param>
/// <param name="IsAll">Whether the range is ignored.</param>
/// <param name="IsBroadcast">Whether other CPUs take part.</param>
public sealed record Invalidate(Operand Start, Operand Length, bool IsAll, bool IsBroadcast) : Instruction;

/// <summary>Goes on only where <paramref name="Condition"/> is nonzero: other executions do not exist.</summary>
public sealed record Assume(Operand Condition) : Instruction;

/// <summary>The beginning or the end of a section that others can wait for.</summary>
public sealed record SectionEdge(SectionKind Section, bool IsEntry) : Instruction;

/// <summary>Waits for the sections of all other CPUs; a full barrier as well.</summary>
public sealed record Wait(WaitKind Kind) : Instruction;

/// <summary>
/// Writes <paramref name="Pattern"/> over every aligned 8-byte word of a range of memory that was freed. It makes write events only
/// for those words that some thread reads or writes otherwise.
/// </summary>
public sealed record Poison(Operand Address, Operand LengthBytes, ulong Pattern) : Instruction;

/// <summary>States that <paramref name="Condition"/> is zero; an execution where it is not breaks the named claim.</summary>
public sealed record BugOn(Operand Condition, string Claim) : Instruction;

/// <summary>Picks any of 0 to <paramref name="Count"/> - 1: freedom of a compiler or of the hardware. Every choice is explored.</summary>
public sealed record Choose(Register Destination, int Count) : Instruction;

/// <summary>How a block ends.</summary>
public abstract record Terminator : Instruction
{
    private protected Terminator() { }
}

/// <summary>Goes on at block <paramref name="Target"/>.</summary>
public sealed record Jump(int Target) : Terminator;

/// <summary>Goes on at one of two blocks, depending on whether <paramref name="Condition"/> is nonzero.</summary>
public sealed record Branch(Operand Condition, int IfNonzero, int IfZero) : Terminator
{
    /// <summary>Whether it is inside of an instruction of the program, where it makes no control dependency.</summary>
    public bool IsImplicit { get; init; }
}

/// <summary>Ends the procedure with a value.</summary>
public sealed record Return(Operand Value) : Terminator;
