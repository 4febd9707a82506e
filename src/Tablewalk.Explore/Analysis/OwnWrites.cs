namespace Tablewalk.Explore.Analysis;

/// <summary>What a thread wrote to a cell last.</summary>
/// <param name="Value">The value.</param>
/// <param name="IsSure">Whether it did so on every way that leads here.</param>
internal sealed record OwnWrite(AbstractValue Value, bool IsSure);

/// <summary>What a thread has written by a point in its code: for each cell the last value. Immutable.</summary>
internal sealed class OwnWrites
{
    private readonly ulong[] _cells; // ascending
    private readonly OwnWrite[] _last; // of each of them

    private OwnWrites(ulong[] cells, OwnWrite[] last) => (_cells, _last) = (cells, last);

    public static OwnWrites None { get; } = new([], []);

    public OwnWrite? LastOrNull(ulong cell) => Array.BinarySearch(_cells, cell) is >= 0 and var at ? _last[at] : null;

    /// <summary>After a write to a cell, or after one that may have been to it.</summary>
    public OwnWrites With(ulong cell, AbstractValue value, bool isSure)
    {
        var at = Array.BinarySearch(_cells, cell);
        if (at < 0)
        {
            return new([.. _cells[..~at], cell, .. _cells[~at..]], [.. _last[..~at], new(value, isSure), .. _last[~at..]]);
        }

        var last = (OwnWrite[])_last.Clone();
        last[at] = isSure ? new(value, isSure) : last[at] with { Value = last[at].Value.Join(value) };
        return new(_cells, last);
    }

    /// <summary>Where ways with either meet.</summary>
    /// <returns>This very object if nothing is new.</returns>
    public OwnWrites Join(OwnWrites other)
    {
        if (ReferenceEquals(this, other))
        {
            return this;
        }

        var cells = new List<ulong>(_cells.Length + other._cells.Length);
        var last = new List<OwnWrite>(_cells.Length + other._cells.Length);
        var isNew = false;
        for (var (i, j) = (0, 0); i < _cells.Length || j < other._cells.Length;)
        {
            var isOwn = i < _cells.Length && (j == other._cells.Length || _cells[i] <= other._cells[j]);
            var isOther = j < other._cells.Length && (i == _cells.Length || other._cells[j] <= _cells[i]);
            var own = isOwn ? _last[i] : null;
            cells.Add(isOwn ? _cells[i] : other._cells[j]);
            last.Add(own is not null && isOther ? Both(own, other._last[j]) : Perhaps(own ?? other._last[j]));
            isNew |= !ReferenceEquals(last[^1], own);
            (i, j) = (isOwn ? i + 1 : i, isOther ? j + 1 : j);
        }

        return isNew ? new([.. cells], [.. last]) : this;
    }

    // The first of them if the second says nothing new.
    private static OwnWrite Both(OwnWrite own, OwnWrite other)
    {
        if (ReferenceEquals(own, other))
        {
            return own;
        }

        var both = new OwnWrite(own.Value.Join(other.Value), own.IsSure && other.IsSure);
        return both.Equals(own) ? own : both;
    }

    private static OwnWrite Perhaps(OwnWrite write) => write.IsSure ? write with { IsSure = false } : write;
}
