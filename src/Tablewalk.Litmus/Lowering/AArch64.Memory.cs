using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

// Loads, stores and atomics (C3.2).
internal sealed partial class AArch64
{
    private static readonly string[] s_plain = ["LDR", "LDUR", "LDTR", "STR", "STUR", "STTR"];

    // The size that a mnemonic's last letters say; 0 where the register says it; null if the letters before are no access.
    private static int? Size(string name)
    {
        if (name is ['C', 'A', 'S', ..] or ['S', 'W', 'P', ..] || AtomicOrNull(name) is not null)
        {
            return SuffixSize(name);
        }

        var stem = name.TrimEnd('B', 'H', 'W', 'S');
        return s_plain.Contains(name) || s_plain.Contains(stem) || stem is "LDAR" or "LDAPR" or "LDXR" or "LDAXR" or "STLR" or "STXR" or "STLXR"
            ? SuffixSize(name) : name is "LDP" or "STP" or "LDNP" or "STNP" or "LDIAPP" or "STILP" ? 0 : null;
    }

    private static int SuffixSize(string name) => name[^1] switch { 'B' => 1, 'H' => 2, 'W' => 4, _ => 0 };

    private static AccessSize SizeOf(string name, bool is64) => SuffixSize(name) is > 0 and var bytes ? (AccessSize)bytes : is64 ? AccessSize.Double : AccessSize.Word;

    private bool TryAccess(InstructionSyntax instruction, string name)
    {
        switch (name)
        {
            case "LDR" or "LDRB" or "LDRH" or "LDUR" or "LDURB" or "LDURH":
                LoadRegister(instruction, name, LoadOrder.Once);
                return true;
            case "LDRSB" or "LDRSH" or "LDRSW" or "LDURSB" or "LDURSH" or "LDURSW":
                LoadRegister(instruction, name, LoadOrder.Once, isSigned: true);
                return true;
            case "LDAR" or "LDARB" or "LDARH":
                LoadRegister(instruction, name, LoadOrder.Acquire);
                return true;
            case "LDAPR" or "LDAPRB" or "LDAPRH":
                LoadRegister(instruction, name, LoadOrder.AcquirePc);
                return true;
            case "LDXR" or "LDXRB" or "LDXRH":
                LoadRegister(instruction, name, LoadOrder.Once, isExclusive: true);
                return true;
            case "LDAXR" or "LDAXRB" or "LDAXRH":
                LoadRegister(instruction, name, LoadOrder.Acquire, isExclusive: true);
                return true;
            case "STR" or "STRB" or "STRH" or "STUR" or "STURB" or "STURH":
                StoreRegister(instruction, name, StoreOrder.Once);
                return true;
            case "STLR" or "STLRB" or "STLRH":
                StoreRegister(instruction, name, StoreOrder.Release);
                return true;
            case "STXR" or "STXRB" or "STXRH" or "STLXR" or "STLXRB" or "STLXRH":
                StoreConditional(instruction, name);
                return true;
            case "LDP" or "LDNP" or "LDIAPP":
                LoadPair(instruction, name == "LDIAPP" ? LoadOrder.AcquirePc : LoadOrder.Once);
                return true;
            case "STP" or "STNP" or "STILP":
                StorePair(instruction, name == "STILP" ? StoreOrder.Release : StoreOrder.Once);
                return true;
            default:
                return false;
        }
    }

    private void LoadRegister(InstructionSyntax instruction, string name, LoadOrder order, bool isExclusive = false, bool isSigned = false)
    {
        RequireCount(instruction, 2, 3);
        var (_, is64) = RegisterOf(At(instruction, 0));
        var size = SizeOf(name, is64);
        var (address, writeBack) = Address(instruction, 1);
        var value = Load(Translated(address, isWrite: false), size, order, isExclusive);
        writeBack();
        Write(instruction, 0, isSigned ? Emit.SignExtend(value, (int)size * 8) : value);
    }

    private void StoreRegister(InstructionSyntax instruction, string name, StoreOrder order)
    {
        RequireCount(instruction, 2, 3);
        var (_, is64) = RegisterOf(At(instruction, 0));
        var value = Read(instruction, 0);
        var (address, writeBack) = Address(instruction, 1);
        Emit.Emit(new Store(Translated(address, isWrite: true), value, SizeOf(name, is64), order));
        writeBack();
    }

    private void StoreConditional(InstructionSyntax instruction, string name)
    {
        RequireCount(instruction, 3, 3);
        var (_, is64) = RegisterOf(At(instruction, 1));
        var value = Read(instruction, 1);
        var (address, _) = Address(instruction, 2);
        var status = Emit.Temporary();
        Emit.Emit(new StoreExclusive(status, Translated(address, isWrite: true), value, SizeOf(name, is64), name.StartsWith("STL", StringComparison.Ordinal) ? StoreOrder.Release : StoreOrder.Once));
        Write(instruction, 0, status);
    }

    // B2.2.1: a pair is two single-copy atomic accesses, in no order; LDIAPP and STILP (FEAT_LRCPC3) order the first before the second.
    private void LoadPair(InstructionSyntax instruction, LoadOrder order)
    {
        RequireCount(instruction, 3, 4);
        var size = Is64(instruction) ? AccessSize.Double : AccessSize.Word;
        var (address, writeBack) = Address(instruction, 2);
        var first = Load(Translated(address, isWrite: false), size, order);
        var second = Load(Translated(Emit.Compute(Operation.Add, address, Operand.Of((ulong)size)), isWrite: false), size, order);
        writeBack();
        Write(instruction, 0, first);
        Write(instruction, 1, second);
    }

