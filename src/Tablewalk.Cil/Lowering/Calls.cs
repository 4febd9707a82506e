using System.Collections.Immutable;
using System.Reflection;
using ICSharpCode.Decompiler.IL;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>This part: calls. Each is inlined, mapped to what it is known to do, or refused.</summary>
internal sealed partial class MethodLowering
{
    private Value EvaluateCall(CallInstruction call)
    {
        var arguments = ImmutableArray.CreateBuilder<Value>();
        foreach (var argument in call.Arguments)
        {
            arguments.Add(Evaluate(argument));
        }

        Locate(call);
        if (MethodOrNull(call) is not { } method)
        {
            return Value.Refused;
        }

        return call is NewObj ? Construct(method, arguments.ToImmutable()) : Dispatch(call, method, arguments.ToImmutable());
    }

    private MethodBase? MethodOrNull(CallInstruction call)
    {
        try
        {
            var method = _frame.Types.Resolve(call.Method);
            return call.ConstrainedTo is { } type ? Dispatching.TargetOrNull(method, _frame.Types.Resolve(type)) ?? RefuseDispatch(method) : method;
        }
        catch (NotSupportedException e)
        {
            Refuse(DiagnosticCodes.Construct, $"{e.Message} cannot be resolved");
            return null;
        }
    }

    private MethodBase? RefuseDispatch(MethodBase method)
    {
        Refuse(
            DiagnosticCodes.Dispatch,
            $"virtual call of {DebugInformation.NameOf(method)}; the subset calls static methods, methods of structs and static abstract members");
        return null;
    }

    private Value Construct(MethodBase constructor, ImmutableArray<Value> arguments)
    {
        var type = constructor.DeclaringType!;
        if (!type.IsValueType)
        {
            return arguments.Contains(Value.Refused)
                ? Value.Refused
                : Refuse(DiagnosticCodes.Construct, $"allocation of {(type.Name.StartsWith('<') ? "a closure" : type.Name)}; nothing lives on the managed heap in the subset");
        }

        var zero = Zero(type);
        if (TemporaryFor(zero, type) is not Value.Reference reference)
        {
            return Value.Refused;
        }

        Inline(constructor, [reference, .. arguments]);
        return Read(reference.Place);
    }

    private Value Dispatch(CallInstruction call, MethodBase method, ImmutableArray<Value> arguments)
    {
        if (method.DeclaringType?.FullName == options.IntrinsicClass && Attributes.Has(method, options.IntrinsicAttribute))
        {
            return LowerIntrinsic(method, arguments);
        }

        if (WellKnownMethods.IsEqualityComparer(method))
        {
            return CompareBy(method, arguments);
        }

        if (WellKnownMethods.IsScalarEquals(method))
        {
            return EqualValues(ReadThrough(arguments[0], method.DeclaringType!), arguments[1]);
        }

        if (WellKnownMethods.IsUnsafeAs(method))
        {
            return arguments[0];
        }

        if (!method.IsStatic && !method.DeclaringType!.IsValueType)
        {
            if (arguments[0] != Value.Refused)
            {
                RefuseDispatch(method);
            }

            return Value.Refused;
        }

        if (!method.IsStatic && arguments[0] is Value.Scalar)
        {
            return Refuse(
                DiagnosticCodes.DirectAccess, $"{DebugInformation.NameOf(method)} is called on memory behind a pointer; Cpu is the only door to memory, so read a copy first");
        }

        return method.IsAbstract || (call is CallVirt && call.ConstrainedTo is null && method.IsVirtual)
            ? RefuseDispatch(method) is null ? Value.Refused : Value.None
            : Inline(method, arguments);
    }

    private Value CompareBy(MethodBase method, ImmutableArray<Value> arguments)
    {
        var type = method.DeclaringType!.GetGenericArguments()[0];
        return method.Name switch
        {
            "get_Default" => new Value.EqualityComparer(type),
            "Equals" when arguments is [Value.EqualityComparer, var left, var right] => AreEqual(type, left, right),
            _ => RefuseDispatch(method) is null ? Value.Refused : Value.None,
        };
    }

    private Value AreEqual(Type type, Value left, Value right)
    {
        if (Layout.IsScalar(type))
        {
            return EqualValues(left, right);
        }

        var equals = type.GetMethod("Equals", BindingFlags.Public | BindingFlags.Instance, [type]);
        return type.IsValueType && equals is not null && TemporaryFor(left, type) is Value.Reference reference
            ? Inline(equals, [reference, right])
            : Refuse(DiagnosticCodes.Dispatch, $"equality of {type.Name}; the subset compares integers, bools, enums, pointers and record structs");
    }

    private Value EqualValues(Value left, Value right) =>
        left is Value.Scalar l && right is Value.Scalar r
            ? new Value.Scalar(_builder.Compute(Operation.Equal, l.Operand, r.Operand), 1)
            : Value.Refused;
}
