using System.Runtime.CompilerServices;

namespace Tablewalk.Cil.Tests.Fixtures;

internal readonly record struct Entry(ulong Raw)
{
    public bool IsPresent => (Raw & 1) != 0;

    public Entry WithFlag(int bit) => new(Raw | (1UL << bit));

    public static Entry operator +(Entry entry, ulong offset) => new(entry.Raw + offset);
}

internal readonly record struct Range(Entry First, uint Length, bool IsOpen, Kind Kind)
{
    public static readonly Range Whole = new(new Entry(8), 100, true, Kind.Large);

    public ulong End => First.Raw + Length;
}

internal enum Kind : byte
{
    Small,
    Large = 200,
}

internal struct Mutable
{
    public ulong Count;
    public short Delta;
    public Entry Last;

    public void Add(Entry entry)
    {
        Count++;
        Delta -= (short)entry.Raw;
        Last = entry;
    }

    public readonly Mutable Doubled()
    {
        Mutable copy = this;
        copy.Count *= 2;
        return copy;
    }
}

internal readonly struct Holder(Entry entry, int index)
{
    private readonly Entry _entry = entry;

    public ulong Value => _entry.Raw + (ulong)index;
}

/// <summary>Structs as values: records, properties, operators, constructors, nested and mutable ones.</summary>
internal static class Structs
{
    private static readonly Entry s_entry = new(0x55);

    public static ulong Property(ulong a) => new Entry(a).IsPresent ? 1UL : 2;

    public static ulong ChainedCalls(ulong a) => new Entry(a).WithFlag(3).WithFlag(60).Raw;

    public static bool Equality(ulong a, ulong b) => new Entry(a) == new Entry(b);

    public static bool Inequality(ulong a, ulong b) => new Entry(a) != new Entry(b & 3);

    public static bool EqualityOfMany(ulong a, uint b, bool c, Kind d) =>
        new Range(new Entry(a), b, c, d) == new Range(new Entry(a & 7), b & 7, true, Kind.Large);

    public static ulong Operators(ulong a, ulong b) => (new Entry(a) + b).Raw;

    public static ulong With(ulong a, uint b)
    {
        Range range = new(new Entry(a), b, false, Kind.Small);
        range = range with { Length = 5, Kind = Kind.Large };
        return range.End + (ulong)range.Kind;
    }

    public static ulong MutableLocal(ulong a, ulong b)
    {
        Mutable m = default;
        m.Add(new Entry(a));
        m.Add(new Entry(b));
        Mutable copy = m;
        m.Count = 100;
        copy.Add(default);
        return copy.Doubled().Count + m.Count + m.Last.Raw + (ulong)copy.Delta;
    }

    public static ulong StructInLoop(ulong a, byte n)
    {
        Entry entry = new(a);
        while (n > 3)
        {
            n -= 3;
            entry = entry.IsPresent ? entry + 3 : new Entry(entry.Raw >> 1);
        }

        return entry.Raw;
    }

    public static ulong StructFromTernary(ulong a, ulong b) => (a > b ? new Entry(a) : new Entry(b).WithFlag(2)).Raw;

    public static ulong ReturnedFromSeveralPlaces(ulong a) => Select(a).End;

    public static ulong StaticReadonlyStruct(ulong a) => s_entry.Raw + Range.Whole.End + a;

    public static ulong OutStruct(ulong a)
    {
        Make(a, out Range range);
        return range.End;
    }

    public static ulong InStruct(ulong a, uint b)
    {
        Range range = new(new Entry(a), b, true, Kind.Small);
        return EndOf(in range) + EndOf(range with { Length = 1 });
    }

    public static unsafe ulong ReadAsAnother(ulong a)
    {
        ulong local = a;
        Entry entry = *(Entry*)&local;
        return Unsafe.As<Entry, ulong>(ref entry) + entry.Raw;
    }

    public static ulong CapturedParameters(ulong a, int b) => new Holder(new Entry(a), b).Value;

    public static ulong Nullable(ulong a)
    {
        ulong? found = a > 10 ? a : null;
        return found.HasValue ? found.GetValueOrDefault() : 3;
    }

    public static Entry Returned(ulong a) => new(a + 1);

    public static ulong DefaultOf(ulong a) => default(Range).End + a;

    private static Range Select(ulong a)
    {
        if (a > 100)
        {
            return new Range(new Entry(a), 1, true, Kind.Small);
        }

        if (a > 10)
        {
            return default;
        }

        return Range.Whole;
    }

    private static ulong EndOf(in Range range) => range.End;

    private static void Make(ulong a, out Range range) => range = new Range(new Entry(a), (uint)a, false, default);
}
