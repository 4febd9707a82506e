using System.Numerics;

namespace Tablewalk.Relations;

/// <summary>The words under a <see cref="Relation"/>: n rows of ceil(n / 64) words; row = from, column = to.</summary>
internal static class BitMatrix
{
    internal static int WordsFor(int events) => (events + 63) >> 6;

    internal static bool Get(ulong[] bits, int stride, int from, int to) => (bits[from * stride + (to >> 6)] >> (to & 63) & 1) != 0;

    internal static void Set(ulong[] bits, int stride, int from, int to) => bits[from * stride + (to >> 6)] |= 1UL << (to & 63);

    internal static void OrRow(ulong[] target, int targetRow, ulong[] source, int sourceRow, int stride)
    {
        for (var w = 0; w < stride; w++)
        {
            target[targetRow * stride + w] |= source[sourceRow * stride + w];
        }
    }

    internal static bool AnyInRow(ulong[] bits, int row, int stride) => bits.AsSpan(row * stride, stride).ContainsAnyExcept(0UL);

    /// <summary>The columns set in a row, in increasing order.</summary>
    internal static IEnumerable<int> Columns(ulong[] bits, int row, int stride)
    {
        for (var w = 0; w < stride; w++)
        {
            for (var rest = bits[row * stride + w]; rest != 0; rest &= rest - 1)
            {
                yield return (w << 6) + BitOperations.TrailingZeroCount(rest);
            }
        }
    }
}
