using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>This part: what the methods of <c>Cpu</c> mean. They are known by name; their bodies are never looked at.</summary>
internal sealed partial class MethodLowering
{
    private const string PoisonPatternField = "PoisonPattern";

    private Value LowerIntrinsic(MethodBase method, ImmutableArray<Value> arguments)
    {
        if (arguments.Contains(Value.Refused))
        {
            return Value.Refused;
        }

        _builder.Call = _place is null ? null : new IntrinsicCall(method.Name, _place);
        var value = EventsOf(method, arguments);
        _builder.Call = null;
        return value;
    }

    private Value EventsOf(MethodBase method, ImmutableArray<Value> arguments)
    {
        var size = method.GetParameters() is [{ ParameterType: { IsPointer: true } pointer }, ..] && pointer != typeof(void*)
            ? (AccessSize)Layout.SizeOf(pointer.GetElementType()!)
            : AccessSize.Double;
        switch (method.Name)
        {
            case "ReadOnce" or "LoadAcquire":
                var order = method.Name == "ReadOnce" ? LoadOrder.Once : LoadOrder.Acquire;
                return ResultOf(r => new Load(r, Argument(0), size, order), size);
            case "WriteOnce" or "StoreRelease":
                _builder.Emit(new Store(Argument(0), Argument(1), size, method.Name == "WriteOnce" ? StoreOrder.Once : StoreOrder.Release));
                return Value.None;
            case "LocalIrqSave" or "LocalIrqRestore":
                return Emit(new SectionEdge(SectionKind.IrqOff, method.Name == "LocalIrqSave"));
            case "RcuReadLock" or "RcuReadUnlock":
                return Emit(new SectionEdge(SectionKind.RcuRead, method.Name == "RcuReadLock"));
            case "SynchronizeRcu":
                return Emit(new Wait(WaitKind.GracePeriod));
            case "SyncLocklessWalkers":
                return Emit(new Wait(WaitKind.Ipi));
            case "FlushTlbByIpi":
                EmitInvalidate(isBroadcast: true);
                return Emit(new Wait(WaitKind.Ipi));
            case "FlushTlbByBroadcast" or "FlushTlbLocal":
                Emit(new Fence(FenceKind.DsbSt));
                EmitInvalidate(isBroadcast: method.Name == "FlushTlbByBroadcast");
                return Emit(new Fence(FenceKind.DsbSy));
            case "FlushTlbByBroadcastNoSync":
                Emit(new Fence(FenceKind.DsbSt));
                return EmitInvalidate(isBroadcast: true);
            case "WalkRead":
                return ResultOf(r => new Load(r, Argument(0), size, LoadOrder.Walk) { InputAddress = Argument(1) }, size);
            case "TryHardwareUpdate":
                // In one piece with the walk: where it could fail, that is another execution, in which the walk found something else.
                _builder.Emit(new Store(Argument(0), Argument(2), size, StoreOrder.HardwareUpdate));
                return new Value.Scalar(1UL, 1);
            case "WalksAgain":
                return new Value.Scalar(0UL, 1);
            case "TakeFault":
                return LowerTakeFault(arguments);
            case "ReturnToUser":
                return Emit(new Fence(FenceKind.Isb));
            case "EnterAccess" or "LeaveAccess":
                return Value.None;
            case "SpinLock":
                return LowerSpinLock(Argument(0), size);
            case "SpinUnlock":
                return Emit(new Store(Argument(0), 0UL, size, StoreOrder.Release));
            case "Poison":
                return LowerPoison(method, Argument(0), Argument(1));
            case "ClearMemory":
                return Emit(new Poison(Argument(0), Argument(1), Pattern: 0));
            case "BugOn":
                return LowerBugOn(arguments);
            case "Choose":
                return LowerChoose(arguments);
            case var name when Enum.TryParse(name, out FenceKind fence):
                return Emit(new Fence(fence));
            case var name when AtomicOrNull(name) is { } atomic:
                return LowerAtomic(atomic.Operation, atomic.Order, arguments, size);
            default:
                return Refuse(DiagnosticCodes.UnknownIntrinsic, $"Cpu.{method.Name} is an intrinsic that the lifter does not know");
        }

        Operand Argument(int index) => ScalarOf(arguments[index]).Operand;

        Value EmitInvalidate(bool isBroadcast) => Emit(new Invalidate(Argument(0), Argument(1), IsAll: false, isBroadcast));
    }

