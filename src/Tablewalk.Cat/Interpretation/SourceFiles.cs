using System.Reflection;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Interpretation;

/// <summary>The files that a model is made of: its own, those that it includes, and what comes with the program. Each is read once.</summary>
internal sealed class SourceFiles(Func<string, string?> includes, IReadOnlySet<string> variants)
{
    /// <summary>The file of what every model may use without defining it.</summary>
    internal const string PreludeName = "prelude.cat";

    private const string ResourcePrefix = "library/";

    private readonly Dictionary<string, CatFile?> _read = new(StringComparer.Ordinal);

    /// <summary>The variants that the model is used with.</summary>
    internal IReadOnlySet<string> Variants { get; } = variants;

    /// <summary>The definitions that every model starts from.</summary>
    internal static CatFile Prelude(List<Diagnostic> diagnostics) =>
        Parser.Parse(LibraryText(PreludeName) ?? throw new InvalidOperationException("the resource prelude.cat is missing"), PreludeName, diagnostics);

    /// <summary>A file by the name in an <c>include</c>: the user's, or one of the library that comes with the program; null if there is none.</summary>
    internal CatFile? Find(string name, List<Diagnostic> diagnostics)
    {
        lock (_read)
        {
            if (!_read.TryGetValue(name, out var file))
            {
                file = (includes(name) ?? LibraryText(name)) is { } text ? Parser.Parse(text, name, diagnostics) : null;
                _read.Add(name, file);
            }

            return file;
        }
    }

    private static string? LibraryText(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourcePrefix + name);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
