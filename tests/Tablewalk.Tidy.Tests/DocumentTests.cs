using System.Text.RegularExpressions;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Tidy.Tests;

/// <summary>What the documents promise about each other and about the tree.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Decisions_are_numbered_from_1_without_gaps()
    {
        string[] names = [.. Sources.Find("*", "docs/adr").Select(file => Path.GetFileName(file))];
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Matches(@"^\d{4}-[a-z0-9-]+\.md$", name));
        Assert.Equal(Enumerable.Range(1, names.Length), names.Select(name => int.Parse(name[..4], null)));
    }

    [Fact]
    public void A_decision_gives_context_decision_consequences_and_what_was_turned_down() =>
        Assert.All(
            Sources.Find("*.md", "docs/adr"),
            file => Assert.Equal(
                ["Context", "Decision", "Consequences", "Turned down"],
                SecondHeading().Matches(File.ReadAllText(file)).Select(match => match.Value)));

    [Fact]
    public void CI_runs_the_test_command_of_the_README()
    {
        string command = Assert.Single(
            CodeBlockLine().Matches(File.ReadAllText(Repository.PathOf("README.md"))).Select(match => match.Value), line => line.StartsWith("dotnet test", StringComparison.Ordinal));
        Assert.Contains($"\n{command} < /dev/null", File.ReadAllText(Repository.PathOf(".ci", "run")));
    }

    [Fact]
    public void A_link_between_documents_leads_somewhere() =>
        Findings.None(
            from file in Sources.Find("*.md")
            from Match link in Link().Matches(File.ReadAllText(file))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            let path = Path.Combine(Path.GetDirectoryName(file)!, target)
            where !File.Exists(path) && !Directory.Exists(path)
            select $"{Sources.RelativeTo(file)}: {target}");

    [Fact]
    public void A_type_that_the_architecture_page_names_exists()
    {
        string sources = string.Join('\n', Sources.Find("*.cs", "src").Select(File.ReadAllText));
        IEnumerable<string> named = OwningType().Matches(File.ReadAllText(Repository.PathOf("ARCHITECTURE.md"))).Select(match => match.Groups[1].Value);
        Assert.All(
            named,
            name => Assert.True(
                Regex.IsMatch(sources, $@"\b(?:class|record|struct|interface|enum) {name}\b", RegexOptions.None, TimeSpan.FromSeconds(10)), name));
    }

    [GeneratedRegex(@"(?<=^## ).+$", RegexOptions.Multiline)]
    private static partial Regex SecondHeading();

    [GeneratedRegex(@"^\S.*$", RegexOptions.Multiline)]
    private static partial Regex CodeBlockLine();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    // In the table of ARCHITECTURE.md the owner of a step stands in bold code: **`Lifter`**.
    [GeneratedRegex(@"\*\*`(\w+)`\*\*")]
    private static partial Regex OwningType();
}
