using System.Collections.Immutable;

namespace Tablewalk.Relations;

/// <summary>
/// A binary relation over the events of one execution, as an n x n bit matrix: row = from, column = to. Immutable; every operation makes
/// a new one, so this is the type for oracles, explanations and tests, not for the inner loop of a search.
/// </summary>
public sealed class Relation : IReadOnlyRelation, IEquatable<Relation>
{
    private readonly ulong[] _bits;
    private readonly int _stride;

    private Relation(int eventCount, ulong[] bits) => (EventCount, _bits, _stride) = (eventCount, bits, BitMatrix.WordsFor(eventCount));

    /// <inheritdoc/>
    public int EventCount { get; }

    /// <summary>Whether it relates no events.</summary>
    public bool IsEmpty => !_bits.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>Whether no event is related to itself.</summary>
    public bool IsIrreflexive => !Enumerable.Range(0, EventCount).Any(e => Contains(e, e));

    /// <summary>Whether no event reaches itself in one or more steps.</summary>
    public bool IsAcyclic => TransitiveClosure().IsIrreflexive;

    /// <summary>The relation that relates nothing, cat's <c>0</c>.</summary>
    public static Relation Empty(int eventCount) => new(eventCount, new ulong[eventCount * BitMatrix.WordsFor(eventCount)]);

