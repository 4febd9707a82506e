using System.Numerics;

namespace Tablewalk.Cat.Evaluation;

/// <summary>
/// A set of events as one machine value: a row or column of a relation. The evaluator is generic over it, and the run-time compiles one
/// body per size, without calls or loops over words.
/// </summary>
internal interface IMask<T> : IEquatable<T>
    where T : unmanaged, IMask<T>
{
    static abstract int Capacity { get; }

    bool IsEmpty { get; }

    /// <summary>The lowest member; the mask must not be empty.</summary>
    int First { get; }

    int Count { get; }

    T WithoutFirst { get; }

    static abstract T Of(int member);

    static abstract T Of(ReadOnlySpan<ulong> words);

    bool Contains(int member);

    ulong Word(int index);

    static abstract T operator |(T a, T b);

    static abstract T operator &(T a, T b);

    /// <summary>The members of <paramref name="a"/> that are not in <paramref name="b"/>.</summary>
    static abstract T operator -(T a, T b);
}

internal readonly struct Mask64(ulong bits) : IMask<Mask64>
{
    private readonly ulong _bits = bits;

    public static int Capacity => 64;

    public bool IsEmpty => _bits == 0;

    public int First => BitOperations.TrailingZeroCount(_bits);

    public int Count => BitOperations.PopCount(_bits);

    public Mask64 WithoutFirst => new(_bits & (_bits - 1));

    public static Mask64 Of(int member) => new(1UL << member);

    public static Mask64 Of(ReadOnlySpan<ulong> words) => new(words.Length > 0 ? words[0] : 0);

    public bool Contains(int member) => (_bits >> member & 1) != 0;

    public ulong Word(int index) => _bits;

    public bool Equals(Mask64 other) => _bits == other._bits;

    public override bool Equals(object? obj) => obj is Mask64 other && Equals(other);

    public override int GetHashCode() => _bits.GetHashCode();

    public static Mask64 operator |(Mask64 a, Mask64 b) => new(a._bits | b._bits);

    public static Mask64 operator &(Mask64 a, Mask64 b) => new(a._bits & b._bits);

    public static Mask64 operator -(Mask64 a, Mask64 b) => new(a._bits & ~b._bits);
}

internal readonly struct Mask128(ulong low, ulong high) : IMask<Mask128>
{
    private readonly ulong _low = low;
    private readonly ulong _high = high;

    public static int Capacity => 128;

    public bool IsEmpty => (_low | _high) == 0;

    public int First => _low != 0 ? BitOperations.TrailingZeroCount(_low) : 64 + BitOperations.TrailingZeroCount(_high);

    public int Count => BitOperations.PopCount(_low) + BitOperations.PopCount(_high);

    public Mask128 WithoutFirst => _low != 0 ? new(_low & (_low - 1), _high) : new(0, _high & (_high - 1));

    public static Mask128 Of(int member) => member < 64 ? new(1UL << member, 0) : new(0, 1UL << (member - 64));

    public static Mask128 Of(ReadOnlySpan<ulong> words) => new(words.Length > 0 ? words[0] : 0, words.Length > 1 ? words[1] : 0);

    public bool Contains(int member) => ((member < 64 ? _low : _high) >> (member & 63) & 1) != 0;

    public ulong Word(int index) => index == 0 ? _low : _high;

    public bool Equals(Mask128 other) => _low == other._low && _high == other._high;

    public override bool Equals(object? obj) => obj is Mask128 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_low, _high);

    public static Mask128 operator |(Mask128 a, Mask128 b) => new(a._low | b._low, a._high | b._high);

    public static Mask128 operator &(Mask128 a, Mask128 b) => new(a._low & b._low, a._high & b._high);

    public static Mask128 operator -(Mask128 a, Mask128 b) => new(a._low & ~b._low, a._high & ~b._high);
}

internal readonly struct Mask256(Mask128 low, Mask128 high) : IMask<Mask256>
{
    private readonly Mask128 _low = low;
    private readonly Mask128 _high = high;

    public static int Capacity => 256;

    public bool IsEmpty => _low.IsEmpty && _high.IsEmpty;

    public int First => _low.IsEmpty ? 128 + _high.First : _low.First;

    public int Count => _low.Count + _high.Count;

    public Mask256 WithoutFirst => _low.IsEmpty ? new(default, _high.WithoutFirst) : new(_low.WithoutFirst, _high);

    public static Mask256 Of(int member) => member < 128 ? new(Mask128.Of(member), default) : new(default, Mask128.Of(member - 128));

    public static Mask256 Of(ReadOnlySpan<ulong> words) => new(Mask128.Of(words), words.Length > 2 ? Mask128.Of(words[2..]) : default);

    public bool Contains(int member) => member < 128 ? _low.Contains(member) : _high.Contains(member - 128);

    public ulong Word(int index) => index < 2 ? _low.Word(index) : _high.Word(index - 2);

    public bool Equals(Mask256 other) => _low.Equals(other._low) && _high.Equals(other._high);

    public override bool Equals(object? obj) => obj is Mask256 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_low, _high);

    public static Mask256 operator |(Mask256 a, Mask256 b) => new(a._low | b._low, a._high | b._high);

    public static Mask256 operator &(Mask256 a, Mask256 b) => new(a._low & b._low, a._high & b._high);

    public static Mask256 operator -(Mask256 a, Mask256 b) => new(a._low - b._low, a._high - b._high);
}
