using System.Collections.Immutable;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>
/// AArch64: Arm Architecture Reference Manual, DDI 0487, chapter C6. General registers are kept with 64 bits; what is read as W is their low half, and
/// what is written as W clears the high one (B1.2.1).
/// </summary>
internal sealed partial class AArch64(ThreadEmitter emit, SymbolTable symbols, ExceptionVariant exceptions) : FlagAssembly(emit, symbols)
{
    private static readonly string[] s_barrierDomains = ["SY", "ISH", "OSH"];

    /// <summary>The code of the thread's fault handler; null if it has none.</summary>
    public ImmutableArray<CodeSyntax>? Handler { get; init; }

    /// <summary>The block after the exception that is being handled; -1 outside of a handler.</summary>
    private int _returnTo = -1;
    private int _next; // the block after the instruction
    private readonly Dictionary<string, string> _codeAddresses = new(StringComparer.Ordinal); // by register: the label whose address it was given last
    private int _exceptions;

    public override string? RegisterOrNull(string name) => TryRegister(name, out var number, out _) && number != ZeroRegister ? $"X{number}" : null;

    public override void Prepare(IEnumerable<InstructionSyntax> code)
    {
        foreach (var instruction in code)
        {
            var condition = instruction.Mnemonic.StartsWith("B.", StringComparison.OrdinalIgnoreCase) ? instruction.Mnemonic[2..]
                : instruction.Operands is [.., NameOperand last] ? last.Name : "";
            NeededFlags.UnionWith(FlagsOf(condition));
        }
    }

    public override bool IsDoubleAccess(InstructionSyntax instruction) =>
        instruction.Operands.OfType<MemoryOperand>().Any()
        && (Size(Upper(instruction.Mnemonic)) ?? 0) == 0
        && instruction.Operands.OfType<NameOperand>().Any(o => TryRegister(o.Name, out _, out var is64) && is64);

    public override void Lower(InstructionSyntax instruction, ImmutableArray<string> labels)
    {
        var name = Upper(instruction.Mnemonic);
        if (Mmu is null)
        {
            LowerOne(instruction, name, labels);
            return;
        }

        (_labels, _start, _next) = (labels, Emit.NewBlock(), Emit.NewBlock());
        var next = _next;
        Emit.StartAt(_start);
        LowerOne(instruction, name, labels);
        Emit.StartAt(next);
    }

    private void LowerOne(InstructionSyntax instruction, string name, ImmutableArray<string> labels)
    {
        if (!TryBranch(instruction, name) && !TryCompute(instruction, name) && !TrySelect(instruction, name) && !TryBarrier(instruction, name)
            && !TryException(instruction, name, labels) && !TryInvalidate(instruction, name) && !TryAtomic(instruction, name) && !TryAccess(instruction, name))
        {
            throw Unsupported(instruction);
        }
    }

#pragma warning disable CA1308 // mnemonics are compared in upper case
    private static string Upper(string text) => text.ToUpperInvariant();
#pragma warning restore CA1308

    private bool TryBranch(InstructionSyntax instruction, string name)
    {
        switch (name)
        {
            case "B":
                RequireCount(instruction, 1, 1);
                Emit.Jump(Label(instruction, 0));
                return true;
            case "CBZ" or "CBNZ":
                RequireCount(instruction, 2, 2);
                var value = Read(instruction, 0);
                Emit.BranchIf(name == "CBZ" ? Emit.IsZero(value) : value, Label(instruction, 1));
                return true;
            case "TBZ" or "TBNZ":
                RequireCount(instruction, 3, 3);
                var bit = Emit.Compute(Operation.And, Read(instruction, 0), Operand.Of(1UL << (int)(Immediate(instruction, 1) & 63)));
                Emit.BranchIf(name == "TBZ" ? Emit.IsZero(bit) : bit, Label(instruction, 2));
                return true;
            case ['B', '.', .. var condition]:
                RequireCount(instruction, 1, 1);
                Emit.BranchIf(Condition(condition, instruction.Position), Label(instruction, 0));
                return true;
            case "NOP":
                RequireCount(instruction, 0, 0);
                return true;
            default:
                return false;
        }
    }

