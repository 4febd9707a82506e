using ICSharpCode.Decompiler.Metadata;
using ICSharpCode.Decompiler.TypeSystem;
using ICSharpCode.Decompiler.TypeSystem.Implementation;

namespace Tablewalk.Cil.Reading;

/// <summary>The types that the method bodies of one assembly may name: its own, those of its references, and those that references forward to.</summary>
/// <remarks>
/// The decompiler's own type system looks besides for every type that its transformations may need, which takes longer than reading the methods of a scenario.
/// </remarks>
internal sealed class AssemblyTypes : SimpleCompilation
{
    internal AssemblyTypes(PEFile file, IAssemblyResolver resolver)
    {
        var files = new List<MetadataFile> { file };
        for (var i = 0; i < files.Count; i++)
        {
            if (i == 0 || files[i].Metadata.ExportedTypes.Count > 0)
            {
                AddReferences(files, files[i], resolver);
            }
        }

        Init(file.WithOptions(TypeSystemOptions.None), files.Skip(1).Select(f => f.WithOptions(TypeSystemOptions.None)));
    }

    /// <summary>The assembly itself.</summary>
    internal MetadataModule Module => (MetadataModule)MainModule;

    private static void AddReferences(List<MetadataFile> files, MetadataFile from, IAssemblyResolver resolver)
    {
        foreach (var reference in from.AssemblyReferences)
        {
            if (resolver.Resolve(reference) is { } found && !files.Contains(found))
            {
                files.Add(found);
            }
        }
    }
}
