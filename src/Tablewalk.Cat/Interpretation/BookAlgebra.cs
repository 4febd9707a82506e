using Tablewalk.Cat.Evaluation;
using Tablewalk.Relations;

namespace Tablewalk.Cat.Interpretation;

/// <summary>Computes the sets and relations of one execution.</summary>
internal sealed class BookAlgebra(Execution execution) : Algebra
{
    private readonly Extension _universe = new(EventSet.Full(execution.EventCount));

    internal override Term Universe => _universe;

    internal override Term Base(BaseSet set) => new Extension(execution.Set(set));

    internal override Term Base(BaseRelation relation) => new Extension(execution.Relation(relation));

    internal override Term Union(Term a, Term b) => a.IsSet ? new Extension(Set(a).Union(Set(b))) : new(Relation(a).Union(Relation(b)));

    internal override Term Intersection(Term a, Term b) => a.IsSet ? new Extension(Set(a).Intersect(Set(b))) : new(Relation(a).Intersect(Relation(b)));

    internal override Term Difference(Term a, Term b) => a.IsSet ? new Extension(Set(a).Except(Set(b))) : new(Relation(a).Except(Relation(b)));

    internal override Term Sequence(Term a, Term b) => new Extension(Relation(a).Compose(Relation(b)));

    internal override Term Product(Term from, Term to) => new Extension(Relations.Relation.Product(Set(from), Set(to)));

    internal override Term Identity(Term set) => new Extension(Relations.Relation.Identity(Set(set)));

    internal override Term Inverse(Term relation) => new Extension(Relation(relation).Inverse());

    internal override Term Plus(Term relation) => new Extension(Relation(relation).TransitiveClosure());

    internal override Term Domain(Term relation) => new Extension(Relation(relation).Domain());

    internal override Term Range(Term relation) => new Extension(Relation(relation).Range());

    internal override Term Single(int e) => new Extension(EventSet.Of(execution.EventCount, [e]));

    internal override Term Single(int from, int to) => new Extension(Relations.Relation.Of(execution.EventCount, [(from, to)]));

    private static EventSet Set(Term term) => ((Extension)term).Set;

    private static Relation Relation(Term term) => ((Extension)term).Relation;
}
