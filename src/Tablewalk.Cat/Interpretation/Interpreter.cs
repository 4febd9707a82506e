using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Interpretation;

/// <summary>
/// Runs the statements of a model. The <see cref="Elaborator"/> runs them once for all executions, with expressions for sets and relations; the
/// <see cref="BookEvaluator"/> runs them for one execution. What they share is here: names, tags, functions, procedures, files.
/// </summary>
/// <remarks>Errors are reported and evaluation goes on with <see cref="Value.Wrong"/>, which raises no further ones.</remarks>
internal abstract partial class Interpreter(Algebra algebra, SourceFiles files, List<Diagnostic> diagnostics, int mostSteps)
{
    private const int DeepestCalls = 5000;

    private int _steps;
    private int _depth;

    /// <summary>Whether a limit was passed, so that values are not to be relied on.</summary>
    internal bool IsExhausted { get; private set; }

    private protected Algebra Algebra => algebra;

    private protected List<Diagnostic> Diagnostics => diagnostics;

    /// <summary>Runs statements in order.</summary>
    /// <returns>Whether the execution passed.</returns>
    private protected bool Run(Frame? frame, Environment environment)
    {
        while (frame is not null)
        {
            if (frame.Index == frame.Statements.Length)
            {
                frame = frame.Next;
                continue;
            }

            var statement = frame.Statements[frame.Index];
            frame = frame with { Index = frame.Index + 1 };
            if (!Spend(statement.Position))
            {
                return false;
            }

            switch (statement)
            {
                case IncludeStatement include:
                    (frame, environment) = Include(include, frame, environment);
                    break;
                case IfStatement branch:
                    var (holds, otherwise) = Decide(branch.Condition, environment);
                    frame = otherwise is null ? new(null, holds ? branch.Then : branch.Else, 0, frame) : frame;
                    break;
                case MatchStatement match:
                    (frame, environment) = Match(match, frame, environment);
                    break;
                case WithStatement with:
                    var rest = frame;
                    return SomeChoice(with, Evaluate(with.Set, environment), x => Run(rest, environment.With(with.Variable, x)));
                default:
                    if (!Run(statement, ref environment))
                    {
                        return false;
                    }

                    break;
            }
        }

        return true;
    }

    /// <summary>Whether the rest passes for some choice.</summary>
    private protected abstract bool SomeChoice(WithStatement with, Value set, Func<Value, bool> rest);

    private protected abstract bool Test(TestStatement test, Environment environment);

    /// <summary>The names of a <c>let rec</c> that are not functions, as the least solution of their equations.</summary>
    private protected abstract Environment Solve(Bindings bindings, ImmutableArray<Binding> values, Environment environment);

    /// <summary>Evaluates something that may or may not be needed, since only an execution can tell.</summary>
    private protected abstract void Speculate(Action evaluate);

    private bool Run(Statement statement, ref Environment environment)
    {
        switch (statement)
        {
            case LetStatement let:
                environment = Bind(let.Bindings, environment);
                return let.When is null || Test(let.When, environment);
            case TestStatement test:
                return Test(test, environment);
            case EnumStatement tags:
                environment = tags.Tags.Aggregate(environment, (e, t) => e.WithTag(t, tags.Name))
                    .With(tags.Name, SetOf(tags.Tags.Select(Value (t) => new Value.Tag(t, tags.Name))));
                return true;
            case ProcedureStatement procedure:
                environment = environment.With(procedure.Name, new Value.Procedure(procedure, environment));
                return true;
            case CallStatement call:
                return Call(call, environment);
            case ForallStatement forall:
                return Forall(forall, environment);
            case DebugStatement debug:
                Evaluate(debug.Body, environment);
                return true;
            case InstructionsStatement instructions:
                foreach (var tags in instructions.Tags)
                {
                    RequireTags(Evaluate(tags, environment), tags);
                }

                return true;
            case ShowStatement:
                return true;
            default:
                throw new InvalidOperationException($"no case for {statement.GetType().Name}");
        }
    }

    private (Frame, Environment) Include(IncludeStatement include, Frame frame, Environment environment)
    {
        for (var open = frame; open is not null; open = open.Next)
        {
            if (open.File == include.File)
            {
                Report(DiagnosticCodes.BadInclude, include.Position, $"expected a file that does not include itself, found '{include.File}'");
                return (frame, environment);
            }
        }

        if (environment.HasIncluded(include.File))
        {
            return (frame, environment);
        }

        if (files.Find(include.File, diagnostics) is not { } file)
        {
            Report(DiagnosticCodes.BadInclude, include.Position, $"expected a file that exists, found no '{include.File}'");
            return (frame, environment);
        }

        return (new(include.File, file.Statements, 0, frame), environment.WithIncluded(include.File));
    }

