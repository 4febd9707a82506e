using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

/// <summary>A cat file as written.</summary>
internal sealed record CatFile(string Title, ImmutableArray<Statement> Statements);

internal abstract record Statement(SourcePosition Position);

/// <summary><c>let a = e and f(x) = e</c>, recursive or not.</summary>
internal sealed record LetStatement(SourcePosition Position, bool IsRecursive, ImmutableArray<Binding> Bindings) : Statement(Position);

/// <summary><c>acyclic e as name</c> and kin; <c>flag</c> marks one that only reports and forbids nothing.</summary>
internal sealed record TestStatement(
    SourcePosition Position, ConstraintKind Kind, bool IsNegated, bool IsFlag, ExpressionSyntax Body, string? Name) : Statement(Position);

internal sealed record IncludeStatement(SourcePosition Position, string File) : Statement(Position);

/// <summary>One binding; <paramref name="Parameters"/> is null unless it defines a function, and holds null for <c>_</c>.</summary>
internal sealed record Binding(SourcePosition Position, string Name, ImmutableArray<string?>? Parameters, ExpressionSyntax Body);

/// <summary>An expression as written.</summary>
internal abstract record ExpressionSyntax(SourcePosition Position);

internal sealed record NameSyntax(SourcePosition Position, string Name) : ExpressionSyntax(Position);

internal sealed record EmptySyntax(SourcePosition Position) : ExpressionSyntax(Position);

internal sealed record UniverseSyntax(SourcePosition Position) : ExpressionSyntax(Position);

/// <summary><c>[S]</c>.</summary>
internal sealed record IdentitySyntax(SourcePosition Position, ExpressionSyntax Set) : ExpressionSyntax(Position);

internal sealed record CallSyntax(SourcePosition Position, ExpressionSyntax Function, ImmutableArray<ExpressionSyntax> Arguments) : ExpressionSyntax(Position);

internal sealed record LetSyntax(SourcePosition Position, LetStatement Let, ExpressionSyntax Body) : ExpressionSyntax(Position);

internal sealed record UnarySyntax(SourcePosition Position, UnaryOperator Operator, ExpressionSyntax Operand) : ExpressionSyntax(Position);

/// <summary>A chain of one operator; <c>\</c> is taken from the left, the others associate.</summary>
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
    Sequence,
    Difference,
    Intersection,
    Product,
}
