using System.Collections.Immutable;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;
using Tablewalk.Relations;

namespace Tablewalk.Cat.Explaining;

/// <summary>
/// Says of an edge which rule of a model gives it: follows the alternatives of unions, the bodies of recursive names and the steps of closures down to a rule
/// that is a sequence or a given relation.
/// </summary>
internal sealed class RuleTracer(ExpressionGraph graph, FullEvaluator evaluator)
{
    private const int DeepestTrace = 100; // of a recursion that leads back to where it began

    private readonly RuleText _text = new(graph);

    /// <summary>The steps that break a constraint.</summary>
    public ImmutableArray<RuleStep> Trace(Constraint constraint)
    {
        var e = constraint.Expression!;
        if (e.IsSet || constraint.IsNegated)
        {
            return [];
        }

        if (constraint.Kind == ConstraintKind.Empty)
        {
            var (from, to) = evaluator.Relation(e).Pairs().First();
            return [.. Factors(e).SelectMany(factor => Steps(factor, from, to))];
        }

        if (constraint.Kind == ConstraintKind.Irreflexive && e.Kind != ExpressionKind.Plus)
        {
            var self = evaluator.Relation(e).Pairs().First(p => p.From == p.To).From;
            return [.. Steps(e, self, self)];
        }

        var alternatives = Alternatives(e).Distinct().ToList();
        var cycle = alternatives.Select(evaluator.Relation).Aggregate((a, b) => a.Union(b)).ShortestCycle();
        return [.. cycle.SelectMany((from, i) => StepsOfAny(e, alternatives, from, cycle[(i + 1) % cycle.Length]))];
    }

    /// <summary>The cycle of a relation that only a run by the book knows, its steps without names.</summary>
    public static ImmutableArray<RuleStep> Unnamed(Constraint constraint, Relation? relation)
    {
        if (relation is null || constraint.IsNegated)
        {
            return [];
        }

        var text = constraint.Statement is TestStatement test ? Printer.Print(test.Body) : constraint.Name;
        if (constraint.Kind == ConstraintKind.Empty)
        {
            return [.. relation.Pairs().Take(1).Select(p => new RuleStep(p.From, p.To, [], text, []))];
        }

        var cycle = relation.ShortestCycle();
        return [.. cycle.Select((from, i) => new RuleStep(from, cycle[(i + 1) % cycle.Length], [], text, []))];
    }

    // A closure has the same cycles as what it closes, with more steps told.
    private static IEnumerable<Expression> Alternatives(Expression e) => e.Kind switch
    {
        ExpressionKind.Union => Alternatives(e.Left).Concat(Alternatives(e.Right)),
        ExpressionKind.Plus => Alternatives(e.Left),
        _ => [e],
    };

    private static IEnumerable<Expression> Factors(Expression e) =>
        e.Kind == ExpressionKind.Intersection ? Factors(e.Left).Concat(Factors(e.Right)) : [e];

    private List<RuleStep> StepsOfAny(Expression whole, List<Expression> alternatives, int from, int to) =>
        evaluator.Relation(whole).Contains(from, to) && whole.Kind != ExpressionKind.Plus
            ? Steps(whole, from, to)
            : Steps(alternatives.Find(a => evaluator.Relation(a).Contains(from, to))!, from, to);

    private List<RuleStep> Steps(Expression e, int from, int to)
    {
        var steps = new List<RuleStep>();
        Add(steps, e, from, to, [], 0);
        return steps;
    }

    private void Add(List<RuleStep> steps, Expression e, int from, int to, ImmutableArray<string> names, int depth)
    {
        var name = graph.NameOf(e);
        names = name is { } known && (names.IsEmpty || (names[^1] != known.Name && !(known.IsGiven && e.Kind == ExpressionKind.Union))) ? names.Add(known.Name) : names;
        if (depth == DeepestTrace)
        {
            steps.Add(new(from, to, names, _text.Of(e), []));
            return;
        }

        switch (e.Kind)
        {
            case ExpressionKind.Union:
                Add(steps, Contains(e.Left, from, to) ? e.Left : e.Right, from, to, names, depth + 1);
                break;
            case ExpressionKind.Variable:
                Add(steps, e.Body!, from, to, names, depth + 1);
                break;
            case ExpressionKind.Plus:
                var path = PathThrough(evaluator.Relation(e.Left), from, to);
                for (var i = 0; i + 1 < path.Count; i++)
                {
                    Add(steps, e.Left, path[i], path[i + 1], names, depth + 1);
                }

                break;
            case ExpressionKind.Sequence when name is not { IsGiven: true }:
                AddSequence(steps, e, from, to, names, depth);
                break;
            case ExpressionKind.BaseRelation:
                var given = e.ToString();
                steps.Add(new(from, to, names.IsEmpty || names[^1] != given ? names.Add(given) : names, "", []));
                break;
            default:
                steps.Add(new(from, to, names, name is { IsGiven: true } ? "" : _text.Below(e), []));
                break;
        }
    }

