using Tablewalk.Litmus.Tests.Support;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Conformance;

public sealed class ConformanceTests
{
    public static TheoryData<string> Published => [.. Suites.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Published))]
    public void Every_test_of_a_suite_agrees_but_for_those_that_are_argued_about(string suite)
    {
        var run = LitmusRun.Of(Suites.FilesOf(suite), TestContext.Current.CancellationToken);
        Assert.Empty(run.Refused);
        Assert.Empty(run.Results.Where(r => r.Row.Expected is null).Select(LitmusRun.NameOf));
        Assert.Equal(KnownDifferences.UnsupportedBySuite.GetValueOrDefault(suite, []), run.Unsupported);
        Assert.Equal(KnownDifferences.Of(suite), run.Differing);
        Assert.Empty(run.Results.Where(r => r.Diagnostic is null && r.Row.Agrees is null).Select(LitmusRun.NameOf));

        // No published test waits for ever, so a test without executions is one that a model forbids altogether.
        Assert.Empty(run.Results.Where(r => r.Diagnostic is null && r.Row.Positive + r.Row.Negative == 0).Select(LitmusRun.NameOf));
    }

    [Fact]
    public void Our_own_suite_agrees_whole()
    {
        string[] files = [.. Directory.EnumerateFiles(Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite"), "*.litmus").Order(StringComparer.Ordinal)];
        var run = LitmusRun.Of(files, TestContext.Current.CancellationToken);
        Assert.All(run.Results, r => Assert.True(r.Row.Agrees, $"{r.Row.File}: expected {r.Row.Expected}, found {r.Row.Observation} {r.Diagnostic}"));
        Assert.Equal(files.Length, File.ReadAllLines(Path.Combine(Path.GetDirectoryName(files[0])!, "expected.tsv")).Length);
    }

    [Fact] // the control: a suite whose expectations are turned round differs in every test
    public void Expectations_that_are_turned_round_are_noticed()
    {
        var folder = Directory.CreateTempSubdirectory("tablewalk-");
        try
        {
            var suite = Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite");
            var lines = File.ReadAllLines(Path.Combine(suite, "expected.tsv"))
                .Select(l => l.EndsWith("Forbidden", StringComparison.Ordinal) ? l.Replace("Forbidden", "Allowed", StringComparison.Ordinal) : $"{l.Split('\t')[0]}\tForbidden");
            File.WriteAllLines(Path.Combine(folder.FullName, "expected.tsv"), lines);
            var files = Directory.GetFiles(suite, "*.litmus").Select(f => Path.Combine(folder.FullName, Path.GetFileName(f))).ToArray();
            Array.ForEach(files, f => File.Copy(Path.Combine(suite, Path.GetFileName(f)), f));
            Assert.Equal(files.Length, LitmusRun.Of(files, TestContext.Current.CancellationToken).Differing.Count());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_difference_has_its_paragraph()
    {
        var text = File.ReadAllText(Repository.PathOf("docs", "conformance.md"));
        Assert.All(KnownDifferences.BySuite.Concat(KnownDifferences.UnsupportedBySuite).SelectMany(s => s.Value), name => Assert.Contains($"`{name}`", text));
    }
}
