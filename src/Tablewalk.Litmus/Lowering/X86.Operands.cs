using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>A register as it is named: the 64-bit one that it is part of, and its size.</summary>
internal sealed record X86Register(string Whole, int SizeBytes);

/// <summary>The general registers of x86.</summary>
internal static class X86Registers
{
    private static readonly Dictionary<string, X86Register> s_registers = Make();

    /// <summary>The register of a name, AT&amp;T's <c>%</c> or not; null if there is none.</summary>
    public static X86Register? Find(string name) => s_registers.GetValueOrDefault(name.TrimStart('%').ToUpperInvariant());

    /// <summary>AL, AX, EAX or RAX.</summary>
    public static X86Register Accumulator(AccessSize size) => new("RAX", (int)size);

    private static Dictionary<string, X86Register> Make()
    {
        var registers = new Dictionary<string, X86Register>(StringComparer.Ordinal);
        foreach (var letter in "ABCD")
        {
            Add($"R{letter}X", $"E{letter}X", $"{letter}X", $"{letter}L");
        }

        foreach (var name in (string[])["SI", "DI", "BP", "SP"])
        {
            Add($"R{name}", $"E{name}", name, $"{name}L");
        }

        for (var number = 8; number < 16; number++)
        {
            Add($"R{number}", $"R{number}D", $"R{number}W", $"R{number}B");
        }

        return registers;

        void Add(string whole, string word, string half, string oneByte)
        {
            registers.Add(whole, new(whole, 8));
            registers.Add(word, new(whole, 4));
            registers.Add(half, new(whole, 2));
            registers.Add(oneByte, new(whole, 1));
        }
    }
}

// Registers, numbers, places in memory and flags.
internal sealed partial class X86
{
    private Operand Read(OperandSyntax operand, AccessSize size) => operand switch
    {
        NumberOperand number => Emit.ZeroExtend(Operand.Of(unchecked((ulong)number.Number)), (int)size * 8),
        MemoryOperand place => Load(Address(place), size, LoadOrder.Once),
        NameOperand name when X86Registers.Find(name.Name) is { } register => ReadRegister(register),
        _ => throw BadOperand(operand.Position, "a register, a number or a place in memory", operand.ToString()),
    };

    private Operand ReadRegister(X86Register register) => Emit.ZeroExtend(Emit.Named(register.Whole), register.SizeBytes * 8);

    private void Write(OperandSyntax operand, AccessSize size, Operand value, InstructionSyntax? instruction = null)
    {
        switch (operand)
        {
            case MemoryOperand place when instruction is null:
                Emit.Emit(new Store(Address(place), value, size, StoreOrder.Once));
                break;
            case NameOperand name when X86Registers.Find(name.Name) is { } register:
                WriteRegister(register, value);
                break;
            default:
                throw BadOperand(operand.Position, instruction is null ? "a register or a place in memory" : "a register", operand.ToString());
        }
    }

    private void WriteRegister(X86Register register, Operand value)
    {
        var whole = Emit.Named(register.Whole);
        var bits = register.SizeBytes * 8;
        if (bits < 32)
        {
            var kept = Emit.Compute(Operation.And, whole, Operand.Of(ulong.MaxValue << bits));
            value = Emit.Compute(Operation.Or, kept, Emit.ZeroExtend(value, bits));
        }

        Emit.Set(whole, bits >= 32 ? Emit.ZeroExtend(value, bits) : value);
    }

    // [x], [x+4], [RAX], [RAX+4]; (x), (%rax), 4(%rax). A name that is no register is a variable.
    private Operand Address(MemoryOperand place)
    {
        var address = Operand.Of(unchecked((ulong)(place.Displacement ?? 0)));
        foreach (var part in place.Parts)
        {
            var value = part switch
            {
                NumberOperand number => Operand.Of(unchecked((ulong)number.Number)),
                NameOperand name when X86Registers.Find(name.Name) is { } register => ReadRegister(register),
                NameOperand { Name: [not '%', ..] } name => Operand.Of(Symbols.Declare(name.Name).Address),
                _ => throw BadOperand(part.Position, "a variable, a register or a number", part.ToString()),
            };
            address = address is { IsConstant: true, Constant: 0 } ? value : Emit.Compute(Operation.Add, address, value);
        }

        return address;
    }

    // SDM 1, 3.4.3.1: ZF whether zero, SF the sign, CF the carry or borrow, OF signed overflow.
    private void SetFlags(string name, Operand left, Operand right, AccessSize size)
    {
        if (NeededFlags.Count == 0)
        {
            return;
        }

        var bits = (int)size * 8;
        (left, right) = (Emit.ZeroExtend(left, bits), Emit.ZeroExtend(right, bits));
        var result = Emit.ZeroExtend(Emit.Compute(s_arithmetic[name].Operation, left, right), bits);
        SetFlag('Z', () => Emit.IsZero(result));
        SetFlag('S', () => Sign(result, bits));
        SetFlag('C', () => name switch
        {
            "SUB" => Emit.Compute(Operation.LessUnsigned, left, right),
            "ADD" => Emit.Compute(Operation.LessUnsigned, result, left),
            _ => Operand.Of(0),
        });
        SetFlag('O', () => SignedOverflow(name, left, right, result, bits));
    }

    protected override Register Flag(char flag) => Emit.Named($"{flag}F");

    private static string FlagsOf(string condition) => condition switch
    {
        "E" or "Z" or "NE" or "NZ" => "Z",
        "S" or "NS" => "S",
        "B" or "C" or "NAE" or "AE" or "NB" or "NC" => "C",
        "A" or "NBE" or "BE" or "NA" => "CZ",
        "L" or "NGE" or "GE" or "NL" => "SO",
        "G" or "NLE" or "LE" or "NG" => "ZSO",
        "O" or "NO" => "O",
        _ => "",
    };

    private Operand Condition(string name)
    {
        Operand Not(Operand value) => Emit.IsZero(value);
        Operand Or(Operand a, Operand b) => Emit.Compute(Operation.Or, a, b);
        Operand IsLess() => Emit.Compute(Operation.NotEqual, Flag('S'), Flag('O'));
        return name switch
        {
            "E" or "Z" => Flag('Z'),
            "NE" or "NZ" => Not(Flag('Z')),
            "S" => Flag('S'),
            "NS" => Not(Flag('S')),
            "B" or "C" or "NAE" => Flag('C'),
            "AE" or "NB" or "NC" => Not(Flag('C')),
            "BE" or "NA" => Or(Flag('C'), Flag('Z')),
            "A" or "NBE" => Not(Or(Flag('C'), Flag('Z'))),
            "L" or "NGE" => IsLess(),
            "GE" or "NL" => Not(IsLess()),
            "LE" or "NG" => Or(Flag('Z'), IsLess()),
            "G" or "NLE" => Not(Or(Flag('Z'), IsLess())),
            "O" => Flag('O'),
            _ => Not(Flag('O')),
        };
    }
}
