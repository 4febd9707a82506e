using System.Collections;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Tablewalk.Relations;

/// <summary>A set of events of one execution, as bits over the event indices 0 to <see cref="Universe"/> - 1. Immutable.</summary>
public sealed class EventSet : IEquatable<EventSet>, IEnumerable<int>
{
    private readonly ImmutableArray<ulong> _words;

    private EventSet(int universe, ImmutableArray<ulong> words) => (Universe, _words) = (universe, words);

    /// <summary>How many events the execution has; members lie below it.</summary>
    public int Universe { get; }

    /// <summary>How many events are members.</summary>
    public int Count => _words.Sum(BitOperations.PopCount);

    /// <summary>Whether there is no member.</summary>
    public bool IsEmpty => _words.All(w => w == 0);

    /// <summary>The set without members.</summary>
    public static EventSet Empty(int universe) => new(universe, [.. new ulong[BitMatrix.WordsFor(universe)]]);

    /// <summary>The set of all events, cat's <c>_</c>.</summary>
    public static EventSet Full(int universe) => Of(universe, Enumerable.Range(0, universe));

    /// <summary>The set of the given events.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A member is not below <paramref name="universe"/>.</exception>
    public static EventSet Of(int universe, IEnumerable<int> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var words = new ulong[BitMatrix.WordsFor(universe)];
        foreach (var e in members)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(e, nameof(members));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(e, universe, nameof(members));
            words[e >> 6] |= 1UL << (e & 63);
        }

        return new(universe, ImmutableCollectionsMarshal.AsImmutableArray(words));
    }

    /// <summary>Whether <paramref name="e"/> is a member.</summary>
    public bool Contains(int e) => (_words[e >> 6] >> (e & 63) & 1) != 0;

    /// <summary>The members of either set.</summary>
    public EventSet Union(EventSet other) => Zip(other, static (a, b) => a | b);

    /// <summary>The members of both sets.</summary>
    public EventSet Intersect(EventSet other) => Zip(other, static (a, b) => a & b);

    /// <summary>The members of this set that are not in <paramref name="other"/>.</summary>
    public EventSet Except(EventSet other) => Zip(other, static (a, b) => a & ~b);

    /// <summary>All events that are not members, cat's <c>~S</c>.</summary>
    public EventSet Complement() => Full(Universe).Except(this);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator()
    {
        for (var e = 0; e < Universe; e++)
        {
            if (Contains(e))
            {
                yield return e;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(EventSet? other) => other is not null && Universe == other.Universe && _words.AsSpan().SequenceEqual(other._words.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EventSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _words.Aggregate(Universe, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => "{" + string.Join(' ', this) + "}";

    private EventSet Zip(EventSet other, Func<ulong, ulong, ulong> combine)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Universe, Universe, nameof(other));
        var words = new ulong[_words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = combine(_words[i], other._words[i]);
        }

        return new(Universe, ImmutableCollectionsMarshal.AsImmutableArray(words));
    }
}
