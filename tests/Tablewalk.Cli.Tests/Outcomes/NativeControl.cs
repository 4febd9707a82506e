using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Cli.Tests.Outcomes;

/// <summary>
/// A copy of the product in which the native half of an intrinsic does nothing, loaded beside the product. The lifter never looks inside an intrinsic, so what is lifted there is
/// what is lifted here.
/// </summary>
internal sealed class NativeControl : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tablewalk-");
    private readonly CopyContext _context;

    /// <summary>Copies the product.</summary>
    /// <param name="intrinsic">A member of <see cref="Cpu"/> that takes and returns nothing, or null for a faithful copy.</param>
    public NativeControl(string? intrinsic)
    {
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*tablewalk*", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }))
        {
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        }

        if (intrinsic is not null)
        {
            TakeOut(intrinsic, Path.Combine(_folder.FullName, "Tablewalk.Mm.dll"));
        }

        _context = new CopyContext(_folder.FullName);
    }

    /// <summary>Runs the copy's command over the scenarios of <see cref="Buffers"/>.</summary>
    public CommandRun Run(string arguments)
    {
        Assembly copy = _context.LoadFromAssemblyPath(Path.Combine(_folder.FullName, typeof(NativeControl).Assembly.GetName().Name + ".dll"));
        MethodInfo entry = copy.GetType(typeof(NativeControl).FullName!)!.GetMethod(nameof(RunHere), BindingFlags.Static | BindingFlags.NonPublic)!;
        var result = (object[])entry.Invoke(null, [arguments])!;
        return new CommandRun((int)result[0], (string)result[1], (string)result[2]); // those of here: the copy has types of its own
    }

    public void Dispose()
    {
        _context.Unload();
        _folder.Delete(recursive: true);
    }

    private static object[] RunHere(string arguments)
    {
        CommandRun run = CommandRun.Of(Buffers.Catalog, arguments);
        return [run.ExitCode, run.Out, run.Error];
    }

    // In place: nothing that others refer to moves, and the debugging symbols still fit. A body without locals is one byte of header, and here a call and a return.
    private static void TakeOut(string intrinsic, string file)
    {
        byte[] image = File.ReadAllBytes(file);
        using var reader = new PEReader(ImmutableArray.Create(image));
        MetadataReader metadata = reader.GetMetadataReader();
        MethodDefinition method = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
            .Where(type => metadata.GetString(type.Name) == nameof(Cpu)).SelectMany(type => type.GetMethods()).Select(metadata.GetMethodDefinition)
            .Single(method => metadata.GetString(method.Name) == intrinsic);
        Assert.Equal([(byte)ILOpCode.Call, (byte)ILOpCode.Ret], reader.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!.Where((_, i) => i is 0 or 5));
        SectionHeader section = reader.PEHeaders.SectionHeaders[reader.PEHeaders.GetContainingSectionIndex(method.RelativeVirtualAddress)];
        int body = method.RelativeVirtualAddress - section.VirtualAddress + section.PointerToRawData + 1;
        image.AsSpan(body, 5).Clear(); // five times nop
        File.WriteAllBytes(file, image);
    }

    /// <summary>The product's assemblies out of a folder, and all others from where they are.</summary>
    private sealed class CopyContext(string folder) : AssemblyLoadContext("copy", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            Path.Combine(folder, assemblyName.Name + ".dll") is var file && File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