    private Value Emit(Instruction instruction)
    {
        _builder.Emit(instruction);
        return Value.None;
    }

    private Value.Scalar ResultOf(Func<Register, Instruction> make, AccessSize size)
    {
        var result = _builder.NewRegister();
        _builder.Emit(make(result));
        return new Value.Scalar(result, (int)size * 8);
    }

    /// <summary>The kernel's naming: an operation, and an order unless it is the full one.</summary>
    internal static (AtomicOperation Operation, AtomicOrder Order)? AtomicOrNull(string name)
    {
        var order = AtomicOrder.Full;
        foreach (var candidate in (ReadOnlySpan<AtomicOrder>)[AtomicOrder.Acquire, AtomicOrder.Release, AtomicOrder.Relaxed])
        {
            var suffix = candidate.ToString();
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                (name, order) = (name[..^suffix.Length], candidate);
                break;
            }
        }

        return name switch
        {
            "CmpXchg" => (AtomicOperation.CompareExchange, order),
            "Xchg" => (AtomicOperation.Exchange, order),
            "FetchAdd" => (AtomicOperation.Add, order),
            "FetchOr" => (AtomicOperation.Or, order),
            "FetchAnd" => (AtomicOperation.And, order),
            _ => null,
        };
    }

    private Value.Scalar LowerAtomic(AtomicOperation operation, AtomicOrder order, ImmutableArray<Value> arguments, AccessSize size)
    {
        var address = ScalarOf(arguments[0]).Operand;
        var isConditional = operation == AtomicOperation.CompareExchange;
        var expected = isConditional ? ScalarOf(arguments[1]).Operand : 0UL;
        var value = ScalarOf(arguments[^1]).Operand;
        return ResultOf(r => new AtomicUpdate(r, operation, address, value, expected, size, order), size);
    }

    /// <summary>Tries until the lock was free. Rounds that fail change nothing.</summary>
    private Value LowerSpinLock(Operand address, AccessSize size)
    {
        var attempt = _builder.NewBlock();
        var taken = _builder.NewBlock();
        var old = _builder.NewRegister();
        _builder.End(new Jump(attempt));
        _builder.Current = attempt;
        _builder.Emit(new AtomicUpdate(old, AtomicOperation.CompareExchange, address, 1UL, 0UL, size, AtomicOrder.Acquire));
        _builder.End(new Branch(old, attempt, taken));
        _builder.Current = taken;
        return Value.None;
    }

    private Value LowerPoison(MethodBase method, Operand address, Operand lengthBytes)
    {
        var pattern = method.DeclaringType!.GetField(PoisonPatternField)?.GetRawConstantValue();
        return pattern is ulong value
            ? Emit(new Poison(address, lengthBytes, value))
            : Refuse(DiagnosticCodes.UnknownIntrinsic, $"{method.DeclaringType!.Name} has no constant {PoisonPatternField} of type ulong");
    }

    private Value LowerTakeFault(ImmutableArray<Value> arguments) =>
        arguments[0] is Value.Scalar { Operand: { IsConstant: true } kind } && Enum.IsDefined((MmuFault)kind.Constant)
            ? Emit(new TakeFault((MmuFault)kind.Constant, ScalarOf(arguments[1]).Operand))
            : Refuse(DiagnosticCodes.IntrinsicArgument, "the kind of fault of TakeFault is not a constant");

    private Value LowerBugOn(ImmutableArray<Value> arguments) => arguments[1] is Value.Text claim
        ? Emit(new BugOn(ScalarOf(arguments[0]).Operand, claim.Content))
        : Refuse(DiagnosticCodes.IntrinsicArgument, "the claim of BugOn is not a constant string");

    private Value LowerChoose(ImmutableArray<Value> arguments)
    {
        if (arguments[0] is not Value.Scalar { Operand: { IsConstant: true, Constant: > 0 and <= int.MaxValue } } count)
        {
            return Refuse(DiagnosticCodes.IntrinsicArgument, "the number of choices of Choose is not a positive constant");
        }

        var result = _builder.NewRegister();
        _builder.Emit(new Choose(result, (int)count.Operand.Constant));
        return new Value.Scalar(result, Value.Scalar.Constant(count.Operand.Constant).Bits);
    }
}
