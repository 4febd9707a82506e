using System.Text.RegularExpressions;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cat.Tests.Interpretation;

/// <summary>The page on the language tells the truth.</summary>
public sealed partial class DocumentTests
{
    private static readonly string s_page = File.ReadAllText(Repository.PathOf("docs", "cat.md"));

    [Fact]
    public void The_examples_are_models()
    {
        var examples = Example().Matches(s_page).Select(m => m.Groups["text"].Value).ToList();
        Assert.Equal(3, examples.Count);
        Assert.All(examples, e => Assert.Equal("", Cat.Mistakes(e)));
    }

    [Fact]
    public void Every_name_of_the_prelude_and_every_library_file_is_listed()
    {
        var library = Repository.PathOf("src", "Tablewalk.Cat", "Library");
        var prelude = File.ReadAllText(Path.Combine(library, "prelude.cat"));
        var names = Definition().Matches(prelude).Select(m => m.Groups["name"].Value).Where(n => !n.StartsWith("DMB.", StringComparison.Ordinal) && !n.StartsWith("DSB.", StringComparison.Ordinal));
        Assert.All(names, n => Assert.Contains($"`{n}`", s_page, StringComparison.Ordinal));
        var kin = new[] { "cos-opt", "cos-no-opt", "cos-ok-opt", "ncos", "ncross", "prelude" };
        Assert.All(
            Directory.EnumerateFiles(library).Select(f => Path.GetFileNameWithoutExtension(f)).Except(kin), n => Assert.Contains($"`{n}.cat`", s_page, StringComparison.Ordinal));
    }

    /// <summary>Each file alone is a model that forbids nothing.</summary>
    [Fact]
    public void Every_library_file_can_be_included() => Assert.All(
        Directory.EnumerateFiles(Repository.PathOf("src", "Tablewalk.Cat", "Library")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal),
        f => Assert.Equal("", Cat.Mistakes($"include \"{f}\"\nacyclic po")));

    [Fact]
    public void The_library_chooses_orders()
    {
        const string Choosing = "include \"cross.cat\"\nlet total(r) = fold (fun (x, y) -> x | y) (r, 0)";
        Assert.Equal("0->2 1->3", Cat.Pairs("total (generate_cos(co0))", Choosing));
        Assert.Equal("2->3 4->5 5->2", Cat.Pairs("total (cross {{po, 0}, {fr}})", Choosing));
        Assert.Equal("0->5 3->4 5->2", Cat.Pairs("if cross {{fr, rf}, {rf}} = {rf, rf | fr} then rf | fr else 0", Choosing));
        Assert.Equal("", Cat.Pairs("total (cross {{po}, {}})", Choosing));
        Assert.Equal("5->2", Cat.Pairs("if cross {} = {0} then fr else 0", Choosing));
    }

    [GeneratedRegex(@"^```cat\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^(?:let|procedure) (?<name>[\w.-]+)", RegexOptions.Multiline)]
    private static partial Regex Definition();
}
