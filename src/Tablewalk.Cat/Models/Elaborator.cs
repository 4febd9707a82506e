using System.Collections.Immutable;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Models;

/// <summary>Syntax to expressions: names resolved, functions inlined, sets told from relations.</summary>
internal sealed class Elaborator(Func<string, string?> includes, List<Diagnostic> diagnostics)
{
    private const int MostSteps = 200_000;

    /// <summary>Files of herd's library whose content the prelude and the engine stand for.</summary>
    private static readonly string[] s_builtInIncludes = ["stdlib.cat", "cos.cat", "cos-opt.cat", "cross.cat"];

    private readonly List<string> _includeStack = [];
    private readonly List<(TestStatement Test, Expression Body)> _tests = [];
    private Environment _environment = Environment.Empty;
    private int _steps;

    internal ExpressionGraph Graph { get; } = new();

    internal ImmutableArray<Constraint> Constraints =>
        [.. _tests.Where(t => !t.Test.IsFlag).Select(t => new Constraint(t.Test.Kind, t.Test.IsNegated, NameOf(t.Test), t.Test.Position, t.Body))];

    internal void DefineBase()
    {
        foreach (var (name, set) in Vocabulary.Sets)
        {
            Define(name, new Value.Known(Graph.Base(set)));
        }

        foreach (var (name, relation) in Vocabulary.Relations)
        {
            Define(name, new Value.Known(Graph.Base(relation)));
        }

        Define("id", new Value.Known(Graph.Id));
        Define("emptyset", new Value.Known(Graph.EmptySet));
        Define("domain", new Value.BuiltIn("domain", Graph.Domain));
        Define("range", new Value.BuiltIn("range", Graph.Range));
    }

    internal void Run(CatFile file)
    {
        foreach (var statement in file.Statements)
        {
            switch (statement)
            {
                case LetStatement let:
                    _environment = Bind(let, _environment);
                    break;
                case TestStatement test:
                    var value = Evaluate(test.Body, _environment);
                    var body = test.Kind == ConstraintKind.Empty ? Known(value, test.Body) : RelationOrNull(value, test.Body);
                    if (body is not null)
                    {
                        _tests.Add((test, body));
                    }

                    break;
                case IncludeStatement include:
                    Include(include);
                    break;
            }
        }
    }

    private static string NameOf(TestStatement test) => test.Name ?? $"{test.Kind.ToString().ToLowerInvariant()}-{test.Position.Line}";

    private void Include(IncludeStatement include)
    {
        if (_includeStack.Contains(include.File, StringComparer.Ordinal))
        {
            Report(DiagnosticCodes.BadInclude, include.Position, $"expected a file that does not include itself, found '{include.File}'");
            return;
        }

        if (includes(include.File) is not { } text)
        {
            if (!s_builtInIncludes.Contains(include.File, StringComparer.Ordinal))
            {
                Report(DiagnosticCodes.BadInclude, include.Position, $"expected a file that exists, found no '{include.File}'");
            }

            return;
        }

        _includeStack.Add(include.File);
        Run(Parser.Parse(text, include.File, diagnostics));
        _includeStack.RemoveAt(_includeStack.Count - 1);
    }

    private Environment Bind(LetStatement let, Environment environment) =>
        let.IsRecursive ? BindRecursive(let, environment) : let.Bindings.Aggregate(
            environment, (extended, b) => extended.With(b.Name, b.Parameters is { } parameters
                ? new Value.Function(b.Name, parameters, b.Body, environment)
                : Evaluate(b.Body, environment)));

    private Environment BindRecursive(LetStatement let, Environment environment)
    {
        var variables = new List<Expression>();
        foreach (var b in let.Bindings)
        {
            if (b.Parameters is not null)
            {
                Report(DiagnosticCodes.Unsupported, b.Position, $"expected a recursive relation; the recursive function '{b.Name}' is not supported");
                return environment.With(b.Name, Value.Wrong.Instance);
            }

            variables.Add(Graph.Variable(b.Name));
        }

        var inner = environment;
        for (var i = 0; i < variables.Count; i++)
        {
            inner = inner.With(let.Bindings[i].Name, new Value.Known(variables[i]));
        }

        for (var i = 0; i < variables.Count; i++)
        {
            var b = let.Bindings[i];
            if (RelationOrNull(Evaluate(b.Body, inner), b.Body) is not { } body)
            {
                return let.Bindings.Aggregate(environment, (e, other) => e.With(other.Name, Value.Wrong.Instance));
            }

            variables[i].Body = body;
        }

        if (variables.Count == 1 && ClosureOrNull(variables[0]) is { } closure)
        {
            return environment.With(let.Bindings[0].Name, new Value.Known(closure));
        }

        RequireMonotoneRecursion(let, variables);
        return inner;
    }

