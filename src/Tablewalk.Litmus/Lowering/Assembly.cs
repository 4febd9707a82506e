using System.Collections.Immutable;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>Gives the instructions of an architecture their meaning, one thread at a time.</summary>
internal abstract class Assembly(ThreadEmitter emit, SymbolTable symbols)
{
    protected ThreadEmitter Emit { get; } = emit;

    protected SymbolTable Symbols { get; } = symbols;

    /// <summary>The name under which a register is kept; null if there is no such register.</summary>
    public abstract string? RegisterOrNull(string name);

    /// <summary>Learns what the thread uses before its first instruction is lowered.</summary>
    public abstract void Prepare(IEnumerable<InstructionSyntax> code);

    /// <summary>Emits one instruction.</summary>
    /// <exception cref="LitmusException">The instruction is none that is taken here, or its operands are wrong.</exception>
    public abstract void Lower(InstructionSyntax instruction, ImmutableArray<string> labels);

    /// <summary>Whether an instruction accesses a double word of memory.</summary>
    public abstract bool IsDoubleAccess(InstructionSyntax instruction);

    protected static LitmusException Unsupported(SourcePosition position, string what) =>
        new(new(DiagnosticCodes.Unsupported, position, $"unsupported: {what}"));

    protected static LitmusException Unsupported(InstructionSyntax instruction) => Unsupported(instruction.Position, $"the instruction '{instruction}'");

    protected static LitmusException BadOperand(SourcePosition position, string expected, string found) =>
        new(new(DiagnosticCodes.BadOperand, position, $"expected {expected}, found '{found}'"));

    protected static T OperandAs<T>(InstructionSyntax instruction, int index, string expected)
        where T : OperandSyntax =>
        index >= instruction.Operands.Length ? throw BadOperand(instruction.Position, $"{expected} as operand {index + 1} of '{instruction.Mnemonic}'", instruction.ToString())
        : instruction.Operands[index] as T ?? throw BadOperand(instruction.Operands[index].Position, expected, instruction.Operands[index].ToString());

    protected static void RequireCount(InstructionSyntax instruction, int least, int most)
    {
        if (instruction.Operands.Length < least || instruction.Operands.Length > most)
        {
            var expected = least == most ? $"{least}" : $"{least} to {most}";
            throw BadOperand(instruction.Position, $"{expected} operands of '{instruction.Mnemonic}'", instruction.ToString());
        }
    }

    protected int Label(InstructionSyntax instruction, int index) => Emit.BlockOf(OperandAs<NameOperand>(instruction, index, "a label").Name);

    protected Operand Load(Operand address, AccessSize size, LoadOrder order, bool isExclusive = false)
    {
        var to = Emit.Temporary();
        Emit.Emit(new Load(to, address, size, order, isExclusive));
        return to;
    }
}
