using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Support;

/// <summary>The suites that others published. They are no part of the repository: ../shared/litmus beside it, or where TABLEWALK_LITMUS says.</summary>
internal static class Suites
{
    /// <summary>Each suite with its number of tests and whether it needs translation tables.</summary>
    public static IReadOnlyList<(string Name, int Tests, bool NeedsTranslation)> All { get; } =
    [
        ("aarch64", 45, false),
        ("aarch64-cas", 12, false),
        ("aarch64-readers-guide", 33, false),
        ("aarch64-pick", 35, false),
        ("aarch64-down-one-leg", 34, false),
        ("aarch64-faults", 10, false),
        ("aarch64-mixed", 7, false),
        ("x86_64", 21, false),
        ("dat3m-aarch64", 904, false),
        ("dat3m-riscv", 583, false),
        ("dat3m-x86", 215, false),
        ("aarch64-VMSA", 535, true),
        ("aarch64-ETS2", 3, true),
    ];

    /// <summary>The files of a suite in the order of their names. Skips the test, saying so, where the suites are not.</summary>
    public static string[] FilesOf(string suite)
    {
        var count = All.Single(s => s.Name == suite).Tests;
        Assert.SkipUnless(Directory.Exists(Root), $"{suite}: {count} tests are not run: there is no folder {Root}; TABLEWALK_LITMUS may name it");
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Root, suite), "*.litmus").Order(StringComparer.Ordinal)];
        Assert.Equal(count, files.Length);
        return files;
    }

    /// <summary>Where the suites are, or would be.</summary>
    public static string Root { get; } =
        Environment.GetEnvironmentVariable("TABLEWALK_LITMUS") ?? Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "litmus"));
}
