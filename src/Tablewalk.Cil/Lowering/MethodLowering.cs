using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using ICSharpCode.Decompiler.IL;
using Tablewalk.Cil.Reading;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>Lowers one thread: a method and everything it calls. This part: the thread itself, its parameters and its result.</summary>
/// <remarks>
/// Expressions are evaluated in their order. An expression's value is a constant, a register of its own, or something known while
/// lifting (<see cref="Value.IsStatic"/>). Branches on constants are decided here, so code that a policy rules out is not even looked at.
/// </remarks>
internal sealed partial class MethodLowering(LiftOptions options)
{
    private readonly ProcedureBuilder _builder = new();
    private readonly ImmutableArray<Diagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
    private Frame _frame = null!;
    private SourceLocation? _place; // the innermost place, which diagnostics name; what is emitted may stand for a caller's

    private Arithmetic Arithmetic => field ??= new Arithmetic(_builder);

    /// <summary>The types whose methods were inlined, or whose static fields were read.</summary>
    internal HashSet<Type> Types { get; } = [];

    /// <summary>Lowers a thread's method.</summary>
    /// <exception cref="LiftException">Something in it is outside the subset.</exception>
    internal Procedure Lower(MethodInfo method)
    {
        _builder.Location = _place = EntryOf(method);
        var parameters = ImmutableArray.CreateBuilder<Register>();
        var arguments = ImmutableArray.CreateBuilder<Value>();
        foreach (var parameter in method.ContainsGenericParameters ? [] : method.GetParameters())
        {
            arguments.Add(EntryValue(parameter.ParameterType, parameters));
        }

        var result = method.ContainsGenericParameters
            ? Refuse(DiagnosticCodes.OpenGeneric, "a thread is a method of closed types; this one has open type parameters")
            : arguments.Contains(Value.Refused)
            ? Refuse(DiagnosticCodes.Signature, "a thread's parameters are integers, bools, enums, pointers and structs of them")
            : Inline(method, arguments.ToImmutable());
        _builder.End(new Return(ReturnedOperand(method, result)));
        if (_diagnostics.Count > 0)
        {
            throw new LiftException([.. _diagnostics.Distinct()]);
        }

        return new Procedure(DebugInformation.NameOf(method), _builder.RegisterCount, parameters.ToImmutable(), _builder.ToBlocks());
    }

    /// <summary>Where a method begins, for what is wrong with it as a whole.</summary>
    internal static SourceLocation EntryOf(MethodInfo method)
    {
        // The compiler moves the source of an async method or iterator into a class of its own.
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
        var body = method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType.GetMethod("MoveNext", Hidden) ?? method;
        return ModuleReader.For(method.Module.Assembly).Debug?.PlacesOf(body).FirstOrNull is { } first
            ? first with { Method = DebugInformation.NameOf(method) }
            : new SourceLocation(Path.GetFileName(method.Module.Assembly.Location), 0, "", DebugInformation.NameOf(method));
    }

    private Value EntryValue(Type type, ImmutableArray<Register>.Builder parameters)
    {
        if (Layout.IsStruct(type) && !type.IsByRefLike)
        {
            var fields = Layout.FieldsOf(type).Select(f => EntryValue(f.FieldType, parameters)).ToImmutableArray();
            return fields.Contains(Value.Refused) ? Value.Refused : new Value.Aggregate(type, fields);
        }

        if (!Layout.IsScalar(type))
        {
            return Value.Refused;
        }

        var register = _builder.NewRegister();
        parameters.Add(register);
        var (bits, isSigned) = Layout.ShapeOf(type);
        if (!options.Arguments.IsDefault && parameters.Count <= options.Arguments.Length)
        {
            return Value.Scalar.Constant(options.Arguments[parameters.Count - 1]);
        }

        return new Value.Scalar(register, isSigned && bits < 32 ? 32 : bits);
    }

    private Operand ReturnedOperand(MethodInfo method, Value result)
    {
        switch (OnlyScalarOrNull(result))
        {
            case { } scalar:
                return scalar.Operand;
            case null when method.ReturnType == typeof(void) || result == Value.Refused:
                return 0UL;
            default:
                Refuse(DiagnosticCodes.Signature, $"a thread returns nothing, an integer or a struct of one integer, not {method.ReturnType.Name}");
                return 0UL;
        }
    }

    private static Value.Scalar? OnlyScalarOrNull(Value value) => value switch
    {
        Value.Scalar scalar => scalar,
        Value.Aggregate { Fields: [var only] } => OnlyScalarOrNull(only),
        _ => null,
    };

    private void Locate(ILInstruction instruction)
    {
        var ranged = instruction.ILRangeIsEmpty ? instruction.Descendants.FirstOrDefault(d => !d.ILRangeIsEmpty) : instruction;
        if (ranged is not null && _frame.Tree.Places.AtOrNull(ranged.StartILOffset) is { } location)
        {
            GoTo(location);
        }
    }

    private void GoTo(SourceLocation? place)
    {
        _place = place;
        _builder.Location = _frame.StandsFor ?? place;
    }

    private Value Refuse(string code, string message)
    {
        _diagnostics.Add(new Diagnostic(code, _place!, message));
        return Value.Refused;
    }
}
