using System.Collections.Immutable;
using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Interpretation;

/// <summary>
/// An order of values, for sets of them: the same on every run. Expressions are ordered by when they were made, so two that are not the same one
/// count as different, although they may be equal in some execution: see <see cref="IsDecided"/>.
/// </summary>
internal sealed class ValueOrder : IComparer<Value>
{
    internal static ValueOrder Instance { get; } = new();

    /// <summary>Whether equality with another such value can be told.</summary>
    internal static bool IsDecided(Value value) => value switch
    {
        Value.Known { Term: Expression } or Value.Unknown => false,
        Value.Collection c => c.Elements.All(IsDecided),
        Value.Tuple t => t.Parts.All(IsDecided),
        _ => true,
    };

    /// <summary>Sorts and leaves each value once.</summary>
    internal static ImmutableArray<Value> Distinct(IEnumerable<Value> values)
    {
        var sorted = values.Order(Instance).ToList();
        return [.. sorted.Where((v, i) => i == 0 || Instance.Compare(sorted[i - 1], v) != 0)];
    }

    /// <inheritdoc/>
    public int Compare(Value? x, Value? y) => (x, y) switch
    {
        (Value.Tag a, Value.Tag b) => string.CompareOrdinal(a.Name, b.Name),
        (Value.Event a, Value.Event b) => a.Index.CompareTo(b.Index),
        (Value.Pair a, Value.Pair b) => (a.From, a.To).CompareTo((b.From, b.To)),
        (Value.Collection a, Value.Collection b) => Sequences(a.Elements, b.Elements),
        (Value.Tuple a, Value.Tuple b) => Sequences(a.Parts, b.Parts),
        (Value.Known a, Value.Known b) => Terms(a.Term, b.Term),
        (Value.Empty, Value.Empty) => 0,
        (Value.Empty, Value.Known { Term: Extension { IsEmpty: true } }) or (Value.Known { Term: Extension { IsEmpty: true } }, Value.Empty) => 0,
        (Value.Empty, _) => -1,
        (_, Value.Empty) => 1,
        _ => Rank(x!).CompareTo(Rank(y!)),
    };

    private static int Rank(Value value) => value switch
    {
        Value.Tag => 0,
        Value.Event => 1,
        Value.Pair => 2,
        Value.Known { Term.IsSet: true } => 3,
        Value.Known => 4,
        Value.Tuple => 5,
        Value.Collection => 6,
        _ => 7,
    };

    private static int Terms(Term x, Term y) => (x, y) switch
    {
        (Expression a, Expression b) => a.Id.CompareTo(b.Id),
        (Extension { IsSet: true } a, Extension { IsSet: true } b) => Sequences([.. a.Set], [.. b.Set]),
        (Extension { IsSet: false } a, Extension { IsSet: false } b) => Sequences([.. a.Relation.Pairs()], [.. b.Relation.Pairs()]),
        _ => y.IsSet.CompareTo(x.IsSet),
    };

    private static int Sequences<T>(ImmutableArray<T> a, ImmutableArray<T> b)
    {
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            var difference = a[i] is Value v ? Instance.Compare(v, b[i] as Value) : Comparer<T>.Default.Compare(a[i], b[i]);
            if (difference != 0)
            {
                return difference;
            }
        }

        return a.Length.CompareTo(b.Length);
    }
}
