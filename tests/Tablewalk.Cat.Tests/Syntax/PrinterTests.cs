using System.Collections;
using CsCheck;
using Tablewalk.Cat.Syntax;
using Xunit;

namespace Tablewalk.Cat.Tests.Syntax;

public sealed class PrinterTests
{
    [Fact]
    public void What_is_printed_reads_as_what_it_was() =>
        Gen.Int[0, int.MaxValue - 1].Sample(
            seed =>
            {
                var file = RandomSyntax.File(seed);
                var text = Printer.Print(file);
                var read = Read(text);
                Assert.Null(Difference(file, read, "file"));
                Assert.Equal(text, Printer.Print(read));
            },
            iter: 5000,
            print: seed => Printer.Print(RandomSyntax.File(seed)));

    [Theory]
    [InlineData("armv8")]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    public void The_models_read_the_same_after_printing(string name)
    {
        var file = Read(File.ReadAllText(Path.Combine(ModelFiles.Folder, name + ".cat")));
        Assert.NotEmpty(file.Statements);
        Assert.Null(Difference(file, Read(Printer.Print(file)), "file"));
    }

    [Theory]
    [InlineData("po | rf ; co")]
    [InlineData("(po | rf) ; co")]
    [InlineData("po \\ (rf \\ co) \\ po")]
    [InlineData("(~po)+ & R * W")]
    [InlineData("f(po, rf) (rf+) {}")]
    [InlineData("let rec f(x, _) = x and g y = y in fun() -> f")]
    [InlineData("match x with || {} -> {0} || a ++ _ -> a ++ (x | 0) end")]
    public void An_expression_is_printed_without_needless_parentheses(string text) =>
        Assert.Equal(text, Printer.Print(((DebugStatement)Assert.Single(Read($"\"t\" debug {text}").Statements)).Body));

    /// <summary>The comparison above would be no check if it found everything alike.</summary>
    [Fact]
    public void Files_that_differ_are_told_apart()
    {
        Assert.NotNull(Difference(Read("\"t\" acyclic po | rf & co"), Read("\"t\" acyclic (po | rf) & co"), "file"));
        Assert.NotNull(Difference(Read("\"t\" acyclic po as a"), Read("\"t\" acyclic po as b"), "file"));
        Assert.Null(Difference(Read("\"t\" acyclic po | (rf)"), Read("\"t\"\n\nacyclic po|rf"), "file"));
    }

    private static CatFile Read(string text)
    {
        var diagnostics = new List<Diagnostic>();
        var file = Parser.Parse(text, "t.cat", diagnostics);
        Assert.Empty(diagnostics);
        return file;
    }

    /// <summary>Where two pieces of syntax differ, but for their positions; null if nowhere.</summary>
    private static string? Difference(object? a, object? b, string path)
    {
        if (a is null || b is null || a.GetType() != b.GetType())
        {
            return a is null && b is null ? null : $"{path}: {a} and {b}";
        }

        if (a is string or bool or Enum)
        {
            return a.Equals(b) ? null : $"{path}: {a} and {b}";
        }

        if (a is IEnumerable items)
        {
            var (left, right) = (items.Cast<object?>().ToList(), ((IEnumerable)b).Cast<object?>().ToList());
            return left.Count != right.Count
                ? $"{path}: {left.Count} and {right.Count} items"
                : left.Select((x, i) => Difference(x, right[i], $"{path}[{i}]")).FirstOrDefault(d => d is not null);
        }

        return a.GetType().GetProperties()
            .Where(p => p.PropertyType != typeof(SourcePosition) && p.Name is not "EqualityContract")
            .Select(p => Difference(p.GetValue(a), p.GetValue(b), $"{path}.{p.Name}"))
            .FirstOrDefault(d => d is not null);
    }
}
