using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

/// <summary>
/// What is known of a value whatever other threads do: the few values that it may have or, where they are too many, the bits that are certain.
/// Immutable.
/// </summary>
/// <remarks>
/// A value with few values is a table: a function of one source, such as one load. Values of the same source belong together: whatever narrows the source
/// narrows all of them, and what is computed from them has no combinations that cannot occur.
/// </remarks>
internal sealed class AbstractValue : IEquatable<AbstractValue>
{
    public const int MostValues = 32;
    private const int MostPairs = MostValues * MostValues;

    private readonly ulong[]? _keys; // of the source, ascending
    private readonly ulong[]? _results; // by key; null if nothing but bits is known
    private ulong[]? _values; // the results in ascending order, once somebody asked

    private AbstractValue(int source, ulong[]? keys, ulong[]? results, KnownBits bits) => (Source, _keys, _results, Bits) = (source, keys, results, bits);

    public static AbstractValue Zero { get; } = Of(0);

    public static AbstractValue Unknown { get; } = new(0, null, null, KnownBits.Nothing);

    /// <summary>What the value is a function of, as a number; 0 for a constant and for what has no source yet.</summary>
    public int Source { get; }

    public KnownBits Bits { get; }

    public bool IsConstant => _results is { Length: 1 };

    /// <summary>Of a constant, what it is.</summary>
    public ulong Constant => _results![0];

    /// <summary>Whether its values are known, not just bits.</summary>
    public bool IsTable => _results is not null;

    /// <summary>The values in ascending order; null if they are too many.</summary>
    public ulong[]? ValuesOrNull => _results is null ? null : _values ??= Distinct(_results);

    public bool MayBeZero => _results is null ? !Bits.IsNonzero : _results.Contains(0UL);

    public bool MayBeNonzero => _results is null ? !Bits.IsZero : _results.Any(v => v != 0);

    public static AbstractValue Of(ulong constant) => new(0, [constant], [constant], KnownBits.Of(constant));

    public static AbstractValue Of(IEnumerable<ulong> values)
    {
        var distinct = Distinct(values.ToArray());
        var few = distinct.Length <= MostValues ? distinct : null;
        return new(0, few, few, Join(distinct));
    }

    public static AbstractValue OfBits(KnownBits bits) => new(0, null, null, bits);

    /// <summary>The same value as a source of its own.</summary>
    public AbstractValue AsSource(int source)
    {
        var values = ValuesOrNull;
        return values is { Length: 1 } ? this : new(source, values, values, Bits);
    }

    public static AbstractValue Compute(Operation operation, AbstractValue a, AbstractValue b)
    {
        if (operation == Operation.Copy)
        {
            return a;
        }

        if (a._results is null || b._results is null)
        {
            return a.Source == b.Source && a.Source != 0 && OfSame(operation) is { } known ? Of(known) : OfBits(KnownBits.Compute(operation, a.Bits, b.Bits));
        }

        if (a.IsConstant || b.IsConstant || (a.Source == b.Source && a.Source != 0))
        {
            return Tabulate(operation, a, b);
        }

        return a._results.Length * b._results.Length > MostPairs
            ? OfBits(KnownBits.Compute(operation, a.Bits, b.Bits))
            : Of(from left in a._results from right in b._results where IsDefined(operation, right) select operation.Evaluate(left, right));
    }

    /// <summary>What may be either. Tables of one source are united; others lose their source.</summary>
    public AbstractValue Join(AbstractValue other)
    {
        if (_results is null || other._results is null)
        {
            return new(Source == other.Source ? Source : 0, null, null, Bits.Join(other.Bits));
        }

        if (Source == other.Source && Source != 0)
        {
            var table = new SortedDictionary<ulong, ulong>();
            var agrees = AddTo(table) && other.AddTo(table);
            if (agrees && table.Count <= MostValues)
            {
                return FromTable(Source, [.. table.Keys], [.. table.Values]);
            }
        }

        return Source == 0 && ReferenceEquals(_keys, _results) && other._results.All(_results.Contains) ? this : Of([.. _results, .. other._results]);
    }

