using System.Collections.Immutable;
using System.Reflection;

namespace Tablewalk.Cil.Lowering;

/// <summary>Values that exist while lifting, as constants.</summary>
internal static class StaticValues
{
    /// <summary>The constant for an object of a field's type; null if the subset has none.</summary>
    internal static Value? OfOrNull(object? value, Type type)
    {
        switch (value)
        {
            case null:
                return null;
            case string text:
                return new Value.Text(text);
            case Pointer:
                unsafe
                {
                    return Value.Scalar.Constant((ulong)Pointer.Unbox(value));
                }
        }

        if (Layout.IsScalar(type))
        {
            return Value.Scalar.Constant(BitsOf(type.IsEnum ? Convert.ChangeType(value, type.GetEnumUnderlyingType()) : value));
        }

        if (!Layout.IsStruct(type))
        {
            return null;
        }

        var fields = ImmutableArray.CreateBuilder<Value>();
        foreach (var field in Layout.FieldsOf(type))
        {
            if (OfOrNull(field.GetValue(value), field.FieldType) is not { } part)
            {
                return null;
            }

            fields.Add(part);
        }

        return new Value.Aggregate(type, fields.ToImmutable());
    }

    /// <summary>The register's content for a value: zero-extended from 32 bits if it has 32 or fewer.</summary>
    private static ulong BitsOf(object value) => value switch
    {
        bool b => b ? 1UL : 0,
        char c => c,
        byte v => v,
        sbyte v => (uint)v,
        ushort v => v,
        short v => (uint)v,
        uint v => v,
        int v => (uint)v,
        ulong v => v,
        long v => (ulong)v,
        nuint v => v,
        nint v => (ulong)v,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "not a scalar"),
    };
}