    private bool TryCompute(InstructionSyntax instruction, string name)
    {
        switch (name)
        {
            case "MOV" or "MOVZ" or "MVN" or "NEG":
                RequireCount(instruction, 2, 3);
                var source = SecondOperand(instruction, 1);
                Write(instruction, 0, name switch
                {
                    "MVN" => Emit.Compute(Operation.Xor, source, Operand.Of(ulong.MaxValue)),
                    "NEG" => Emit.Compute(Operation.Subtract, Operand.Of(0), source),
                    _ => source,
                });
                return true;
            case "CMP" or "CMN" or "TST":
                RequireCount(instruction, 2, 3);
                SetFlags(name switch { "CMP" => "SUB", "CMN" => "ADD", _ => "AND" }, Read(instruction, 0), SecondOperand(instruction, 1), Is64(instruction));
                return true;
            case "ADDS" or "SUBS" or "ANDS" or "BICS":
                RequireCount(instruction, 3, 4);
                var (left, right) = (Read(instruction, 1), SecondOperand(instruction, 2));
                SetFlags(name[..3], left, right, Is64(instruction));
                Write(instruction, 0, Arithmetic(name[..3], left, right));
                return true;
            case "ADD" or "SUB" or "AND" or "ORR" or "EOR" or "BIC" or "ORN" or "EON" or "MUL":
                RequireCount(instruction, 3, 4);
                Write(instruction, 0, Arithmetic(name, Read(instruction, 1), SecondOperand(instruction, 2)));
                return true;
            case "LSL" or "LSR" or "ASR" or "LSLV" or "LSRV" or "ASRV":
                RequireCount(instruction, 3, 3);
                Write(instruction, 0, Shifted(name[..3], Read(instruction, 1), SecondOperand(instruction, 2), Is64(instruction)));
                return true;
            case "UXTB" or "UXTH" or "UXTW" or "SXTB" or "SXTH" or "SXTW":
                RequireCount(instruction, 2, 2);
                Write(instruction, 0, Extended(name, Read(instruction, 1)));
                return true;
            default:
                return false;
        }
    }

    private bool TrySelect(InstructionSyntax instruction, string name)
    {
        switch (name)
        {
            case "CSEL" or "CSINC" or "CSINV" or "CSNEG":
                RequireCount(instruction, 4, 4);
                Choose(instruction, ConditionOperand(instruction, 3), Read(instruction, 1), Changed(name[2..], Read(instruction, 2)));
                return true;
            case "CSET" or "CSETM":
                RequireCount(instruction, 2, 2);
                Choose(instruction, ConditionOperand(instruction, 1), Operand.Of(name == "CSET" ? 1UL : ulong.MaxValue), Operand.Of(0));
                return true;
            case "CINC" or "CINV" or "CNEG":
                RequireCount(instruction, 3, 3);
                var source = Read(instruction, 1);
                Choose(instruction, ConditionOperand(instruction, 2), Changed(name[1..], source), source);
                return true;
            default:
                return false;
        }
    }

    private void Choose(InstructionSyntax instruction, Operand condition, Operand ifTrue, Operand ifFalse) =>
        Write(instruction, 0, Emit.Select(condition, ifTrue, ifFalse));

    private Operand Changed(string how, Operand value) => how switch
    {
        "INC" => Emit.Compute(Operation.Add, value, Operand.Of(1)),
        "INV" => Emit.Compute(Operation.Xor, value, Operand.Of(ulong.MaxValue)),
        "NEG" => Emit.Compute(Operation.Subtract, Operand.Of(0), value),
        _ => value,
    };

