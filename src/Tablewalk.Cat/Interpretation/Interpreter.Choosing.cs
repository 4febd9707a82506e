using System.Collections.Immutable;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Interpretation;

// What chooses between expressions or statements: if and match.
internal abstract partial class Interpreter
{
    private Value If(IfSyntax branch, Environment environment)
    {
        var (holds, otherwise) = Decide(branch.Condition, environment);
        return otherwise switch
        {
            null => Evaluate(holds ? branch.Then : branch.Else, environment),
            Value.Unknown => Either(() => Evaluate(branch.Then, environment), () => Evaluate(branch.Else, environment)),
            _ => otherwise,
        };
    }

    private Value.Unknown Either(params ReadOnlySpan<Action> branches)
    {
        foreach (var branch in branches)
        {
            Speculate(branch);
        }

        return Value.Unknown.Instance;
    }

    private Value Match(MatchTagSyntax match, Environment environment)
    {
        var subject = Evaluate(match.Subject, environment);
        return subject is Value.Unknown
            ? Either([.. match.Clauses.Select(Action (c) => () => Evaluate(c.Body, environment))])
            : ClauseFor(subject, match.Clauses, match.Subject, match.Position) is { } clause ? Evaluate(clause.Body, environment) : Value.Wrong.Instance;
    }

    private TagClause<T>? ClauseFor<T>(Value subject, ImmutableArray<TagClause<T>> clauses, ExpressionSyntax at, SourcePosition position)
    {
        if (subject is not Value.Tag tag)
        {
            if (subject is not Value.Wrong)
            {
                ReportKind("a tag", subject, at);
            }

            return null;
        }

        var found = clauses.FirstOrDefault(c => c.Tag is null || c.Tag == tag.Name);
        if (found is null)
        {
            Report(DiagnosticCodes.NoMatch, position, $"expected a clause for ''{tag.Name}' or '_', found {string.Join(", ", clauses.Select(c => $"''{c.Tag}'"))}");
        }

        return found;
    }

    private Value Match(MatchSetSyntax match, Environment environment)
    {
        Value NonEmpty(Value first, Value rest)
        {
            var inner = match.First is null ? environment : environment.With(match.First, first);
            return Evaluate(match.NonEmpty, match.Rest is null ? inner : inner.With(match.Rest, rest));
        }

        var subject = Evaluate(match.Subject, environment);
        switch (subject)
        {
            case Value.Collection { Elements: [var only] }:
                return NonEmpty(only, Value.Empty.Instance);
            case Value.Collection collection when !ValueOrder.IsDecided(collection):
                break; // which elements are the same one, an execution must tell
            case Value.Unknown:
                break;
            case Value.Wrong:
                return subject;
            default:
                if (ElementsOrNull(subject) is { } elements)
                {
                    return elements.IsEmpty ? Evaluate(match.Empty, environment) : NonEmpty(elements[0], Rest(subject, elements));
                }

                if (subject is Value.Known)
                {
                    break;
                }

                return ReportKind("a set to take apart", subject, match.Subject);
        }

        return Either(() => Evaluate(match.Empty, environment), () => NonEmpty(Value.Unknown.Instance, Value.Unknown.Instance));
    }

    /// <summary>The set without its first element; of the kind that it was, were it empty now.</summary>
    private Value Rest(Value set, ImmutableArray<Value> elements) => set is Value.Known { Term: var term }
        ? new Value.Known(elements[0] is Value.Event e
            ? Algebra.Difference(term, Algebra.Single(e.Index))
            : elements[0] is Value.Pair p ? Algebra.Difference(term, Algebra.Single(p.From, p.To)) : term)
        : SetOf(elements.RemoveAt(0));

    /// <summary>Whether a condition holds; or why that cannot be told: unknown, or wrong.</summary>
    private (bool Holds, Value? Otherwise) Decide(Condition condition, Environment environment)
    {
        switch (condition)
        {
            case VariantCondition variant:
                return (files.Variants.Contains(variant.Name), null);
            case NotCondition not:
                var (operand, unless) = Decide(not.Operand, environment);
                return (!operand, unless);
            case BothCondition both:
                var (left, unlessLeft) = Decide(both.Left, environment);
                if (unlessLeft is Value.Wrong || (unlessLeft is null && left != both.IsAnd))
                {
                    return (left, unlessLeft);
                }

                var (right, unlessRight) = Decide(both.Right, environment);
                return unlessRight is null && right != both.IsAnd ? (right, null) : (right, unlessLeft ?? unlessRight);
            case Comparison comparison:
                return Compare(comparison, Evaluate(comparison.Left, environment), Evaluate(comparison.Right, environment), environment);
            default:
                throw new InvalidOperationException($"no case for {condition.GetType().Name}");
        }
    }

    private (bool Holds, Value? Otherwise) Compare(Comparison comparison, Value left, Value right, Environment environment)
    {
        if (left is Value.Wrong || right is Value.Wrong)
        {
            return (false, Value.Wrong.Instance);
        }

        if (comparison.Operator == ComparisonOperator.In)
        {
            if (!MayBeElement(left, comparison.Left))
            {
                return (false, Value.Wrong.Instance);
            }

            left = SetOf([left]);
        }

        if (left is Value.Unknown || right is Value.Unknown)
        {
            return (false, Value.Unknown.Instance);
        }

        if (left is Value.Tuple or Value.Tag && left.GetType() == right.GetType())
        {
            return ValueOrder.IsDecided(left) && ValueOrder.IsDecided(right) ? (ValueOrder.Instance.Compare(left, right) == 0, null) : (false, Value.Unknown.Instance);
        }

        // Both are sets of some kind: a is in b if nothing is left of it, equal if the reverse holds too.
        ImmutableArray<ExpressionSyntax> at = [comparison.Left, comparison.Right];
        var isWithin = Nothing(Lattice(BinaryOperator.Difference, [left, right], at, environment));
        if (comparison.Operator != ComparisonOperator.Equal || isWithin is not (true, null))
        {
            return isWithin;
        }

        return Nothing(Lattice(BinaryOperator.Difference, [right, left], [at[1], at[0]], environment));
    }

    private static (bool IsEmpty, Value? Otherwise) Nothing(Value value) => value switch
    {
        Value.Empty => (true, null),
        Value.Known { Term: Extension e } => (e.IsEmpty, null),
        Value.Known or Value.Unknown => (false, Value.Unknown.Instance),
        Value.Wrong => (false, value),
        _ => (false, null),
    };
}
