using CsCheck;
using Xunit;

namespace Tablewalk.Cat.Tests.Syntax;

public sealed class ParserTests
{
    /// <summary>How an expression reads with all its parentheses.</summary>
    [Theory]
    [InlineData("po | rf ; co", "(po | (rf ; co))")]
    [InlineData("po ; rf \\ co", "(po ; (rf \\ co))")]
    [InlineData("po \\ rf \\ co", "((po \\ rf) \\ co)")]
    [InlineData("po \\ rf & co", "(po \\ (rf & co))")]
    [InlineData("po & rf ; co & addr", "((po & rf) ; (co & addr))")]
    [InlineData("po ; rf | co ; addr", "((po ; rf) | (co ; addr))")]
    [InlineData("rf ; po+", "(rf ; po+)")]
    [InlineData("rf^-1 ; co", "(rf^-1 ; co)")]
    [InlineData("po | rf^-1+", "(po | rf^-1+)")]
    [InlineData("~po & rf", "(rf \\ po)")]
    [InlineData("~rf^-1 & po", "(po \\ rf^-1)")]
    [InlineData("R * W & po", "(po & (R * W))")]
    [InlineData("[R] ; po ; [W]", "(([R] ; po) ; [W])")]
    [InlineData("po?", "([_] | po)")]
    [InlineData("po* ; rf", "(([_] | po+) ; rf)")]
    [InlineData("R * ~W", "(R * (_ \\ W))")]
    [InlineData("[R & IW]", "[(R & IW)]")]
    [InlineData("po | 0", "po")]
    [InlineData("rf^-1^-1", "rf")]
    [InlineData("let a = po in a ; rf", "(po ; rf)")]
    [InlineData("fencerel(ISB)", "((po ; [ISB]) ; po)")]
    [InlineData("fencerel ISB", "((po ; [ISB]) ; po)")]
    [InlineData("[range(po)] ; begin po end", "([range(po)] ; po)")]
    [InlineData("[IRQ-RESTORE] ; wait-order", "([IRQ-RESTORE] ; wait-order)")]
    [InlineData("po & po", "po")]
    [InlineData("po ; id", "po")]
    public void Precedence_is_as_in_herds_grammar(string text, string expected) => Assert.Equal(expected, Expression(text));

    [Theory]
    [InlineData("acyclic rff", "t.cat:1:9: TW2003: unknown name 'rff', expected a defined one such as 'rf'")]
    [InlineData("acyclic zzzzzz", "t.cat:1:9: TW2003: unknown name 'zzzzzz', expected a defined one")]
    [InlineData("acyclic R ; po", "t.cat:1:9: TW2004: expected a relation, found 'R', a set; '[R]' relates each member to itself")]
    [InlineData("acyclic [po]", "t.cat:1:10: TW2004: expected a set, found 'po', a relation")]
    [InlineData("acyclic po * W", "t.cat:1:9: TW2004: expected a set, found 'po', a relation")]
    [InlineData("acyclic R | po", "t.cat:1:13: TW2004: expected a set, found 'po', a relation")]
    [InlineData("acyclic R", "t.cat:1:9: TW2004: expected a relation, found 'R', a set; '[R]' relates each member to itself")]
    [InlineData("acyclic ~po+", "t.cat:1:12: TW2005: expected parentheses, found '+' after '~' or a product, which have no order among them")]
    [InlineData("acyclic R * W+", "t.cat:1:14: TW2005: expected parentheses, found '+' after '~' or a product, which have no order among them")]
    [InlineData("acyclic (po | rf", "t.cat:1:17: TW2002: expected ')', found the end of the file")]
    [InlineData("acyclic po |", "t.cat:1:13: TW2002: expected a set or a relation, found the end of the file")]
    [InlineData("let x =\nacyclic po", "t.cat:2:1: TW2002: expected a set or a relation, found the keyword 'acyclic'")]
    [InlineData("let = po", "t.cat:1:5: TW2002: expected a name to define, found '='")]
    [InlineData("let f(x = po", "t.cat:1:9: TW2002: expected ')', found '='")]
    [InlineData("acyclic po as \"x\"", "t.cat:1:15: TW2002: expected the constraint's name, found the string \"x\"")]
    [InlineData("acyclic po rf", "t.cat:1:9: TW2006: expected an operator after a set or relation, found an argument; it is no function")]
    [InlineData("acyclic domain", "t.cat:1:9: TW2006: expected a set or a relation, found a function without its arguments")]
    [InlineData("let f(x,y) = x | y\nacyclic f(po)", "t.cat:2:9: TW2006: expected 2 argument(s) for 'f', found 1")]
    [InlineData("acyclic po $ rf", "t.cat:1:12: TW2001: expected a name, a string or an operator, found '$'", "t.cat:1:9: TW2006: expected an operator after a set or relation, found an argument; it is no function")]
    [InlineData("(* never (* closed *)", "t.cat:1:1: TW2001: expected '*)' to end this comment, found the end of the file")]
    [InlineData("include \"a.cat", "t.cat:1:9: TW2001: expected '\"' to end this string, found the end of the line", "t.cat:1:15: TW2002: expected a file name in quotes, found the end of the file")]
    [InlineData("include \"none.cat\"", "t.cat:1:9: TW2008: expected a file that exists, found no 'none.cat'")]
    [InlineData("include \"loop.cat\"", "loop.cat:1:9: TW2008: expected a file that does not include itself, found 'loop.cat'")]
    [InlineData("include \"bad.cat\"", "bad.cat:2:9: TW2003: unknown name 'cco', expected a defined one such as 'co'")]
    [InlineData("let rec a = po \\ a\nacyclic a", "t.cat:1:9: TW2009: expected a recursion that settles, found that 'a' goes on changing: it may be under '~' or on the right of '\\' in its own definition")]
    [InlineData("acyclic po ++ rf", "t.cat:1:15: TW2004: expected a set of values, found 'rf', a relation")]
    [InlineData("acyclic 'tag", "t.cat:1:9: TW2003: unknown tag ''tag', expected one that an 'enum' declares")]
    [InlineData("let a = rff\nlet b = cco | a\nacyclic a | b", "t.cat:1:9: TW2003: unknown name 'rff', expected a defined one such as 'rf'", "t.cat:2:9: TW2003: unknown name 'cco', expected a defined one such as 'co'")]
    [InlineData("po ; rf", "t.cat:1:4: TW2002: expected 'let', 'acyclic', 'irreflexive', 'empty', 'include', 'show' or another statement, found ';'")]
    public void A_mistake_is_told_with_place_expectation_and_finding(string text, params string[] expected)
    {
        Assert.False(Model.TryParse(text, "t.cat", Includes, out _, out var diagnostics));
        Assert.Equal(expected, diagnostics.Select(d => d.ToString()));
    }

