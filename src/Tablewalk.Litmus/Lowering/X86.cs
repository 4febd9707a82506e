using System.Collections.Immutable;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>
/// x86 and x86_64: Intel SDM, volume 2. Tests of <c>X86</c> are in Intel's notation, destination first; those of <c>X86_64</c> in AT&amp;T's, with the size as
/// a suffix and the destination last. Registers are kept with 64 bits; writing the low 32 clears the others, writing fewer keeps them (volume 1, 3.4.1.1).
/// </summary>
internal sealed partial class X86(ThreadEmitter emit, SymbolTable symbols, bool isAtt) : FlagAssembly(emit, symbols)
{
    private static readonly Dictionary<string, (Operation Operation, AtomicOperation? Atomic)> s_arithmetic = new(StringComparer.Ordinal)
    {
        ["ADD"] = (Operation.Add, AtomicOperation.Add),
        ["SUB"] = (Operation.Subtract, null),
        ["AND"] = (Operation.And, AtomicOperation.And),
        ["OR"] = (Operation.Or, AtomicOperation.Or),
        ["XOR"] = (Operation.Xor, AtomicOperation.Xor),
    };

    private static readonly string[] s_withSize = ["MOV", "XCHG", "ADD", "SUB", "AND", "OR", "XOR", "INC", "DEC", "CMP", "TEST", "CMPXCHG", "XADD"];

    public override string? RegisterOrNull(string name) => X86Registers.Find(name)?.Whole;

    public override void Prepare(IEnumerable<InstructionSyntax> code)
    {
        foreach (var instruction in code)
        {
            if (Upper(instruction.Mnemonic) is ['J', .. var condition])
            {
                NeededFlags.UnionWith(FlagsOf(condition));
            }
            else if (Upper(instruction.Mnemonic) is ['C', 'M', 'O', 'V', .. var moved])
            {
                NeededFlags.UnionWith(FlagsOf(moved));
            }
        }
    }

    public override bool IsDoubleAccess(InstructionSyntax instruction)
    {
        var name = Split(Upper(instruction.Mnemonic), out _, out var suffix);
        return s_withSize.Contains(name) && instruction.Operands.OfType<MemoryOperand>().Any() && SizeOf(instruction, suffix) == AccessSize.Double;
    }

    public override void Lower(InstructionSyntax instruction, ImmutableArray<string> labels)
    {
        var name = Split(Upper(instruction.Mnemonic), out var isLocked, out var suffix);
        switch (name)
        {
            case "NOP":
                return;
            case "MFENCE":
                Emit.Emit(new Fence(FenceKind.MFence));
                return;
            case "SFENCE":
                Emit.Emit(new Fence(FenceKind.SFence));
                return;
            case "LFENCE":
                Emit.Emit(new Fence(FenceKind.LFence));
                return;
            case "JMP":
                RequireCount(instruction, 1, 1);
                Emit.Jump(Label(instruction, 0));
                return;
            case ['J', .. var condition] when FlagsOf(condition).Length > 0:
                RequireCount(instruction, 1, 1);
                Emit.BranchIf(Condition(condition), Label(instruction, 0));
                return;
            case ['C', 'M', 'O', 'V', .. var condition] when FlagsOf(condition).Length > 0 && !isLocked:
                RequireCount(instruction, 2, 2);
                var size = SizeOf(instruction, null);
                Write(Destination(instruction), size, Emit.Select(Condition(condition), Read(Source(instruction), size), Read(Destination(instruction), size)));
                return;
        }

        if (!s_withSize.Contains(name) || (isLocked && name is ("MOV" or "CMP" or "TEST")))
        {
            throw Unsupported(instruction);
        }

        RequireCount(instruction, name is "INC" or "DEC" ? 1 : 2, name is "INC" or "DEC" ? 1 : 2);
        LowerSized(instruction, name, isLocked, SizeOf(instruction, suffix));
    }

#pragma warning disable CA1308 // mnemonics are compared in upper case
    private static string Upper(string text) => text.ToUpperInvariant();
#pragma warning restore CA1308

    // LOCK apart, and AT&T's size apart.
    private string Split(string mnemonic, out bool isLocked, out char? suffix)
    {
        isLocked = mnemonic.StartsWith("LOCK ", StringComparison.Ordinal);
        var name = isLocked ? mnemonic["LOCK ".Length..] : mnemonic;
        suffix = isAtt && !s_withSize.Contains(name) && s_withSize.Contains(name[..^1]) && name[^1] is 'B' or 'W' or 'L' or 'Q' ? name[^1] : null;
        return suffix is null ? name : name[..^1];
    }

    private OperandSyntax Destination(InstructionSyntax instruction) => instruction.Operands[isAtt ? ^1 : 0];

    private OperandSyntax Source(InstructionSyntax instruction) => instruction.Operands[isAtt ? 0 : ^1];

