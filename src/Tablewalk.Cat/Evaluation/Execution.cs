using Tablewalk.Relations;

namespace Tablewalk.Cat.Evaluation;

/// <summary>An execution as the base sets and relations over its events: what <see cref="Model.Evaluate"/> judges. Mutable; for tests and explanations.</summary>
public sealed class Execution
{
    private readonly List<int>[] _sets; // a member may be in it twice, and so may a pair
    private readonly List<(int, int)>[] _relations;

    /// <summary>An execution of events that are in no set and no relation.</summary>
    public Execution(int eventCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(eventCount);
        EventCount = eventCount;
        _sets = [.. Enumerable.Range(0, Vocabulary.SetCount).Select(_ => new List<int>())];
        _relations = [.. Enumerable.Range(0, Vocabulary.RelationCount).Select(_ => new List<(int, int)>())];
        _relations[(int)BaseRelation.Si].AddRange(Enumerable.Range(0, eventCount).Select(e => (e, e)));
    }

    /// <summary>How many events it has.</summary>
    public int EventCount { get; }

    /// <summary>Puts an event into a set.</summary>
    public void AddToSet(BaseSet set, int e)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)e, (uint)EventCount, nameof(e));
        _sets[(int)set].Add(e);
    }

    /// <summary>Relates two events; both ways if the relation is symmetric.</summary>
    public void AddEdge(BaseRelation relation, int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)EventCount, nameof(from));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)EventCount, nameof(to));
        _relations[(int)relation].Add((from, to));
        if (relation.IsSymmetric())
        {
            _relations[(int)relation].Add((to, from));
        }
    }

    /// <summary>The members of a base set.</summary>
    public EventSet Set(BaseSet set) => EventSet.Of(EventCount, _sets[(int)set]);

    /// <summary>The value of a base relation.</summary>
    public Relation Relation(BaseRelation relation) => Relations.Relation.Of(EventCount, _relations[(int)relation]);
}
