using System.Collections.Immutable;
using Tablewalk.Cat.Syntax;
using Tablewalk.Relations;

namespace Tablewalk.Cat.Interpretation;

// What the language gives without a definition.
internal abstract partial class Interpreter
{
    /// <summary>More orders of a set than this are not listed: each is a relation, and 9 events that nothing orders have 362,880.</summary>
    private const int MostOrders = 50_000;

    private Dictionary<string, Value>? _given;

    private static IEnumerable<string> BuiltInNames =>
        ["id", "emptyset", "domain", "range", "classes", "classes-loc", "partition", "linearisations", "map", "fold", "tag2events", "tag2instrs", "tag2scope"];

    private Value? GivenOrNull(string name, Environment environment)
    {
        _given ??= new(StringComparer.Ordinal);
        if (!_given.TryGetValue(name, out var value))
        {
            value = MakeGivenOrNull(name);
            if (value is not null)
            {
                _given.Add(name, value);
            }
        }

        return value ?? name switch
        {
            "tag2events" or "tag2instrs" => new Value.BuiltIn(name, (tag, call) => NamedByTag(tag, call, environment, areEvents: true)),
            "tag2scope" => new Value.BuiltIn(name, (tag, call) => NamedByTag(tag, call, environment, areEvents: false)),
            _ => null,
        };
    }

    private Value? MakeGivenOrNull(string name)
    {
        if (Vocabulary.SetOrNull(name) is { } set)
        {
            return new Value.Known(Algebra.Base(set));
        }

        if (Vocabulary.RelationOrNull(name) is { } relation)
        {
            return new Value.Known(Algebra.Base(relation));
        }

        return name switch
        {
            "id" => new Value.Known(Algebra.Id),
            "emptyset" => new Value.Known(Algebra.EmptySet),
            "domain" => OfRelation(name, Algebra.Domain),
            "range" => OfRelation(name, Algebra.Range),
            "classes" => new Value.BuiltIn(name, (r, call) => RelationOrOther(r, call.Argument) switch
            {
                Value.Known { Term: Extension e } => SetOf(Classes(e.Relation, e.Relation.Domain()).Select(Value (c) => new Value.Known(new Extension(c)))),
                Value.Wrong w => w,
                _ => Value.Unknown.Instance,
            }),
            "classes-loc" or "partition" => new Value.BuiltIn(name, (s, call) => SetOrOther(s, call.Argument) switch
            {
                Value.Known { Term: Extension e } => SetOf(ByLocation(e.Set).Select(Value (c) => new Value.Known(new Extension(c)))),
                Value.Wrong w => w,
                _ => Value.Unknown.Instance,
            }),
            "linearisations" => new Value.BuiltIn(name, Linearisations),
            "map" => new Value.BuiltIn(name, (f, _) => new Value.BuiltIn(name, (s, call) => Map(f, s, call))),
            "fold" => new Value.BuiltIn(name, (f, _) => new Value.BuiltIn(name, (s, call) => Fold(f, s, call))),
            _ => null,
        };
    }

    private Value.BuiltIn OfRelation(string name, Func<Term, Term> apply) =>
        new(name, (r, call) => r is Value.Empty ? r : On(RelationOrOther(r, call.Argument), apply));

    /// <summary>The events or the relation that a tag stands for: those of its name, for events with a capital.</summary>
    private Value NamedByTag(Value tag, CallSyntax call, Environment environment, bool areEvents)
    {
        switch (tag)
        {
            case Value.Tag t:
                var name = areEvents ? $"{char.ToUpperInvariant(t.Name[0])}{t.Name[1..].ToLowerInvariant()}" : t.Name;
                var named = Lookup(name, call.Position, environment);
                return areEvents ? SetOrOther(named, call.Argument) : RelationOrOther(named, call.Argument);
            case Value.Unknown:
                return tag;
            default:
                return ReportKind("a tag", tag, call.Argument);
        }
    }

    /// <summary>Sets of events that are related to the same ones.</summary>
    private static IEnumerable<EventSet> Classes(Relation equivalence, EventSet of)
    {
        var rest = of;
        while (!rest.IsEmpty)
        {
            var first = rest.First();
            var members = EventSet.Of(of.Universe, equivalence.Successors(first).Where(rest.Contains).Append(first));
            rest = rest.Except(members);
            yield return members;
        }
    }

