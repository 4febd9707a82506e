using System.Collections.Immutable;

namespace Tablewalk.Ir;

/// <summary>What an instruction reads and writes. The one place that knows it; passes and verifier build on it.</summary>
public static class Dataflow
{
    /// <summary>The register that the instruction writes, or null.</summary>
    public static Register? DestinationOrNull(this Instruction instruction) => instruction switch
    {
        Compute c => c.Destination,
        Select s => s.Destination,
        Load l => l.Destination,
        StoreExclusive s => s.Status,
        AtomicUpdate a => a.Destination,
        Choose c => c.Destination,
        _ => null,
    };

    /// <summary>The same instruction writing another register; itself if it writes none.</summary>
    public static Instruction WithDestination(this Instruction instruction, Register destination) => instruction switch
    {
        Compute c => c with { Destination = destination },
        Select s => s with { Destination = destination },
        Load l => l with { Destination = destination },
        StoreExclusive s => s with { Status = destination },
        AtomicUpdate a => a with { Destination = destination },
        Choose c => c with { Destination = destination },
        _ => instruction,
    };

    /// <summary>The operands in a fixed order. Those that the instruction's meaning ignores are left out.</summary>
    public static ImmutableArray<Operand> Operands(this Instruction instruction) => instruction switch
    {
        Compute { Operation: Operation.Copy } c => [c.Left],
        Compute c => [c.Left, c.Right],
        Select s => [s.Condition, s.IfTrue, s.IfFalse],
        Load { Order: LoadOrder.Walk } l => [l.Address, l.InputAddress],
        Load l => [l.Address],
        TakeFault f => [f.Cause],
        Invalidate i => [i.Start, i.Length],
        Assume a => [a.Condition],
        Store s => [s.Address, s.Value],
        StoreExclusive s => [s.Address, s.Value],
        AtomicUpdate { Operation: AtomicOperation.CompareExchange } a => [a.Address, a.Value, a.Expected],
        AtomicUpdate a => [a.Address, a.Value],
        Poison p => [p.Address, p.LengthBytes],
        BugOn b => [b.Condition],
        Branch b => [b.Condition],
        Return r => [r.Value],
        _ => [],
    };

    /// <summary>The same instruction with every operand replaced by what <paramref name="map"/> says.</summary>
    public static Instruction MapOperands(this Instruction instruction, Func<Operand, Operand> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return instruction switch
        {
            Compute { Operation: Operation.Copy } c => c with { Left = map(c.Left) },
            Compute c => c with { Left = map(c.Left), Right = map(c.Right) },
            Select s => s with { Condition = map(s.Condition), IfTrue = map(s.IfTrue), IfFalse = map(s.IfFalse) },
            Load l => l with { Address = map(l.Address), InputAddress = map(l.InputAddress) },
            TakeFault f => f with { Cause = map(f.Cause) },
            Invalidate i => i with { Start = map(i.Start), Length = map(i.Length) },
            Assume a => a with { Condition = map(a.Condition) },
            Store s => s with { Address = map(s.Address), Value = map(s.Value) },
            StoreExclusive s => s with { Address = map(s.Address), Value = map(s.Value) },
            AtomicUpdate { Operation: AtomicOperation.CompareExchange } a =>
                a with { Address = map(a.Address), Value = map(a.Value), Expected = map(a.Expected) },
            AtomicUpdate a => a with { Address = map(a.Address), Value = map(a.Value) },
            Poison p => p with { Address = map(p.Address), LengthBytes = map(p.LengthBytes) },
            BugOn b => b with { Condition = map(b.Condition) },
            Branch b => b with { Condition = map(b.Condition) },
            Return r => r with { Value = map(r.Value) },
            _ => instruction,
        };
    }

    /// <summary>The blocks at which execution may go on, in the order the terminator names them.</summary>
    public static ImmutableArray<int> Targets(this Terminator terminator) => terminator switch
    {
        Jump j => [j.Target],
        Branch b => [b.IfNonzero, b.IfZero],
        _ => [],
    };

    /// <summary>The same terminator with every target replaced by what <paramref name="map"/> says.</summary>
    public static Terminator MapTargets(this Terminator terminator, Func<int, int> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return terminator switch
        {
            Jump j => j with { Target = map(j.Target) },
            Branch b => b with { IfNonzero = map(b.IfNonzero), IfZero = map(b.IfZero) },
            _ => terminator,
        };
    }

    /// <summary>Whether the instruction does nothing but write its destination, so that it may go if nobody reads that.</summary>
    public static bool IsPure(this Instruction instruction) => instruction is Compute or Select or Choose;
}
