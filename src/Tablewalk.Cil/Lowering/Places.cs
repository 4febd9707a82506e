using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using ICSharpCode.Decompiler.IL;
using ICSharpCode.Decompiler.TypeSystem;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>This part: variables, structs taken apart into registers, references to them.</summary>
internal sealed partial class MethodLowering
{
    /// <summary>The closed type of a variable: reflection knows those of the source, the tree those of the evaluation stack.</summary>
    private Type TypeOf(ILVariable variable) => variable.Kind switch
    {
        VariableKind.Parameter when variable.Index < 0 => _frame.Method.DeclaringType!.MakeByRefType(),
        VariableKind.Parameter => _frame.Method.GetParameters()[variable.Index!.Value].ParameterType,
        VariableKind.Local or VariableKind.PinnedLocal => _frame.LocalTypes[variable.Index!.Value],
        _ when variable.Type.Kind == TypeKind.Unknown => StackTypeOf(variable.StackType),
        _ => ResolveOr(variable.Type, typeof(ulong)),
    };

    private static Type StackTypeOf(StackType type) => type switch
    {
        StackType.I4 => typeof(uint),
        StackType.I8 => typeof(ulong),
        StackType.I => typeof(nuint),
        _ => typeof(object),
    };

    private readonly HashSet<Type> _refusedTypes = [];

    private static bool CanScalarise(Type type) =>
        !type.IsDefined(typeof(InlineArrayAttribute), inherit: false)
        && Layout.FieldsOf(type).All(f => !f.IsDefined(typeof(FixedBufferAttribute), inherit: false)
            && (Layout.IsScalar(f.FieldType) || (Layout.IsStruct(f.FieldType) && CanScalarise(f.FieldType))))
        && (!type.IsExplicitLayout || Layout.FieldsOf(type).Length <= 1);

    private Place? StorageOf(ILVariable variable) => _frame[variable].Storage ??= NewPlace(TypeOf(variable));

    private Place? NewPlace(Type type)
    {
        if (Layout.IsScalar(type))
        {
            return new RegisterPlace(type, _builder.NewRegister());
        }

        if (Layout.IsStruct(type) && CanScalarise(type))
        {
            var fields = Layout.FieldsOf(type);
            return new StructPlace(type, fields, [.. fields.Select(f => NewPlace(f.FieldType)!)]);
        }

        RefuseType(type);
        return null;
    }

    private Value RefuseType(Type type)
    {
        if (type == typeof(float) || type == typeof(double) || type == typeof(decimal))
        {
            return Refuse(DiagnosticCodes.FloatingPoint, "floating point; the subset has integers, bools, enums and pointers");
        }

        if (!_refusedTypes.Add(type))
        {
            return Value.Refused; // once is enough: every use of such a variable would say it again
        }

        if (type.IsByRef)
        {
            return Refuse(DiagnosticCodes.Reference, $"a reference ({type.Name}) that is set in several places; the lifter must know what it refers to");
        }

        return type.IsValueType
            ? Refuse(DiagnosticCodes.Layout, $"a local of struct {type.Name} that has overlapping fields, a buffer, or a field that is no integer, bool, enum or pointer")
            : Refuse(DiagnosticCodes.Construct, $"an object ({type.Name}); the subset has integers, bools, enums, pointers and structs of them");
    }

    private Value Load(ILVariable variable)
    {
        var found = _frame[variable];
        return found.Bound ?? (StorageOf(variable) is { } place ? Read(place) : Value.Refused);
    }

    private void Assign(ILVariable variable, Value value)
    {
        var found = _frame[variable];
        if (value == Value.Refused)
        {
            if (found is { IsAssignedOnce: true, Storage: null })
            {
                found.Bound = value;
            }

            return;
        }

        if (value is Value.Scalar or Value.Aggregate)
        {
            value = Coerce(value, TypeOf(variable));
        }

        if (value.IsStatic)
        {
            if ((found.IsAssignedOnce || found.Bound == value) && found.Storage is null)
            {
                found.Bound = value;
            }
            else
            {
                found.Bound = value is Value.Text
                    ? Refuse(DiagnosticCodes.IntrinsicArgument, "a string that depends on the path; a claim is one constant string")
                    : Refuse(DiagnosticCodes.Reference, "a reference to a local that is set in several places; the lifter must know what it refers to");
            }
        }
        else if (found is { IsAssignedOnce: true, Storage: null } && (variable.Kind == VariableKind.StackSlot || IsConstant(value)))
        {
            found.Bound = value;
        }
        else
        {
            Write(StorageOf(variable), value);
        }
    }

    private static bool IsConstant(Value value) => value switch
    {
        Value.Scalar scalar => scalar.Operand.IsConstant,
        Value.Aggregate aggregate => aggregate.Fields.All(IsConstant),
        _ => false,
    };

    /// <summary>A value as a place of the type holds it: small integers lose the bits that do not fit.</summary>
    private Value Coerce(Value value, Type type)
    {
        if (value is Value.Scalar scalar && Layout.IsScalar(type))
        {
            var (bits, isSigned) = Layout.ShapeOf(type);
            return Arithmetic.Narrow(scalar, bits, isSigned);
        }

        return value;
    }

