namespace Tablewalk.Cat.Models;

/// <summary>The definitions that every model starts from, in <c>Prelude.cat</c> beside this file.</summary>
internal static class Prelude
{
    internal const string FileName = "prelude.cat";

    internal static string Text { get; } = Read();

    private static string Read()
    {
        using var stream = typeof(Prelude).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"the resource {FileName} is missing");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
