using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat;

/// <summary>What a constraint demands of its relation.</summary>
public enum ConstraintKind
{
    /// <summary>No event reaches itself.</summary>
    Acyclic,

    /// <summary>No event is related to itself.</summary>
    Irreflexive,

    /// <summary>Nothing is related (or a member).</summary>
    Empty,

    /// <summary>Cat's <c>with x from S</c>: the constraints that come after it hold for some choice of x.</summary>
    SomeChoice,
}

/// <summary>A constraint of a model: executions that break it are forbidden. Flags and assertions are told as constraints too.</summary>
public sealed class Constraint
{
    internal Constraint(TestStatement test, Expression? expression)
    {
        (Kind, IsNegated, Role, Position, Statement, Expression) = (test.Kind, test.IsNegated, test.Role, test.Position, test, expression);
        Name = test.Name ?? (test.Role == TestRole.UndefinedUnless ? "undefined" : $"{test.Kind.ToString().ToLowerInvariant()}-{test.Position.Line}");
    }

    internal Constraint(WithStatement with) =>
        (Kind, Position, Statement, Name) = (ConstraintKind.SomeChoice, with.Position, with, $"some-{with.Variable}-{with.Position.Line}");

    /// <summary>What it demands.</summary>
    public ConstraintKind Kind { get; }

    /// <summary>Whether it demands the opposite, cat's <c>~acyclic</c> and kin.</summary>
    public bool IsNegated { get; }

    /// <summary>The name after <c>as</c>, or one made of its kind and line.</summary>
    public string Name { get; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; }

    /// <summary>Whether a partial execution that breaks it has no completion that keeps it.</summary>
    public bool IsMonotone => !IsNegated && Expression is { IsMonotone: true };

    internal TestRole Role { get; }

    internal Statement Statement { get; }

    /// <summary>
    /// The relation (or, for <see cref="ConstraintKind.Empty"/>, perhaps the set) that it is about; null if that is no expression, since the way to it depends
    /// on the execution.
    /// </summary>
    internal Expression? Expression { get; }

    /// <inheritdoc/>
    public override string ToString() => Statement is WithStatement with
        ? $"with {with.Variable} from {Printer.Print(with.Set)}"
        : $"{(IsNegated ? "~" : "")}{Kind.ToString().ToLowerInvariant()} {Expression?.ToString() ?? Printer.Print(((TestStatement)Statement).Body)} as {Name}";
}
