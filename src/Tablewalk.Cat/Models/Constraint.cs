using Tablewalk.Cat.Models;

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
}

/// <summary>A constraint of a model: executions that break it are forbidden.</summary>
public sealed class Constraint
{
    internal Constraint(ConstraintKind kind, bool isNegated, string name, SourcePosition position, Expression expression)
    {
        (Kind, IsNegated, Name, Position, Expression) = (kind, isNegated, name, position, expression);
    }

    /// <summary>What it demands.</summary>
    public ConstraintKind Kind { get; }

    /// <summary>Whether it demands the opposite, cat's <c>~acyclic</c> and kin.</summary>
    public bool IsNegated { get; }

    /// <summary>The name after <c>as</c>, or one made of its kind and line.</summary>
    public string Name { get; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; }

    /// <summary>Whether a partial execution that breaks it has no completion that keeps it.</summary>
    public bool IsMonotone => !IsNegated && Expression.IsMonotone;

    /// <summary>The relation (or, for <see cref="ConstraintKind.Empty"/>, perhaps the set) that it is about.</summary>
    internal Expression Expression { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsNegated ? "~" : "")}{Kind.ToString().ToLowerInvariant()} {Expression} as {Name}";
}
