using System.Collections.Immutable;
using System.Globalization;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>
/// RV64 with the A extension: The RISC-V Instruction Set Manual, volume I (20191213), chapters 2, 5 and 8. Plain loads and stores may carry <c>.aq</c> and
/// <c>.rl</c>, as litmus tests have them.
/// </summary>
internal sealed class RiscV(ThreadEmitter emit, SymbolTable symbols) : Assembly(emit, symbols)
{
    private static readonly string[] s_names =
    [
        "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
        "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
    ];

    private static readonly Dictionary<string, Operation> s_arithmetic = new(StringComparer.Ordinal)
    {
        ["add"] = Operation.Add,
        ["sub"] = Operation.Subtract,
        ["and"] = Operation.And,
        ["or"] = Operation.Or,
        ["xor"] = Operation.Xor,
        ["sll"] = Operation.ShiftLeft,
        ["srl"] = Operation.ShiftRightLogical,
        ["sra"] = Operation.ShiftRightArithmetic,
        ["slt"] = Operation.LessSigned,
        ["sltu"] = Operation.LessUnsigned,
        ["mul"] = Operation.Multiply,
    };

    private static readonly Dictionary<string, (Operation Operation, bool IsSwapped)> s_branches = new(StringComparer.Ordinal)
    {
        ["beq"] = (Operation.Equal, false),
        ["bne"] = (Operation.NotEqual, false),
        ["blt"] = (Operation.LessSigned, false),
        ["bltu"] = (Operation.LessUnsigned, false),
        ["bge"] = (Operation.LessOrEqualSigned, true),
        ["bgeu"] = (Operation.LessOrEqualUnsigned, true),
    };

    private static readonly Dictionary<string, AtomicOperation> s_atomics = new(StringComparer.Ordinal)
    {
        ["amoswap"] = AtomicOperation.Exchange,
        ["amoadd"] = AtomicOperation.Add,
        ["amoxor"] = AtomicOperation.Xor,
        ["amoand"] = AtomicOperation.And,
        ["amoor"] = AtomicOperation.Or,
        ["amomin"] = AtomicOperation.MinSigned,
        ["amomax"] = AtomicOperation.MaxSigned,
        ["amominu"] = AtomicOperation.MinUnsigned,
        ["amomaxu"] = AtomicOperation.MaxUnsigned,
    };

    public override string? RegisterOrNull(string name) => NumberOf(name) is > 0 and var number ? $"x{number}" : null;

    public override void Prepare(IEnumerable<InstructionSyntax> code)
    {
    }

    public override bool IsDoubleAccess(InstructionSyntax instruction) =>
        instruction.Operands.OfType<MemoryOperand>().Any() && instruction.Mnemonic.Split('.') is ["ld" or "sd" or "LD" or "SD", ..] or [_, "d" or "D", ..];

#pragma warning disable CA1308 // mnemonics are compared in lower case, as RISC-V writes them
    public override void Lower(InstructionSyntax instruction, ImmutableArray<string> labels)
    {
        var parts = instruction.Mnemonic.ToLowerInvariant().Split('.');
#pragma warning restore CA1308
        var (hasAcquire, hasRelease) = (false, false);
        while (parts is [_, .., "aq" or "rl" or "aqrl"])
        {
            hasAcquire |= parts[^1] is "aq" or "aqrl";
            hasRelease |= parts[^1] is "rl" or "aqrl";
            parts = parts[..^1];
        }

        if (!TryCompute(instruction, parts) && !TryBranch(instruction, parts) && !TryFence(instruction, parts)
            && !TryAccess(instruction, parts, hasAcquire, hasRelease) && !TryAtomic(instruction, parts, hasAcquire, hasRelease))
        {
            throw Unsupported(instruction);
        }
    }