    // One step, told with what it passes through; as many steps as it has parts where it has no name, or where a recursive name is part of it.
    private void AddSequence(List<RuleStep> steps, Expression e, int from, int to, ImmutableArray<string> names, int depth)
    {
        var parts = PartsOf(e).ToList();
        var stops = StopsOf(parts, from, to);
        var leading = parts.Where(p => p.Kind != ExpressionKind.Identity).ToList();
        if (leading.Count == 1 && Leads(leading[0]))
        {
            Add(steps, leading[0], from, to, names, depth + 1);
        }
        else if (names.IsEmpty || leading.Exists(p => p.Kind == ExpressionKind.Variable))
        {
            for (var i = 0; i < parts.Count; i++)
            {
                if (parts[i].Kind != ExpressionKind.Identity)
                {
                    Add(steps, parts[i], stops[i], stops[i + 1], names, depth + 1);
                }
            }
        }
        else
        {
            steps.Add(new(from, to, names, _text.Below(e), [.. stops.Where(s => s != from && s != to).Distinct()]));
        }
    }

    // Whether it says more than the sequence that it is the only step of. Program order alone would hide what the sequence adds to it.
    private bool Leads(Expression e) => graph.NameOf(e) is { IsGiven: false }
        || e.Kind == ExpressionKind.Union
        || (e.Kind == ExpressionKind.BaseRelation && e.Given != (int)BaseRelation.Po);

    // A part that has a name is told by it.
    private IEnumerable<Expression> PartsOf(Expression e) => Either(e.Left).Concat(Either(e.Right));

    private IEnumerable<Expression> Either(Expression e) => e.Kind == ExpressionKind.Sequence && graph.NameOf(e) is null ? PartsOf(e) : [e];

    /// <summary>Where each part of a sequence begins, and where the last one ends.</summary>
    private List<int> StopsOf(List<Expression> parts, int from, int to)
    {
        // From behind: which events can reach the end by the parts from each on.
        var reach = new EventSet[parts.Count + 1];
        var count = evaluator.Relation(parts[0]).EventCount;
        reach[parts.Count] = EventSet.Of(count, [to]);
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            var relation = evaluator.Relation(parts[i]);
            var end = reach[i + 1];
            reach[i] = EventSet.Of(count, Enumerable.Range(0, count).Where(e => relation.Successors(e).Any(end.Contains)));
        }

        var stops = new List<int> { from };
        for (var i = 0; i < parts.Count; i++)
        {
            stops.Add(evaluator.Relation(parts[i]).Successors(stops[i]).First(reach[i + 1].Contains));
        }

        return stops;
    }

    private bool Contains(Expression e, int from, int to) => evaluator.Relation(e).Contains(from, to);

    /// <summary>A shortest path of one or more steps, as its events.</summary>
    private static List<int> PathThrough(Relation relation, int from, int to)
    {
        var cameFrom = new Dictionary<int, int>();
        var open = new Queue<int>([from]);
        while (open.TryDequeue(out var e))
        {
            foreach (var next in relation.Successors(e))
            {
                if (next == to)
                {
                    var path = new List<int> { to, e };
                    while (path[^1] != from)
                    {
                        path.Add(cameFrom[path[^1]]);
                    }

                    path.Reverse();
                    return path;
                }

                if (next != from && cameFrom.TryAdd(next, e))
                {
                    open.Enqueue(next);
                }
            }
        }

        throw new InvalidOperationException("a closure holds a pair that no path leads to");
    }
}
