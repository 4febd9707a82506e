using Xunit;

namespace Tablewalk.Cat.Tests.Interpretation;

/// <summary>Each construct of expressions with a value computed by hand, on <see cref="Cat.MessagePassing"/>.</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("po", "2->3 4->5")]
    [InlineData("rf", "0->5 3->4")]
    [InlineData("co", "0->2 1->3")]
    [InlineData("fr", "5->2")]
    [InlineData("rf | fr", "0->5 3->4 5->2")]
    [InlineData("po ; rf ; po", "2->5")]
    [InlineData("rf & W * R & ext", "0->5 3->4")]
    [InlineData("rf \\ (IW * _)", "3->4")]
    [InlineData("rf^-1", "4->3 5->0")]
    [InlineData("(po | rf)+ & IW * _", "0->5")]
    [InlineData("[R]? \\ id", "")]
    [InlineData("(po | fr)* \\ id", "2->3 4->2 4->3 4->5 5->2 5->3")]
    [InlineData("~(_ * ~R) & po", "4->5")]
    [InlineData("[domain(rf)] ; po", "")]
    [InlineData("[range(po)] & [W]", "3->3")]
    [InlineData("toid(R)", "4->4 5->5")]
    [InlineData("_ & po", "2->3 4->5")]
    [InlineData("po \\ _", "")]
    [InlineData("po & ~0", "2->3 4->5")]
    [InlineData("_ ; po ; {} | po", "2->3 4->5")]
    [InlineData("[_] & [IW]", "0->0 1->1")]
    [InlineData("0 | po", "2->3 4->5")]
    public void A_relation_is_what_it_is_by_hand(string expression, string expected) => Assert.Equal(expected, Cat.Pairs(expression));

    [Theory]
    [InlineData("R | IW", "0 1 4 5")]
    [InlineData("~W", "4 5")]
    [InlineData("W \\ IW & M", "2 3")]
    [InlineData("domain(rf | po)", "0 2 3 4")]
    [InlineData("emptyset", "")]
    [InlineData("{} | R", "4 5")]
    [InlineData("FW", "2 3")]
    [InlineData("_", "0 1 2 3 4 5")]
    public void A_set_is_what_it_is_by_hand(string expression, string expected) => Assert.Equal(expected, Cat.Members(expression));

    [Theory]
    [InlineData("let f x = x ; rf", "f po", "2->4")]
    [InlineData("let f(x, y) = x ; y", "f(po, rf)", "2->4")]
    [InlineData("let f(x, y) = x ; y\nlet both = (po, rf)", "f both", "2->4")]
    [InlineData("let f = fun x -> fun y -> x ; y", "f po rf", "2->4")]
    [InlineData("let f = fun(x, y) -> x ; y", "f(po, rf)", "2->4")]
    [InlineData("let f(_, y) = y", "f(R, po)", "2->3 4->5")]
    [InlineData("let f() = po", "f()", "2->3 4->5")]
    [InlineData("let twice f = fun x -> f (f x)\nlet step r = r ; (po | rf | fr)", "twice step po", "2->5 4->3")]
    public void Functions_are_values(string definitions, string expression, string expected) => Assert.Equal(expected, Cat.Pairs(expression, definitions));

    [Theory]
    [InlineData("let (a, b) = (po, rf)", "a ; b", "2->4")]
    [InlineData("let a, b = po, rf", "a ; b", "2->4")]
    [InlineData("let (a, _) = (po, rf)", "a", "2->3 4->5")]
    [InlineData("let a = po and b = rf", "a ; b", "2->4")]
    [InlineData("let b = rf\nlet a = b and b = po", "a", "0->5 3->4")]
    [InlineData("", "let a = po in let b = rf in a ; b", "2->4")]
    [InlineData("", "begin let a = po in a end ; rf", "2->4")]
    public void Bindings_take_tuples_apart(string definitions, string expression, string expected) => Assert.Equal(expected, Cat.Pairs(expression, definitions));

    [Theory]
    [InlineData("let rec a = po | rf | a ; (W * emptyset)", "a", "0->5 2->3 3->4 4->5")]
    [InlineData("let rec a = po | rf | a ; a", "a", "0->5 2->3 2->4 2->5 3->4 3->5 4->5")]
    [InlineData("let rec a = po | b ; po and b = rf | a ; rf", "a", "2->3 2->5 3->5 4->5")]
    [InlineData("let rec s = IW | range([s] ; rf)", "[s]", "0->0 1->1 5->5")]
    [InlineData("let rec a = b | po and b = [R] \\ [domain(rf)]", "a ; po", "4->5")]
    [InlineData("let tr r = let rec t = r | t ; t in t", "tr (po | rf) & IW * _", "0->5")]
    public void A_recursion_is_the_least_solution(string definitions, string expression, string expected) => Assert.Equal(expected, Cat.Pairs(expression, definitions));

    /// <summary>Matching brackets, as the Linux model matches read sections: what is unmatched shrinks while what is matched grows.</summary>
    [Fact]
    public void A_recursion_through_differences_that_settles_is_taken() => Assert.Equal(
        "1->4 2->3 5->6",
        Cat.Pairs(
            "matched",
            """
            let rec open-edges = RCU-LOCK \ domain(matched) | RCU-UNLOCK \ range(matched)
                and neighbours = ([open-edges] ; po ; [open-edges]) \ (po ; [open-edges] ; po)
                and matched = matched | [RCU-LOCK] ; neighbours ; [RCU-UNLOCK]
            """,
            "lock lock unlock unlock lock unlock Rx=0"));

    [Theory]
    [InlineData("if po = po | 0 then rf else fr", "0->5 3->4")]
    [InlineData("if po = rf then rf else fr", "5->2")]
    [InlineData("if fr subset ext then rf else fr", "0->5 3->4")]
    [InlineData("if ext subset fr then rf else fr", "5->2")]
    [InlineData("if {} = R & W then rf else fr", "0->5 3->4")]
    [InlineData("if po = rf || IW subset W then rf else fr", "0->5 3->4")]
    [InlineData("if po = rf && IW subset W then rf else fr", "5->2")]
    [InlineData("if \"mixed\" then rf else fr", "5->2")]
    [InlineData("if not \"mixed\" then rf else fr", "0->5 3->4")]
    [InlineData("if variant \"mixed\" || not (\"a\" && \"b\") then rf else fr", "0->5 3->4")]
    [InlineData("if (po, rf) = (po, rf) then rf else fr", "0->5 3->4")]
    [InlineData("if po in {rf, po} then rf else fr", "0->5 3->4")]
    [InlineData("if fr in {rf, po} then rf else fr", "5->2")]
    [InlineData("try nothing-like-it with rf", "0->5 3->4")]
    [InlineData("(try po ; R with rf) | fr", "0->5 3->4 5->2")]
    public void A_choice_takes_one_way(string expression, string expected) => Assert.Equal(expected, Cat.Pairs(expression));

    [Theory]
    [InlineData("match 'weak with 'strong -> po || 'weak -> rf end", "0->5 3->4")]
    [InlineData("match 'weak with || 'strong -> po || _ -> rf end", "0->5 3->4")]
    [InlineData("let rec down t = match t with 'strong -> po | down 'weak || 'weak -> fr end in down 'strong", "2->3 4->5 5->2")]
    [InlineData("if 'weak in orders then rf else fr", "0->5 3->4")]
    [InlineData("if ~{'weak} = {'strong, 'none} then rf else fr", "0->5 3->4")]
    [InlineData("if _ \\ {'weak} = orders \\ 'weak then rf else fr", "0->5 3->4")]
    [InlineData("if {'weak} & ('strong ++ {'none}) = {} then rf else fr", "0->5 3->4")]
    [InlineData("if {'weak} | 'strong subset orders then rf else fr", "0->5 3->4")]
    [InlineData("if 'weak = 'strong then rf else fr", "5->2")]
    [InlineData("fold (fun (t, r) -> r | match t with 'weak -> rf || _ -> 0 end) (orders, fr)", "0->5 3->4 5->2")]
    public void Tags_are_matched_and_gathered(string expression, string expected) =>
        Assert.Equal(expected, Cat.Pairs(expression, "enum orders = 'strong || 'weak || 'none"));

    [Theory]
    [InlineData("let rec all sets = match sets with {} -> 0 || S ++ rest -> S * S | all rest end", "all (classes-loc(W)) \\ id", "0->2 1->3 2->0 3->1")]
    [InlineData("let rec all S = match S with {} -> 0 || e ++ rest -> [{e}] | all rest end", "all R", "4->4 5->5")]
    [InlineData("let rec back r = match r with {} -> 0 || p ++ rest -> (p ++ 0)^-1 | back rest end", "back po", "3->2 5->4")]
    [InlineData("let rec ends r = match r with {} -> {} || p ++ rest -> let (a, b) = p in b ++ ends rest end", "[ends po]", "3->3 5->5")]
    [InlineData("let rec some S = match S with _ ++ _ -> po || {} -> 0 end", "some (R & W) | some R", "2->3 4->5")]
    [InlineData("let sets = classes(loc & M * M)", "fold (fun (S, r) -> S * S & fr | r) (sets, 0)", "5->2")]
    [InlineData("let f(S) = S * S & po", "fold (fun (r, all) -> r | all) (map f {R, W \\ IW}, 0)", "2->3 4->5")]
    [InlineData("let all = linearisations(W & ~IW, co)", "fold (fun (r, s) -> r | s) (all, 0)", "2->3 3->2")]
    [InlineData("let all = linearisations(W, co | po | [IW] ; (_ * _) ; [W \\ IW])", "fold (fun (r, s) -> r | s) (all, 0)", "0->1 0->2 0->3 1->0 1->2 1->3 2->3")]
    [InlineData("let none = linearisations(W, po | po^-1)", "if none = {} then rf else fr", "0->5 3->4")]
    [InlineData(
        "let rec power S = match S with {} -> {{}} || e ++ rest -> let p = power rest in p | map (fun T -> {e} | T) p end",
        "if power R = {{}, R, R & domain(po), R & range(po)} then rf else fr", "0->5 3->4")]
    public void Sets_are_taken_apart_and_built(string definitions, string expression, string expected) => Assert.Equal(expected, Cat.Pairs(expression, definitions));

    [Fact]
    public void Tags_name_sets_and_relations()
    {
        Assert.Equal("2->3 4->5", Cat.Pairs("tag2scope 'system", "enum scopes = 'system\nlet system = po"));
        Assert.Equal("4 5", Cat.Members("tag2events 'read", "enum kinds = 'read || 'write\nlet Read = R"));
        Assert.Equal("4 5", Cat.Members("tag2instrs 'read", "enum kinds = 'read || 'write\nlet Read = R"));
    }
}