    /// <summary>What is left of the value where its source has one of the given keys; null if nothing is.</summary>
    public AbstractValue? NarrowOrNull(IReadOnlySet<ulong> keys)
    {
        if (_results is null)
        {
            return this;
        }

        var kept = Enumerable.Range(0, _keys!.Length).Where(i => keys.Contains(_keys[i])).ToArray();
        return kept.Length == 0 ? null : FromTable(Source, [.. kept.Select(i => _keys[i])], [.. kept.Select(i => _results[i])]);
    }

    /// <summary>The keys of the source for which the value is nonzero, or for which it is zero.</summary>
    public HashSet<ulong> KeysWhere(bool isNonzero) =>
        [.. Enumerable.Range(0, _keys!.Length).Where(i => _results![i] != 0 == isNonzero).Select(i => _keys[i])];

    /// <inheritdoc/>
    public bool Equals(AbstractValue? other) =>
        other is not null && Source == other.Source && Bits == other.Bits && IsSame(_keys, other._keys) && IsSame(_results, other._results);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AbstractValue);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Bits);

    private static AbstractValue Tabulate(Operation operation, AbstractValue a, AbstractValue b)
    {
        var ofA = a.IsConstant ? b : a;
        var keys = new List<ulong>();
        var results = new List<ulong>();
        foreach (var key in ofA._keys!)
        {
            if (a.At(key) is { } left && b.At(key) is { } right && IsDefined(operation, right))
            {
                keys.Add(key);
                results.Add(operation.Evaluate(left, right));
            }
        }

        return keys.Count == 0 ? Unknown : FromTable(ofA.Source, [.. keys], [.. results]);
    }

    private static AbstractValue FromTable(int source, ulong[] keys, ulong[] results) =>
        Array.TrueForAll(results, v => v == results[0]) ? Of(results[0]) : new(source, keys, results, Join(results));

    // A value that is not a table has a source of its own, so two with the same source are the same.
    private static ulong? OfSame(Operation operation) => operation switch
    {
        Operation.Equal or Operation.LessOrEqualUnsigned or Operation.LessOrEqualSigned => 1,
        Operation.NotEqual or Operation.LessUnsigned or Operation.LessSigned or Operation.Xor or Operation.Subtract => 0,
        _ => null,
    };

    private static bool IsDefined(Operation operation, ulong right) =>
        right != 0 || operation is not (Operation.DivideUnsigned or Operation.RemainderUnsigned);

    private static KnownBits Join(ulong[] values)
    {
        var bits = KnownBits.Of(values[0]);
        foreach (var value in values)
        {
            bits = bits.Join(KnownBits.Of(value));
        }

        return bits;
    }

    // The values in ascending order, each once.
    private static ulong[] Distinct(ulong[] values)
    {
        var sorted = (ulong[])values.Clone();
        Array.Sort(sorted);
        var count = 0;
        foreach (var value in sorted)
        {
            if (count == 0 || sorted[count - 1] != value)
            {
                sorted[count++] = value;
            }
        }

        return sorted[..count];
    }

    private static bool IsSame(ulong[]? a, ulong[]? b) => a is null ? b is null : b is not null && a.AsSpan().SequenceEqual(b);

    private ulong? At(ulong key)
    {
        if (IsConstant)
        {
            return _results![0];
        }

        var at = Array.BinarySearch(_keys!, key);
        return at < 0 ? null : _results![at];
    }

    private bool AddTo(SortedDictionary<ulong, ulong> table)
    {
        for (var i = 0; i < _keys!.Length; i++)
        {
            if (!table.TryAdd(_keys[i], _results![i]) && table[_keys[i]] != _results[i])
            {
                return false;
            }
        }

        return true;
    }
}
