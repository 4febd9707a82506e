using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>Expected texts kept beside the tests. They change only on request.</summary>
internal static class Golden
{
    /// <summary>Set it to the repository's root to write the files anew.</summary>
    private const string UpdateVariable = "TABLEWALK_UPDATE_GOLDEN";

    /// <summary>Compares with <c>tests/Tablewalk.Cil.Tests/</c><paramref name="path"/>, which is embedded by its path.</summary>
    internal static void Check(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable(UpdateVariable) is { } root)
        {
            var file = Path.Combine(root, "tests/Tablewalk.Cil.Tests", path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }

        using var resource = typeof(Golden).Assembly.GetManifestResourceStream(path);
        Assert.True(resource is not null, $"no golden file {path}; run the tests with {UpdateVariable} set to the repository's root");
        using var reader = new StreamReader(resource);
        Assert.Equal(reader.ReadToEnd(), actual);
    }
}
