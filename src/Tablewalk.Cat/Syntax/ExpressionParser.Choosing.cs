using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

// What chooses between expressions: if and match.
internal abstract partial class ExpressionParser
{
    /// <summary>What an <c>if</c> asks, as far as a statement may ask it: variants.</summary>
    private protected Condition VariantCondition() => AlternativesOf(VariantFactor);

    private Condition AlternativesOf(Func<Condition> factor)
    {
        Condition AllOf()
        {
            var all = factor();
            while (Accept("&&"))
            {
                all = new BothCondition(all.Position, true, all, factor());
            }

            return all;
        }

        var any = AllOf();
        while (Accept("||"))
        {
            any = new BothCondition(any.Position, false, any, AllOf());
        }

        return any;
    }

    /// <summary><c>"name"</c>, <c>variant "name"</c>, <c>not</c> one of these, or a condition in parentheses.</summary>
    private Condition VariantFactor()
    {
        var start = Current;
        if (StartsNegation())
        {
            At++;
            return new NotCondition(start.Position, Nested(VariantFactor));
        }

        if (Accept("("))
        {
            var inner = Nested(() => AlternativesOf(VariantFactor));
            Take(")");
            return inner;
        }

        if (IsWord("variant"))
        {
            At++;
        }

        return new VariantCondition(start.Position, Expect(TokenKind.String, "a variant's name in quotes").Text);
    }

    private Condition ConditionFactor()
    {
        var start = Current;
        if (start.Kind == TokenKind.String || StartsNegation() || (IsWord("variant") && Following.Kind == TokenKind.String) || OpensVariants())
        {
            return VariantFactor();
        }

        var left = Nested(Expression);
        var op = Current.Is("=") ? ComparisonOperator.Equal
            : Current.Is("subset") ? ComparisonOperator.Subset
            : Current.Is("in") ? ComparisonOperator.In
            : throw Expected("'=', 'subset' or 'in'");
        At++;
        return new Comparison(start.Position, op, left, Nested(Expression));
    }

    private bool IsWord(string word) => Current.Kind == TokenKind.Name && Current.Text == word;

    private bool StartsNegation() => IsWord("not") && (Following.Kind == TokenKind.String || Following.Is("(") || (Following.Kind == TokenKind.Name && Following.Text is "not" or "variant"));

    /// <summary>Whether a parenthesis opens a condition on variants and not an expression.</summary>
    private bool OpensVariants()
    {
        var start = At;
        while (Current.Is("("))
        {
            At++;
        }

        var opens = At > start && (Current.Kind == TokenKind.String || StartsNegation());
        At = start;
        return opens;
    }

    private ExpressionSyntax Match()
    {
        var start = Take("match");
        var subject = Nested(Expression);
        Take("with");
        Accept("||");
        ExpressionSyntax result = Current.Kind == TokenKind.Tag || (Current.Is("_") && Following.Is("->"))
            ? new MatchTagSyntax(start.Position, subject, TagClauses(Expression))
            : SetClauses(start.Position, subject);
        Take("end");
        return result;
    }

    /// <summary>Clauses up to <c>end</c>, the one for every other tag last.</summary>
    private protected ImmutableArray<TagClause<T>> TagClauses<T>(Func<T> body)
    {
        var clauses = ImmutableArray.CreateBuilder<TagClause<T>>();
        do
        {
            var start = Current;
            var tag = Accept("_") ? null : Expect(TokenKind.Tag, "a tag").Text;
            Take("->");
            clauses.Add(new(start.Position, tag, Nested(body)));
        }
        while (clauses[^1].Tag is not null && Accept("||"));
        return clauses.ToImmutable();
    }

    private MatchSetSyntax SetClauses(SourcePosition start, ExpressionSyntax subject)
    {
        ExpressionSyntax? empty = null;
        (string? First, string? Others, ExpressionSyntax Body)? nonEmpty = null;
        for (var i = 0; i < 2; i++)
        {
            if (i == 1)
            {
                Take("||");
            }

            if (empty is null && Accept("{"))
            {
                Take("}");
                Take("->");
                empty = Nested(Expression);
            }
            else if (nonEmpty is null && !Current.Is("{"))
            {
                var first = NameOrBlank("a tag, '{}' or a name for an element");
                Take("++");
                var rest = NameOrBlank("a name for the other elements");
                Take("->");
                nonEmpty = (first, rest, Nested(Expression));
            }
            else
            {
                throw Expected(empty is null ? "the clause for '{}'" : "a clause for an element and the rest");
            }
        }

        return new(start, subject, empty!, nonEmpty!.Value.First, nonEmpty.Value.Others, nonEmpty.Value.Body);
    }
}
