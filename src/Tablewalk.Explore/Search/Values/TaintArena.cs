namespace Tablewalk.Explore.Search.Values;

/// <summary>Sets of events that registers depend on, as bit rows in one growing array; set 0 is the empty one. Undo is by length.</summary>
internal sealed class TaintArena(int words)
{
    private ulong[] _bits = new ulong[256 * words];

    public int Count { get; private set; } = 1;

    public void UndoTo(int count) => Count = count;

    public ReadOnlySpan<ulong> Row(int set) => _bits.AsSpan(set * words, words);

    public int Single(int e)
    {
        var row = NewRow();
        row[e >> 6] = 1UL << (e & 63);
        return Count - 1;
    }

    public int Union(int a, int b)
    {
        if (a == b || b == 0)
        {
            return a;
        }

        if (a == 0)
        {
            return b;
        }

        bool aInB = true, bInA = true;
        var rowA = Row(a);
        var rowB = Row(b);
        for (var w = 0; w < words; w++)
        {
            aInB &= (rowA[w] & ~rowB[w]) == 0;
            bInA &= (rowB[w] & ~rowA[w]) == 0;
        }

        if (bInA || aInB)
        {
            return bInA ? a : b;
        }

        var row = NewRow();
        rowA = Row(a); // the array may have moved
        rowB = Row(b);
        for (var w = 0; w < words; w++)
        {
            row[w] = rowA[w] | rowB[w];
        }

        return Count - 1;
    }

    private Span<ulong> NewRow()
    {
        if ((Count + 1) * words > _bits.Length)
        {
            Array.Resize(ref _bits, _bits.Length * 2);
        }

        var row = _bits.AsSpan(Count++ * words, words);
        row.Clear();
        return row;
    }
}