    private static int? NumberOf(string name)
    {
        if (name == "fp")
        {
            return 8;
        }

        var number = Array.IndexOf(s_names, name);
        return number >= 0 ? number
            : name is ['x', .. var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                && number < s_names.Length && (digits.Length == 1 || digits[0] != '0') ? number : null;
    }

    private static int RegisterOf(InstructionSyntax instruction, int index) =>
        OperandAs<OperandSyntax>(instruction, index, "a register") is NameOperand operand && NumberOf(operand.Name) is { } number ? number
        : throw BadOperand(instruction.Operands[index].Position, "a register", instruction.Operands[index].ToString());

    private Operand Read(InstructionSyntax instruction, int index) =>
        RegisterOf(instruction, index) is > 0 and var number ? Emit.Named($"x{number}") : Operand.Of(0);

    private void Write(InstructionSyntax instruction, int index, Operand value)
    {
        if (RegisterOf(instruction, index) is > 0 and var number)
        {
            Emit.Set(Emit.Named($"x{number}"), value);
        }
    }

    private static Operand Immediate(InstructionSyntax instruction, int index) =>
        Operand.Of(unchecked((ulong)OperandAs<NumberOperand>(instruction, index, "a number").Number));

    private bool TryCompute(InstructionSyntax instruction, string[] parts)
    {
        if (parts is not [var name])
        {
            return false;
        }

        switch (name)
        {
            case "nop":
                RequireCount(instruction, 0, 0);
                return true;
            case "li":
                RequireCount(instruction, 2, 2);
                Write(instruction, 0, Immediate(instruction, 1));
                return true;
            case "mv":
                RequireCount(instruction, 2, 2);
                Write(instruction, 0, Read(instruction, 1));
                return true;
        }

        var isWord = name.EndsWith('w') && name is not "sltw";
        var stem = isWord ? name[..^1] : name;
        if (s_arithmetic.TryGetValue(stem, out var operation) || (stem == "sltiu" && (operation = Operation.LessUnsigned) != default))
        {
            RequireCount(instruction, 3, 3);
            Write(instruction, 0, Computed(operation, Read(instruction, 1), stem == "sltiu" ? Immediate(instruction, 2) : Read(instruction, 2), isWord));
            return true;
        }

        if (stem.EndsWith('i') && s_arithmetic.TryGetValue(stem[..^1], out operation) && operation is not (Operation.Subtract or Operation.Multiply))
        {
            RequireCount(instruction, 3, 3);
            Write(instruction, 0, Computed(operation, Read(instruction, 1), Immediate(instruction, 2), isWord));
            return true;
        }

        return false;
    }

    private Operand Computed(Operation operation, Operand left, Operand right, bool isWord)
    {
        if (operation is Operation.ShiftLeft or Operation.ShiftRightLogical or Operation.ShiftRightArithmetic)
        {
            right = Emit.Compute(Operation.And, right, Operand.Of(isWord ? 31UL : 63));
            left = !isWord ? left : operation == Operation.ShiftRightLogical ? Emit.ZeroExtend(left, 32) : Emit.SignExtend(left, 32);
        }

        var result = Emit.Compute(operation, left, right);
        return isWord ? Emit.SignExtend(result, 32) : result;
    }

    private bool TryBranch(InstructionSyntax instruction, string[] parts)
    {
        switch (parts)
        {
            case ["j"]:
                RequireCount(instruction, 1, 1);
                Emit.Jump(Label(instruction, 0));
                return true;
            case ["beqz" or "bnez"]:
                RequireCount(instruction, 2, 2);
                Emit.BranchIf(parts[0] == "bnez" ? Read(instruction, 0) : Emit.IsZero(Read(instruction, 0)), Label(instruction, 1));
                return true;
            case [var name] when s_branches.TryGetValue(name, out var branch):
                RequireCount(instruction, 3, 3);
                var (left, right) = (Read(instruction, branch.IsSwapped ? 1 : 0), Read(instruction, branch.IsSwapped ? 0 : 1));
                Emit.BranchIf(Emit.Compute(branch.Operation, left, right), Label(instruction, 2));
                return true;
            default:
                return false;
        }
    }

    private bool TryFence(InstructionSyntax instruction, string[] parts)
    {
        switch (parts)
        {
            case ["fence", "i"]:
                RequireCount(instruction, 0, 0);
                Emit.Emit(new Fence(FenceKind.FenceI));
                return true;
            case ["fence", "tso"]:
                RequireCount(instruction, 0, 0);
                Emit.Emit(new Fence(FenceKind.FenceTso));
                return true;
            case ["fence"] when instruction.Operands.IsEmpty:
                Emit.Emit(new Fence(FenceKind.FenceMM));
                return true;
            case ["fence"]:
                RequireCount(instruction, 2, 2);
                Emit.Emit(new Fence((FenceSet(instruction, 0), FenceSet(instruction, 1)) switch
                {
                    ("r", "r") => FenceKind.FenceRR,
                    ("r", "w") => FenceKind.FenceRW,
                    ("r", "rw") => FenceKind.FenceRM,
                    ("w", "r") => FenceKind.FenceWR,
                    ("w", "w") => FenceKind.FenceWW,
                    ("w", "rw") => FenceKind.FenceWM,
                    ("rw", "r") => FenceKind.FenceMR,
                    ("rw", "w") => FenceKind.FenceMW,
                    _ => FenceKind.FenceMM,
                }));
                return true;
            default:
                return false;
        }
    }

    // i and o are for devices, of which there are none.
    private static string FenceSet(InstructionSyntax instruction, int index)
    {
        var operand = OperandAs<NameOperand>(instruction, index, "a fence's set: r, w or rw");
        var memory = string.Concat(operand.Name.Where(c => c is not ('i' or 'o')));
        return memory is "r" or "w" or "rw" ? memory : throw BadOperand(operand.Position, "a fence's set: r, w or rw", operand.Name);
    }

    private bool TryAccess(InstructionSyntax instruction, string[] parts, bool hasAcquire, bool hasRelease)
    {
        if (parts is not [var name])
        {
            return false;
        }

        switch (name)
        {
            case "lb" or "lh" or "lw" or "ld" or "lbu" or "lhu" or "lwu":
                RequireCount(instruction, 2, 2);
                var (address, size) = (Address(instruction, 1), SizeOf(name[1], instruction));
                var value = Load(address, size, LoadOrderOf(instruction, hasAcquire, hasRelease));
                Write(instruction, 0, name.EndsWith('u') ? value : Emit.SignExtend(value, (int)size * 8));
                return true;
            case "sb" or "sh" or "sw" or "sd":
                RequireCount(instruction, 2, 2);
                Emit.Emit(new Store(
                    Address(instruction, 1), Read(instruction, 0), SizeOf(name[1], instruction), StoreOrderOf(instruction, hasAcquire, hasRelease)));
                return true;
            default:
                return false;
        }
    }

    private bool TryAtomic(InstructionSyntax instruction, string[] parts, bool hasAcquire, bool hasRelease)
    {
        if (parts is not [var name, "w" or "d"])
        {
            return false;
        }

        var size = SizeOf(parts[1][0], instruction);
        switch (name)
        {
            case "lr":
                RequireCount(instruction, 2, 2);
                var value = Load(Address(instruction, 1), size, LoadOrderOf(instruction, hasAcquire, hasRelease), isExclusive: true);
                Write(instruction, 0, Emit.SignExtend(value, (int)size * 8));
                return true;
            case "sc":
                RequireCount(instruction, 3, 3);
                var status = Emit.Temporary();
                Emit.Emit(new StoreExclusive(
                    status, Address(instruction, 2), Read(instruction, 1), size, StoreOrderOf(instruction, hasAcquire, hasRelease)));
                Write(instruction, 0, status);
                return true;
            case var _ when s_atomics.TryGetValue(name, out var operation):
                RequireCount(instruction, 3, 3);
                var order = hasAcquire && hasRelease ? AtomicOrder.Full : hasAcquire ? AtomicOrder.Acquire : hasRelease ? AtomicOrder.Release : AtomicOrder.Relaxed;
                var old = Emit.Temporary();
                Emit.Emit(new AtomicUpdate(old, operation, Address(instruction, 2), Read(instruction, 1), Operand.Of(0), size, order));
                Write(instruction, 0, Emit.SignExtend(old, (int)size * 8));
                return true;
            default:
                return false;
        }
    }

    private static AccessSize SizeOf(char letter, InstructionSyntax instruction) => letter switch
    {
        'b' => AccessSize.Byte,
        'h' => AccessSize.Half,
        'w' => AccessSize.Word,
        'd' => AccessSize.Double,
        _ => throw Unsupported(instruction),
    };

    private static LoadOrder LoadOrderOf(InstructionSyntax instruction, bool hasAcquire, bool hasRelease) => (hasAcquire, hasRelease) switch
    {
        (true, true) => LoadOrder.AcquireRelease,
        (true, false) => LoadOrder.Acquire,
        (false, false) => LoadOrder.Once,
        _ => throw Unsupported(instruction.Position, $"a load that is a release but no acquire: '{instruction}'"),
    };

    private static StoreOrder StoreOrderOf(InstructionSyntax instruction, bool hasAcquire, bool hasRelease) => (hasAcquire, hasRelease) switch
    {
        (true, true) => StoreOrder.AcquireRelease,
        (false, true) => StoreOrder.Release,
        (false, false) => StoreOrder.Once,
        _ => throw Unsupported(instruction.Position, $"a store that is an acquire but no release: '{instruction}'"),
    };

    private Operand Address(InstructionSyntax instruction, int index)
    {
        var memory = OperandAs<MemoryOperand>(instruction, index, "a place in memory, such as 0(x5)");
        if (memory.IsSquare || memory.Parts is not [NameOperand { Name: var name }] || NumberOf(name) is not { } number)
        {
            throw BadOperand(memory.Position, "a place in memory, such as 0(x5)", memory.ToString());
        }

        Operand start = number > 0 ? Emit.Named($"x{number}") : Operand.Of(0);
        return memory.Displacement is { } displacement && displacement != 0
            ? Emit.Compute(Operation.Add, start, Operand.Of(unchecked((ulong)displacement))) : start;
    }
}
