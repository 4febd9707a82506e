using Xunit;

namespace Tablewalk.Tests.Shared;

/// <summary>Texts that are compared with files of the repository. TABLEWALK_UPDATE_GOLDEN=1 writes the files instead.</summary>
internal static class Golden
{
    /// <summary>Fails unless <paramref name="actual"/> is what the file <c>tests/PROJECT/Golden/NAME</c> holds.</summary>
    public static void Matches(string project, string name, string actual) => MatchesFile(Repository.PathOf("tests", project, "Golden", name), actual);

    /// <summary>Fails unless <paramref name="actual"/> is what a file holds.</summary>
    public static void MatchesFile(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("TABLEWALK_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing; TABLEWALK_UPDATE_GOLDEN=1 writes it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
