using Xunit;

namespace Tablewalk.Cat.Tests.Interpretation;

/// <summary>Statements: what they let pass, flag and include, on <see cref="Cat.MessagePassing"/> unless another shape is given.</summary>
public sealed class StatementTests
{
    /// <summary>po | rf | fr has the cycle 2 -> 3 -> 4 -> 5 -> 2, and nothing smaller has one.</summary>
    [Theory]
    [InlineData("acyclic po | rf", true)]
    [InlineData("acyclic po | rf | fr", false)]
    [InlineData("~acyclic po | rf | fr", true)]
    [InlineData("irreflexive po ; rf ; po ; fr", false)]
    [InlineData("empty R & W", true)]
    [InlineData("~empty R", true)]
    [InlineData("procedure sc() = acyclic po | rf | fr end\ncall sc()", false)]
    [InlineData("procedure sc(r) = acyclic r end\ncall sc(po | rf)", true)]
    [InlineData("procedure sc r = acyclic r end\ncall sc(po | rf | fr) as named", false)]
    [InlineData("procedure one(r, s) = let po = s acyclic r | po end\ncall one(rf | fr, 0)\nacyclic po", true)]
    [InlineData("procedure rec walk(x) = match x with 'a -> call walk('b) || 'b -> acyclic po | rf | fr end end\ncall walk('a)", false)]
    [InlineData("let of x = match x with 'a -> po || 'b -> po | rf | fr end\nforall x in t do acyclic of x end", false)]
    [InlineData("let of x = match x with 'a -> po || 'b -> rf | fr end\nforall x in t do acyclic of x end", true)]
    [InlineData("forall r in {po, rf | fr} do let f = r acyclic f end", true)]
    [InlineData("forall r in {po, po | rf | fr} do acyclic r end", false)]
    [InlineData("forall S in classes-loc(M) do acyclic (po | rf | fr | co) & S * S end", true)]
    [InlineData("forall S in classes-loc(M) do empty po & S * S as none end", true)]
    [InlineData("forall e in R do empty [e] ; po end", false)]
    [InlineData("forall e in 0 do ~empty 0 end", true)]
    [InlineData("call subseteq(R, M)\ncall inclusion(fr, loc)\ncall total(co | id, {} | W & domain(co & [R]))", true)]
    [InlineData("call subseteq(M, R)", false)]
    [InlineData("call inclusion(loc, fr)", false)]
    [InlineData("call total(co | id, W)", false)]
    [InlineData("let rec a = po | rf | a ; a when irreflexive a", true)]
    [InlineData("let rec a = po | rf | fr | a ; a when irreflexive a as cyclic", false)]
    [InlineData("match 'a with 'a -> acyclic po | rf | fr || _ -> end", false)]
    [InlineData("if \"unset\" ~empty 0 else acyclic po end", true)]
    [InlineData("if not \"unset\" ~empty 0 end", false)]
    [InlineData("if \"unset\" let r = po else let r = po | rf | fr end\nacyclic r", false)]
    [InlineData("debug po\nshow po ; rf as r, co\nunshow r\nacyclic po", true)]
    [InlineData("instructions R[{'a}]\ndefault W[t]\nacyclic po", true)]
    public void A_statement_passes_what_it_should(string model, bool passes) => Assert.Equal(passes, Cat.Passes("enum t = 'a || 'b\n" + model));

    /// <summary>A choice passes if some element does, and what it names is used by all that follows.</summary>
    [Theory]
    [InlineData("with r from {po, po | rf | fr}\nacyclic r", true)]
    [InlineData("with r from {po | rf | fr}\nacyclic r", false)]
    [InlineData("with r from {rf, fr}\nwith s from {po, po ; po}\n~empty r & W * R\nempty s", true)]
    [InlineData("with r from {rf, fr}\nwith s from {r ; po ; r, 0}\n~empty s", false)]
    [InlineData("with r from {}\nacyclic po", false)]
    [InlineData("with S from linearisations(M \\ IW, po)\nempty po \\ S", true)]
    [InlineData("with S from linearisations(M \\ IW, po)\nempty (rf | fr) & (M \\ IW) * M \\ S", false)]
    [InlineData("procedure some() = with r from {po, po | rf | fr} acyclic r end\ncall some()\nacyclic rf", true)]
    [InlineData("forall S in classes-loc(W) do with r from linearisations(S, co0) empty r \\ co end", true)]
    public void A_choice_passes_if_some_element_does(string model, bool passes) => Assert.Equal(passes, Cat.Passes(model));

