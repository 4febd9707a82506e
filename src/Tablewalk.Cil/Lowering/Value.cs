using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>What an expression evaluates to while lifting.</summary>
internal abstract record Value
{
    private Value() { } // closed: every case is in this file

    /// <summary>No value: what a void method returns.</summary>
    internal static Value None { get; } = new Nothing();

    /// <summary>The value of something that was refused; whatever uses it stays silent.</summary>
    internal static Value Refused { get; } = new Unknown();

    /// <summary>Whether the value exists only while lifting, so that no register can hold it.</summary>
    internal bool IsStatic => this is Reference or Text or EqualityComparer;

    /// <summary>An integer of at most 64 bits, an enum, a bool or a pointer.</summary>
    /// <param name="Operand">
    /// A constant, or a register that is written once per execution of the expression. Values of 32 bits and less are zero-extended from
    /// 32 bits.
    /// </param>
    /// <param name="Bits">An upper bound of the number of low bits that may be set.</param>
    internal sealed record Scalar(Operand Operand, int Bits) : Value
    {
        internal static Scalar Constant(ulong value) => new(value, 64 - System.Numerics.BitOperations.LeadingZeroCount(value));
    }

    /// <summary>A struct: one value for each instance field, in the order of <see cref="Layout.FieldsOf"/>.</summary>
    internal sealed record Aggregate(Type Type, ImmutableArray<Value> Fields) : Value
    {
        public bool Equals(Aggregate? other) => other is not null && Type == other.Type && Fields.SequenceEqual(other.Fields);

        public override int GetHashCode() => Type.GetHashCode();
    }

    /// <summary>A managed reference or a pointer to a local variable or a part of one, known while lifting.</summary>
    internal sealed record Reference(Place Place) : Value;

    /// <summary>A constant string.</summary>
    internal sealed record Text(string Content) : Value;

    /// <summary>EqualityComparer&lt;T&gt;.Default.</summary>
    internal sealed record EqualityComparer(Type Type) : Value;

    private sealed record Nothing : Value;

    private sealed record Unknown : Value;
}

/// <summary>Where a local variable, or a part of one, is kept.</summary>
internal abstract class Place(Type type)
{
    /// <summary>The type of what is kept here.</summary>
    internal Type Type { get; } = type;
}

/// <summary>A scalar in a register.</summary>
internal sealed class RegisterPlace(Type type, Register register) : Place(type)
{
    internal Register Register { get; } = register;
}

/// <summary>A struct, field by field.</summary>
internal sealed class StructPlace(Type type, ImmutableArray<FieldInfo> fields, ImmutableArray<Place> parts) : Place(type)
{
    internal ImmutableArray<Place> Parts { get; } = parts;

    internal Place PartOf(FieldInfo field)
    {
        var index = fields.IndexOf(field, 0, fields.Length, FieldComparer.Instance);
        Invariant.Check(index >= 0, $"{Type} has no field {field.Name}");
        return Parts[index];
    }

    private sealed class FieldComparer : IEqualityComparer<FieldInfo>
    {
        internal static FieldComparer Instance { get; } = new();

        public bool Equals(FieldInfo? x, FieldInfo? y) => x!.Name == y!.Name;

        public int GetHashCode(FieldInfo field) => field.Name.GetHashCode(StringComparison.Ordinal);
    }
}
