using System.Collections.Immutable;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat.Interpretation;

/// <summary>What an expression of cat stands for.</summary>
internal abstract class Value
{
    /// <summary>What it is, for messages.</summary>
    internal abstract string Description { get; }

    /// <summary>A set of events or a relation.</summary>
    internal sealed class Known(Term term) : Value
    {
        internal Term Term { get; } = term;

        internal override string Description => Term.IsSet ? "a set" : "a relation";
    }

    /// <summary><c>{}</c> and <c>0</c>: the empty set, the empty relation, and the set without values.</summary>
    internal sealed class Empty : Value
    {
        internal static Empty Instance { get; } = new();

        internal override string Description => "nothing";
    }

    /// <summary><c>_</c>: all events, all pairs of events, or all tags.</summary>
    internal sealed class Universe : Value
    {
        internal static Universe Instance { get; } = new();

        internal override string Description => "everything";
    }

    internal sealed class Tag(string name, string type) : Value
    {
        internal string Name { get; } = name;

        /// <summary>The <c>enum</c> that declares it.</summary>
        internal string Type { get; } = type;

        internal override string Description => $"the tag '{Name}";
    }

    /// <summary>A set of values that are no events: tags, sets, relations, tuples or sets of these. In order and without repetition as far as those can be told; never empty.</summary>
    internal sealed class Collection(ImmutableArray<Value> elements) : Value
    {
        internal ImmutableArray<Value> Elements { get; } = elements;

        internal override string Description => "a set of values";
    }

    internal sealed class Tuple(ImmutableArray<Value> parts) : Value
    {
        internal ImmutableArray<Value> Parts { get; } = parts;

        internal override string Description => Parts.IsEmpty ? "()" : $"a tuple of {Parts.Length}";
    }

    /// <summary>An element of a set of events; stands for the set of it alone where a set is needed.</summary>
    internal sealed class Event(int index) : Value
    {
        internal int Index { get; } = index;

        internal override string Description => "an event";
    }

    /// <summary>An element of a relation; stands for the relation of it alone where a relation is needed.</summary>
    internal sealed class Pair(int from, int to) : Value
    {
        internal int From { get; } = from;

        internal int To { get; } = to;

        internal override string Description => "a pair of events";
    }

    /// <summary>A function. <paramref name="group"/> is the recursion that it is part of, so that its body finds itself.</summary>
    internal sealed class Function(string name, Pattern parameter, ExpressionSyntax body, Environment environment, Bindings? group) : Value
    {
        internal string Name { get; } = name;

        internal Pattern Parameter { get; } = parameter;

        internal ExpressionSyntax Body { get; } = body;

        internal Environment Environment { get; } = environment;

        internal Bindings? Group { get; } = group;

        internal override string Description => "a function without its arguments";
    }

    internal sealed class BuiltIn(string name, Func<Value, CallSyntax, Value> apply) : Value
    {
        internal string Name { get; } = name;

        internal Func<Value, CallSyntax, Value> Apply { get; } = apply;

        internal override string Description => "a function without its arguments";
    }

    internal sealed class Procedure(ProcedureStatement declaration, Environment environment) : Value
    {
        internal ProcedureStatement Declaration { get; } = declaration;

        internal Environment Environment { get; } = environment;

        internal override string Description => "a procedure, which 'call' runs";
    }

    /// <summary>What only an execution can tell.</summary>
    internal sealed class Unknown : Value
    {
        internal static Unknown Instance { get; } = new();

        internal override string Description => "a value that depends on the execution";
    }

    /// <summary>The value of what was already reported: it raises no further diagnostics.</summary>
    internal sealed class Wrong : Value
    {
        internal static Wrong Instance { get; } = new();

        internal override string Description => "an error";
    }

    /// <summary>What is evaluated when it is asked for, once.</summary>
    internal sealed class Suspended(ExpressionSyntax body, Environment environment) : Value
    {
        internal ExpressionSyntax Body { get; } = body;

        internal Environment Environment { get; } = environment;

        internal Value? Result { get; set; }

        internal override string Description => "a value not yet known";
    }
}
