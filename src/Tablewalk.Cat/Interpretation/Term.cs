using Tablewalk.Relations;

namespace Tablewalk.Cat.Interpretation;

/// <summary>A set of events or a relation between them, as an interpreter handles it: as an expression of a model, or by its members.</summary>
internal abstract class Term
{
    internal abstract bool IsSet { get; }
}

/// <summary>A set or relation of one execution, by its members.</summary>
internal sealed class Extension : Term
{
    private readonly EventSet? _set;
    private readonly Relation? _relation;

    internal Extension(EventSet set) => _set = set;

    internal Extension(Relation relation) => _relation = relation;

    internal override bool IsSet => _set is not null;

    internal EventSet Set => _set ?? throw new InvalidOperationException("a relation where a set was made sure of");

    internal Relation Relation => _relation ?? throw new InvalidOperationException("a set where a relation was made sure of");

    internal bool IsEmpty => _set?.IsEmpty ?? _relation!.IsEmpty;
}