    private (Frame, Environment) Match(MatchStatement match, Frame frame, Environment environment)
    {
        var subject = Evaluate(match.Subject, environment);
        if (subject is Value.Unknown)
        {
            Speculate(() =>
            {
                foreach (var clause in match.Clauses)
                {
                    Run(new(null, clause.Body, 0, null), environment);
                }
            });
            var bound = match.Clauses.SelectMany(c => c.Body).OfType<LetStatement>().SelectMany(l => l.Bindings.Items).SelectMany(b => b.Target.Names);
            return (frame, bound.OfType<string>().Aggregate(environment, (e, n) => e.With(n, Value.Unknown.Instance)));
        }

        return ClauseFor(subject, match.Clauses, match.Subject, match.Position) is { } found ? (new(null, found.Body, 0, frame), environment) : (frame, environment);
    }

    private bool Call(CallStatement call, Environment environment)
    {
        var argument = Evaluate(call.Argument, environment);
        switch (Lookup(call.Procedure, call.Position, environment))
        {
            case Value.Procedure procedure:
                var declaration = procedure.Declaration;
                var inner = declaration.IsRecursive ? procedure.Environment.With(declaration.Name, procedure) : procedure.Environment;
                inner = Destructure(declaration.Parameter, argument, inner, call.Position, declaration.Name);
                return !Enter(call.Position) || Leave(Run(new(null, declaration.Body, 0, null), inner));
            case Value.Wrong:
                return true;
            case var other:
                Report(DiagnosticCodes.WrongCall, call.Position, $"expected a procedure, found '{call.Procedure}', {other.Description}");
                return true;
        }
    }

    private bool Forall(ForallStatement forall, Environment environment)
    {
        bool Holds(Value element) => Run(new(null, forall.Body, 0, null), environment.With(forall.Variable, element));
        var set = Evaluate(forall.Set, environment);
        switch (ElementsOrNull(set))
        {
            case { } elements:
                return elements.All(Holds);
            case null when set is Value.Unknown or Value.Known:
                Speculate(() => Holds(Value.Unknown.Instance));
                return true;
            default:
                if (set is not Value.Wrong)
                {
                    ReportKind("a set to go through", set, forall.Set);
                }

                return true;
        }
    }

    private void RequireTags(Value value, ExpressionSyntax at)
    {
        if (value is not (Value.Unknown or Value.Wrong or Value.Tag or Value.Empty) && ElementsOrNull(value)?.All(e => e is Value.Tag) is not true)
        {
            ReportKind("a set of tags", value, at);
        }
    }

    /// <summary>Counts a step of work.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool Spend(SourcePosition position)
    {
        if (!IsExhausted && ++_steps > mostSteps)
        {
            Exhaust(position, "expected a model of reasonable size, found functions that multiply it beyond that");
        }

        return !IsExhausted;
    }

    private protected void Exhaust(SourcePosition position, string message)
    {
        if (!IsExhausted)
        {
            Report(DiagnosticCodes.TooLarge, position, message);
            IsExhausted = true;
        }
    }

    /// <summary>Goes one call deeper; <see cref="Leave{T}"/> comes back.</summary>
    private bool Enter(SourcePosition position)
    {
        if (_depth >= DeepestCalls || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            Exhaust(position, "expected a recursion that ends, found calls nested beyond what is taken");
            return false;
        }

        _depth++;
        return true;
    }

    private T Leave<T>(T result)
    {
        _depth--;
        return result;
    }

    private protected void Report(string code, SourcePosition position, string message) => diagnostics.Add(new(code, position, message));

    private Value.Wrong Wrong(string code, SourcePosition position, string message)
    {
        Report(code, position, message);
        return Value.Wrong.Instance;
    }

    private Value.Wrong ReportKind(string expected, Value found, ExpressionSyntax at)
    {
        if (found is Value.Function or Value.BuiltIn)
        {
            return Wrong(DiagnosticCodes.WrongCall, at.Position, "expected a set or a relation, found a function without its arguments");
        }

        var hint = expected == "a relation" && found is Value.Known && at is NameSyntax name ? $"; '[{name.Name}]' relates each member to itself" : "";
        var description = found is Value.Universe ? "a set" : found.Description;
        return Wrong(DiagnosticCodes.WrongKind, at.Position, $"expected {expected}, found {Described(at, found)}{description}{hint}");
    }

    private static string Described(ExpressionSyntax at, Value found) => at switch
    {
        NameSyntax name => $"'{name.Name}', ",
        UniverseSyntax => "'_', ",
        _ => found is Value.Known ? "an expression, " : "",
    };

    /// <summary>Statements to run and what comes after them. The file is named on the frame of an included one.</summary>
    private protected sealed record Frame(string? File, ImmutableArray<Statement> Statements, int Index, Frame? Next);
}
