using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Tablewalk.Cil.Reading;

/// <summary>The attributes of methods and fields by their simple names, each member's read once: reading is slow, and every inlined call asks.</summary>
internal static class Attributes
{
    private static readonly ConditionalWeakTable<Module, ConcurrentDictionary<int, ImmutableArray<string>>> s_names = [];

    /// <summary>Whether a member is marked.</summary>
    internal static bool Has(MemberInfo member, string name) => s_names.GetOrCreateValue(member.Module)
        .GetOrAdd(member.MetadataToken, static (_, m) => [.. m.CustomAttributes.Select(a => a.AttributeType.Name)], member)
        .Contains(name);
}