    private void StorePair(InstructionSyntax instruction, StoreOrder order)
    {
        RequireCount(instruction, 3, 4);
        var size = Is64(instruction) ? AccessSize.Double : AccessSize.Word;
        var (first, second) = (Read(instruction, 0), Read(instruction, 1));
        var (address, writeBack) = Address(instruction, 2);
        Emit.Emit(new Store(Translated(address, isWrite: true), first, size, order));
        Emit.Emit(new Store(Translated(Emit.Compute(Operation.Add, address, Operand.Of((ulong)size)), isWrite: true), second, size, order));
        writeBack();
    }

    // C1.3.3: base, base and offset, base and register with an extension, pre-index and post-index.
    private (Operand Address, Action WriteBack) Address(InstructionSyntax instruction, int index)
    {
        var memory = OperandAs<MemoryOperand>(instruction, index, "a place in memory, such as [X1]");
        if (!memory.IsSquare || memory.Parts.Length > 3 || !RegisterOf(memory.Parts[0]).Is64)
        {
            throw BadOperand(memory.Position, "a place in memory, such as [X1] or [X1,W2,SXTW]", memory.ToString());
        }

        var baseRegister = memory.Parts[0];
        var start = Read(baseRegister);
        var address = memory.Parts.Length == 1 ? start : Emit.Compute(Operation.Add, start, Offset(memory));
        if (memory.WritesBack)
        {
            return (address, () => Write(baseRegister, address));
        }

        if (instruction.Operands.Length <= index + 1)
        {
            return (address, () => { });
        }

        var step = Operand.Of(Immediate(instruction, index + 1));
        return (start, () => Write(baseRegister, Emit.Compute(Operation.Add, start, step)));
    }

    private Operand Offset(MemoryOperand memory)
    {
        if (memory.Parts[1] is NumberOperand number)
        {
            return Operand.Of(unchecked((ulong)number.Number));
        }

        var value = Read(memory.Parts[1]);
        return memory.Parts.Length == 3 ? Modified(value, memory.Parts[2], is64: true) : value;
    }

    private bool TryAtomic(InstructionSyntax instruction, string name)
    {
        var suffix = name.TrimEnd('B', 'H');
        if (suffix is "CAS" or "CASA" or "CASL" or "CASAL")
        {
            RequireCount(instruction, 3, 3);
            var (_, is64) = RegisterOf(At(instruction, 0));
            var (address, _) = Address(instruction, 2);
            var old = Emit.Temporary();
            Emit.Emit(new AtomicUpdate(
                old, AtomicOperation.CompareExchange, Translated(address, isWrite: true), Read(instruction, 1), Read(instruction, 0), SizeOf(name, is64), OrderOf(suffix[3..]))
            {
                OrdersOnFailure = true,
            });
            Write(instruction, 0, old);
            return true;
        }

        if (AtomicOrNull(name) is not { } atomic)
        {
            return false;
        }

        var returns = !name.StartsWith("ST", StringComparison.Ordinal);
        RequireCount(instruction, returns ? 3 : 2, returns ? 3 : 2);
        Update(instruction, name, atomic.Operation, atomic.Order, returns);
        return true;
    }

    // C6.2, LDADD and kin: with the zero register as destination nothing is returned, and the acquire is none.
    private void Update(InstructionSyntax instruction, string name, AtomicOperation operation, AtomicOrder order, bool returns)
    {
        var (_, is64) = RegisterOf(At(instruction, 0));
        var hasNoReturn = !returns || RegisterOf(At(instruction, 1)).Number == ZeroRegister;
        if (hasNoReturn)
        {
            order = order switch { AtomicOrder.Full => AtomicOrder.Release, AtomicOrder.Acquire => AtomicOrder.Relaxed, _ => order };
        }

        var (address, _) = Address(instruction, returns ? 2 : 1);
        var old = Emit.Temporary();
        Emit.Emit(new AtomicUpdate(old, operation, Translated(address, isWrite: true), Read(instruction, 0), Operand.Of(0), SizeOf(name, is64), order) { HasNoReturn = hasNoReturn });
        if (!hasNoReturn)
        {
            Write(instruction, 1, old);
        }
    }

    private static (AtomicOperation Operation, AtomicOrder Order)? AtomicOrNull(string name)
    {
        foreach (var (stem, operation) in s_atomics)
        {
            if (name.StartsWith(stem, StringComparison.Ordinal)
                && name[stem.Length..].TrimEnd('B', 'H') is "" or "A" or "L" or "AL"
                && (stem[0] == 'L' || stem == "SWP" || name[stem.Length..].TrimEnd('B', 'H') is "" or "L"))
            {
                return (operation, OrderOf(name[stem.Length..].TrimEnd('B', 'H')));
            }
        }

        return null;
    }

    private static AtomicOrder OrderOf(string suffix) => suffix switch
    {
        "A" => AtomicOrder.Acquire,
        "L" => AtomicOrder.Release,
        "AL" => AtomicOrder.Full,
        _ => AtomicOrder.Relaxed,
    };

    private static readonly (string Stem, AtomicOperation Operation)[] s_atomics =
    [
        ("SWP", AtomicOperation.Exchange),
        .. new (string, AtomicOperation)[]
        {
            ("ADD", AtomicOperation.Add),
            ("CLR", AtomicOperation.Clear),
            ("EOR", AtomicOperation.Xor),
            ("SET", AtomicOperation.Or),
            ("SMAX", AtomicOperation.MaxSigned),
            ("SMIN", AtomicOperation.MinSigned),
            ("UMAX", AtomicOperation.MaxUnsigned),
            ("UMIN", AtomicOperation.MinUnsigned),
        }.SelectMany(o => new[] { ("LD" + o.Item1, o.Item2), ("ST" + o.Item1, o.Item2) }),
    ];
}