    // B2.3.12: the shareability domain makes no difference where there is one; NSH would be for one CPU alone.
    private bool TryBarrier(InstructionSyntax instruction, string name)
    {
        if (name == "ISB")
        {
            RequireCount(instruction, 0, 1);
            Emit.Emit(new Fence(FenceKind.Isb));
            return true;
        }

        if (name is not ("DMB" or "DSB"))
        {
            return false;
        }

        RequireCount(instruction, 1, 1);
        var option = OperandAs<NameOperand>(instruction, 0, "a barrier option, such as SY");
        var kind = Upper(option.Name);
        var (domain, access) = kind is "LD" or "ST" ? ("SY", kind)
            : kind.EndsWith("LD", StringComparison.Ordinal) || kind.EndsWith("ST", StringComparison.Ordinal) ? (kind[..^2], kind[^2..])
            : (kind, "");
        if (!s_barrierDomains.Contains(domain))
        {
            throw Unsupported(option.Position, $"the barrier option '{option.Name}'");
        }

        Emit.Emit(new Fence((name, access) switch
        {
            ("DMB", "LD") => FenceKind.DmbLd,
            ("DMB", "ST") => FenceKind.DmbSt,
            ("DMB", _) => FenceKind.DmbSy,
            (_, "LD") => FenceKind.DsbLd,
            (_, "ST") => FenceKind.DsbSt,
            _ => FenceKind.DsbSy,
        }));
        return true;
    }

    // D1.3: taking an exception and returning from one are context synchronization events, unless FEAT_ExS lets software say otherwise. They order
    // what an ISB orders.
    private bool TryException(InstructionSyntax instruction, string name, ImmutableArray<string> labels)
    {
        switch (name)
        {
            case "SVC" or "UDF":
                RequireCount(instruction, 1, 1);
                Immediate(instruction, 0);
                Fault(name == "SVC" ? "SupervisorCall" : "UndefinedInstruction", instruction, labels);
                return true;
            case "ADR":
                RequireCount(instruction, 2, 2);
                var label = OperandAs<NameOperand>(instruction, 1, "a label").Name;
                _codeAddresses[OperandAs<NameOperand>(instruction, 0, "a register").Name] = label;
                Write(instruction, 0, Operand.Of(Symbols.CodeAddress(Emit.Thread, label)));
                return true;
            case "MSR" when _returnTo >= 0 && instruction.Operands is [NameOperand { Name: "ELR_EL1" }, NameOperand register]
                && _codeAddresses.TryGetValue(register.Name, out var target):
                var scope = Emit.Scope;
                Emit.Scope = "";
                _returnTo = Emit.BlockOf(target);
                Emit.Scope = scope;
                return true;
            case "ERET" when _returnTo >= 0:
                RequireCount(instruction, 0, 0);
                Synchronize(exceptions.ReturnSynchronizes);
                Emit.Jump(_returnTo);
                return true;
            default:
                return false;
        }
    }

    private void Fault(string type, InstructionSyntax instruction, ImmutableArray<string> labels)
    {
        if (_returnTo >= 0)
        {
            throw Unsupported(instruction.Position, $"'{instruction.Mnemonic}' inside a fault handler");
        }

        var happened = Emit.Named($"fault {_exceptions++}");
        Emit.Faults.Add(new(labels, type, happened));
        Emit.Set(happened, Operand.Of(1));
        if (Handler is not { } handler)
        {
            Emit.Return(); // nobody handles it: the thread ends
            return;
        }

        // An undefined instruction would fault again on return, so its handler must not return to it.
        if (type != "SupervisorCall")
        {
            throw Unsupported(instruction.Position, $"a handler of '{instruction.Mnemonic}'");
        }

        Synchronize(exceptions.EntrySynchronizes);
        var after = Emit.NewBlock();
        Handle(handler, after);
        Emit.StartAt(after);
    }

    private void Synchronize(bool isSynchronizing)
    {
        if (isSynchronizing)
        {
            Emit.Emit(new Fence(FenceKind.Isb));
        }
    }
}

/// <summary>Whether exception entry and return synchronize context (variants exs, eis and eos: FEAT_ExS, SCTLR_EL1.EIS and EOS).</summary>
internal sealed record ExceptionVariant(bool EntrySynchronizes, bool ReturnSynchronizes);