    /// <summary>The relation of the given pairs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A pair names an event that is not below <paramref name="eventCount"/>.</exception>
    public static Relation Of(int eventCount, IEnumerable<(int From, int To)> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var result = Empty(eventCount);
        foreach (var (from, to) in pairs)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)eventCount, nameof(pairs));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)eventCount, nameof(pairs));
            BitMatrix.Set(result._bits, result._stride, from, to);
        }

        return result;
    }

    /// <summary>Each member related to itself, cat's <c>[S]</c>.</summary>
    public static Relation Identity(EventSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var result = Empty(set.Universe);
        foreach (var e in set)
        {
            BitMatrix.Set(result._bits, result._stride, e, e);
        }

        return result;
    }

    /// <summary>Every member of one set related to every member of the other, cat's <c>S * T</c>.</summary>
    public static Relation Product(EventSet from, EventSet to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentOutOfRangeException.ThrowIfNotEqual(to.Universe, from.Universe, nameof(to));
        var result = Empty(from.Universe);
        foreach (var a in from)
        {
            foreach (var b in to)
            {
                BitMatrix.Set(result._bits, result._stride, a, b);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public bool Contains(int from, int to) => BitMatrix.Get(_bits, _stride, from, to);

    /// <summary>The related pairs, by from, then by to.</summary>
    public IEnumerable<(int From, int To)> Pairs() =>
        Enumerable.Range(0, EventCount).SelectMany(a => BitMatrix.Columns(_bits, a, _stride).Select(b => (a, b)));

    /// <summary>The events that <paramref name="from"/> is related to.</summary>
    public IEnumerable<int> Successors(int from) => BitMatrix.Columns(_bits, from, _stride);

    /// <summary>The pairs of either relation, cat's <c>r | s</c>.</summary>
    public Relation Union(Relation other) => Zip(other, static (a, b) => a | b);

    /// <summary>The pairs of both relations, cat's <c>r &amp; s</c>.</summary>
    public Relation Intersect(Relation other) => Zip(other, static (a, b) => a & b);

    /// <summary>The pairs of this relation that are not in <paramref name="other"/>, cat's <c>r \ s</c>.</summary>
    public Relation Except(Relation other) => Zip(other, static (a, b) => a & ~b);

    /// <summary>All pairs that this relation does not hold, cat's <c>~r</c>.</summary>
    public Relation Complement()
    {
        var all = EventSet.Full(EventCount);
        return Product(all, all).Except(this);
    }

    /// <summary>The pairs (a, c) with a step of this relation from a to some b and one of <paramref name="next"/> from b to c, cat's <c>r ; s</c>.</summary>
    /// <remarks><b>Cost.</b> One row-or for each pair of this relation.</remarks>
    public Relation Compose(Relation next)
    {
        RequireSameEvents(next);
        var result = Empty(EventCount);
        for (var a = 0; a < EventCount; a++)
        {
            foreach (var b in BitMatrix.Columns(_bits, a, _stride))
            {
                BitMatrix.OrRow(result._bits, a, next._bits, b, _stride);
            }
        }

        return result;
    }

    /// <summary>The pairs turned round, cat's <c>r^-1</c>.</summary>
    public Relation Inverse()
    {
        var result = Empty(EventCount);
        for (var a = 0; a < EventCount; a++)
        {
            foreach (var b in BitMatrix.Columns(_bits, a, _stride))
            {
                BitMatrix.Set(result._bits, _stride, b, a);
            }
        }

        return result;
    }

    /// <summary>The transitive closure, cat's <c>r+</c>.</summary>
    /// <returns>A new relation over the same events; this one is left unchanged.</returns>
    /// <remarks>
    /// <para><b>Cost.</b> At most n * n * ceil(n / 64) word operations; allocates one matrix.</para>
    /// <para><b>Source.</b> Warshall, "A Theorem on Boolean Matrices", JACM 9(1), 1962.</para>
    /// </remarks>
    public Relation TransitiveClosure()
    {
        var result = new Relation(EventCount, [.. _bits]);
        for (var via = 0; via < EventCount; via++)
        {
            for (var from = 0; from < EventCount; from++)
            {
                if (result.Contains(from, via))
                {
                    BitMatrix.OrRow(result._bits, from, result._bits, via, _stride);
                }
            }
        }

        return result;
    }

    /// <summary>The relation with every event related to itself as well, cat's <c>r?</c>.</summary>
    public Relation ReflexiveClosure() => Union(Identity(EventSet.Full(EventCount)));

    /// <summary>The pairs that start in one set and end in the other, cat's <c>[S] ; r ; [T]</c>.</summary>
    public Relation Restrict(EventSet from, EventSet to) => Intersect(Product(from, to));

    /// <summary>The events that are related to something, cat's <c>domain(r)</c>.</summary>
    public EventSet Domain() =>
        EventSet.Of(EventCount, Enumerable.Range(0, EventCount).Where(e => BitMatrix.AnyInRow(_bits, e, _stride)));

    /// <summary>The events that something is related to, cat's <c>range(r)</c>.</summary>
    public EventSet Range() => Inverse().Domain();

    /// <summary>A shortest cycle, as its events in order, each related to the next and the last to the first; empty if there is none.</summary>
    /// <remarks>Among shortest cycles, the one that a breadth-first search from the lowest event finds first: the same on every run.</remarks>
    public ImmutableArray<int> ShortestCycle()
    {
        ImmutableArray<int> best = [];
        for (var start = 0; start < EventCount; start++)
        {
            var cycle = ShortestPathBackTo(start);
            if (!cycle.IsEmpty && (best.IsEmpty || cycle.Length < best.Length))
            {
                best = cycle;
            }
        }

        return best;
    }

    /// <inheritdoc/>
    public bool Equals(Relation? other) => other is not null && EventCount == other.EventCount && _bits.AsSpan().SequenceEqual(other._bits);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Relation);

    /// <inheritdoc/>
    public override int GetHashCode() => _bits.Aggregate(EventCount, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => "{" + string.Join(' ', Pairs().Select(p => $"{p.From}->{p.To}")) + "}";

    private ImmutableArray<int> ShortestPathBackTo(int start)
    {
        var cameFrom = new int[EventCount];
        Array.Fill(cameFrom, -1);
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out var e))
        {
            foreach (var next in Successors(e))
            {
                if (next == start)
                {
                    return PathTo(e, start, cameFrom);
                }

                if (cameFrom[next] < 0)
                {
                    cameFrom[next] = e;
                    queue.Enqueue(next);
                }
            }
        }

        return [];
    }

    private static ImmutableArray<int> PathTo(int end, int start, int[] cameFrom)
    {
        var path = new Stack<int>();
        for (var e = end; e != start; e = cameFrom[e])
        {
            path.Push(e);
        }

        path.Push(start);
        return [.. path];
    }

    private Relation Zip(Relation other, Func<ulong, ulong, ulong> combine)
    {
        RequireSameEvents(other);
        var bits = new ulong[_bits.Length];
        for (var i = 0; i < bits.Length; i++)
        {
            bits[i] = combine(_bits[i], other._bits[i]);
        }

        return new(EventCount, bits);
    }

    private void RequireSameEvents(Relation other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.EventCount, EventCount, nameof(other));
    }
}