    /// <summary><c>let rec x = r | x ; x</c> is r+, for which there are better ways than iteration.</summary>
    private Expression? ClosureOrNull(Expression variable)
    {
        var rest = Graph.EmptyRelation;
        foreach (var alternative in Alternatives(variable.Body!))
        {
            var isSquare = alternative.Kind == ExpressionKind.Sequence
                && ReferenceEquals(alternative.Left, variable) && ReferenceEquals(alternative.Right, variable);
            if (!isSquare && ExpressionGraph.Mentions(alternative, variable))
            {
                return null;
            }

            rest = isSquare ? rest : Graph.Union(rest, alternative);
        }

        return Graph.Plus(rest);
    }

    private static IEnumerable<Expression> Alternatives(Expression e) =>
        e.Kind == ExpressionKind.Union ? Alternatives(e.Left).Concat(Alternatives(e.Right)) : [e];

    private void RequireMonotoneRecursion(LetStatement let, List<Expression> variables)
    {
        var differences = Graph.Nodes.Where(n => n.Kind is ExpressionKind.Difference or ExpressionKind.SetDifference).ToList();
        for (var i = 0; i < variables.Count; i++)
        {
            var v = variables[i];
            if (differences.Exists(d => ExpressionGraph.Mentions(d.Right, v) && ExpressionGraph.Mentions(v.Body!, d)))
            {
                Report(
                    DiagnosticCodes.BadRecursion,
                    let.Bindings[i].Position,
                    $"expected a recursion that only adds, found '{v.Name}' under '~' or on the right of '\\' in its own definition");
            }
        }
    }

    private Value Evaluate(ExpressionSyntax syntax, Environment environment)
    {
        if (++_steps > MostSteps)
        {
            if (_steps == MostSteps + 1)
            {
                Report(DiagnosticCodes.TooLarge, syntax.Position, "expected a model of reasonable size, found functions that multiply it beyond that");
            }

            return Value.Wrong.Instance;
        }

        return syntax switch
        {
            NameSyntax name => Lookup(name, environment),
            EmptySyntax => new Value.Known(Graph.EmptyRelation),
            UniverseSyntax => new Value.Known(Graph.Universe),
            IdentitySyntax identity => On(SetOrNull(Evaluate(identity.Set, environment), identity.Set), Graph.Identity),
            LetSyntax let => Evaluate(let.Body, Bind(let.Let, environment)),
            CallSyntax call => Call(call, environment),
            UnarySyntax unary => Unary(unary, environment),
            ChainSyntax chain => Chain(chain, environment),
            _ => throw new InvalidOperationException($"no case for {syntax.GetType().Name}"),
        };
    }

    private Value Lookup(NameSyntax name, Environment environment)
    {
        if (environment.Find(name.Name) is { } value)
        {
            return value;
        }

        var near = Suggestion.For(name.Name, environment.Names);
        Report(
            DiagnosticCodes.UnknownName,
            name.Position,
            $"unknown name '{name.Name}', expected a defined one{(near is null ? "" : $" such as '{near}'")}");
        return Value.Wrong.Instance;
    }

    private Value Call(CallSyntax call, Environment environment)
    {
        var function = Evaluate(call.Function, environment);
        var arguments = call.Arguments.Select(a => Evaluate(a, environment)).ToList();
        switch (function)
        {
            case Value.Function f when f.Parameters.Length == arguments.Count:
                var inner = f.Environment;
                for (var i = 0; i < arguments.Count; i++)
                {
                    inner = f.Parameters[i] is { } parameter ? inner.With(parameter, arguments[i]) : inner;
                }

                return Evaluate(f.Body, inner);
            case Value.Function f:
                return Wrong(call.Position, $"expected {f.Parameters.Length} argument(s) for '{f.Name}', found {arguments.Count}");
            case Value.BuiltIn b when arguments.Count == 1:
                return On(RelationOrNull(arguments[0], call.Arguments[0]), b.Apply);
            case Value.BuiltIn b:
                return Wrong(call.Position, $"expected 1 argument for '{b.Name}', found {arguments.Count}");
            case Value.Known:
                return Wrong(call.Position, "expected an operator after a set or relation, found an argument; it is no function");
            default:
                return Value.Wrong.Instance;
        }
    }

