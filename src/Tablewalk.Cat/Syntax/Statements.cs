using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

/// <summary>A cat file as written. Options are the words between the title and the statements, such as <c>withco</c>; they change nothing here.</summary>
internal sealed record CatFile(string Title, ImmutableArray<string> Options, ImmutableArray<Statement> Statements);

internal abstract record Statement(SourcePosition Position);

/// <summary><c>let a = e and f(x) = e</c>, recursive or not; <paramref name="When"/> is what a recursion must pass.</summary>
internal sealed record LetStatement(SourcePosition Position, Bindings Bindings, TestStatement? When) : Statement(Position);

/// <summary><c>acyclic e as name</c> and kin.</summary>
internal sealed record TestStatement(
    SourcePosition Position, ConstraintKind Kind, bool IsNegated, TestRole Role, ExpressionSyntax Body, string? Name) : Statement(Position);

/// <summary>What follows from a test.</summary>
internal enum TestRole
{
    /// <summary>An execution that fails it is forbidden.</summary>
    Check,

    /// <summary><c>flag</c>: an execution that passes it is flagged with its name.</summary>
    Flag,

    /// <summary><c>undefined_unless</c>: an execution that fails it is flagged.</summary>
    UndefinedUnless,

    /// <summary><c>assert</c>: the model relies on it; an execution that fails it is an error.</summary>
    Assert,
}

internal sealed record IncludeStatement(SourcePosition Position, string File) : Statement(Position);

/// <summary><c>show</c> or <c>unshow</c>: what pictures of executions should hold.</summary>
internal sealed record ShowStatement(SourcePosition Position, bool IsUnshow, ImmutableArray<ShownItem> Items) : Statement(Position);

internal sealed record ShownItem(ExpressionSyntax Body, string? Name);

internal sealed record ProcedureStatement(
    SourcePosition Position, string Name, bool IsRecursive, Pattern Parameter, ImmutableArray<Statement> Body) : Statement(Position);

internal sealed record CallStatement(SourcePosition Position, string Procedure, ExpressionSyntax Argument, string? Name) : Statement(Position);

internal sealed record ForallStatement(SourcePosition Position, string Variable, ExpressionSyntax Set, ImmutableArray<Statement> Body) : Statement(Position);

/// <summary><c>with x from S</c>: what follows must pass for some choice of x.</summary>
internal sealed record WithStatement(SourcePosition Position, string Variable, ExpressionSyntax Set) : Statement(Position);

internal sealed record EnumStatement(SourcePosition Position, string Name, ImmutableArray<string> Tags) : Statement(Position);

internal sealed record DebugStatement(SourcePosition Position, ExpressionSyntax Body) : Statement(Position);

/// <summary><c>instructions X[...]</c> or <c>default X[...]</c>: which tags events of the set X may bear.</summary>
internal sealed record InstructionsStatement(SourcePosition Position, bool IsDefault, string Set, ImmutableArray<ExpressionSyntax> Tags) : Statement(Position);

/// <summary><c>if "variant" ... else ... end</c>.</summary>
internal sealed record IfStatement(
    SourcePosition Position, Condition Condition, ImmutableArray<Statement> Then, ImmutableArray<Statement> Else) : Statement(Position);

internal sealed record MatchStatement(
    SourcePosition Position, ExpressionSyntax Subject, ImmutableArray<TagClause<ImmutableArray<Statement>>> Clauses) : Statement(Position);
