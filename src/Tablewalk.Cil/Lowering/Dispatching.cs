using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Tablewalk.Cil.Lowering;

/// <summary>Finds what a constrained call runs, from the runtime's own tables, each call's once: the runtime builds a table anew for each question.</summary>
internal static class Dispatching
{
    private const BindingFlags AllInstance = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Type, ConcurrentDictionary<MethodBase, MethodBase?>> s_targets = [];

    /// <summary>The method that a call of <paramref name="method"/>, constrained to a type, runs; null if that is not known statically.</summary>
    internal static MethodBase? TargetOrNull(MethodBase method, Type type) =>
        s_targets.GetOrCreateValue(type).GetOrAdd(method, static (method, type) => FindOrNull(method, type), type);

    private static MethodBase? FindOrNull(MethodBase method, Type type)
    {
        var declaring = method.DeclaringType!;
        if (declaring.IsInterface)
        {
            return declaring.IsAssignableFrom(type) && (method.IsStatic || type.IsValueType) && !type.IsInterface
                ? ImplementationOrNull((MethodInfo)method, declaring, type)
                : null;
        }

        if (!type.IsValueType)
        {
            return null;
        }

        return declaring.IsAssignableFrom(type) && declaring != type
            ? type.GetMethods(AllInstance).FirstOrDefault(m => m.GetBaseDefinition() == ((MethodInfo)method).GetBaseDefinition())
            : method;
    }

    private static MethodInfo? ImplementationOrNull(MethodInfo method, Type declaring, Type type)
    {
        var map = type.GetInterfaceMap(declaring);
        var definition = method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
        for (var i = 0; i < map.InterfaceMethods.Length; i++)
        {
            if (map.InterfaceMethods[i].MetadataToken == definition.MetadataToken && map.InterfaceMethods[i].Module == definition.Module)
            {
                var target = map.TargetMethods[i];
                return target is null ? null : method.IsGenericMethod ? target.MakeGenericMethod(method.GetGenericArguments()) : target;
            }
        }

        return null;
    }
}
