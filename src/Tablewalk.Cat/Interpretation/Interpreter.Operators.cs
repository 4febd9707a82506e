using System.Collections.Immutable;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Interpretation;

// Operators. The empty set and the universe have no kind of their own and take that of the other operand.
internal abstract partial class Interpreter
{
    private Value Identity(IdentitySyntax identity, Environment environment)
    {
        var set = Evaluate(identity.Set, environment);
        return set is Value.Empty ? set : On(SetOrOther(set, identity.Set), Algebra.Identity);
    }

    private Value Unary(UnarySyntax unary, Environment environment)
    {
        var value = Evaluate(unary.Operand, environment);
        if (unary.Operator == UnaryOperator.Complement)
        {
            return Lattice(BinaryOperator.Difference, [Value.Universe.Instance, value], [new UniverseSyntax(unary.Position), unary.Operand], environment);
        }

        if (value is Value.Empty)
        {
            return unary.Operator is UnaryOperator.Star or UnaryOperator.Optional ? new Value.Known(Algebra.Id) : value;
        }

        return On(RelationOrOther(value, unary.Operand), unary.Operator switch
        {
            UnaryOperator.Inverse => Algebra.Inverse,
            UnaryOperator.Plus => Algebra.Plus,
            UnaryOperator.Star => Algebra.Star,
            _ => Algebra.Optional,
        });
    }

    private Value Chain(ChainSyntax chain, Environment environment)
    {
        var values = chain.Operands.Select(o => Evaluate(o, environment)).ToImmutableArray();
        if (values.Any(v => v is Value.Wrong))
        {
            return Value.Wrong.Instance;
        }

        switch (chain.Operator)
        {
            case BinaryOperator.Sequence:
                return Fold(Checked(values, chain.Operands, RelationOrOther), Algebra.Sequence);
            case BinaryOperator.Product:
                return Fold(Checked(values, chain.Operands, SetOrOther), Algebra.Product);
            case BinaryOperator.Add:
                var sum = values[^1];
                for (var i = values.Length - 2; i >= 0; i--)
                {
                    sum = Add(values[i], chain.Operands[i], sum, chain.Operands[^1]);
                }

                return sum;
            default:
                return Lattice(chain.Operator, values, chain.Operands, environment);
        }
    }

    private static ImmutableArray<Value> Checked(ImmutableArray<Value> values, ImmutableArray<ExpressionSyntax> at, Func<Value, ExpressionSyntax, Value> check) =>
        [.. values.Select((v, i) => v is Value.Empty ? v : check(v, at[i]))];

    /// <summary>An operation with which nothing makes nothing.</summary>
    private static Value Fold(ImmutableArray<Value> operands, Func<Term, Term, Term> operation)
    {
        if (operands.FirstOrDefault(o => o is Value.Wrong) is { } wrong)
        {
            return wrong;
        }

        if (operands.Any(o => o is Value.Empty))
        {
            return Value.Empty.Instance;
        }

        return operands.Any(o => o is Value.Unknown)
            ? Value.Unknown.Instance
            : new Value.Known(operands.Select(o => ((Value.Known)o).Term).Aggregate(operation));
    }

    private static Value On(Value operand, Func<Term, Term> apply) => operand is Value.Known known ? new Value.Known(apply(known.Term)) : operand;

    /// <summary>A set, for a value that is one or stands for one; else unknown or wrong.</summary>
    private protected Value SetOrOther(Value value, ExpressionSyntax at) => value switch
    {
        Value.Known { Term.IsSet: true } or Value.Unknown or Value.Wrong => value,
        Value.Empty => new Value.Known(Algebra.EmptySet),
        Value.Universe => new Value.Known(Algebra.Universe),
        Value.Event e => new Value.Known(Algebra.Single(e.Index)),
        _ => ReportKind("a set", value, at),
    };

    /// <summary>A relation, for a value that is one or stands for one; else unknown or wrong.</summary>
    private protected Value RelationOrOther(Value value, ExpressionSyntax at) => value switch
    {
        Value.Known { Term.IsSet: false } or Value.Unknown or Value.Wrong => value,
        Value.Empty => new Value.Known(Algebra.EmptyRelation),
        Value.Universe => new Value.Known(Algebra.Everything),
        Value.Pair p => new Value.Known(Algebra.Single(p.From, p.To)),
        _ => ReportKind("a relation", value, at),
    };

    /// <summary>Union, intersection and difference, taken from the left.</summary>
    private Value Lattice(BinaryOperator op, ImmutableArray<Value> values, ImmutableArray<ExpressionSyntax> at, Environment environment)
    {
        if (values.FirstOrDefault(v => v is Value.Wrong) is { } wrong)
        {
            return wrong;
        }

        if (values.Any(v => v is Value.Collection or Value.Tag))
        {
            return LatticeOfCollections(op, values, at, environment);
        }

        var areSets = values.Any(v => v is Value.Known { Term.IsSet: true } or Value.Event);
        var operands = new List<Value>();
        for (var i = 0; i < values.Length; i++)
        {
            operands.Add(values[i] is Value.Empty or Value.Universe ? values[i] : areSets ? SetOrOther(values[i], at[i]) : RelationOrOther(values[i], at[i]));
        }

        return operands.Find(o => o is Value.Wrong) ?? operands.Find(o => o is Value.Unknown) ?? operands.Aggregate((a, b) => Lattice(op, a, b));
    }

