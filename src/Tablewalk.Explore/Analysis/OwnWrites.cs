using System.Collections.Immutable;

namespace Tablewalk.Explore.Analysis;

/// <summary>What a thread wrote to a cell last.</summary>
/// <param name="Value">The value.</param>
/// <param name="IsSure">Whether it did so on every way that leads here.</param>
internal sealed record OwnWrite(AbstractValue Value, bool IsSure);

/// <summary>What a thread has written by a point in its code: for each cell the last value. Immutable.</summary>
internal sealed class OwnWrites
{
    private readonly ImmutableDictionary<ulong, OwnWrite> _last;

    private OwnWrites(ImmutableDictionary<ulong, OwnWrite> last) => _last = last;

    public static OwnWrites None { get; } = new([]);

    public OwnWrite? LastOrNull(ulong cell) => _last.GetValueOrDefault(cell);

    /// <summary>After a write to a cell, or after one that may have been to it.</summary>
    public OwnWrites With(ulong cell, AbstractValue value, bool isSure)
    {
        var old = LastOrNull(cell);
        return new(_last.SetItem(cell, isSure || old is null ? new(value, isSure) : old with { Value = old.Value.Join(value) }));
    }

    /// <summary>Where ways with either meet.</summary>
    /// <returns>This very object if nothing is new.</returns>
    public OwnWrites Join(OwnWrites other)
    {
        if (ReferenceEquals(this, other))
        {
            return this;
        }

        var joined = _last.ToBuilder();
        foreach (var (cell, write) in other._last)
        {
            var both = LastOrNull(cell) is { } own ? new OwnWrite(own.Value.Join(write.Value), own.IsSure && write.IsSure) : write with { IsSure = false };
            if (!both.Equals(LastOrNull(cell)))
            {
                joined[cell] = both;
            }
        }

        foreach (var (cell, write) in _last)
        {
            if (write.IsSure && other.LastOrNull(cell) is null)
            {
                joined[cell] = write with { IsSure = false };
            }
        }

        var result = joined.ToImmutable();
        return ReferenceEquals(result, _last) ? this : new(result);
    }
}
