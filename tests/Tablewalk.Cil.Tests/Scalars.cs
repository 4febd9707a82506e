namespace Tablewalk.Cil.Tests;

/// <summary>C# values as registers hold them, and the reverse.</summary>
internal static class Scalars
{
    /// <summary>The low bits of a number as a value of an integer type.</summary>
    internal static object Narrow(ulong value, Type type)
    {
        if (type.IsEnum)
        {
            return Enum.ToObject(type, Narrow(value, type.GetEnumUnderlyingType()));
        }

        return unchecked(Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => (value & 1) != 0,
            TypeCode.Char => (char)value,
            TypeCode.Byte => (byte)value,
            TypeCode.SByte => (sbyte)value,
            TypeCode.Int16 => (short)value,
            TypeCode.UInt16 => (ushort)value,
            TypeCode.Int32 => (int)value,
            TypeCode.UInt32 => (uint)value,
            TypeCode.Int64 => (long)value,
            TypeCode.UInt64 => value,
            _ => type == typeof(nint) ? (nint)value : (object)(nuint)value,
        });
    }

    /// <summary>The register: zero-extended from 32 bits if the type has 32 or fewer.</summary>
    internal static ulong BitsOf(object value) => unchecked(value switch
    {
        Fixtures.Entry e => e.Raw,
        Enum e => BitsOf(Convert.ChangeType(e, Enum.GetUnderlyingType(e.GetType()))),
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
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "not an integer"),
    });
}
