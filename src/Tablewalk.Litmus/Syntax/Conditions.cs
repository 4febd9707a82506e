using System.Collections.Immutable;

namespace Tablewalk.Litmus.Syntax;

/// <summary>How a final condition is meant.</summary>
public enum Quantifier
{
    /// <summary><c>exists</c>: some execution fulfils it.</summary>
    Exists,

    /// <summary><c>~exists</c>: no execution does.</summary>
    NotExists,

    /// <summary><c>forall</c>: all do.</summary>
    ForAll,

    /// <summary><c>final</c>: asks without saying; what is expected follows for each model.</summary>
    Final,
}

/// <summary>The final condition.</summary>
public sealed record ConditionSyntax(
    SourcePosition Position, Quantifier Quantifier, PropositionSyntax Proposition, ImmutableArray<ModelExpectation> Expectations)
{
    /// <summary>As it is printed.</summary>
    public override string ToString() => LitmusPrinter.Print(this);
}

/// <summary>What an old <c>final ... with</c> condition expects under one model: <c>tso: ~exists;</c>.</summary>
public sealed record ModelExpectation(SourcePosition Position, string Model, Quantifier Quantifier);

/// <summary>Something that <c>locations</c> asks to see: a place or a fault, one of the two.</summary>
public sealed record ObservedSyntax(PlaceSyntax? Place, FaultProposition? Fault);

/// <summary>A proposition about a final state.</summary>
public abstract record PropositionSyntax(SourcePosition Position)
{
    /// <summary>As it is printed.</summary>
    public sealed override string ToString() => LitmusPrinter.Print(this);
}

/// <summary><c>true</c> or <c>false</c>.</summary>
public sealed record ConstantProposition(SourcePosition Position, bool Value) : PropositionSyntax(Position);

/// <summary><c>0:X1=1</c>, or <c>0:X1!=1</c>.</summary>
public sealed record EqualityProposition(SourcePosition Position, PlaceSyntax Place, bool IsEqual, ValueSyntax Value) : PropositionSyntax(Position);

/// <summary>
/// A fault that happened: <c>fault(P0:L0,x,MMU:Translation)</c>. What is null matches any.
/// </summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Thread">The thread.</param>
/// <param name="Label">The label of the instruction that faulted.</param>
/// <param name="Symbol">What it accessed.</param>
/// <param name="Type">The kind of fault, such as <c>MMU:Permission</c> or <c>SupervisorCall</c>.</param>
public sealed record FaultProposition(SourcePosition Position, int Thread, string? Label, SymbolSyntax? Symbol, string? Type) : PropositionSyntax(Position);

/// <summary><c>not p</c>.</summary>
public sealed record NotProposition(SourcePosition Position, PropositionSyntax Operand) : PropositionSyntax(Position);

/// <summary><c>p /\ q /\ r</c>; at least two operands.</summary>
public sealed record AndProposition(SourcePosition Position, ImmutableArray<PropositionSyntax> Operands) : PropositionSyntax(Position);

/// <summary><c>p \/ q \/ r</c>; at least two operands.</summary>
public sealed record OrProposition(SourcePosition Position, ImmutableArray<PropositionSyntax> Operands) : PropositionSyntax(Position);

/// <summary><c>p => q</c>.</summary>
public sealed record ImpliesProposition(SourcePosition Position, PropositionSyntax Left, PropositionSyntax Right) : PropositionSyntax(Position);
