using System.Collections.Immutable;

namespace Tablewalk.Litmus.Syntax;

/// <summary>A column of the table: a thread, or the handler of its faults (<c>P1.F</c>).</summary>
public sealed record ThreadSyntax(SourcePosition Position, int Number, bool IsHandler, ImmutableArray<CodeSyntax> Code);

/// <summary>A label or an instruction.</summary>
public abstract record CodeSyntax(SourcePosition Position);

/// <summary><c>L0:</c>.</summary>
public sealed record LabelSyntax(SourcePosition Position, string Name) : CodeSyntax(Position);

/// <summary>An instruction of any of the assembly languages; what it means is for the lowering of each architecture to say.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Mnemonic">Its name as written, with suffixes; x86's <c>lock</c> and what follows are one.</param>
/// <param name="Operands">Its operands.</param>
public sealed record InstructionSyntax(SourcePosition Position, string Mnemonic, ImmutableArray<OperandSyntax> Operands) : CodeSyntax(Position)
{
    /// <summary>As it is printed.</summary>
    public override string ToString() => LitmusPrinter.Print(this);
}

/// <summary>An operand of an instruction.</summary>
public abstract record OperandSyntax(SourcePosition Position)
{
    /// <summary>As it is printed.</summary>
    public sealed override string ToString() => LitmusPrinter.Print(this);
}

/// <summary>A register, label, symbol, condition, barrier kind or system register; AT&amp;T registers keep their <c>%</c>.</summary>
public sealed record NameOperand(SourcePosition Position, string Name) : OperandSyntax(Position);

/// <summary>How a number is marked in assembly.</summary>
public enum NumberMark
{
    /// <summary><c>1</c>.</summary>
    None,

    /// <summary><c>#1</c>.</summary>
    Hash,

    /// <summary><c>$1</c>.</summary>
    Dollar,
}

/// <summary>An immediate.</summary>
public sealed record NumberOperand(SourcePosition Position, NumberMark Mark, Int128 Number) : OperandSyntax(Position);

/// <summary>A shift or extension with its amount: <c>LSL #2</c>, <c>SXTW #2</c>. Without an amount it is a <see cref="NameOperand"/>.</summary>
public sealed record ShiftOperand(SourcePosition Position, string Name, Int128 Amount) : OperandSyntax(Position);

/// <summary>A place in memory.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="IsSquare">Whether it is written with <c>[</c>, as Arm's and Intel's, rather than with <c>(</c>, as RISC-V's and AT&amp;T's.</param>
/// <param name="Displacement">The number before a round bracket: <c>4(x5)</c>; null if there is none.</param>
/// <param name="Parts">Base, offset and shift, separated by commas.</param>
/// <param name="WritesBack">Whether a <c>!</c> follows: the base is written first.</param>
public sealed record MemoryOperand(
    SourcePosition Position, bool IsSquare, Int128? Displacement, ImmutableArray<OperandSyntax> Parts, bool WritesBack) : OperandSyntax(Position);
