using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Reading;

/// <summary>The sequence points and the source text of one assembly, from the portable PDB beside it or inside it.</summary>
internal sealed class DebugInformation
{
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    private readonly MetadataReader _pdb;
    private readonly ConcurrentDictionary<DocumentHandle, (string File, string[] Lines)> _documents = new();

    private DebugInformation(MetadataReader pdb) => _pdb = pdb;

    /// <summary>Opens the PDB of an assembly; null if it has none.</summary>
    internal static DebugInformation? OpenOrNull(PEReader image, string assemblyPath) =>
        image.TryOpenAssociatedPortablePdb(assemblyPath, path => File.Exists(path) ? File.OpenRead(path) : null, out var provider, out _)
            ? new DebugInformation(provider!.GetMetadataReader())
            : null;

    /// <summary>Where the steps of a method stand: offsets in ascending order.</summary>
    internal MethodPlaces PlacesOf(MethodBase method)
    {
        var name = NameOf(method);
        var handle = (MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken);
        var information = _pdb.GetMethodDebugInformation(handle);
        var places = ImmutableArray.CreateBuilder<(int Offset, SourceLocation Location)>();
        foreach (var point in information.GetSequencePoints())
        {
            if (point.IsHidden)
            {
                continue;
            }

            var (file, lines) = _documents.GetOrAdd(point.Document, Read);
            places.Add((point.Offset, new SourceLocation(file, point.StartLine, TextOf(lines, point.StartLine, point.EndLine), name)));
        }

        return new MethodPlaces(places.ToImmutable());
    }

    /// <summary>The text of a statement on one line; without comments that have a line of their own, which would hide the rest.</summary>
    private static string TextOf(string[] lines, int first, int last)
    {
        var text = new StringBuilder();
        foreach (var line in lines.Take(last).Skip(first - 1).Select(l => l.Trim()))
        {
            if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal))
            {
                continue;
            }

            var isTight = text.Length == 0 || text[^1] is '(' or '[' || line[0] is ')' or ']' or '.';
            text.Append(isTight ? "" : " ").Append(line);
        }

        return text.ToString();
    }

    /// <summary>A method as reports name it: the class without its arity, and what the source calls the method.</summary>
    internal static string NameOf(MethodBase method)
    {
        var type = method.DeclaringType?.Name ?? "";
        var arity = type.IndexOf('`', StringComparison.Ordinal);
        return $"{(arity < 0 ? type : type[..arity])}.{(method.IsConstructor ? "new" : SourceNameOf(method.Name))}";
    }

    /// <summary>Undoes what the compiler does to names: of explicit implementations, local functions and property accessors.</summary>
    private static string SourceNameOf(string name)
    {
        const string LocalFunction = ">g__";
        if (name.IndexOf(LocalFunction, StringComparison.Ordinal) is >= 0 and var local)
        {
            name = name[(local + LocalFunction.Length)..].Split('|')[0];
        }

        name = name[(name.LastIndexOf('.') + 1)..];
        return name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal) ? name[4..] : name;
    }

    private (string File, string[] Lines) Read(DocumentHandle handle)
    {
        var path = _pdb.GetString(_pdb.GetDocument(handle).Name);
        return (Normalise(path), EmbeddedLinesOrNull(handle) ?? (File.Exists(path) ? File.ReadAllLines(path) : []));
    }

    private static string Normalise(string path)
    {
        const string Root = "/_/";
        var file = path.Replace('\\', '/');
        return file.StartsWith(Root, StringComparison.Ordinal) ? file[Root.Length..] : file;
    }

    private string[]? EmbeddedLinesOrNull(DocumentHandle document)
    {
        foreach (var handle in _pdb.GetCustomDebugInformation(document))
        {
            var information = _pdb.GetCustomDebugInformation(handle);
            if (_pdb.GetGuid(information.Kind) == s_embeddedSource)
            {
                // Format: a 32-bit length, 0 if what follows is the text itself, else the length of the text deflated.
                var blob = _pdb.GetBlobBytes(information.Value);
                using Stream raw = new MemoryStream(blob, sizeof(int), blob.Length - sizeof(int));
                using var reader = new StreamReader(
                    BitConverter.ToInt32(blob) == 0 ? raw : new DeflateStream(raw, CompressionMode.Decompress), Encoding.UTF8);
                return reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
            }
        }

        return null;
    }
}

/// <summary>The visible sequence points of one method.</summary>
internal sealed class MethodPlaces(ImmutableArray<(int Offset, SourceLocation Location)> places)
{
    /// <summary>The first place of the method, for what is wrong with it as a whole.</summary>
    internal SourceLocation? FirstOrNull => places.IsEmpty ? null : places[0].Location;

    /// <summary>The place of the statement that an IL offset belongs to.</summary>
    internal SourceLocation? AtOrNull(int offset)
    {
        var low = 0;
        var high = places.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = places[middle].Offset <= offset ? (middle + 1, high) : (low, middle);
        }

        return low > 0 ? places[low - 1].Location : FirstOrNull;
    }
}
