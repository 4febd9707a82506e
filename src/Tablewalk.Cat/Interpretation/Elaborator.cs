using System.Collections.Immutable;
using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Interpretation;

/// <summary>
/// Runs a model once for all executions: names resolved, functions inlined, sets told from relations, and what is left are tests of expressions.
/// What only an execution can tell is <see cref="Value.Unknown"/>; tests of it have no expression, and the <see cref="BookEvaluator"/> runs them.
/// </summary>
internal sealed class Elaborator : Interpreter
{
    private const int MostSteps = 200_000;

    private readonly ExpressionGraph _graph;
    private readonly List<Constraint> _constraints = [];
    private readonly List<Constraint> _reports = [];
    private readonly List<ExpressionSyntax> _active = [];
    private int _speculating;

    internal Elaborator(ExpressionGraph graph, SourceFiles files, List<Diagnostic> diagnostics)
        : base(new SymbolicAlgebra(graph), files, diagnostics, MostSteps) => _graph = graph;

    internal ImmutableArray<Constraint> Constraints => [.. _constraints];

    /// <summary>Flags and assertions.</summary>
    internal ImmutableArray<Constraint> Reports => [.. _reports];

    private protected override bool IsLazy => false;

    internal void Run(CatFile prelude, CatFile model) =>
        Run(new Frame(null, prelude.Statements, 0, new(null, model.Statements, 0, null)), Environment.Empty);

    private protected override bool Test(TestStatement test, Environment environment)
    {
        var value = Evaluate(test.Body, environment);
        Expression? expression = null;
        switch (value)
        {
            case Value.Wrong:
                return true;
            case Value.Unknown:
            case Value.Collection when test.Kind == ConstraintKind.Empty:
                break;
            default:
                if (value is Value.Universe && test.Kind != ConstraintKind.Empty && test.Body is UniverseSyntax)
                {
                    Report(DiagnosticCodes.WrongKind, test.Body.Position, "expected a relation, found '_', a set");
                    return true;
                }

                var isSet = test.Kind == ConstraintKind.Empty && value is Value.Known { Term.IsSet: true } or Value.Event;
                if ((isSet ? SetOrOther(value, test.Body) : RelationOrOther(value, test.Body)) is not Value.Known known)
                {
                    return true;
                }

                expression = _speculating > 0 ? null : (Expression)known.Term;
                break;
        }

        (test.Role == TestRole.Check ? _constraints : _reports).Add(new(test, expression));
        return true;
    }

    private protected override void NoteName(string name, Value value, SourcePosition position)
    {
        if (value is Value.Known { Term: Expression e })
        {
            _graph.Name(e, name, position.File == SourceFiles.PreludeName);
        }
    }

    private protected override bool SomeChoice(WithStatement with, Value set, Func<Value, bool> rest)
    {
        if (set is not (Value.Unknown or Value.Wrong or Value.Known { Term.IsSet: true } or Value.Collection or Value.Empty))
        {
            Report(DiagnosticCodes.WrongKind, with.Set.Position, $"expected a set to choose from, found {set.Description}");
        }

        _constraints.Add(new(with));
        return rest(Value.Unknown.Instance);
    }

    private protected override void Speculate(Action evaluate)
    {
        _speculating++;
        evaluate();
        _speculating--;
    }

    /// <summary>Ends the recursion of a function that is called with what is unknown: what it yields is unknown too.</summary>
    private protected override Value Apply(Value function, Value argument, CallSyntax call)
    {
        if (function is not Value.Function f)
        {
            return base.Apply(function, argument, call);
        }

        if (_active.Contains(f.Body) && (_speculating > 0 || HoldsUnknown(argument)))
        {
            return Value.Unknown.Instance;
        }

        _active.Add(f.Body);
        var result = base.Apply(function, argument, call);
        _active.RemoveAt(_active.Count - 1);
        return result;
    }

