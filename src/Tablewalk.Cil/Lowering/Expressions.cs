using System.Reflection;
using ICSharpCode.Decompiler.IL;
using ICSharpCode.Decompiler.TypeSystem;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>This part: expressions other than calls.</summary>
internal sealed partial class MethodLowering
{
    private Value Evaluate(ILInstruction instruction)
    {
        switch (instruction)
        {
            case Nop:
                return Value.None;
            case LdcI4 constant:
                return Value.Scalar.Constant((uint)constant.Value);
            case LdcI8 constant:
                return Value.Scalar.Constant((ulong)constant.Value);
            case LdStr text:
                return new Value.Text(text.Value);
            case LdLoc load:
                return Load(load.Variable);
            case LdLoca address:
                return StorageOf(address.Variable) is { } storage ? new Value.Reference(storage) : Value.Refused;
            case StLoc store:
                var stored = Evaluate(store.Value);
                Assign(store.Variable, stored);
                return stored;
            case BinaryNumericInstruction binary:
                return EvaluateBinary(binary);
            case Comp comparison:
                return EvaluateComparison(comparison);
            case Conv conversion:
                return EvaluateConversion(conversion);
            case BitNot not:
                return Evaluate(not.Argument) is Value.Scalar inverted ? Arithmetic.Not(inverted, not.ResultType == StackType.I4) : Value.Refused;
            case LdObj { Target: LdsFlda target }:
                return StaticField(target);
            case LdObj load:
                var source = Evaluate(load.Target);
                Locate(load);
                return ResolveOrNull(load.Type) is { } loadType ? ReadThrough(source, loadType) : Value.Refused;
            case StObj store:
                EvaluateStore(store);
                return Value.None;
            case LdFlda field:
                return EvaluateFieldAddress(field);
            case LdsFlda field:
                return StaticField(field) is { } value && value != Value.Refused ? TemporaryFor(value, _frame.Types.Resolve(field.Field).FieldType) : Value.Refused;
            case AddressOf temporary:
                return TemporaryFor(Evaluate(temporary.Value), ResolveOr(temporary.Type, typeof(ulong)));
            case DefaultValue zero:
                return ResolveOrNull(zero.Type) is { } zeroType ? Zero(zeroType) : Value.Refused;
            case SizeOf size:
                return ResolveOrNull(size.Type) is { } sized ? Value.Scalar.Constant((ulong)Layout.SizeOf(sized)) : Value.Refused;
            case CallInstruction call:
                return EvaluateCall(call);
            default:
                return RefuseConstruct(instruction);
        }
    }

    private Value EvaluateBinary(BinaryNumericInstruction binary)
    {
        var left = Evaluate(binary.Left);
        var right = Evaluate(binary.Right);
        if (binary.CheckForOverflow)
        {
            return Refuse(DiagnosticCodes.CheckedArithmetic, "checked arithmetic; the subset wraps around, as kernel code does");
        }

        return (left, right) switch
        {
            (Value.Scalar l, Value.Scalar r) when IsInteger(binary.ResultType) =>
                Arithmetic.Binary(binary.Operator, binary.Sign, binary.ResultType == StackType.I4, l, r),
            (Value.Reference, Value.Scalar { Operand: { IsConstant: true, Constant: 0 } }) => left,
            (Value.Reference, _) or (_, Value.Reference) => Refuse(DiagnosticCodes.Reference, "arithmetic on a pointer or reference to a local"),
            _ => Value.Refused,
        };
    }

    private static bool IsInteger(StackType type) => type is StackType.I4 or StackType.I8 or StackType.I;

    private Value EvaluateComparison(Comp comparison)
    {
        var left = Evaluate(comparison.Left);
        var right = Evaluate(comparison.Right);
        switch (left, right)
        {
            case (Value.Scalar l, Value.Scalar r) when IsInteger(comparison.InputType):
                return Arithmetic.Compare(comparison.Kind, comparison.Sign, comparison.InputType == StackType.I4, l, r);
            case (Value.Reference l, Value.Reference r) when comparison.Kind is ComparisonKind.Equality or ComparisonKind.Inequality:
                return Value.Scalar.Constant(l == r == (comparison.Kind == ComparisonKind.Equality) ? 1UL : 0);
            case (Value.Reference, Value.Scalar { Operand: { IsConstant: true, Constant: 0 } }):
                return Value.Scalar.Constant(comparison.Kind is ComparisonKind.Inequality or ComparisonKind.GreaterThan ? 1UL : 0);
            case (Value.Reference or Value.Text, _) or (_, Value.Reference or Value.Text):
                return Refuse(DiagnosticCodes.Reference, "compares a reference to a local, or a string");
            default:
                return Value.Refused;
        }
    }

    private Value EvaluateConversion(Conv conversion)
    {
        var value = Evaluate(conversion.Argument);
        if (conversion.CheckForOverflow)
        {
            return Refuse(DiagnosticCodes.CheckedArithmetic, "a checked conversion; the subset wraps around, as kernel code does");
        }

        if (conversion.Kind is ConversionKind.IntToFloat or ConversionKind.FloatToInt or ConversionKind.FloatPrecisionChange)
        {
            return value == Value.Refused ? value : Refuse(DiagnosticCodes.FloatingPoint, "floating point; the subset has integers, bools, enums and pointers");
        }

        return value switch
        {
            Value.Reference when conversion.TargetType is PrimitiveType.I or PrimitiveType.U or PrimitiveType.Ref
                || conversion.Kind is ConversionKind.StopGCTracking => value,
            Value.Reference => Refuse(DiagnosticCodes.Reference, "the address of a local as a number"),
            Value.Scalar scalar => Arithmetic.Convert(
                scalar, conversion.TargetType, conversion.InputType == StackType.I4, conversion.Kind == ConversionKind.SignExtend),
            _ => Value.Refused,
        };
    }