    private Value Zero(Type type)
    {
        if (Layout.IsScalar(type))
        {
            return Value.Scalar.Constant(0);
        }

        if (!Layout.IsStruct(type) || !CanScalarise(type))
        {
            return RefuseType(type);
        }

        return new Value.Aggregate(type, [.. Layout.FieldsOf(type).Select(f => Zero(f.FieldType))]);
    }

    private Value Read(Place place)
    {
        if (place is StructPlace structure)
        {
            return new Value.Aggregate(place.Type, [.. structure.Parts.Select(Read)]);
        }

        var result = _builder.NewRegister();
        _builder.Emit(new Compute(result, Operation.Copy, ((RegisterPlace)place).Register, 0UL));
        var (bits, isSigned) = Layout.ShapeOf(place.Type);
        return new Value.Scalar(result, isSigned && bits < 32 ? 32 : bits);
    }

    private void Write(Place? place, Value value)
    {
        switch (place, value)
        {
            case (null, _):
                break;
            case (_, _) when value == Value.Refused:
                break;
            case (StructPlace structure, Value.Aggregate aggregate) when structure.Parts.Length == aggregate.Fields.Length:
                for (var i = 0; i < structure.Parts.Length; i++)
                {
                    Write(structure.Parts[i], aggregate.Fields[i]);
                }

                break;
            case (RegisterPlace register, Value.Scalar scalar):
                var narrow = (Value.Scalar)Coerce(scalar, register.Type);
                _builder.Emit(new Compute(register.Register, Operation.Copy, narrow.Operand, 0UL));
                break;
            default:
                Refuse(DiagnosticCodes.Reference, $"a reference to a local or a string is stored in a {place.Type.Name}; it can only be passed on");
                break;
        }
    }

    /// <summary>The same bits as another type; only between types that hold one scalar of the same size.</summary>
    private Value Reinterpret(Value value, Type from, Type to)
    {
        if (from == to || value == Value.Refused || IsSameScalar(from, to))
        {
            return value is Value.Scalar scalar && from != to ? Reread(scalar, to) : value;
        }

        if (Layout.OnlyScalarOrNull(from) is { } inner && Layout.OnlyScalarOrNull(to) is { } outer && IsSameScalar(inner, outer))
        {
            return Wrap(Reread(OnlyScalarOrNull(value)!, outer), to);
        }

        return Refuse(DiagnosticCodes.Layout, $"a {from.Name} is read or written as a {to.Name}; the subset reinterprets only one integer as another of its size");
    }

    private Value.Scalar Reread(Value.Scalar scalar, Type to)
    {
        var (bits, isSigned) = Layout.ShapeOf(to);
        return Arithmetic.Narrow(scalar, bits, isSigned);
    }

    private static Value Wrap(Value.Scalar scalar, Type type) =>
        Layout.IsScalar(type) ? scalar : new Value.Aggregate(type, [Wrap(scalar, Layout.FieldsOf(type)[0].FieldType)]);

    private static bool IsSameScalar(Type left, Type right) =>
        Layout.IsScalar(left) && Layout.IsScalar(right) && Layout.ShapeOf(left).Bits == Layout.ShapeOf(right).Bits;

    /// <summary>A part of what is at a place.</summary>
    private Value FieldOf(Place place, FieldInfo field)
    {
        var type = field.DeclaringType!;
        if (place is StructPlace structure && structure.Type == type)
        {
            return new Value.Reference(structure.PartOf(field));
        }

        if (place is RegisterPlace && Layout.OnlyScalarOrNull(type) is { } only && IsSameScalar(only, place.Type))
        {
            return new Value.Reference(place);
        }

        return Refuse(DiagnosticCodes.Layout, $"a {place.Type.Name} is used as a {type.Name}; the subset reinterprets only one integer as another of its size");
    }

    private Value TemporaryFor(Value value, Type type)
    {
        if (value == Value.Refused || NewPlace(type) is not { } place)
        {
            return Value.Refused;
        }

        Write(place, value);
        return new Value.Reference(place);
    }

    private Value ReadThrough(Value address, Type type) => address switch
    {
        Value.Reference reference => Reinterpret(Read(reference.Place), reference.Place.Type, type),
        Value.Scalar => Refuse(DiagnosticCodes.DirectAccess, $"reads {Layout.SizeOf(type)} bytes through a pointer; Cpu is the only door to memory"),
        _ => Value.Refused,
    };

    private void WriteThrough(Value address, Value value, Type type)
    {
        switch (address)
        {
            case Value.Reference reference:
                Write(reference.Place, Reinterpret(value, type, reference.Place.Type));
                break;
            case Value.Scalar:
                Refuse(DiagnosticCodes.DirectAccess, $"writes {Layout.SizeOf(type)} bytes through a pointer; Cpu is the only door to memory");
                break;
        }
    }
}
