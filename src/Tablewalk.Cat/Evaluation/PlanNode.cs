using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Evaluation;

internal enum PlanOperation
{
    Set,
    SetUnion,
    SetIntersection,
    SetDifference,
    Domain,
    Range,

    Relation,
    Identity,
    Product,
    Filter,
    Union,
    Intersection,
    Difference,
    Sequence,
    Inverse,
    Plus,
    Variable,

    AcyclicRoot,
    IrreflexiveRoot,
    EmptyRoot,
}

/// <summary>Which operand of a node grew.</summary>
internal enum Port
{
    /// <summary>The first (or only) relation, or set of a set operation.</summary>
    Left,

    /// <summary>The second.</summary>
    Right,

    /// <summary>The set before, or in the middle of a sequence.</summary>
    SetBefore,

    /// <summary>The set after.</summary>
    SetAfter,
}

/// <summary>
/// A step of incremental evaluation. What arrives at a node are rectangles: sets M1 and M2 of events such that an operand now holds all pairs
/// in M1 x M2. A node keeps its value only if some other node needs to look it up, as rows, as columns or both.
/// </summary>
internal sealed class PlanNode(int id, PlanOperation operation)
{
    internal int Id { get; } = id;

    internal PlanOperation Operation { get; } = operation;

    /// <summary>Operand nodes, -1 where there is none. For a sequence, <see cref="SetBefore"/> is the set in the middle.</summary>
    internal int Left { get; set; } = -1;

    internal int Right { get; set; } = -1;

    internal int SetBefore { get; set; } = -1;

    internal int SetAfter { get; set; } = -1;

    internal bool IsSet => Operation <= PlanOperation.Range;

    internal bool IsRoot => Operation >= PlanOperation.AcyclicRoot;

    internal bool IsSymmetric { get; init; }

    internal bool KeepsRows { get; set; }

    internal bool KeepsColumns { get; set; }

    /// <summary>The numbers of the matrices that hold its rows and its columns; -1 if they are not kept, the same if it is symmetric.</summary>
    internal int RowsAt { get; set; } = -1;

    internal int ColumnsAt { get; set; } = -1;

    /// <summary>Of a set, its number among the sets.</summary>
    internal int SetAt { get; set; } = -1;

    /// <summary>Of a root, the index of its constraint in the model.</summary>
    internal int Constraint { get; init; } = -1;

    /// <summary>The nodes to tell when this one grows.</summary>
    internal List<(PlanNode Node, Port Port)> Consumers { get; } = [];

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Id}: {Operation} {Left} {Right} {SetBefore} {SetAfter}{(KeepsRows ? " rows" : "")}{(KeepsColumns ? " columns" : "")} -> "
        + string.Join(' ', Consumers.Select(c => $"{c.Node.Id}.{c.Port}"));
}