    private void EvaluateStore(StObj store)
    {
        var target = store.Target is LdsFlda ? Value.Refused : Evaluate(store.Target);
        var value = Evaluate(store.Value);
        Locate(store);
        if (store.Target is LdsFlda field)
        {
            Refuse(DiagnosticCodes.StaticField, $"writes static field {field.Field.Name}; threads share memory only through Cpu");
        }
        else if (ResolveOrNull(store.Type) is { } type)
        {
            WriteThrough(target, value, type);
        }
    }

    private Value EvaluateFieldAddress(LdFlda access)
    {
        var target = Evaluate(access.Target);
        if (target == Value.Refused || FieldOrNull(access.Field) is not { } field)
        {
            return Value.Refused;
        }

        switch (target)
        {
            case Value.Reference reference:
                return FieldOf(reference.Place, field);
            case Value.Scalar pointer when field.DeclaringType!.IsValueType:
                return new Value.Scalar(_builder.Compute(Operation.Add, pointer.Operand, Layout.OffsetOf(field)), 64);
            default:
                return Refuse(DiagnosticCodes.Construct, $"field {field.Name} of an object of type {field.DeclaringType!.Name}; the subset has structs");
        }
    }

    private Value StaticField(LdsFlda access)
    {
        if (FieldOrNull(access.Field) is not { } field)
        {
            return Value.Refused;
        }

        Types.Add(field.DeclaringType!);
        var isMarked = Attributes.Has(field, options.ConstantAttribute);
        if (!field.IsInitOnly && !field.IsLiteral && !isMarked)
        {
            return Refuse(
                DiagnosticCodes.StaticField, $"static field {field.DeclaringType!.Name}.{field.Name} can change; the subset reads 'const', 'static readonly' and [LiftedConstant]");
        }

        var value = StaticValues.OfOrNull(field.GetValue(null), field.FieldType);
        return value ?? Refuse(
            DiagnosticCodes.StaticField, $"static field {field.DeclaringType!.Name}.{field.Name} holds {field.FieldType.Name}; the subset reads integers, bools, enums, pointers, structs of them and strings");
    }

    private Type? ResolveOrNull(IType type)
    {
        try
        {
            return _frame.Types.Resolve(type);
        }
        catch (NotSupportedException e)
        {
            Refuse(DiagnosticCodes.Construct, $"{e.Message} cannot be resolved");
            return null;
        }
    }

    private Type ResolveOr(IType type, Type fallback) => ResolveOrNull(type) ?? fallback;

    private FieldInfo? FieldOrNull(IField field)
    {
        try
        {
            return _frame.Types.Resolve(field);
        }
        catch (NotSupportedException e)
        {
            Refuse(DiagnosticCodes.Construct, $"{e.Message} cannot be resolved");
            return null;
        }
    }

    /// <summary>A scalar for whatever needs one; anything else was refused before or is refused now.</summary>
    private Value.Scalar ScalarOf(Value value)
    {
        switch (value)
        {
            case Value.Scalar scalar:
                return scalar;
            case Value.Aggregate aggregate when OnlyScalarOrNull(aggregate) is { } only:
                return only;
            case Value.Reference:
                Refuse(DiagnosticCodes.Reference, "the address of a local is handed to Cpu; other threads cannot see locals");
                break;
            case Value.Text or Value.Aggregate or Value.EqualityComparer:
                Refuse(DiagnosticCodes.Construct, "a string or a struct where the subset has an integer");
                break;
        }

        return new Value.Scalar(_builder.NewRegister(), 64);
    }

    private Value RefuseConstruct(ILInstruction instruction)
    {
        Locate(instruction);
        return instruction.OpCode switch
        {
            OpCode.TryCatch or OpCode.TryFinally or OpCode.TryFault or OpCode.Throw or OpCode.Rethrow =>
                Refuse(DiagnosticCodes.Exceptions, "try; the subset has no exceptions (nor using, lock, foreach over an enumerator)"),
            OpCode.LdcF4 or OpCode.LdcF8 or OpCode.LdcDecimal or OpCode.Ckfinite =>
                Refuse(DiagnosticCodes.FloatingPoint, "floating point; the subset has integers, bools, enums and pointers"),
            var code => Refuse(DiagnosticCodes.Construct, $"{NameOf(code)}; the subset has integers, bools, enums, pointers and structs of them"),
        };
    }

    private static string NameOf(OpCode code) => code switch
    {
        OpCode.Box => "boxing",
        OpCode.Unbox or OpCode.UnboxAny => "unboxing",
        OpCode.NewArr => "array allocation",
        OpCode.LdLen or OpCode.LdElema => "array access",
        OpCode.LdFtn or OpCode.LdVirtFtn => "a delegate or function pointer",
        OpCode.CallIndirect => "a call through a function pointer",
        OpCode.CastClass or OpCode.IsInst => "a type test or cast of an object",
        OpCode.LocAlloc => "stackalloc",
        OpCode.LdTypeToken or OpCode.LdMemberToken => "a type or member as an object",
        OpCode.Cpblk or OpCode.Initblk => "a block copy or fill",
        OpCode.LdNull => "null",
        _ => $"CIL instruction {code}",
    };
}