    /// <summary>
    /// A recursion that only adds to relations becomes variables of the graph. Any other is unknown, and its bodies are only looked
    /// through for mistakes.
    /// </summary>
    private protected override Environment Solve(Bindings bindings, ImmutableArray<Binding> values, Environment environment)
    {
        var before = Diagnostics.Count;
        if (values.All(b => b.Target.Names is [not null]) && SolveByVariables(bindings, values, environment) is { } solved)
        {
            return solved;
        }

        Diagnostics.RemoveRange(before, Diagnostics.Count - before);
        var names = values.SelectMany(b => b.Target.Names).OfType<string>();
        var inner = WithFunctions(bindings, names.Aggregate(environment, (e, n) => e.With(n, Value.Unknown.Instance)));
        foreach (var b in values)
        {
            Evaluate(b.Body, inner);
        }

        return inner;
    }

    private Environment? SolveByVariables(Bindings bindings, ImmutableArray<Binding> values, Environment environment)
    {
        var variables = values.Select(b => _graph.Variable(b.Target.Names[0]!)).ToList();
        var inner = environment;
        for (var i = 0; i < variables.Count; i++)
        {
            inner = inner.With(values[i].Target.Names[0]!, new Value.Known(variables[i]));
        }

        inner = WithFunctions(bindings, inner);
        var before = Diagnostics.Count;
        var bodies = values.Select(b => RelationOrOther(Evaluate(b.Body, inner), b.Body)).ToList();
        for (var i = 0; i < variables.Count; i++)
        {
            variables[i].Body = (Expression?)(bodies[i] as Value.Known)?.Term ?? _graph.EmptyRelation;
        }

        if (Diagnostics.Count > before || bodies.Exists(b => b is not Value.Known) || !OnlyAdds(variables))
        {
            // They stay in the graph, where nothing refers to them.
            variables.ForEach(v => v.Body = _graph.EmptyRelation);
            return null;
        }

        return variables.Count == 1 && ClosureOrNull(variables[0]) is { } closure
            ? WithFunctions(bindings, environment.With(values[0].Target.Names[0]!, new Value.Known(closure)))
            : inner;
    }

    /// <summary><c>let rec x = r | x ; x</c> is r+, for which there are better ways than iteration.</summary>
    private Expression? ClosureOrNull(Expression variable)
    {
        var (rest, hasSquare) = (_graph.EmptyRelation, false);
        foreach (var alternative in Alternatives(variable.Body!))
        {
            var isSquare = alternative.Kind == ExpressionKind.Sequence
                && ReferenceEquals(alternative.Left, variable) && ReferenceEquals(alternative.Right, variable);
            if (!isSquare && ExpressionGraph.Mentions(alternative, variable))
            {
                return null;
            }

            hasSquare |= isSquare;
            rest = isSquare ? rest : _graph.Union(rest, alternative);
        }

        return hasSquare ? _graph.Plus(rest) : rest; // what it says of itself may have come to nothing
    }

    private static IEnumerable<Expression> Alternatives(Expression e) =>
        e.Kind == ExpressionKind.Union ? Alternatives(e.Left).Concat(Alternatives(e.Right)) : [e];

    /// <summary>Whether no variable is under <c>~</c> or on the right of <c>\</c> in what it is made of.</summary>
    private bool OnlyAdds(List<Expression> variables)
    {
        var differences = _graph.Nodes.Where(n => n.Kind is ExpressionKind.Difference or ExpressionKind.SetDifference).ToList();
        return variables.TrueForAll(v => !differences.Exists(d => ExpressionGraph.Mentions(d.Right, v) && ExpressionGraph.Mentions(v.Body!, d)));
    }

    private static bool HoldsUnknown(Value value) => value switch
    {
        Value.Unknown => true,
        Value.Tuple t => t.Parts.Any(HoldsUnknown),
        Value.Collection c => c.Elements.Any(HoldsUnknown),
        _ => false,
    };
}
