using System.Reflection;
using System.Reflection.Metadata.Ecma335;
using ICSharpCode.Decompiler.TypeSystem;

namespace Tablewalk.Cil.Reading;

/// <summary>
/// Closes what a tree names (types, methods, fields of the generic definition) for one instantiation, and answers with the runtime's own
/// reflection objects: they are the authority on generics, static abstract members, layouts and values.
/// </summary>
internal sealed class RuntimeTypes(ModuleReader reader, Type[] typeArguments, Type[] methodArguments)
{
    private const BindingFlags AllMembers =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    internal static RuntimeTypes For(ModuleReader reader, MethodBase method) => new(
        reader,
        method.DeclaringType?.GetGenericArguments() ?? [],
        method.IsGenericMethod ? method.GetGenericArguments() : []);

    /// <summary>The runtime's type.</summary>
    /// <exception cref="NotSupportedException">The type has no counterpart here (a function pointer, an unresolved reference).</exception>
    internal Type Resolve(IType type) => type.SkipModifiers() switch
    {
        ITypeParameter { OwnerType: SymbolKind.Method } p => methodArguments[p.Index],
        ITypeParameter p => typeArguments[p.Index],
        ParameterizedType p => ResolveDefinition(p.GenericType.GetDefinition()).MakeGenericType([.. p.TypeArguments.Select(Resolve)]),
        PointerType p => Resolve(p.ElementType).MakePointerType(),
        ByReferenceType r => Resolve(r.ElementType).MakeByRefType(),
        ArrayType { Dimensions: 1 } a => Resolve(a.ElementType).MakeArrayType(),
        ITypeDefinition d => Close(ResolveDefinition(d)),
        _ => throw new NotSupportedException($"type {type.ReflectionName}"),
    };

    /// <summary>The runtime's method, closed.</summary>
    internal MethodBase Resolve(IMethod method)
    {
        var definition = (IMethod)method.MemberDefinition;
        if (definition.MetadataToken.IsNil || definition.ParentModule is null)
        {
            throw new NotSupportedException($"method {method.ReflectionName}");
        }

        var declaringType = Resolve(method.DeclaringType);
        var token = MetadataTokens.GetToken(definition.MetadataToken);
        var found = reader.AssemblyOf(definition.ParentModule).ManifestModule.ResolveMethod(token)!;
        if (declaringType.IsGenericType)
        {
            found = MethodBase.GetMethodFromHandle(found.MethodHandle, declaringType.TypeHandle)!;
        }

        return method.TypeArguments.Count == 0 ? found : ((MethodInfo)found).MakeGenericMethod([.. method.TypeArguments.Select(Resolve)]);
    }

    /// <summary>The runtime's field, of the closed type.</summary>
    internal FieldInfo Resolve(IField field) =>
        Resolve(field.DeclaringType).GetFields(AllMembers).Single(f => f.Name == field.Name);

    private Type ResolveDefinition(ITypeDefinition? definition)
    {
        if (definition?.ParentModule is not { MetadataFile: not null } module)
        {
            throw new NotSupportedException($"type {definition?.ReflectionName}");
        }

        return reader.AssemblyOf(module).ManifestModule.ResolveType(MetadataTokens.GetToken(definition.MetadataToken));
    }

    /// <summary>A definition named inside itself stands for its own instantiation.</summary>
    private Type Close(Type type) =>
        type.IsGenericTypeDefinition && type.GetGenericArguments().Length == typeArguments.Length ? type.MakeGenericType(typeArguments) : type;
}
