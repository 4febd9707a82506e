using System.Collections.Immutable;
using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Interpretation;

// Expressions, but for the operators.
internal abstract partial class Interpreter
{
    /// <summary>Whether bindings are evaluated only once somebody asks, as herd does; else at once, which finds mistakes in what nobody asks for.</summary>
    private protected abstract bool IsLazy { get; }

    /// <summary>The value of an expression, never a suspended one.</summary>
    private protected Value Evaluate(ExpressionSyntax syntax, Environment environment) => !Spend(syntax.Position) ? Value.Wrong.Instance : syntax switch
    {
        NameSyntax name => Lookup(name.Name, name.Position, environment),
        EmptySyntax => Value.Empty.Instance,
        UniverseSyntax => Value.Universe.Instance,
        TagSyntax tag => Tag(tag, environment),
        IdentitySyntax identity => Identity(identity, environment),
        TupleSyntax tuple => new Value.Tuple([.. tuple.Parts.Select(p => Evaluate(p, environment))]),
        SetSyntax set => ExplicitSet(set, environment),
        FunctionSyntax function => new Value.Function("fun", function.Parameter, function.Body, environment, null),
        LetSyntax let => Evaluate(let.Body, Bind(let.Bindings, environment)),
        CallSyntax call => Apply(Evaluate(call.Function, environment), Evaluate(call.Argument, environment), call),
        UnarySyntax unary => Unary(unary, environment),
        ChainSyntax chain => Chain(chain, environment),
        IfSyntax branch => If(branch, environment),
        TrySyntax attempt => Try(attempt, environment),
        MatchTagSyntax match => Match(match, environment),
        MatchSetSyntax match => Match(match, environment),
        _ => throw new InvalidOperationException($"no case for {syntax.GetType().Name}"),
    };

    /// <summary>Told of the value that a <c>let</c> gives a name to.</summary>
    private protected virtual void NoteName(string name, Value value, SourcePosition position)
    {
    }

    private protected Environment Bind(Bindings bindings, Environment environment)
    {
        if (!bindings.IsRecursive)
        {
            return bindings.Items.Aggregate(environment, (extended, b) => Bind(b, environment, extended));
        }

        ImmutableArray<Binding> values = [.. bindings.Items.Where(b => b.Parameter is null && b.Body is not FunctionSyntax)];
        return values.IsEmpty ? WithFunctions(bindings, environment) : Solve(bindings, values, environment);
    }

    /// <summary>Adds the functions of a recursion, which find each other and themselves.</summary>
    private protected static Environment WithFunctions(Bindings bindings, Environment environment)
    {
        var extended = environment;
        foreach (var b in bindings.Items)
        {
            var (parameter, body) = b switch { { Parameter: { } p } => (p, b.Body), { Body: FunctionSyntax f } => (f.Parameter, f.Body), _ => (null, b.Body) };
            if (parameter is not null && b.Target.Names is [{ } name])
            {
                extended = extended.With(name, new Value.Function(name, parameter, body, environment, bindings));
            }
        }

        return extended;
    }

    /// <summary>Gives the names of a pattern to the parts of a value; <paramref name="callee"/> is whose parameters these are, null of a <c>let</c>.</summary>
    private protected Environment Destructure(Pattern pattern, Value value, Environment environment, SourcePosition position, string? callee = null)
    {
        if (pattern.Names is [var only])
        {
            if (callee is null && only is not null)
            {
                NoteName(only, value, position);
            }

            return only is null ? environment : environment.With(only, value);
        }

        ImmutableArray<Value>? parts = value switch
        {
            Value.Tuple tuple when tuple.Parts.Length == pattern.Names.Length => tuple.Parts,
            Value.Pair pair when pattern.Names.Length == 2 => [new Value.Event(pair.From), new Value.Event(pair.To)],
            Value.Unknown => [.. pattern.Names.Select(_ => value)],
            _ => null,
        };
        if (parts is null && value is not Value.Wrong)
        {
            var count = value is Value.Tuple t ? t.Parts.Length : 1;
            Report(DiagnosticCodes.WrongCall, position, callee is null
                ? $"expected a tuple of {pattern.Names.Length}, found {value.Description}"
                : $"expected {pattern.Names.Length} argument(s) for '{callee}', found {count}");
        }

        for (var i = 0; i < pattern.Names.Length; i++)
        {
            environment = pattern.Names[i] is { } name ? environment.With(name, parts?[i] ?? Value.Wrong.Instance) : environment;
        }

        return environment;
    }