    [Theory]
    [InlineData("flag ~empty fr as reads-old", "reads-old")]
    [InlineData("flag empty fr as reads-new", "")]
    [InlineData("undefined_unless empty fr as race", "race")]
    [InlineData("undefined_unless empty fr", "undefined")]
    [InlineData("undefined_unless irreflexive po as never", "")]
    [InlineData("flag ~empty fr as one\nflag ~empty rf as two\nflag ~empty co as one", "one two")]
    [InlineData("flag ~empty fr as one\nacyclic po | rf | fr", "forbidden")]
    [InlineData("with r from {rf, fr, po}\nflag ~empty r & W * R as from-write\nflag ~empty r & R * W as from-read\nempty r & po", "from-read from-write")]
    [InlineData("with r from {rf, fr}\nflag ~empty r & W * R as from-write\nflag ~empty r & R * W as from-read\nempty r & R * W", "from-write")]
    [InlineData("procedure check(r) = flag ~empty r as odd end\ncall check(fr)", "odd")]
    [InlineData("assert irreflexive po as order\nflag ~empty po as some", "some")]
    public void Flags_are_those_of_the_executions_that_pass(string model, string flags) =>
        Assert.Equal(flags.Split(' ').Order(StringComparer.Ordinal), Cat.Flags(model).Split(' ').Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("assert empty fr as nothing-old\nacyclic po")]
    [InlineData("with r from {fr}\nassert empty r as nothing-old\nacyclic po")]
    public void An_assertion_that_fails_is_an_error_and_no_verdict(string model)
    {
        var failed = Assert.Throws<CatException>(() => Cat.Passes(model));
        Assert.Equal(DiagnosticCodes.FailedAssertion, Assert.Single(failed.Diagnostics).Code);
        Assert.EndsWith("as the model asserts, found an execution where it does not", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_included_once_and_its_names_stay()
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["a.cat"] = "\"A\" withco\ninclude \"b.cat\"\nlet both = b | rf",
            ["b.cat"] = "let b = po",
        };
        var model = Model.Parse("include \"a.cat\"\nlet b = 0\ninclude \"b.cat\"\nempty b as still-mine\nacyclic both", "t.cat", files.GetValueOrDefault);
        Assert.Equal(["empty 0 as still-mine", "acyclic (po | rf) as acyclic-5"], model.Constraints.Select(c => c.ToString()));
    }

    [Fact]
    public void Variants_choose_statements_and_expressions()
    {
        const string Text = "let a = if \"strong\" then po else 0\nif \"strong\" acyclic a as first else acyclic rf as second end";
        Assert.Equal(["acyclic po as first"], Model.Parse(Text, "t.cat", _ => null, new HashSet<string> { "strong" }).Constraints.Select(c => c.ToString()));
        Assert.Equal(["acyclic rf as second"], Model.Parse(Text, "t.cat", _ => null).Constraints.Select(c => c.ToString()));
    }

    /// <summary>What can be told from a partial execution is; the rest waits for the complete one.</summary>
    [Theory]
    [InlineData("enum t = 'a || 'b\nlet of x = match x with 'a -> po || 'b -> rf end\nprocedure check(x) = acyclic of x end\nforall x in t do call check(x) end", true)]
    [InlineData("let rec all s = match s with {} -> 0 || r ++ rest -> r | all rest end\nacyclic all {po}", true)]
    [InlineData("let f = fold (fun (r, s) -> r | s)\nacyclic po\nacyclic f ({po, rf}, 0)", false)]
    [InlineData("with r from {po}\nacyclic r", false)]
    [InlineData("forall S in classes-loc(M) do acyclic po end", false)]
    [InlineData("acyclic if po = rf then po else rf", false)]
    [InlineData("let rec s = IW | range([s] ; po)\nacyclic [s] ; po", false)]
    public void What_the_execution_decides_waits_for_its_end(string text, bool isMonotone) =>
        Assert.Equal(isMonotone, Cat.Read(text).Constraints.All(c => c.IsMonotone));
}
