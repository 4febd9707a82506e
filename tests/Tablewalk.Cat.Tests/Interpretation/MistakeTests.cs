using Xunit;

namespace Tablewalk.Cat.Tests.Interpretation;

/// <summary>Mistakes in the constructs that the parser tests do not reach: each with place, expected and found.</summary>
public sealed class MistakeTests
{
    [Theory]
    [InlineData("acyclic po ++ 0 | po", "1:19: TW2004: expected a set of values, found 'po', a relation")]
    [InlineData("let f x = x | y\nlet y = rf\nacyclic f po", "1:15: TW2003: unknown name 'y', expected a defined one such as 'A'")]
    [InlineData("acyclic 'a", "1:9: TW2003: unknown tag ''a', expected one that an 'enum' declares")]
    [InlineData("enum t = 'weak\nacyclic match 'weka with 'weak -> po end", "2:15: TW2003: unknown tag ''weka', expected one that an 'enum' declares such as ''weak'")]
    [InlineData("enum t = 'a\nacyclic 'a", "2:9: TW2004: expected a relation, found the tag 'a")]
    [InlineData("enum t = 'a\nacyclic t", "2:9: TW2004: expected a relation, found 't', a set of values")]
    [InlineData("enum t = 'a || 'b\nacyclic match 'b with 'a -> po end", "2:9: TW2011: expected a clause for ''b' or '_', found ''a'")]
    [InlineData("enum t = 'a || 'b\nmatch 'b with 'a -> acyclic po end", "2:1: TW2011: expected a clause for ''b' or '_', found ''a'")]
    [InlineData("enum t = 'a\nacyclic match po with 'a -> po end", "2:15: TW2004: expected a tag, found 'po', a relation")]
    [InlineData("enum t = 'a\nacyclic match 'a with {} -> po || x ++ y -> po end", "2:15: TW2004: expected a set to take apart, found the tag 'a")]
    [InlineData("acyclic match po with 'a -> po || _ -> po || 'b -> po end", "1:43: TW2002: expected 'end', found '||'")]
    [InlineData("acyclic match po with {} -> po end", "1:32: TW2002: expected '||', found the keyword 'end'")]
    [InlineData("acyclic match po with {} -> po || {} -> po end", "1:35: TW2002: expected a clause for an element and the rest, found '{'")]
    [InlineData("enum t = 'a\nlet s = {'a, po}", "2:14: TW2004: expected elements of one kind, found the tag 'a and a relation")]
    [InlineData("let s = {domain}", "1:10: TW2004: expected an element of a set, found a function without its arguments")]
    [InlineData("let s = {_}", "1:10: TW2004: expected an element of a set, found '_'")]
    [InlineData("let (a, b) = po", "1:5: TW2006: expected a tuple of 2, found a relation")]
    [InlineData("let (a, b) = (po, rf, co)", "1:5: TW2006: expected a tuple of 2, found a tuple of 3")]
    [InlineData("let f(a, b) = a\nacyclic f(po, rf, co)", "2:9: TW2006: expected 2 argument(s) for 'f', found 3")]
    [InlineData("let f() = po\nacyclic f(po)", "2:9: TW2006: expected 0 argument(s) for 'f', found 1")]
    [InlineData("acyclic fun x -> x", "1:9: TW2006: expected a set or a relation, found a function without its arguments")]
    [InlineData("acyclic (po, rf)", "1:10: TW2004: expected a relation, found a tuple of 2")]
    [InlineData("procedure p() = acyclic po end\nacyclic p", "2:9: TW2004: expected a relation, found 'p', a procedure, which 'call' runs")]
    [InlineData("call q()", "1:6: TW2003: unknown name 'q', expected a defined one such as 'A'")]
    [InlineData("call po()", "1:6: TW2006: expected a procedure, found 'po', a relation")]
    [InlineData("procedure p(a, b) = acyclic a | b end\ncall p(po)", "2:6: TW2006: expected 2 argument(s) for 'p', found 1")]
    [InlineData("procedure p() = acyclic po", "1:27: TW2002: expected 'let', 'acyclic', 'irreflexive', 'empty', 'include', 'show' or another statement, found the end of the file")]
    [InlineData("procedure p() = acyclic R end\ncall p()", "1:25: TW2004: expected a relation, found 'R', a set; '[R]' relates each member to itself")]
    [InlineData("forall x in domain do acyclic po end", "1:13: TW2006: expected a set or a relation, found a function without its arguments")]
    [InlineData("enum t = 'a\nforall x in 'a do acyclic po end", "2:13: TW2004: expected a set to go through, found the tag 'a")]
    [InlineData("with x from (po, rf)\nacyclic x", "1:14: TW2004: expected a set to choose from, found a tuple of 2")]
    [InlineData("with x from domain\nacyclic x", "1:13: TW2004: expected a set to choose from, found a function without its arguments")]
    [InlineData("with x po", "1:8: TW2002: expected 'from', found 'po'")]
    [InlineData("enum = 'a", "1:6: TW2002: expected a name for the tags, found '='")]
    [InlineData("enum t = a", "1:10: TW2002: expected a tag, found 'a'")]
    [InlineData("instructions R[po]", "1:16: TW2004: expected a set of tags, found 'po', a relation")]
    [InlineData("let a = if po then rf else co", "1:15: TW2002: expected '=', 'subset' or 'in', found the keyword 'then'")]
    [InlineData("let a = if po = R then rf else co", "1:12: TW2004: expected a set, found 'po', a relation")]
    [InlineData("if po = po acyclic po end", "1:4: TW2002: expected a variant's name in quotes, found 'po'\n1:23: TW2002: expected 'let', 'acyclic', 'irreflexive', 'empty', 'include', 'show' or another statement, found the keyword 'end'")]
    [InlineData("acyclic linearisations(R)", "1:9: TW2006: expected 2 argument(s) for 'linearisations', found 1")]
    [InlineData("acyclic linearisations(po, po)", "1:24: TW2004: expected a set, found 'po', a relation")]
    [InlineData("acyclic classes R", "1:17: TW2004: expected a relation, found 'R', a set; '[R]' relates each member to itself")]
    [InlineData("acyclic map domain 'a", "1:20: TW2003: unknown tag ''a', expected one that an 'enum' declares")]
    [InlineData("enum t = 'zzzz\nacyclic tag2events 'zzzz", "2:9: TW2003: unknown name 'Zzzz', expected a defined one")]
    [InlineData("acyclic tag2scope po", "1:19: TW2004: expected a tag, found 'po', a relation")]
    [InlineData("flag po", "1:6: TW2002: expected 'acyclic', 'irreflexive' or 'empty', found 'po'")]
    [InlineData("acyclic po when acyclic po", "1:12: TW2002: expected 'let', 'acyclic', 'irreflexive', 'empty', 'include', 'show' or another statement, found the keyword 'when'")]
    [InlineData("let s = _ \\ {po}", "1:9: TW2004: expected tags, of which it can be told which there are, found other values with '_' or '~'")]
    [InlineData("let rec f x = f x\nacyclic f po", "1:15: TW2010: expected a recursion that ends, found calls nested beyond what is taken")]
    [InlineData("procedure rec p() = call p() end\ncall p()", "1:26: TW2010: expected a recursion that ends, found calls nested beyond what is taken")]
    public void A_mistake_is_told_with_place_expectation_and_finding(string text, string expected) => Assert.Equal(expected, Cat.Mistakes(text));