    private protected virtual Value Apply(Value function, Value argument, CallSyntax call)
    {
        switch (function)
        {
            case Value.Function f:
                var inner = f.Group is { } group ? WithFunctions(group, f.Environment) : f.Environment;
                inner = Destructure(f.Parameter, argument, inner, call.Position, f.Name);
                return Enter(call.Position) ? Leave(Evaluate(f.Body, inner)) : Value.Wrong.Instance;
            case Value.BuiltIn builtIn:
                return argument is Value.Wrong ? argument : builtIn.Apply(argument, call);
            case Value.Unknown or Value.Wrong:
                return function;
            default:
                return Wrong(DiagnosticCodes.WrongCall, call.Position, "expected an operator after a set or relation, found an argument; it is no function");
        }
    }

    private Environment Bind(Binding b, Environment environment, Environment extended)
    {
        if (b.Parameter is { } parameter)
        {
            return b.Target.Names is [{ } name] ? extended.With(name, new Value.Function(name, parameter, b.Body, environment, null)) : extended;
        }

        return IsLazy && b.Target.Names is [{ } lazy]
            ? extended.With(lazy, new Value.Suspended(b.Body, environment))
            : Destructure(b.Target, Evaluate(b.Body, environment), extended, b.Position);
    }

    private Value Lookup(string name, SourcePosition position, Environment environment)
    {
        if ((environment.Find(name) ?? GivenOrNull(name, environment)) is { } value)
        {
            return Force(value);
        }

        var near = Suggestion.For(name, environment.Names.Concat(Vocabulary.Names).Concat(BuiltInNames));
        return Wrong(
            DiagnosticCodes.UnknownName,
            position,
            $"unknown name '{name}', expected a defined one{(near is null ? "" : $" such as '{near}'")}");
    }

    private Value Force(Value value)
    {
        if (value is not Value.Suspended suspended)
        {
            return value;
        }

        if (suspended.Result is { } known)
        {
            return known;
        }

        var before = Diagnostics.Count;
        var result = Enter(suspended.Body.Position) ? Leave(Evaluate(suspended.Body, suspended.Environment)) : Value.Wrong.Instance;

        // A failure is not kept: within a 'try' it was taken back, and the next who asks must hear of it.
        suspended.Result = Diagnostics.Count == before ? result : null;
        return result;
    }

    private Value Tag(TagSyntax tag, Environment environment)
    {
        if (environment.TypeOfTag(tag.Name) is { } type)
        {
            return new Value.Tag(tag.Name, type);
        }

        var near = Suggestion.For(tag.Name, environment.Tags);
        return Wrong(
            DiagnosticCodes.UnknownName,
            tag.Position,
            $"unknown tag ''{tag.Name}', expected one that an 'enum' declares{(near is null ? "" : $" such as ''{near}'")}");
    }

    private Value ExplicitSet(SetSyntax set, Environment environment)
    {
        var elements = set.Elements.Select(e => Evaluate(e, environment)).ToList();
        for (var i = 0; i < elements.Count; i++)
        {
            if (!MayBeElement(elements[i], set.Elements[i]))
            {
                return Value.Wrong.Instance;
            }
        }

        var (first, at) = (elements.Find(e => e is not Value.Empty), elements.FindLastIndex(e => e is not Value.Empty));
        if (first is not null && !elements.Contains(Value.Unknown.Instance) && !AreOfOneKind(first, elements[at]))
        {
            return Wrong(
                DiagnosticCodes.WrongKind, set.Elements[at].Position, $"expected elements of one kind, found {first.Description} and {elements[at].Description}");
        }

        return SetOf(elements);
    }

    private bool MayBeElement(Value value, ExpressionSyntax at)
    {
        if (value is Value.Function or Value.BuiltIn or Value.Procedure or Value.Universe)
        {
            Report(DiagnosticCodes.WrongKind, at.Position, $"expected an element of a set, found {(value is Value.Universe ? "'_'" : value.Description)}");
        }

        return value is not (Value.Function or Value.BuiltIn or Value.Procedure or Value.Universe or Value.Wrong);
    }

    private static bool AreOfOneKind(Value a, Value b) =>
        a is Value.Known { Term.IsSet: var isSet } ? b is Value.Known { Term.IsSet: var other } && other == isSet : a.GetType() == b.GetType();

    private Value Try(TrySyntax attempt, Environment environment)
    {
        var before = Diagnostics.Count;
        var value = Evaluate(attempt.Body, environment);
        if (Diagnostics.Count == before || IsExhausted)
        {
            return value;
        }

        Diagnostics.RemoveRange(before, Diagnostics.Count - before);
        return Evaluate(attempt.Fallback, environment);
    }
}
