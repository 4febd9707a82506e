using System.Numerics;

namespace Tablewalk.Cat.Evaluation;

/// <summary>
/// A set of events as one machine value: a row or column of a relation. The evaluator is generic over it, and the run-time compiles one
/// body per size; for up to 256 events without calls or loops over words.
/// </summary>
internal interface IMask<T> : IEquatable<T>
    where T : unmanaged, IMask<T>
{
    static abstract int Capacity { get; }

    /// <summary>Whether copying one costs more than looking at a single member. A constant, so that what is for one kind is not compiled for the other.</summary>
    static abstract bool IsWide { get; }

    bool IsEmpty { get; }

    /// <summary>Whether there is exactly one member.</summary>
    bool IsSingle { get; }

    /// <summary>The lowest member; -1 if there is none.</summary>
    int First { get; }

    /// <summary>The highest member; -1 if there is none.</summary>
    int Last { get; }

    int Count { get; }

    static abstract T Of(int member);

    static abstract T Of(ReadOnlySpan<ulong> words);

    static abstract void Add(ref T mask, int member);

    bool Contains(int member);

    /// <summary>The lowest member above another; -1 if there is none.</summary>
    int Next(int member);

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

    public static bool IsWide => false;

    public bool IsEmpty => _bits == 0;

    public bool IsSingle => BitOperations.IsPow2(_bits);

    public int First => _bits == 0 ? -1 : BitOperations.TrailingZeroCount(_bits);

    public int Last => 63 - BitOperations.LeadingZeroCount(_bits);

    public int Count => BitOperations.PopCount(_bits);

    public static void Add(ref Mask64 mask, int member) => mask = new(mask._bits | (1UL << member));

    public static Mask64 Of(int member) => new(1UL << member);

    public static Mask64 Of(ReadOnlySpan<ulong> words) => new(words.Length > 0 ? words[0] : 0);

    public bool Contains(int member) => (_bits >> member & 1) != 0;

    public int Next(int member) => new Mask64(_bits & (~1UL << member)).First;

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

    public static bool IsWide => false;

    public bool IsEmpty => (_low | _high) == 0;

    public bool IsSingle => Count == 1;

    public int First => _low != 0 ? BitOperations.TrailingZeroCount(_low) : _high != 0 ? 64 + BitOperations.TrailingZeroCount(_high) : -1;

    public int Last => _high != 0 ? 127 - BitOperations.LeadingZeroCount(_high) : 63 - BitOperations.LeadingZeroCount(_low);

    public int Count => BitOperations.PopCount(_low) + BitOperations.PopCount(_high);

    public static void Add(ref Mask128 mask, int member) => mask |= Of(member);

    public static Mask128 Of(int member) => member < 64 ? new(1UL << member, 0) : new(0, 1UL << (member - 64));

    public static Mask128 Of(ReadOnlySpan<ulong> words) => new(words.Length > 0 ? words[0] : 0, words.Length > 1 ? words[1] : 0);

    public bool Contains(int member) => ((member < 64 ? _low : _high) >> (member & 63) & 1) != 0;

    public int Next(int member) => member < 64
        ? new Mask128(_low & (~1UL << member), _high).First
        : new Mask128(0, _high & (~1UL << (member & 63))).First;

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

    public static bool IsWide => false;

    public bool IsEmpty => _low.IsEmpty && _high.IsEmpty;

    public bool IsSingle => Count == 1;

    public int First => _low.First is >= 0 and var first ? first : OfHigh(_high.First);

    public int Last => _high.Last is >= 0 and var last ? 128 + last : _low.Last;

    public int Count => _low.Count + _high.Count;

    public static void Add(ref Mask256 mask, int member) => mask |= Of(member);

    public static Mask256 Of(int member) => member < 128 ? new(Mask128.Of(member), default) : new(default, Mask128.Of(member - 128));

    public static Mask256 Of(ReadOnlySpan<ulong> words) => new(Mask128.Of(words), words.Length > 2 ? Mask128.Of(words[2..]) : default);

    public bool Contains(int member) => member < 128 ? _low.Contains(member) : _high.Contains(member - 128);

    public int Next(int member) => member >= 128 ? OfHigh(_high.Next(member - 128))
        : _low.Next(member) is >= 0 and var next ? next
        : OfHigh(_high.First);

    public ulong Word(int index) => index < 2 ? _low.Word(index) : _high.Word(index - 2);

    public bool Equals(Mask256 other) => _low.Equals(other._low) && _high.Equals(other._high);

    public override bool Equals(object? obj) => obj is Mask256 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_low, _high);

    public static Mask256 operator |(Mask256 a, Mask256 b) => new(a._low | b._low, a._high | b._high);

    public static Mask256 operator &(Mask256 a, Mask256 b) => new(a._low & b._low, a._high & b._high);

    public static Mask256 operator -(Mask256 a, Mask256 b) => new(a._low - b._low, a._high - b._high);

    private static int OfHigh(int member) => member < 0 ? -1 : 128 + member;
}
