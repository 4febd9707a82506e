using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Support;

/// <summary>The suites that others published. They are no part of the repository: ../shared/litmus beside it, or where TABLEWALK_LITMUS says.</summary>
internal static class Suites
{
    /// <summary>Each suite with its number of tests.</summary>
    public static IReadOnlyList<(string Name, int Tests)> All { get; } =
    [
        ("aarch64", 45),
        ("aarch64-cas", 12),
        ("aarch64-readers-guide", 33),
        ("aarch64-pick", 35),
        ("aarch64-down-one-leg", 34),
        ("aarch64-faults", 10),
        ("aarch64-mixed", 7),
        ("x86_64", 21),
        ("dat3m-aarch64", 904),
        ("dat3m-riscv", 583),
        ("dat3m-x86", 215),
        ("aarch64-VMSA", 535),
        ("aarch64-ETS2", 3),
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
