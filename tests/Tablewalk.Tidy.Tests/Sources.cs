using Tablewalk.Tests.Shared;

namespace Tablewalk.Tidy.Tests;

/// <summary>The files of the repository that somebody wrote.</summary>
internal static class Sources
{
    /// <summary>Files below a folder, without what builds produce, in a fixed order.</summary>
    /// <param name="pattern">A file name with wildcards.</param>
    /// <param name="folders">Folders of the repository's root; all of them if none is named.</param>
    public static IReadOnlyList<string> Find(string pattern, params string[] folders) =>
    [
        .. (folders.Length == 0 ? [Repository.Root] : folders.Select(folder => Repository.PathOf(folder)).Where(Directory.Exists))
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(file => !RelativeTo(file).Split('/').Any(part => part is "bin" or "obj" or ".git" or "artifacts" or "TestResults"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The path from the repository's root, with slashes.</summary>
    public static string RelativeTo(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
}
