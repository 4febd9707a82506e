namespace Tablewalk.Judge;

/// <summary>Types as they are written in C#, without namespaces.</summary>
internal static class TypeNames
{
    /// <summary>A type's name, such as <c>Ring&lt;Release&gt;</c>; of a nested one <c>Outer.Inner</c>.</summary>
    public static string Of(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        // A nested type has the arguments of those around it before its own.
        Type[] arguments = type.GetGenericArguments();
        var parts = new Stack<string>();
        for (Type? part = type; part is not null; part = part.DeclaringType)
        {
            int before = part.DeclaringType?.GetGenericArguments().Length ?? 0;
            int count = part.GetGenericArguments().Length - before;
            int arity = part.Name.IndexOf('`', StringComparison.Ordinal);
            string name = arity < 0 ? part.Name : part.Name[..arity];
            parts.Push(count == 0 ? name : $"{name}<{string.Join(", ", arguments.Skip(before).Take(count).Select(Of))}>");
        }

        return string.Join('.', parts);
    }
}
