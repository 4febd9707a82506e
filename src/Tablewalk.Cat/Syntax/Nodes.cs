using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

/// <summary>What a binding or function gives names to: one name, or the parts of a tuple; null stands for <c>_</c>.</summary>
internal sealed record Pattern(SourcePosition Position, ImmutableArray<string?> Names)
{
    internal bool IsTuple => Names.Length != 1;
}

/// <summary>One binding of a <c>let</c>; <paramref name="Parameter"/> is null unless it defines a function.</summary>
internal sealed record Binding(SourcePosition Position, Pattern Target, Pattern? Parameter, ExpressionSyntax Body);

/// <summary>The bindings of a <c>let</c>, as a statement or in an expression.</summary>
internal sealed record Bindings(SourcePosition Position, bool IsRecursive, ImmutableArray<Binding> Items);

/// <summary>An expression as written.</summary>
internal abstract record ExpressionSyntax(SourcePosition Position);

internal sealed record NameSyntax(SourcePosition Position, string Name) : ExpressionSyntax(Position);

/// <summary><c>0</c>, or <c>{}</c>.</summary>
internal sealed record EmptySyntax(SourcePosition Position, bool IsBraces) : ExpressionSyntax(Position);

internal sealed record UniverseSyntax(SourcePosition Position) : ExpressionSyntax(Position);

/// <summary><c>'A</c>.</summary>
internal sealed record TagSyntax(SourcePosition Position, string Name) : ExpressionSyntax(Position);

/// <summary><c>{a, b}</c>, with at least one element.</summary>
internal sealed record SetSyntax(SourcePosition Position, ImmutableArray<ExpressionSyntax> Elements) : ExpressionSyntax(Position);

/// <summary><c>(a, b)</c>, or <c>()</c>; never of one part.</summary>
internal sealed record TupleSyntax(SourcePosition Position, ImmutableArray<ExpressionSyntax> Parts) : ExpressionSyntax(Position);

/// <summary><c>[S]</c>.</summary>
internal sealed record IdentitySyntax(SourcePosition Position, ExpressionSyntax Set) : ExpressionSyntax(Position);

internal sealed record CallSyntax(SourcePosition Position, ExpressionSyntax Function, ExpressionSyntax Argument) : ExpressionSyntax(Position);

internal sealed record FunctionSyntax(SourcePosition Position, Pattern Parameter, ExpressionSyntax Body) : ExpressionSyntax(Position);

internal sealed record LetSyntax(SourcePosition Position, Bindings Bindings, ExpressionSyntax Body) : ExpressionSyntax(Position);

internal sealed record IfSyntax(SourcePosition Position, Condition Condition, ExpressionSyntax Then, ExpressionSyntax Else) : ExpressionSyntax(Position);

/// <summary><c>try e with f</c>: f, if e cannot be evaluated.</summary>
internal sealed record TrySyntax(SourcePosition Position, ExpressionSyntax Body, ExpressionSyntax Fallback) : ExpressionSyntax(Position);

/// <summary><c>match t with 'A -> e || _ -> d end</c>.</summary>
internal sealed record MatchTagSyntax(
    SourcePosition Position, ExpressionSyntax Subject, ImmutableArray<TagClause<ExpressionSyntax>> Clauses) : ExpressionSyntax(Position);

/// <summary><c>match S with {} -> e || x ++ rest -> f end</c>; null stands for <c>_</c>.</summary>
internal sealed record MatchSetSyntax(
    SourcePosition Position, ExpressionSyntax Subject, ExpressionSyntax Empty, string? First, string? Rest, ExpressionSyntax NonEmpty)
    : ExpressionSyntax(Position);

/// <summary>A clause for a tag; for every other tag if <paramref name="Tag"/> is null.</summary>
internal sealed record TagClause<T>(SourcePosition Position, string? Tag, T Body);

internal sealed record UnarySyntax(SourcePosition Position, UnaryOperator Operator, ExpressionSyntax Operand) : ExpressionSyntax(Position);

/// <summary>A chain of one operator; <c>\</c> is taken from the left, <c>++</c> from the right, the others associate.</summary>
internal sealed record ChainSyntax(SourcePosition Position, BinaryOperator Operator, ImmutableArray<ExpressionSyntax> Operands) : ExpressionSyntax(Position);

internal enum UnaryOperator
{
    Complement,
    Inverse,
    Plus,
    Star,
    Optional,
}

internal enum BinaryOperator
{
    Union,
    Add,
    Sequence,
    Difference,
    Intersection,
    Product,
}

/// <summary>What an <c>if</c> asks.</summary>
internal abstract record Condition(SourcePosition Position);

/// <summary><c>a = b</c>, <c>a subset b</c> or <c>a in b</c>.</summary>
internal sealed record Comparison(SourcePosition Position, ComparisonOperator Operator, ExpressionSyntax Left, ExpressionSyntax Right) : Condition(Position);

/// <summary><c>"name"</c>: whether the model is used with that variant.</summary>
internal sealed record VariantCondition(SourcePosition Position, string Name) : Condition(Position);

internal sealed record NotCondition(SourcePosition Position, Condition Operand) : Condition(Position);

/// <summary><c>a &amp;&amp; b</c> or <c>a || b</c>.</summary>
internal sealed record BothCondition(SourcePosition Position, bool IsAnd, Condition Left, Condition Right) : Condition(Position);

internal enum ComparisonOperator
{
    Equal,
    Subset,
    In,
}