    private Value Unary(UnarySyntax unary, Environment environment)
    {
        var value = Evaluate(unary.Operand, environment);
        if (unary.Operator == UnaryOperator.Complement)
        {
            return On(Known(value, unary.Operand), Graph.Complement);
        }

        return On(RelationOrNull(value, unary.Operand), unary.Operator switch
        {
            UnaryOperator.Inverse => Graph.Inverse,
            UnaryOperator.Plus => Graph.Plus,
            UnaryOperator.Star => Graph.Star,
            _ => Graph.Optional,
        });
    }

    private Value Chain(ChainSyntax chain, Environment environment)
    {
        var values = chain.Operands.Select(o => Evaluate(o, environment)).ToList();
        var needsRelations = chain.Operator == BinaryOperator.Sequence;
        var needsSets = chain.Operator == BinaryOperator.Product || (!needsRelations && values.Exists(v => v is Value.Known { Expression: { IsSet: true } }));
        var operands = values.Select((v, i) => needsSets ? SetOrNull(v, chain.Operands[i]) : RelationOrNull(v, chain.Operands[i])).ToList();
        if (operands.Contains(null))
        {
            return Value.Wrong.Instance;
        }

        return new Value.Known(operands.Select(o => o!).Aggregate(chain.Operator switch
        {
            BinaryOperator.Union => Graph.Union,
            BinaryOperator.Intersection => Graph.Intersection,
            BinaryOperator.Difference => Graph.Difference,
            BinaryOperator.Sequence => Graph.Sequence,
            _ => Graph.Product,
        }));
    }

    private static Value On(Expression? operand, Func<Expression, Expression> apply) =>
        operand is null ? Value.Wrong.Instance : new Value.Known(apply(operand));

    private Expression? Known(Value value, ExpressionSyntax at)
    {
        switch (value)
        {
            case Value.Known known:
                return known.Expression;
            case Value.Function or Value.BuiltIn:
                Report(DiagnosticCodes.WrongCall, at.Position, "expected a set or a relation, found a function without its arguments");
                return null;
            default:
                return null;
        }
    }

    private Expression? SetOrNull(Value value, ExpressionSyntax at)
    {
        var e = Known(value, at);
        if (e is { IsSet: false, IsEmptyLiteral: false })
        {
            Report(DiagnosticCodes.WrongKind, at.Position, $"expected a set, found {Described(at)}, a relation");
            return null;
        }

        return e is { IsEmptyLiteral: true } ? Graph.EmptySet : e;
    }

    private Expression? RelationOrNull(Value value, ExpressionSyntax at)
    {
        var e = Known(value, at);
        if (e is { IsSet: true, IsEmptyLiteral: false })
        {
            var hint = at is NameSyntax name ? $"; '[{name.Name}]' relates each member to itself" : "";
            Report(DiagnosticCodes.WrongKind, at.Position, $"expected a relation, found {Described(at)}, a set{hint}");
            return null;
        }

        return e is { IsEmptyLiteral: true } ? Graph.EmptyRelation : e;
    }

    private static string Described(ExpressionSyntax at) => at switch
    {
        NameSyntax name => $"'{name.Name}'",
        UniverseSyntax => "'_'",
        _ => "an expression",
    };

    private Value.Wrong Wrong(SourcePosition position, string message)
    {
        Report(DiagnosticCodes.WrongCall, position, message);
        return Value.Wrong.Instance;
    }

    private void Define(string name, Value value) => _environment = _environment.With(name, value);

    private void Report(string code, SourcePosition position, string message) => diagnostics.Add(new(code, position, message));
}

/// <summary>What a name stands for while a model is read.</summary>
internal abstract record Value
{
    internal sealed record Known(Expression Expression) : Value;

    internal sealed record Function(string Name, ImmutableArray<string?> Parameters, ExpressionSyntax Body, Environment Environment) : Value;

    internal sealed record BuiltIn(string Name, Func<Expression, Expression> Apply) : Value;

    /// <summary>The value of what was already reported: it raises no further diagnostics.</summary>
    internal sealed record Wrong : Value
    {
        internal static Wrong Instance { get; } = new();
    }
}

/// <summary>The names in scope. Immutable.</summary>
internal sealed class Environment
{
    private readonly ImmutableDictionary<string, Value> _values;

    private Environment(ImmutableDictionary<string, Value> values) => _values = values;

    internal static Environment Empty { get; } = new(ImmutableDictionary<string, Value>.Empty.WithComparers(StringComparer.Ordinal));

    internal IEnumerable<string> Names => _values.Keys;

    internal Value? Find(string name) => _values.GetValueOrDefault(name);

    internal Environment With(string name, Value value) => new(_values.SetItem(name, value));
}
