using System.Collections.Immutable;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Tests.Syntax;

/// <summary>Makes files of every construct at random, as syntax; what they mean does not matter.</summary>
internal sealed class RandomSyntax(Random random)
{
    private static readonly SourcePosition s_nowhere = new("", 1, 1);
    private static readonly string[] s_names = ["po", "rf", "x", "_y", "a-b.c", "f'", "Long_Name9"];

    internal static CatFile File(int seed)
    {
        var make = new RandomSyntax(new(seed));
        return new("T i t l e", make.Some(["withco", "catdep", "withoutinit"], 2), [.. make.Statements(3), .. make.Enumerations(), .. make.Statements(2)]);
    }

    private ImmutableArray<Statement> Enumerations() => Many(0, 1, Statement () => new EnumStatement(s_nowhere, Name(), Many(1, 3, Name)));

    private ImmutableArray<Statement> Statements(int depth) => [.. Enumerable.Range(0, random.Next(depth + 2)).Select(_ => Statement(depth))];

    private Statement Statement(int depth) => random.Next(depth > 0 ? 13 : 8) switch
    {
        0 or 1 => Let(depth),
        2 => Test((TestRole)random.Next(4)),
        3 => new IncludeStatement(s_nowhere, "some/file.cat"),
        4 => new ShowStatement(s_nowhere, Coin(), Many(1, 3, () => new ShownItem(Expression(2), Maybe(Name)))),
        5 => new CallStatement(s_nowhere, Name(), Expression(2), Maybe(Name)),
        6 => new WithStatement(s_nowhere, Name(), Expression(3)),
        7 => Coin() ? new DebugStatement(s_nowhere, Expression(2)) : new InstructionsStatement(s_nowhere, Coin(), Name(), Many(0, 2, () => Expression(1))),
        8 => new ProcedureStatement(s_nowhere, Name(), Coin(), Pattern(), Statements(depth - 1)),
        9 => new ForallStatement(s_nowhere, Name(), Expression(2), Statements(depth - 1)),
        10 or 11 => new IfStatement(s_nowhere, Variants(2), Statements(depth - 1), Statements(depth - 1)),
        _ => new MatchStatement(s_nowhere, Expression(2), Clauses(() => Statements(depth - 1))),
    };

    private LetStatement Let(int depth)
    {
        var bindings = Bindings(depth + 1);
        return new(s_nowhere, bindings, bindings.IsRecursive && Coin() ? Test(TestRole.Check) : null);
    }

    private TestStatement Test(TestRole role) => new(s_nowhere, (ConstraintKind)random.Next(3), Coin(), role, Expression(3), Maybe(Name));

    private Bindings Bindings(int depth) => new(s_nowhere, Coin(), Many(1, 2, () => Binding(depth)));

    private Binding Binding(int depth) => Coin()
        ? new(s_nowhere, new(s_nowhere, [Name()]), Pattern(), Expression(depth))
        : new(s_nowhere, Pattern(), null, Expression(depth));

    private Pattern Pattern() => new(s_nowhere, Many(0, 3, () => random.Next(4) == 0 ? null : Name()));

    private ExpressionSyntax Expression(int depth)
    {
        if (depth == 0)
        {
            return random.Next(7) switch
            {
                0 => new EmptySyntax(s_nowhere, Coin()),
                1 => new UniverseSyntax(s_nowhere),
                2 => new TagSyntax(s_nowhere, Name()),
                3 => new TupleSyntax(s_nowhere, []),
                _ => new NameSyntax(s_nowhere, Name()),
            };
        }

        ExpressionSyntax E() => Expression(random.Next(depth));
        return random.Next(18) switch
        {
            0 => new SetSyntax(s_nowhere, Many(1, 3, E)),
            1 => new TupleSyntax(s_nowhere, Many(2, 3, E)),
            2 => new IdentitySyntax(s_nowhere, E()),
            3 => Call(E),
            4 => new FunctionSyntax(s_nowhere, Pattern(), E()),
            5 => new LetSyntax(s_nowhere, Bindings(depth - 1), E()),
            6 => new IfSyntax(s_nowhere, Conditions(2, E), E(), E()),
            7 => new TrySyntax(s_nowhere, E(), E()),
            8 => new MatchTagSyntax(s_nowhere, E(), Clauses(E)),
            9 => new MatchSetSyntax(s_nowhere, E(), E(), Maybe(Name), Maybe(Name), E()),
            10 or 11 => new UnarySyntax(s_nowhere, (UnaryOperator)random.Next(5), E()),
            12 => new ChainSyntax(s_nowhere, BinaryOperator.Product, [E(), E()]),
            _ => new ChainSyntax(s_nowhere, (BinaryOperator)random.Next(5), Many(2, 3, E)),
        };
    }

    private ExpressionSyntax Call(Func<ExpressionSyntax> argument)
    {
        ExpressionSyntax call = new NameSyntax(s_nowhere, Name());
        for (var n = random.Next(1, 3); n > 0; n--)
        {
            call = new CallSyntax(s_nowhere, call, argument());
        }

        return call;
    }

    private ImmutableArray<TagClause<T>> Clauses<T>(Func<T> body)
    {
        var clauses = Many(0, 2, () => new TagClause<T>(s_nowhere, Name(), body()));
        return clauses.IsEmpty || Coin() ? clauses.Add(new(s_nowhere, null, body())) : clauses;
    }

    /// <summary>Comparisons stand in no parentheses and under no <c>not</c>: the syntax has no place for them there.</summary>
    private Condition Conditions(int depth, Func<ExpressionSyntax> e) => random.Next(depth == 0 ? 2 : 4) switch
    {
        0 => Variants(depth),
        1 => new Comparison(s_nowhere, (ComparisonOperator)random.Next(3), e(), e()),
        2 => new BothCondition(s_nowhere, true, Conditions(0, e), Variants(1)),
        _ => new BothCondition(s_nowhere, false, Conditions(depth - 1, e), Conditions(0, e)),
    };

    private Condition Variants(int depth) => random.Next(depth == 0 ? 1 : 4) switch
    {
        0 => new VariantCondition(s_nowhere, "vmsa"),
        1 => new NotCondition(s_nowhere, Variants(depth - 1)),
        _ => new BothCondition(s_nowhere, Coin(), Variants(depth - 1), Variants(depth - 1)),
    };

    private bool Coin() => random.Next(2) == 0;

    private string Name() => s_names[random.Next(s_names.Length)];

    private T? Maybe<T>(Func<T> make)
        where T : class => Coin() ? make() : null;

    private ImmutableArray<string> Some(string[] all, int most) => Many(0, most, () => all[random.Next(all.Length)]);

    private ImmutableArray<T> Many<T>(int least, int most, Func<T> make) => [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => make())];
}
