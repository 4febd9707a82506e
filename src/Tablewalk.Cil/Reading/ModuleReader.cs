using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using ICSharpCode.Decompiler.IL;
using ICSharpCode.Decompiler.Metadata;
using ICSharpCode.Decompiler.TypeSystem;

namespace Tablewalk.Cil.Reading;

/// <summary>Reads the method bodies of one loaded assembly as expression trees, each method once.</summary>
/// <remarks>
/// The trees are those of the generic definition: types in them may be type parameters, which <see cref="RuntimeTypes"/> closes.
/// Assemblies are those that the process has loaded, so that a token means the same in the tree and in reflection.
/// </remarks>
#pragma warning disable CA1001 // readers live as long as the assembly they read, which is the process
internal sealed class ModuleReader
#pragma warning restore CA1001
{
    private static readonly ConditionalWeakTable<Assembly, ModuleReader> s_readers = [];

    private readonly PEFile _file;
    private readonly AssemblyTypes _types;
    private readonly LoadedAssemblies _assemblies;
    private readonly ConcurrentDictionary<int, MethodTree?> _methods = new();

    private ModuleReader(Assembly assembly)
    {
        _file = new PEFile(assembly.Location);
        _assemblies = new LoadedAssemblies(assembly, _file);
        _types = new AssemblyTypes(_file, _assemblies);
        Debug = DebugInformation.OpenOrNull(_file.Reader, assembly.Location);
    }

    /// <summary>The debug information of the assembly; null if there is none.</summary>
    internal DebugInformation? Debug { get; }

    /// <summary>The reader of an assembly.</summary>
    internal static ModuleReader For(Assembly assembly) => s_readers.GetValue(assembly, static a => new ModuleReader(a));

    /// <summary>The assembly that a module of the trees was read from.</summary>
    internal Assembly AssemblyOf(IModule module) => _assemblies.Of(module.MetadataFile!);

    /// <summary>The body of a method; null if it has none.</summary>
    internal MethodTree? ReadOrNull(MethodBase method) => _methods.GetOrAdd(method.MetadataToken, static (_, a) => a.This.Read(a.method), (This: this, method));

    private MethodTree? Read(MethodBase method)
    {
        var handle = (MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken);
        var address = _file.Metadata.GetMethodDefinition(handle).RelativeVirtualAddress;
        if (address == 0)
        {
            return null;
        }

        var definition = _types.Module.GetDefinition(handle);
        var function = new ILReader(_types.Module).ReadIL(
            handle, _file.GetMethodBody(address),
            new GenericContext(definition.DeclaringTypeDefinition?.TypeParameters, definition.TypeParameters));
        return new MethodTree(function, Debug?.PlacesOf(method) ?? new MethodPlaces([]));
    }

    /// <summary>Resolves references to the assemblies that run.</summary>
    private sealed class LoadedAssemblies(Assembly root, PEFile rootFile) : IAssemblyResolver
    {
        private readonly ConcurrentDictionary<Assembly, MetadataFile> _files = new([new(root, rootFile)]);
        private readonly ConcurrentDictionary<MetadataFile, Assembly> _assemblies = new([new(rootFile, root)]);

        internal Assembly Of(MetadataFile file) => _assemblies[file];

        public MetadataFile? Resolve(IAssemblyReference reference)
        {
            try
            {
                var context = AssemblyLoadContext.GetLoadContext(root) ?? AssemblyLoadContext.Default;
                var assembly = context.LoadFromAssemblyName(new AssemblyName(reference.FullName));
                return assembly.Location.Length == 0 ? null : _files.GetOrAdd(assembly, Open);
            }
            catch (IOException)
            {
                return null; // a reference that nothing lifted uses need not be there; one that is used becomes a diagnostic
            }
        }

        public IDisposable? BeginSnapshot() => null;

        public MetadataFile? ResolveModule(MetadataFile mainModule, string moduleName) => null;

        public Task<MetadataFile?> ResolveAsync(IAssemblyReference reference) => Task.FromResult(Resolve(reference));

        public Task<MetadataFile?> ResolveModuleAsync(MetadataFile mainModule, string moduleName) => Task.FromResult<MetadataFile?>(null);

        private PEFile Open(Assembly assembly)
        {
            var file = new PEFile(assembly.Location);
            _assemblies[file] = assembly;
            return file;
        }
    }
}

/// <summary>The body of a method and where its parts stand in the source.</summary>
internal sealed record MethodTree(ILFunction Function, MethodPlaces Places)
{
    /// <summary>Whether the method only passes on what it got to one call, so that the caller's line says as much as its own.</summary>
    internal bool IsForwarder { get; } = Forwarders.IsForwarder(Function);
}
