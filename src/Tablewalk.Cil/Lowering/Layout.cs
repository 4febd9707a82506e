using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;

namespace Tablewalk.Cil.Lowering;

/// <summary>Sizes, offsets and fields of types, asked of the runtime that runs them.</summary>
internal static class Layout
{
    private static readonly ConcurrentDictionary<Type, int> s_sizes = new();
    private static readonly ConcurrentDictionary<(Type, string), ulong> s_offsets = new();
    private static readonly ConcurrentDictionary<Type, ImmutableArray<FieldInfo>> s_fields = new();

    /// <summary>The instance fields of a struct in the order of their declaration.</summary>
    internal static ImmutableArray<FieldInfo> FieldsOf(Type type) => s_fields.GetOrAdd(type, static t =>
        [.. t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(f => f.MetadataToken)]);

    /// <summary>Whether one register holds a value of the type.</summary>
    internal static bool IsScalar(Type type) =>
        type.IsPointer || type.IsEnum || type.IsFunctionPointer
        || (type.IsPrimitive && type != typeof(float) && type != typeof(double));

    /// <summary>Whether values of the type are lifted field by field.</summary>
    internal static bool IsStruct(Type type) => type is { IsValueType: true, IsEnum: false, IsPrimitive: false };

    /// <summary>The width of a scalar in bits, and whether it is signed.</summary>
    internal static (int Bits, bool IsSigned) ShapeOf(Type type) => Type.GetTypeCode(type.IsEnum ? type.GetEnumUnderlyingType() : type) switch
    {
        TypeCode.Boolean or TypeCode.Byte => (8, false),
        TypeCode.SByte => (8, true),
        TypeCode.Int16 => (16, true),
        TypeCode.UInt16 or TypeCode.Char => (16, false),
        TypeCode.Int32 => (32, true),
        TypeCode.UInt32 => (32, false),
        TypeCode.Int64 => (64, true),
        _ => (64, type == typeof(nint)),
    };

    /// <summary>The size that <c>sizeof</c> gives, in bytes.</summary>
    internal static int SizeOf(Type type) => s_sizes.GetOrAdd(type, static t =>
    {
        var method = new DynamicMethod("SizeOf", typeof(int), null, typeof(Layout), skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Sizeof, t);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    });

    /// <summary>The distance of a field from the beginning of its struct, in bytes.</summary>
    internal static ulong OffsetOf(FieldInfo field) => s_offsets.GetOrAdd((field.DeclaringType!, field.Name), static (_, f) =>
    {
        // The difference of two addresses in one local: well defined, whatever the layout.
        var method = new DynamicMethod("OffsetOf", typeof(ulong), null, typeof(Layout), skipVisibility: true);
        var il = method.GetILGenerator();
        var local = il.DeclareLocal(f.DeclaringType!);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Ldflda, f);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_U8);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<ulong>>()();
    }, field);

    /// <summary>The only scalar inside a type, through any number of structs with one field; null if there are more, or none.</summary>
    internal static Type? OnlyScalarOrNull(Type type) =>
        IsScalar(type) ? type
        : IsStruct(type) && FieldsOf(type) is [var field] ? OnlyScalarOrNull(field.FieldType)
        : null;
}
