using System.Reflection;

namespace Tablewalk.Cil.Lowering;

/// <summary>The few methods of the class library that lifted code may call.</summary>
internal static class WellKnownMethods
{
    /// <summary>Whether the method's own CIL is in the subset, although nothing is known of its source.</summary>
    internal static bool MayBeInlined(MethodBase method)
    {
        var type = method.DeclaringType!;
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition.FullName switch
        {
            { } name when name.StartsWith("System.ValueTuple`", StringComparison.Ordinal) => method.IsConstructor,
            "System.Nullable`1" => method.IsConstructor || method.Name is "get_HasValue" or "GetValueOrDefault",
            "System.Math" => method.Name is "Min" or "Max" && Layout.IsScalar(method.GetParameters()[0].ParameterType),
            _ => false,
        };
    }

    /// <summary>Whether this is <c>Equals</c> of a type with a type of its own, such as <c>ulong.Equals(ulong)</c>.</summary>
    internal static bool IsScalarEquals(MethodBase method) =>
        method is { Name: "Equals", IsStatic: false } && Layout.IsScalar(method.DeclaringType!)
        && method.GetParameters() is [var other] && other.ParameterType == method.DeclaringType;

    internal static bool IsEqualityComparer(MethodBase method) =>
        method.DeclaringType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(EqualityComparer<>);

    internal static bool IsUnsafeAs(MethodBase method) =>
        method.DeclaringType?.FullName == "System.Runtime.CompilerServices.Unsafe" && method.Name is "As" or "AsRef" or "AsPointer";
}
