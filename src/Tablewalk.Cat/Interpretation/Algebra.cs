using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Interpretation;

/// <summary>The operations on sets and relations. Operands of one operation are of one kind; whoever calls has made sure of that.</summary>
internal abstract class Algebra
{
    /// <summary>All events.</summary>
    internal abstract Term Universe { get; }

    internal abstract Term Base(BaseSet set);

    internal abstract Term Base(BaseRelation relation);

    internal abstract Term Union(Term a, Term b);

    internal abstract Term Intersection(Term a, Term b);

    internal abstract Term Difference(Term a, Term b);

    internal abstract Term Sequence(Term a, Term b);

    internal abstract Term Product(Term from, Term to);

    internal abstract Term Identity(Term set);

    internal abstract Term Inverse(Term relation);

    internal abstract Term Plus(Term relation);

    internal abstract Term Domain(Term relation);

    internal abstract Term Range(Term relation);

    /// <summary>The set of one event. Only an execution has events.</summary>
    internal abstract Term Single(int e);

    /// <summary>The relation of one pair. Only an execution has events.</summary>
    internal abstract Term Single(int from, int to);

    internal Term EmptySet => Difference(Universe, Universe);

    internal Term EmptyRelation => Product(EmptySet, EmptySet);

    internal Term Id => Identity(Universe);

    /// <summary>All pairs of events.</summary>
    internal Term Everything => Product(Universe, Universe);

    internal Term Complement(Term e) => Difference(e.IsSet ? Universe : Everything, e);

    internal Term Optional(Term relation) => Union(Id, relation);

    internal Term Star(Term relation) => Optional(Plus(relation));
}

/// <summary>Makes expressions of a model, for whatever execution.</summary>
internal sealed class SymbolicAlgebra(ExpressionGraph graph) : Algebra
{
    internal override Term Universe => graph.Universe;

    internal override Term Base(BaseSet set) => graph.Base(set);

    internal override Term Base(BaseRelation relation) => graph.Base(relation);

    internal override Term Union(Term a, Term b) => graph.Union((Expression)a, (Expression)b);

    internal override Term Intersection(Term a, Term b) => graph.Intersection((Expression)a, (Expression)b);

    internal override Term Difference(Term a, Term b) => graph.Difference((Expression)a, (Expression)b);

    internal override Term Sequence(Term a, Term b) => graph.Sequence((Expression)a, (Expression)b);

    internal override Term Product(Term from, Term to) => graph.Product((Expression)from, (Expression)to);

    internal override Term Identity(Term set) => graph.Identity((Expression)set);

    internal override Term Inverse(Term relation) => graph.Inverse((Expression)relation);

    internal override Term Plus(Term relation) => graph.Plus((Expression)relation);

    internal override Term Domain(Term relation) => graph.Domain((Expression)relation);

    internal override Term Range(Term relation) => graph.Range((Expression)relation);

    internal override Term Single(int e) => throw new InvalidOperationException("an expression has no events of its own");

    internal override Term Single(int from, int to) => throw new InvalidOperationException("an expression has no events of its own");
}
