using System.Collections.Immutable;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>What a CPU's MMU does, and what happens at a fault that nobody handles.</summary>
/// <param name="IsEl0">Whether the code runs at EL0.</param>
/// <param name="UpdatesAccessFlag">FEAT_HAFDBS, TCR_EL1.HA.</param>
/// <param name="UpdatesDirty">FEAT_HAFDBS, TCR_EL1.HD.</param>
/// <param name="SkipsFaults">Whether an access that faults is left out, rather than the end of its thread.</param>
internal sealed record Mmu(bool IsEl0, bool UpdatesAccessFlag, bool UpdatesDirty, bool SkipsFaults);

// Address translation (D8), one access after the other.
internal sealed partial class AArch64
{
    private ImmutableArray<string> _labels = [];
    private int _start; // the block that begins with the instruction

    /// <summary>The MMU of the thread's CPU; null if the test has no translation tables.</summary>
    public Mmu? Mmu { get; init; }

    /// <summary>Emits the walk for an access, with its hardware update or its faults.</summary>
    /// <returns>The output address.</returns>
    private Operand Translated(Operand address, bool isWrite)
    {
        if (Mmu is null)
        {
            return address;
        }

        var physical = Emit.Temporary();
        var entry = Emit.Temporary();
        var (isEntry, hasPhysical) = (Emit.NewBlock(), Emit.NewBlock());
        var faults = new List<FaultExit>();
        var offset = Emit.Compute(Operation.Subtract, address, Operand.Of(TranslationLayout.FirstEntry));
        Emit.BranchIf(Emit.Compute(Operation.LessUnsigned, offset, Operand.Of(TranslationLayout.EntrySpan)), isEntry, isImplicit: true);

        var page = Emit.Compute(Operation.And, address, Operand.Of(~TranslationLayout.PageMask));
        var place = Emit.Compute(Operation.Add, page, Operand.Of(TranslationLayout.EntryOffset));
        Emit.Emit(new Load(entry, place, AccessSize.Double, LoadOrder.Walk)
        {
            InputAddress = Emit.Compute(Operation.ShiftRightLogical, address, Operand.Of(TranslationLayout.PageShift)),
        });
        FaultIf(Lacks(entry, TranslationLayout.Valid), MmuFault.Translation);
        if (!Mmu.UpdatesAccessFlag)
        {
            FaultIf(Lacks(entry, TranslationLayout.AccessFlag), MmuFault.AccessFlag);
        }

        if (Mmu.IsEl0)
        {
            FaultIf(Lacks(entry, TranslationLayout.El0), MmuFault.Permission);
        }

        if (isWrite)
        {
            var unwritable = Mmu.UpdatesDirty ? TranslationLayout.ReadOnly | TranslationLayout.DirtyBitModifier : TranslationLayout.ReadOnly;
            var found = Emit.Compute(Operation.And, entry, Operand.Of(unwritable));
            FaultIf(Emit.Compute(Operation.Equal, found, Operand.Of(TranslationLayout.ReadOnly)), MmuFault.Permission);
        }

        UpdateEntry(entry, place, isWrite);
        var output = Emit.Compute(Operation.And, entry, Operand.Of(TranslationLayout.AddressMask));
        Emit.Set(physical, Emit.Compute(Operation.Or, output, Emit.Compute(Operation.And, address, Operand.Of(TranslationLayout.PageMask))));
        Emit.Jump(hasPhysical);

        // The entries themselves are mapped for EL1 alone, and for good.
        Emit.StartAt(isEntry);
        if (Mmu.IsEl0)
        {
            Emit.Jump(ExitFor(MmuFault.Permission, address));
        }
        else
        {
            Emit.Set(physical, address);
            Emit.Jump(hasPhysical);
        }

        EmitFaults();
        Emit.StartAt(hasPhysical);
        return physical;

        void FaultIf(Operand condition, MmuFault kind) => Emit.BranchIf(condition, ExitFor(kind, entry), isImplicit: true);

        int ExitFor(MmuFault kind, Operand cause)
        {
            var exit = faults.Find(f => f.Kind == kind && f.Cause == cause);
            if (exit is null)
            {
                exit = new(Emit.NewBlock(), kind, cause);
                faults.Add(exit);
            }

            return exit.Block;
        }

        void EmitFaults()
        {
            var after = Emit.NewBlock();
            foreach (var exit in faults)
            {
                EmitFault(exit, address, after);
            }

            Emit.StartAt(after);
            Leave();
        }
    }