    [Theory]
    [InlineData("(* a (* nested *) comment *) acyclic po // rest\n# and this")]
    [InlineData("\"Title\"\nlet f x = x ; x\nlet f' = f(po)\nacyclic f' as a-b.c")]
    [InlineData("let rec a = po | b ; a and b = rf | a\nacyclic a | b")]
    [InlineData("let rec ob = po | rf | ob ; ob in acyclic ob")]
    [InlineData("show po, rf\nshow po ; rf as thing\nunshow co\nacyclic po")]
    [InlineData("include \"cos.cat\"\ninclude \"good.cat\"\nacyclic mine")]
    [InlineData("flag ~empty po as odd\n~empty rf as some\nempty W & R")]
    [InlineData("let a = po*\n~empty a\nlet b = a* ; a\nacyclic b")]
    [InlineData("let pair(_, y) = y\nacyclic pair(R, po)")]
    [InlineData("let hof(f, x) = f(f(x))\nlet twice(x) = x ; x\nacyclic hof(twice, po)")]
    public void What_the_language_allows_is_read(string text)
    {
        _ = Model.TryParse(text, "t.cat", Includes, out _, out var diagnostics);
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void A_title_is_the_models_name_and_without_one_the_files()
    {
        Assert.Equal("T i t l e", Model.Parse("\"T i t l e\"", "dir/t.cat", Includes).Name);
        Assert.Equal("Short", Model.Parse("X86 Short acyclic po", "dir/t.cat", Includes).Name);
        Assert.Equal("t", Model.Parse("acyclic po", "dir/t.cat", Includes).Name);
    }

    [Fact]
    public void A_closure_written_as_recursion_is_a_closure() =>
        Assert.Equal("acyclic (po | rf)+ as c", Model.Parse("let rec ob = po | rf | ob ; ob\nacyclic ob as c", "t.cat", Includes).Constraints[0].ToString());

    [Fact]
    public void Deep_nesting_is_refused_and_not_crashed_on()
    {
        var texts = new[]
        {
            new string('(', 100_000), new string('[', 100_000), new string('~', 100_000), "po" + new string('+', 100_000),
            "po" + string.Concat(Enumerable.Repeat("^-1", 100_000)), string.Concat(Enumerable.Repeat("let a = po in ", 100_000)) + "a",
            "domain" + string.Concat(Enumerable.Repeat(" po", 100_000)), string.Concat(Enumerable.Repeat("R * ", 100_000)) + "R",
        };
        Assert.All(texts, text =>
        {
            Assert.False(Model.TryParse("acyclic " + text, "t.cat", Includes, out _, out var diagnostics));
            Assert.NotEmpty(diagnostics);
        });
    }

    [Fact]
    public void Functions_that_multiply_beyond_reason_are_refused()
    {
        var text = "let f0(x) = x ; x\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"let f{i}(x) = f{i - 1}(f{i - 1}(x))\n")) + "acyclic f40(po)";
        Assert.False(Model.TryParse(text, "t.cat", Includes, out _, out var diagnostics));
        Assert.Equal("TW2010", Assert.Single(diagnostics).Code);
    }

    [Fact]
    public void No_text_whatever_crashes_the_reader()
    {
        var words = new[]
        {
            "let", "rec", "and", "=", "(", ")", "[", "]", "po", "rf", "R", "W", "|", "&", ";", "\\", "*", "+", "?", "^", "-1", "~", "0", "_", ",", "acyclic",
            "empty", "as", "include", "\"a\"", "'t", "in", "show", "x", "f", "domain", "(*", "*)", "\n", "{", "}", "++", "->", "$", "begin", "end", "flag",
        };
        Gen.Int[0, words.Length - 1].Array[0, 25].Sample(
            picks => Model.TryParse(string.Join(' ', picks.Select(i => words[i])), "t.cat", Includes, out _, out _) || true, iter: 5000);
        Gen.String.Sample(text => Model.TryParse(text, "t.cat", Includes, out _, out _) || true, iter: 2000);
    }

    private static string Expression(string text)
    {
        var constraint = Model.Parse($"empty {text} as x", "t.cat", Includes).Constraints[0].ToString();
        return constraint["empty ".Length..^" as x".Length];
    }

    private static string? Includes(string name) => name switch
    {
        "loop.cat" => "include \"loop.cat\"",
        "good.cat" => "let mine = po | rf",
        "bad.cat" => "\nacyclic cco",
        _ => null,
    };
}
