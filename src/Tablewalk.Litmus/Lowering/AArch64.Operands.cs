using System.Globalization;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

// Registers, immediates, shifted operands and flags.
internal sealed partial class AArch64
{
    private const int ZeroRegister = 31;

    private static bool TryRegister(string name, out int number, out bool is64)
    {
        (number, is64) = (ZeroRegister, false);
        if (name.Length < 2 || name[0] is not ('X' or 'W' or 'x' or 'w'))
        {
            return false;
        }

        is64 = name[0] is 'X' or 'x';
        return name.AsSpan(1).Equals("ZR", StringComparison.OrdinalIgnoreCase)
            || (int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < ZeroRegister && (name.Length == 2 || name[1] != '0'));
    }

    private static (int Number, bool Is64) RegisterOf(OperandSyntax operand) =>
        operand is NameOperand name && TryRegister(name.Name, out var number, out var is64) ? (number, is64)
        : throw BadOperand(operand.Position, "a register", operand.ToString());

    private static OperandSyntax At(InstructionSyntax instruction, int index) => OperandAs<OperandSyntax>(instruction, index, "an operand");

    private static bool Is64(InstructionSyntax instruction) => RegisterOf(At(instruction, 0)).Is64;

    private static ulong Immediate(InstructionSyntax instruction, int index) => unchecked((ulong)OperandAs<NumberOperand>(instruction, index, "a number").Number);

    private Operand Read(OperandSyntax operand)
    {
        var (number, is64) = RegisterOf(operand);
        return number == ZeroRegister ? Operand.Of(0) : Emit.ZeroExtend(Emit.Named($"X{number}"), is64 ? 64 : 32);
    }

    private Operand Read(InstructionSyntax instruction, int index) => Read(At(instruction, index));

    private void Write(OperandSyntax operand, Operand value)
    {
        var (number, is64) = RegisterOf(operand);
        if (number != ZeroRegister)
        {
            Emit.Set(Emit.Named($"X{number}"), Emit.ZeroExtend(value, is64 ? 64 : 32));
        }
    }

    private void Write(InstructionSyntax instruction, int index, Operand value) => Write(At(instruction, index), value);

    // A register or a number, and a shift or extension of it.
    private Operand SecondOperand(InstructionSyntax instruction, int index)
    {
        var operand = At(instruction, index);
        var value = operand is NumberOperand number ? Operand.Of(unchecked((ulong)number.Number)) : Read(operand);
        var is64 = Is64(instruction);
        value = is64 ? value : Emit.ZeroExtend(value, 32);
        return instruction.Operands.Length > index + 1 ? Modified(value, instruction.Operands[index + 1], is64) : value;
    }

    private Operand Modified(Operand value, OperandSyntax how, bool is64)
    {
        var (name, amount) = how switch
        {
            ShiftOperand shift => (Upper(shift.Name), (ulong)(shift.Amount & 63)),
            NameOperand extension => (Upper(extension.Name), 0UL),
            _ => throw BadOperand(how.Position, "a shift or an extension", how.ToString()),
        };
        return name switch
        {
            "LSL" or "LSR" or "ASR" => Shifted(name, value, Operand.Of(amount), is64),
            ['U' or 'S', 'X', 'T', 'B' or 'H' or 'W' or 'X'] => Emit.Compute(Operation.ShiftLeft, Extended(name, value), Operand.Of(amount)),
            _ => throw Unsupported(how.Position, $"the shift '{how}'"),
        };
    }

    private Operand Extended(string name, Operand value)
    {
        var bits = name[3] switch { 'B' => 8, 'H' => 16, 'W' => 32, _ => 64 };
        return name[0] == 'U' ? Emit.ZeroExtend(value, bits) : Emit.SignExtend(value, bits);
    }

    // The amount is taken modulo the register's width (C6.2, LSLV).
    private Operand Shifted(string name, Operand value, Operand amount, bool is64)
    {
        amount = Emit.Compute(Operation.And, amount, Operand.Of(is64 ? 63UL : 31));
        return name switch
        {
            "LSL" => Emit.Compute(Operation.ShiftLeft, value, amount),
            "LSR" => Emit.Compute(Operation.ShiftRightLogical, value, amount),
            _ => Emit.Compute(Operation.ShiftRightArithmetic, Emit.SignExtend(value, is64 ? 64 : 32), amount),
        };
    }

    private Operand Arithmetic(string name, Operand left, Operand right)
    {
        if (name is "BIC" or "ORN" or "EON")
        {
            right = Emit.Compute(Operation.Xor, right, Operand.Of(ulong.MaxValue));
        }

        var operation = name switch
        {
            "ADD" => Operation.Add,
            "SUB" => Operation.Subtract,
            "MUL" => Operation.Multiply,
            "AND" or "BIC" => Operation.And,
            "ORR" or "ORN" => Operation.Or,
            _ => Operation.Xor,
        };
        return Emit.Compute(operation, left, right);
    }

    // B1.2.2 and AddWithCarry of J1.3: N the sign, Z whether zero, C the carry (of a difference: no borrow), V signed overflow.
    private void SetFlags(string name, Operand left, Operand right, bool is64)
    {
        var bits = is64 ? 64 : 32;
        var result = Emit.ZeroExtend(Arithmetic(name, left, right), bits);
        SetFlag('N', () => Sign(result, bits));
        SetFlag('Z', () => Emit.IsZero(result));
        SetFlag('C', () => name switch
        {
            "SUB" => Emit.Compute(Operation.LessOrEqualUnsigned, right, left),
            "ADD" => Emit.Compute(Operation.LessUnsigned, result, left),
            _ => Operand.Of(0),
        });
        SetFlag('V', () => SignedOverflow(name, left, right, result, bits));
    }

    protected override Register Flag(char flag) => Emit.Named($"PSTATE.{flag}");

    private static string FlagsOf(string condition) => Upper(condition) switch
    {
        "EQ" or "NE" => "Z",
        "CS" or "HS" or "CC" or "LO" => "C",
        "MI" or "PL" => "N",
        "VS" or "VC" => "V",
        "HI" or "LS" => "CZ",
        "GE" or "LT" => "NV",
        "GT" or "LE" => "ZNV",
        _ => "",
    };

    private Operand ConditionOperand(InstructionSyntax instruction, int index)
    {
        var operand = OperandAs<NameOperand>(instruction, index, "a condition, such as EQ");
        return Condition(operand.Name, operand.Position);
    }

    private Operand Condition(string name, SourcePosition position)
    {
        Operand Not(Operand value) => Emit.IsZero(value);
        Operand And(Operand a, Operand b) => Emit.Compute(Operation.And, a, b);
        Operand SignsAgree() => Emit.Compute(Operation.Equal, Flag('N'), Flag('V'));
        return Upper(name) switch
        {
            "EQ" => Flag('Z'),
            "NE" => Not(Flag('Z')),
            "CS" or "HS" => Flag('C'),
            "CC" or "LO" => Not(Flag('C')),
            "MI" => Flag('N'),
            "PL" => Not(Flag('N')),
            "VS" => Flag('V'),
            "VC" => Not(Flag('V')),
            "HI" => And(Flag('C'), Not(Flag('Z'))),
            "LS" => Not(And(Flag('C'), Not(Flag('Z')))),
            "GE" => SignsAgree(),
            "LT" => Not(SignsAgree()),
            "GT" => And(Not(Flag('Z')), SignsAgree()),
            "LE" => Not(And(Not(Flag('Z')), SignsAgree())),
            "AL" => Operand.Of(1),
            _ => throw BadOperand(position, "a condition, such as EQ", name),
        };
    }
}