    /// <summary>Kinds that depend on the execution are tried out on small ones when the model is read.</summary>
    [Theory]
    [InlineData("with S from classes-loc(M)\nacyclic S", "2:9: TW2004: expected a relation, found 'S', a set; '[S]' relates each member to itself")]
    [InlineData("with r from linearisations(W, co)\nacyclic r | R", "2:9: TW2004: expected a set, found 'r', a relation")]
    [InlineData("forall e in R do acyclic e end", "1:26: TW2004: expected a relation, found 'e', an event")]
    [InlineData("let rec all S = match S with {} -> 0 || e ++ S -> e ; all S end\nacyclic all R", "1:51: TW2004: expected a relation, found 'e', an event")]
    [InlineData("acyclic if po = rf then po else rff", "1:33: TW2003: unknown name 'rff', expected a defined one such as 'rf'")]
    [InlineData("with S from M\nacyclic S ++ W", "2:9: TW2004: expected a relation, found an expression, a set")]
    [InlineData("let rec a = po \\ b and b = rf | a\nacyclic a", "1:9: TW2009: expected a recursion that settles, found that 'a' goes on changing: it may be under '~' or on the right of '\\' in its own definition")]
    public void Mistakes_that_depend_on_values_are_found_at_once(string text, string expected) => Assert.Equal(expected, Cat.Mistakes(text));

    [Fact]
    public void Orders_beyond_counting_are_an_error_and_no_hang()
    {
        var model = Cat.Read("with S from linearisations(_, 0)\nacyclic S");
        var shape = Tablewalk.Cat.Tests.Models.Shape.Parse(string.Join(' ', Enumerable.Repeat("Wx=1", 12)));
        var error = Assert.Throws<CatException>(() => model.Evaluate(shape.ToExecution()));
        Assert.Equal("t.cat:1:13: TW2010: expected at most 50,000 orders of 13 events, found more", error.Message);
    }
}