    private Value Lattice(BinaryOperator op, Value a, Value b) => (op, a, b) switch
    {
        (BinaryOperator.Union, Value.Empty, _) or (BinaryOperator.Intersection, Value.Universe, _) => b,
        (BinaryOperator.Union, _, Value.Empty) or (BinaryOperator.Intersection, _, Value.Universe) or (BinaryOperator.Difference, _, Value.Empty) => a,
        (BinaryOperator.Union, Value.Universe, _) or (BinaryOperator.Union, _, Value.Universe) => Value.Universe.Instance,
        (_, Value.Empty, _) or (BinaryOperator.Intersection, _, Value.Empty) or (BinaryOperator.Difference, _, Value.Universe) => Value.Empty.Instance,
        (BinaryOperator.Difference, Value.Universe, Value.Known k) => new Value.Known(Algebra.Complement(k.Term)),
        (_, Value.Known x, Value.Known y) => new Value.Known(op switch
        {
            BinaryOperator.Union => Algebra.Union(x.Term, y.Term),
            BinaryOperator.Intersection => Algebra.Intersection(x.Term, y.Term),
            _ => Algebra.Difference(x.Term, y.Term),
        }),
        _ => throw new InvalidOperationException($"no case for {op} of {a.Description} and {b.Description}"),
    };

    private Value LatticeOfCollections(BinaryOperator op, ImmutableArray<Value> values, ImmutableArray<ExpressionSyntax> at, Environment environment)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not (Value.Collection or Value.Tag or Value.Empty or Value.Universe or Value.Unknown))
            {
                return ReportKind("a set of values", values[i], at[i]);
            }
        }

        // '_' changes nothing in an intersection, and is else all tags of the types that the other operands have.
        var operands = op == BinaryOperator.Intersection ? values.RemoveAll(v => v is Value.Universe) : values;
        var types = values.SelectMany(ElementsOfCollection).OfType<Value.Tag>().Select(t => t.Type).Distinct(StringComparer.Ordinal).ToList();
        if (types.Count == 0 && operands.Any(v => v is Value.Universe) && !values.Contains(Value.Unknown.Instance))
        {
            return Wrong(DiagnosticCodes.WrongKind, at[0].Position, "expected tags, of which it can be told which there are, found other values with '_' or '~'");
        }

        if (values.Any(v => v is Value.Unknown) || (op != BinaryOperator.Union && !values.All(ValueOrder.IsDecided)))
        {
            return Value.Unknown.Instance;
        }

        IEnumerable<Value> Elements(Value v) => v is Value.Universe
            ? types.SelectMany(type => environment.TagsOf(type).Select(Value (t) => new Value.Tag(t, type)))
            : ElementsOfCollection(v);
        bool IsIn(Value x, Value set) => Elements(set).Any(y => ValueOrder.Instance.Compare(x, y) == 0);
        return SetOf(operands[1..].Aggregate(Elements(operands[0]), (result, value) => op switch
        {
            BinaryOperator.Union => result.Concat(Elements(value)),
            BinaryOperator.Intersection => result.Where(x => IsIn(x, value)),
            _ => result.Where(x => !IsIn(x, value)),
        }));
    }

    private static IEnumerable<Value> ElementsOfCollection(Value value) => value switch
    {
        Value.Collection c => c.Elements,
        Value.Tag => [value],
        _ => [],
    };

    /// <summary><c>x ++ S</c>: the set with one more element.</summary>
    private Value Add(Value element, ExpressionSyntax elementAt, Value set, ExpressionSyntax setAt)
    {
        if (set is Value.Wrong || !MayBeElement(element, elementAt))
        {
            return Value.Wrong.Instance;
        }

        switch (element, set)
        {
            case (_, Value.Unknown) or (Value.Unknown, _):
                return Value.Unknown.Instance;
            case (_, Value.Empty):
                return SetOf([element]);
            case (_, Value.Collection collection):
                return SetOf(collection.Elements.Add(element));
            case (Value.Event e, Value.Known { Term: { IsSet: true } term }):
                return new Value.Known(Algebra.Union(term, Algebra.Single(e.Index)));
            case (Value.Pair p, Value.Known { Term: { IsSet: false } term }):
                return new Value.Known(Algebra.Union(term, Algebra.Single(p.From, p.To)));
            default:
                return ReportKind("a set of values", set, setAt);
        }
    }

    /// <summary>The set of some values: of events a set of events, of pairs a relation, of nothing nothing.</summary>
    private protected Value SetOf(IEnumerable<Value> values)
    {
        var elements = ValueOrder.Distinct(values);
        if (elements.Any(e => e is Value.Unknown))
        {
            return Value.Unknown.Instance;
        }

        return elements switch
        {
            [] => Value.Empty.Instance,
            [Value.Event, ..] => new Value.Known(elements.Select(e => Algebra.Single(((Value.Event)e).Index)).Aggregate(Algebra.Union)),
            [Value.Pair, ..] => new Value.Known(
                elements.Select(e => Algebra.Single(((Value.Pair)e).From, ((Value.Pair)e).To)).Aggregate(Algebra.Union)),
            _ => new Value.Collection(elements),
        };
    }

    /// <summary>The elements of a set in order; null of what is none, or where only an execution can tell.</summary>
    private protected static ImmutableArray<Value>? ElementsOrNull(Value set) => set switch
    {
        Value.Collection c => c.Elements,
        Value.Empty => [],
        Value.Known { Term: Extension { IsSet: true } e } => [.. e.Set.Select(Value (x) => new Value.Event(x))],
        Value.Known { Term: Extension e } => [.. e.Relation.Pairs().Select(Value (p) => new Value.Pair(p.From, p.To))],
        _ => null,
    };
}
