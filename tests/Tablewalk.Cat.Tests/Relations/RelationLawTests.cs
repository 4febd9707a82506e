using CsCheck;
using Tablewalk.Relations;
using Xunit;
using Pairs = System.Collections.Generic.HashSet<(int From, int To)>;

namespace Tablewalk.Cat.Tests.Relations;

/// <summary>The matrices against sets of pairs, at sizes around a word's.</summary>
public sealed class RelationLawTests
{
    private static readonly Gen<int> s_size = Gen.OneOf(Gen.Int[1, 6], Gen.Const(63), Gen.Const(64), Gen.Const(65));

    private static readonly Gen<(int Size, Pairs A, Pairs B)> s_two =
        from n in s_size
        from a in AnyPairs(n)
        from b in AnyPairs(n)
        select (n, a, b);

    private static Gen<Pairs> AnyPairs(int n) =>
        from pairs in Gen.Select(Gen.Int[0, n - 1], Gen.Int[0, n - 1]).Array[0, 12]
        select pairs.ToHashSet();

    [Fact]
    public void Set_operations_agree_with_sets_of_pairs() => s_two.Sample(t =>
    {
        var (a, b) = (Relation.Of(t.Size, t.A), Relation.Of(t.Size, t.B));
        return Same(a.Union(b), t.A.Union(t.B))
            && Same(a.Intersect(b), t.A.Intersect(t.B))
            && Same(a.Except(b), t.A.Except(t.B))
            && Same(a.Inverse(), t.A.Select(p => (p.To, p.From)))
            && a.Complement().Pairs().Count() == (t.Size * t.Size) - t.A.Count
            && a.IsEmpty == (t.A.Count == 0);
    });

    [Fact]
    public void Composition_agrees_with_a_join() => s_two.Sample(t =>
        Same(Relation.Of(t.Size, t.A).Compose(Relation.Of(t.Size, t.B)), from p in t.A from q in t.B where p.To == q.From select (p.From, q.To)));

    [Fact]
    public void Closure_agrees_with_repeated_composition_of_pairs() => s_two.Sample(t =>
        Same(Relation.Of(t.Size, t.A).TransitiveClosure(), NaiveClosure(t.A)));

    [Fact]
    public void Acyclic_means_that_there_is_no_shortest_cycle() => s_two.Sample(t =>
    {
        var r = Relation.Of(t.Size, t.A);
        var cycle = r.ShortestCycle();
        return r.IsAcyclic == cycle.IsEmpty
            && Enumerable.Range(0, cycle.Length).All(i => r.Contains(cycle[i], cycle[(i + 1) % cycle.Length]))
            && cycle.Distinct().Count() == cycle.Length;
    });

    [Fact]
    public void Restriction_domain_and_range_agree_with_filters() => s_two.Sample(t =>
    {
        var r = Relation.Of(t.Size, t.A);
        var (from, to) = (EventSet.Of(t.Size, t.B.Select(p => p.From)), EventSet.Of(t.Size, t.B.Select(p => p.To)));
        return Same(r.Restrict(from, to), t.A.Where(p => from.Contains(p.From) && to.Contains(p.To)))
            && r.Restrict(from, to).Equals(Relation.Identity(from).Compose(r).Compose(Relation.Identity(to)))
            && r.Domain().SequenceEqual(t.A.Select(p => p.From).Distinct().Order())
            && r.Range().SequenceEqual(t.A.Select(p => p.To).Distinct().Order());
    });

    [Fact]
    public void Event_sets_agree_with_hash_sets() => s_two.Sample(t =>
    {
        var (a, b) = (t.A.Select(p => p.From).ToHashSet(), t.B.Select(p => p.To).ToHashSet());
        var (x, y) = (EventSet.Of(t.Size, a), EventSet.Of(t.Size, b));
        return x.Union(y).SequenceEqual(a.Union(b).Order())
            && x.Intersect(y).SequenceEqual(a.Intersect(b).Order())
            && x.Except(y).SequenceEqual(a.Except(b).Order())
            && x.Complement().Count == t.Size - a.Count
            && x.Count == a.Count;
    });

    [Fact]
    public void An_event_beyond_the_universe_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Relation.Of(3, [(0, 3)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => EventSet.Of(3, [3]));
    }

    private static bool Same(Relation r, IEnumerable<(int, int)> pairs) => r.Pairs().ToHashSet().SetEquals(pairs);

    private static Pairs NaiveClosure(Pairs r)
    {
        var closure = new Pairs(r);
        while (true)
        {
            var longer = (from p in closure from q in r where p.To == q.From select (p.From, q.To)).ToList();
            if (longer.TrueForAll(closure.Contains))
            {
                return closure;
            }

            closure.UnionWith(longer);
        }
    }
}