    private Operand Lacks(Operand entry, ulong bit) => Emit.IsZero(Emit.Compute(Operation.And, entry, Operand.Of(bit)));

    // D8.5: the flags that the access needs are set in one update, in one piece with the walk.
    private void UpdateEntry(Register entry, Operand place, bool isWrite)
    {
        if (!Mmu!.UpdatesAccessFlag)
        {
            return;
        }

        var (update, upToDate) = (Emit.NewBlock(), Emit.NewBlock());
        var wanted = Emit.Compute(Operation.Or, entry, Operand.Of(TranslationLayout.AccessFlag));
        wanted = isWrite && Mmu.UpdatesDirty ? Emit.Compute(Operation.And, wanted, Operand.Of(~TranslationLayout.ReadOnly)) : wanted;
        Emit.BranchIf(Emit.Compute(Operation.NotEqual, wanted, entry), update, isImplicit: true);
        Emit.Jump(upToDate);
        Emit.StartAt(update);
        Emit.Emit(new Store(place, wanted, AccessSize.Double, StoreOrder.HardwareUpdate));
        Emit.StartAt(upToDate);
    }

    private void EmitFault(FaultExit exit, Operand address, int after)
    {
        Emit.StartAt(exit.Block);
        Emit.Emit(new TakeFault(exit.Kind, exit.Cause));
        var happened = Emit.Named($"fault {_exceptions}");
        var at = Emit.Named($"fault {_exceptions++} address");
        Emit.Faults.Add(new(_labels, $"MMU:{exit.Kind}", happened, at));
        Emit.Set(happened, Operand.Of(1));
        Emit.Set(at, address);
        Emit.Jump(after);
    }

    // D1.3: the preferred return address of a fault is the instruction that faulted, which a handler may change.
    private void Leave()
    {
        if (_returnTo >= 0 || (Handler is null && !Mmu!.SkipsFaults))
        {
            Emit.Return();
        }
        else if (Handler is { } handler)
        {
            Handle(handler, _start);
        }
        else
        {
            Emit.Jump(_next);
        }
    }

    private void Handle(ImmutableArray<CodeSyntax> handler, int returnTo)
    {
        var labels = _labels;
        _returnTo = returnTo;
        Emit.Scope = $"{_exceptions++} ";
        Compiler.LowerCode(this, Emit, handler);
        Emit.Return(); // a handler that does not return ends the thread
        Emit.Scope = "";
        (_returnTo, _labels) = (-1, labels);
    }

    // C5.5, TLBI: the operand holds the page's number in its low 44 bits. VMALLE1 forgets everything; names that end in IS are for all CPUs.
    private bool TryInvalidate(InstructionSyntax instruction, string name)
    {
        if (name != "TLBI")
        {
            return false;
        }

        var kind = OperandAs<NameOperand>(instruction, 0, "a TLB invalidation, such as VAAE1IS");
        var isBroadcast = kind.Name.EndsWith("IS", StringComparison.OrdinalIgnoreCase);
        switch (Upper(isBroadcast ? kind.Name[..^2] : kind.Name))
        {
            case "VMALLE1":
                RequireCount(instruction, 1, 1);
                Emit.Emit(new Invalidate(Operand.Of(0), Operand.Of(0), IsAll: true, isBroadcast));
                return true;
            case "VAE1" or "VAAE1" or "VALE1" or "VAALE1":
                RequireCount(instruction, 2, 2);
                Emit.Emit(new Invalidate(Emit.Compute(Operation.And, Read(instruction, 1), Operand.Of((1UL << 44) - 1)), Operand.Of(1), IsAll: false, isBroadcast));
                return true;
            default:
                throw Unsupported(kind.Position, $"the TLB invalidation '{kind.Name}'");
        }
    }

    private sealed record FaultExit(int Block, MmuFault Kind, Operand Cause);
}