    private static AccessSize SizeOf(InstructionSyntax instruction, char? suffix)
    {
        var bytes = instruction.Operands.OfType<NameOperand>().Select(o => X86Registers.Find(o.Name)?.SizeBytes).FirstOrDefault(size => size is not null);
        return suffix is null ? (AccessSize)(bytes ?? 4) : suffix switch { 'B' => AccessSize.Byte, 'W' => AccessSize.Half, 'L' => AccessSize.Word, _ => AccessSize.Double };
    }

    private void LowerSized(InstructionSyntax instruction, string name, bool isLocked, AccessSize size)
    {
        var (to, from) = (Destination(instruction), Source(instruction));
        switch (name)
        {
            case "MOV":
                Write(to, size, Read(from, size));
                break;
            case "CMP":
                SetFlags("SUB", Read(to, size), Read(from, size), size);
                break;
            case "TEST":
                SetFlags("AND", Read(to, size), Read(from, size), size);
                break;
            case "INC" or "DEC":
                var one = name == "INC" ? Operand.Of(1) : Operand.Of(ulong.MaxValue);
                Update(instruction, "ADD", to, one, isLocked, size);
                break;
            case "XCHG":
                Exchange(instruction, to, from, size);
                break;
            case "XADD":
                ExchangeAdd(to, from, isLocked, size);
                break;
            case "CMPXCHG":
                CompareExchange(to, from, isLocked, size);
                break;
            default:
                Update(instruction, name, to, Read(from, size), isLocked, size);
                break;
        }
    }

    // An instruction without LOCK reads and writes memory in two steps, which others may come between.
    private void Update(InstructionSyntax instruction, string name, OperandSyntax to, Operand value, bool isLocked, AccessSize size)
    {
        if (!isLocked)
        {
            var before = Read(to, size);
            SetFlags(name, before, value, size);
            Write(to, size, Emit.Compute(s_arithmetic[name].Operation, before, value));
            return;
        }

        var (operation, operand) = (s_arithmetic[name].Atomic, value);
        if (operation is null)
        {
            (operation, operand) = (AtomicOperation.Add, Emit.Compute(Operation.Subtract, Operand.Of(0), value));
        }

        SetFlags(name, Locked(LockedPlace(to, instruction), operation.Value, operand, Operand.Of(0), size), value, size);
    }

    private static MemoryOperand LockedPlace(OperandSyntax operand, InstructionSyntax instruction) =>
        operand as MemoryOperand ?? throw BadOperand(instruction.Position, "a place in memory for a locked instruction", instruction.ToString());

    // XCHG with memory is locked, with the prefix or without it (SDM 2, XCHG).
    private void Exchange(InstructionSyntax instruction, OperandSyntax to, OperandSyntax from, AccessSize size)
    {
        var (memory, register) = to is MemoryOperand ? (to, from) : (from, to);
        if (memory is MemoryOperand place)
        {
            Write(register, size, Locked(place, AtomicOperation.Exchange, Read(register, size), Operand.Of(0), size), instruction);
            return;
        }

        var (first, second) = (Copy(Read(to, size)), Copy(Read(from, size)));
        Write(to, size, second);
        Write(from, size, first);
    }

    private Operand Copy(Operand value)
    {
        var copy = Emit.Temporary();
        Emit.Set(copy, value);
        return copy;
    }

    private void ExchangeAdd(OperandSyntax to, OperandSyntax from, bool isLocked, AccessSize size)
    {
        var added = Copy(Read(from, size));
        var old = to is MemoryOperand place && isLocked ? Locked(place, AtomicOperation.Add, added, Operand.Of(0), size) : Copy(Read(to, size));
        SetFlags("ADD", old, added, size);
        Write(from, size, old);
        if (!isLocked)
        {
            Write(to, size, Emit.Compute(Operation.Add, old, added));
        }
    }

    // If the accumulator equals the destination, the source is stored; else the accumulator gets what was read. ZF says which.
    private void CompareExchange(OperandSyntax to, OperandSyntax from, bool isLocked, AccessSize size)
    {
        var accumulator = X86Registers.Accumulator(size);
        var expected = Copy(ReadRegister(accumulator));
        if (to is MemoryOperand place && isLocked)
        {
            var read = Locked(place, AtomicOperation.CompareExchange, Read(from, size), expected, size);
            SetFlags("SUB", expected, read, size);
            WriteRegister(accumulator, read);
            return;
        }

        var old = Copy(Read(to, size));
        SetFlags("SUB", expected, old, size);
        Write(to, size, Emit.Select(Emit.Compute(Operation.Equal, expected, old), Read(from, size), old));
        WriteRegister(accumulator, old);
    }

    private Operand Locked(MemoryOperand place, AtomicOperation operation, Operand value, Operand expected, AccessSize size)
    {
        var old = Emit.Temporary();
        Emit.Emit(new AtomicUpdate(old, operation, Address(place), value, expected, size, AtomicOrder.Full) { OrdersOnFailure = true });
        return old;
    }
}
