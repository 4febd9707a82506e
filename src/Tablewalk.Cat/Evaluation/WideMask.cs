using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tablewalk.Cat.Evaluation;

[InlineArray(8)]
internal struct Words512
{
    private ulong _first;
}

[InlineArray(16)]
internal struct Words1024
{
    private ulong _first;
}

[InlineArray(32)]
internal struct Words2048
{
    private ulong _first;
}

[InlineArray(64)]
internal struct Words4096
{
    private ulong _first;
}

/// <summary>A mask of more words than fit into registers: loops over words, of which the run-time makes vector instructions where it can.</summary>
/// <typeparam name="TWords">The words, an inline array of <see cref="ulong"/>.</typeparam>
internal struct WideMask<TWords> : IMask<WideMask<TWords>>
    where TWords : unmanaged
{
#pragma warning disable CS0169 // read and written as a span over the whole
    private TWords _words;
#pragma warning restore CS0169

    public static int Capacity => Unsafe.SizeOf<TWords>() * 8;

    public static bool IsWide => true;

    private static int WordCount => Unsafe.SizeOf<TWords>() / sizeof(ulong);

    public readonly bool IsEmpty => !Read(in this).ContainsAnyExcept(0UL);

    public readonly bool IsSingle
    {
        get
        {
            var words = Read(in this);
            var w = words.IndexOfAnyExcept(0UL);
            return w >= 0 && BitOperations.IsPow2(words[w]) && !words[(w + 1)..].ContainsAnyExcept(0UL);
        }
    }

    public readonly int First
    {
        get
        {
            var words = Read(in this);
            var w = words.IndexOfAnyExcept(0UL);
            return w < 0 ? -1 : (w << 6) + BitOperations.TrailingZeroCount(words[w]);
        }
    }

    public readonly int Last
    {
        get
        {
            var words = Read(in this);
            var w = words.LastIndexOfAnyExcept(0UL);
            return w < 0 ? -1 : (w << 6) + BitOperations.Log2(words[w]);
        }
    }

    public readonly int Count
    {
        get
        {
            var count = 0;
            foreach (var word in Read(in this))
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    public static WideMask<TWords> Of(int member)
    {
        WideMask<TWords> result = default;
        Add(ref result, member);
        return result;
    }

    public static WideMask<TWords> Of(ReadOnlySpan<ulong> words)
    {
        WideMask<TWords> result = default;
        words[..Math.Min(words.Length, WordCount)].CopyTo(Write(ref result));
        return result;
    }

    public static void Add(ref WideMask<TWords> mask, int member) => Write(ref mask)[member >> 6] |= 1UL << (member & 63);

    public readonly bool Contains(int member) => (Read(in this)[member >> 6] >> (member & 63) & 1) != 0;

    public readonly int Next(int member)
    {
        var words = Read(in this);
        var w = member >> 6;
        var rest = words[w] & (~1UL << (member & 63));
        if (rest != 0)
        {
            return (w << 6) + BitOperations.TrailingZeroCount(rest);
        }

        var further = words[(w + 1)..].IndexOfAnyExcept(0UL);
        w += 1 + further;
        return further < 0 ? -1 : (w << 6) + BitOperations.TrailingZeroCount(words[w]);
    }

    public readonly ulong Word(int index) => Read(in this)[index];

    public readonly bool Equals(WideMask<TWords> other) => Read(in this).SequenceEqual(Read(in other));

    public override readonly bool Equals(object? obj) => obj is WideMask<TWords> other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(Read(in this)));
        return hash.ToHashCode();
    }

    public static WideMask<TWords> operator |(WideMask<TWords> a, WideMask<TWords> b)
    {
        var to = Write(ref a);
        var from = Read(in b);
        for (var w = 0; w < to.Length; w++)
        {
            to[w] |= from[w];
        }

        return a;
    }

    public static WideMask<TWords> operator &(WideMask<TWords> a, WideMask<TWords> b)
    {
        var to = Write(ref a);
        var from = Read(in b);
        for (var w = 0; w < to.Length; w++)
        {
            to[w] &= from[w];
        }

        return a;
    }

    public static WideMask<TWords> operator -(WideMask<TWords> a, WideMask<TWords> b)
    {
        var to = Write(ref a);
        var from = Read(in b);
        for (var w = 0; w < to.Length; w++)
        {
            to[w] &= ~from[w];
        }

        return a;
    }

    private static ReadOnlySpan<ulong> Read(ref readonly WideMask<TWords> mask) =>
        MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<WideMask<TWords>, ulong>(ref Unsafe.AsRef(in mask)), WordCount);

    private static Span<ulong> Write(ref WideMask<TWords> mask) => MemoryMarshal.CreateSpan(ref Unsafe.As<WideMask<TWords>, ulong>(ref mask), WordCount);
}
