using System.Text.RegularExpressions;
using Xunit;

namespace Tablewalk.Tidy.Tests;

/// <summary>What a machine can check of the house style in source files.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 600;

    [Fact]
    public void No_source_file_is_longer_than_600_lines() =>
        Findings.None(Sources.Find("*.cs", "src")
            .Where(file => !file.EndsWith(".g.cs", StringComparison.Ordinal) && File.ReadLines(file).Count() > LongestFile)
            .Select(Sources.RelativeTo));

    [Fact]
    public void A_test_that_a_comment_cites_exists()
    {
        HashSet<string> tests = [.. Sources.Find("*.cs", "tests").SelectMany(file => TestMethod().Matches(File.ReadAllText(file))).Select(match => match.Groups["name"].Value)];
        var missing =
            from file in Sources.Find("*.cs", "src", "bench").Concat(Sources.Find("*.cat", "models"))
            from citation in CitationsIn(File.ReadAllLines(file))
            where !tests.Contains(citation)
            select $"{Sources.RelativeTo(file)}: TEST: {citation}";
        Findings.None(missing);
    }

    [Fact]
    public void A_citation_is_found_also_behind_other_tags_and_in_a_list() =>
        Assert.Equal(
            ["One_is_seen", "Two_is_seen", "Three_is_seen"],
            CitationsIn(["// LINUX: smp_wmb(). TEST: One_is_seen.", "/// TEST: Two_is_seen, Three_is_seen", "// TEST is no tag without a colon"]));

    [Fact]
    public void A_tag_in_a_comment_is_one_of_the_agreed() =>
        Findings.None(
            from file in Sources.Find("*.cs", "src")
            from line in File.ReadAllLines(file)
            let tag = StrayTag().Match(line)
            where tag.Success
            select $"{Sources.RelativeTo(file)}: {line.Trim()}");

    [Fact]
    public void The_checked_code_is_the_same_in_every_configuration() =>
        Findings.None(Sources.Find("*.cs", "src/Tablewalk.Mm", "src/Tablewalk.Scenarios")
            .Where(file => ConfigurationDependent().IsMatch(File.ReadAllText(file)))
            .Select(Sources.RelativeTo));

    [Fact]
    public void Text_files_end_lines_as_unix_does() =>
        Findings.None(
            from pattern in (string[])["*.cs", "*.csproj", "*.props", "*.md", "*.cat", "run"]
            from file in Sources.Find(pattern)
            where File.ReadAllText(file).Contains('\r')
            select Sources.RelativeTo(file));

    // Test names, separated by commas or semicolons or "and", after the tag, up to whatever is no such list.
    private static IEnumerable<string> CitationsIn(IEnumerable<string> lines) =>
        from line in lines
        let tag = Citation().Match(line)
        where tag.Success
        from Match name in Name().Matches(tag.Groups["names"].Value)
        select name.Value;

    [GeneratedRegex(@"^\s*public\s+(?:static\s+)?(?:async\s+)?(?:unsafe\s+)?(?:void|Task|ValueTask)\s+(?<name>\w+)\s*\(", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"(?://|\(\*).*\bTEST: (?<names>([A-Z]\w*_\w+([,;]? (and )?|\b))+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Citation();

    [GeneratedRegex(@"[A-Z]\w*_\w+")]
    private static partial Regex Name();

    [GeneratedRegex(@"//\s*(?:FIXME|HACK|XXX|TODO(?!\(#\d+\)))\b")]
    private static partial Regex StrayTag();

    [GeneratedRegex(@"^\s*#if\s+DEBUG|\bDebug\.Assert\b", RegexOptions.Multiline)]
    private static partial Regex ConfigurationDependent();
}