    private IEnumerable<EventSet> ByLocation(EventSet events)
    {
        var accesses = ((Extension)Algebra.Union(Algebra.Base(BaseSet.R), Algebra.Base(BaseSet.W))).Set;
        return Classes(((Extension)Algebra.Base(BaseRelation.Loc)).Relation, events.Intersect(accesses));
    }

    private Value Linearisations(Value argument, CallSyntax call)
    {
        if (argument is Value.Unknown)
        {
            return argument;
        }

        if (argument is not Value.Tuple { Parts: [var events, var order] })
        {
            return Wrong(DiagnosticCodes.WrongCall, call.Position, $"expected 2 argument(s) for 'linearisations', found {(argument is Value.Tuple t ? t.Parts.Length : 1)}");
        }

        var (setAt, orderAt) = call.Argument is TupleSyntax { Parts: [var a, var b] } ? (a, b) : (call.Argument, call.Argument);
        events = SetOrOther(events, setAt);
        order = RelationOrOther(order, orderAt);
        if (events is not Value.Known { Term: Extension { Set: var set } } || order is not Value.Known { Term: Extension { Relation: var relation } })
        {
            return events is Value.Wrong || order is Value.Wrong ? Value.Wrong.Instance : Value.Unknown.Instance;
        }

        var orders = new List<Value>();
        foreach (var linear in Orders([.. set], relation, []))
        {
            if (orders.Count == MostOrders)
            {
                Exhaust(call.Position, $"expected at most {MostOrders:N0} orders of {set.Count} events, found more");
                return Value.Wrong.Instance;
            }

            var pairs = linear.SelectMany((x, i) => linear.Skip(i + 1).Select(y => (x, y)));
            orders.Add(new Value.Known(new Extension(Relation.Of(set.Universe, pairs))));
        }

        return SetOf(orders);
    }

    /// <summary>The total orders of some events that keep to a relation, each as a list.</summary>
    private static IEnumerable<ImmutableArray<int>> Orders(ImmutableArray<int> open, Relation order, ImmutableArray<int> done)
    {
        if (open.IsEmpty)
        {
            return [done];
        }

        return open.Where(x => open.All(y => !order.Contains(y, x))).SelectMany(x => Orders(open.Remove(x), order, done.Add(x)));
    }

    private Value Map(Value f, Value set, CallSyntax call) => ElementsOrNull(set) is { } elements
        ? Collect(elements.Select(e => Apply(f, e, call)))
        : IsToldByExecution(set) ? Either(() => Apply(f, Value.Unknown.Instance, call)) : ReportKind("a set to go through", set, call.Argument);

    private Value Collect(IEnumerable<Value> values)
    {
        var all = values.ToList();
        return all.Find(v => v is Value.Wrong) ?? SetOf(all);
    }

    /// <summary><c>fold f (S, y)</c>: f of each element and what came of the others, y of none.</summary>
    private Value Fold(Value f, Value argument, CallSyntax call)
    {
        if (argument is Value.Unknown)
        {
            return argument;
        }

        if (argument is not Value.Tuple { Parts: [var set, var start] })
        {
            return Wrong(DiagnosticCodes.WrongCall, call.Position, $"expected 2 argument(s) for 'fold', found {(argument is Value.Tuple t ? t.Parts.Length : 1)}");
        }

        if (ElementsOrNull(set) is { } elements && ValueOrder.IsDecided(set))
        {
            return elements.Reverse().Aggregate(start, (result, e) => result is Value.Wrong ? result : Apply(f, new Value.Tuple([e, result]), call));
        }

        return IsToldByExecution(set) || set is Value.Collection
            ? Either(() => Apply(f, new Value.Tuple([Value.Unknown.Instance, Value.Unknown.Instance]), call))
            : ReportKind("a set to go through", set, call.Argument);
    }

    private static bool IsToldByExecution(Value set) => set is Value.Unknown or Value.Known { Term: not Extension };
}
