using System.Collections.Immutable;
using Tablewalk.Cat.Interpretation;

namespace Tablewalk.Cat.Models;

internal enum ExpressionKind
{
    BaseSet,
    Universe,
    EmptySet,
    SetUnion,
    SetIntersection,
    SetDifference,
    Domain,
    Range,

    BaseRelation,
    EmptyRelation,
    Identity,
    Product,
    Union,
    Intersection,
    Difference,
    Sequence,
    Inverse,
    Plus,
    Variable,
}

/// <summary>
/// A node of a model's expression graph. Equal expressions are one node, operands have lower ids than what is made of them, save that a
/// recursive name is a variable whose <see cref="Body"/> comes later. Only <see cref="ExpressionGraph"/> makes nodes.
/// </summary>
internal sealed class Expression : Term
{
    internal Expression(int id, ExpressionKind kind, int given, ImmutableArray<Expression> operands)
    {
        (Id, Kind, Given, Operands) = (id, kind, given, operands);
        (IsStable, IsForward, IsBackward, IsSymmetric) = Growth.Of(this);
        IsBornTogether = Growth.IsBornTogether(this);
    }

    internal int Id { get; }

    internal ExpressionKind Kind { get; }

    /// <summary>The base set or relation, as a number; -1 for other kinds.</summary>
    internal int Given { get; }

    internal ImmutableArray<Expression> Operands { get; }

    internal override bool IsSet => Kind <= ExpressionKind.Range;

    internal bool IsEmptyLiteral => Kind is ExpressionKind.EmptySet or ExpressionKind.EmptyRelation;

    /// <summary>Whether membership is decided for good as soon as the events in question exist.</summary>
    internal bool IsStable { get; }

    /// <summary>Whether it only leads from an event to itself or to events added later.</summary>
    internal bool IsForward { get; }

    /// <summary>Whether it only leads from an event to itself or to events added earlier.</summary>
    internal bool IsBackward { get; }

    internal bool IsSymmetric { get; }

    /// <summary>Whether it only relates events that are added in one batch: parts of one access, or an event to itself.</summary>
    internal bool IsBornTogether { get; }

    /// <summary>Whether it only grows while an execution grows. Set by <see cref="ExpressionGraph.Classify"/>.</summary>
    internal bool IsMonotone { get; set; } = true;

    /// <summary>What a variable stands for: the least solution.</summary>
    internal Expression? Body { get; set; }

    /// <summary>The name a variable was written with.</summary>
    internal string? Name { get; init; }

    internal Expression Left => Operands[0];

    internal Expression Right => Operands[1];

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ExpressionKind.BaseSet => ((BaseSet)Given).CatName(),
        ExpressionKind.BaseRelation => ((BaseRelation)Given).CatName(),
        ExpressionKind.Universe => "_",
        ExpressionKind.EmptySet or ExpressionKind.EmptyRelation => "0",
        ExpressionKind.SetUnion or ExpressionKind.Union => $"({Left} | {Right})",
        ExpressionKind.SetIntersection or ExpressionKind.Intersection => $"({Left} & {Right})",
        ExpressionKind.SetDifference or ExpressionKind.Difference => $"({Left} \\ {Right})",
        ExpressionKind.Product => $"({Left} * {Right})",
        ExpressionKind.Sequence => $"({Left} ; {Right})",
        ExpressionKind.Identity => $"[{Left}]",
        ExpressionKind.Inverse => $"{Left}^-1",
        ExpressionKind.Plus => $"{Left}+",
        ExpressionKind.Domain => $"domain({Left})",
        ExpressionKind.Range => $"range({Left})",
        _ => Name ?? "?",
    };
}
