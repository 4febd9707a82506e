using System.Collections.Immutable;

namespace Tablewalk.Ir;

/// <summary>A register of one thread, 64 bits wide, zero until written.</summary>
public readonly record struct Register(int Index);

/// <summary>A register or a constant.</summary>
public readonly record struct Operand
{
    private readonly int _register; // index + 1; 0 for a constant, so that default is the constant zero

    private Operand(int register, ulong constant) => (_register, Constant) = (register, constant);

    /// <summary>Whether this is a constant.</summary>
    public bool IsConstant => _register == 0;

    /// <summary>The constant; 0 if this is a register.</summary>
    public ulong Constant { get; }

    /// <summary>The register; meaningless if this is a constant.</summary>
    public Register Register => new(_register - 1);

    /// <summary>A constant.</summary>
    public static Operand Of(ulong constant) => new(0, constant);

    /// <summary>A register.</summary>
    public static Operand Of(Register register) => new(register.Index + 1, 0);

    /// <summary>A register.</summary>
    public static implicit operator Operand(Register register) => Of(register);

    /// <summary>A constant.</summary>
    public static implicit operator Operand(ulong constant) => Of(constant);
}

/// <summary>A place in the source: the file as the repository names it, the line from 1, the text, the enclosing method.</summary>
public sealed record SourceLocation(string File, int Line, string Text, string Method);

/// <summary>A place in compiled code that calls an intrinsic; calls of one intrinsic in one line are one place.</summary>
/// <param name="Name">The intrinsic, as in "ReadOnce".</param>
/// <param name="Place">Where the call stands.</param>
public sealed record IntrinsicCall(string Name, SourceLocation Place);

/// <summary>Straight-line code and how it ends.</summary>
public sealed record Block(ImmutableArray<Instruction> Body, Terminator End);

/// <summary>Code with its own registers. Execution begins at block 0 with the parameters in the registers named.</summary>
public sealed record Procedure(string Name, int RegisterCount, ImmutableArray<Register> Parameters, ImmutableArray<Block> Blocks);

/// <summary>A procedure and the values of its parameters: one CPU of a program.</summary>
public sealed record ThreadCode(string Name, Procedure Code, ImmutableArray<ulong> Arguments);

/// <summary>
/// Threads, and a predicate over the final state: <paramref name="Final"/> runs after all threads have returned, reads final
/// memory, gets <paramref name="FinalArguments"/> and then one value that each thread returned as its parameters, and breaks claims by <see cref="BugOn"/>.
/// </summary>
public sealed record Program(ImmutableArray<ThreadCode> Threads, Procedure? Final, ImmutableArray<ulong> FinalArguments);

/// <summary>The memory before the first step, and the names that reports give to its parts.</summary>
public interface IInitialMemory
{
    /// <summary>Reads <paramref name="sizeBytes"/> (1, 2, 4 or 8) aligned bytes, zero-extended.</summary>
    /// <returns>False if the address is outside the memory that a program may touch.</returns>
    bool TryRead(ulong address, int sizeBytes, out ulong value);

    /// <summary>The name of a location in reports, such as <c>PTE3</c> or <c>PTE3.low</c>; must not depend on where memory was mapped.</summary>
    string NameOf(ulong address, int sizeBytes);

    /// <summary>A value as reports show it, such as <c>A+1 cont dirty</c>; null to show it as a number. Must not depend on where memory was mapped.</summary>
    string? Describe(ulong address, int sizeBytes, ulong value);
}
