using Tablewalk.Mm;

namespace Tablewalk.Scenarios.Tests.Counting;

/// <summary>The memory that the counting programs share.</summary>
internal static unsafe class Place
{
    internal static nint Of(Arena arena) => (nint)arena.AllocatePages();
}

/// <summary>One thread stores to a location that thirteen others load.</summary>
public static unsafe class WriterAndReaders
{
    [Setup]
    public static nint Setup(Arena arena) => Place.Of(arena);

    [Thread("writer")]
    public static ulong Writer(ulong* x)
    {
        Cpu.WriteOnce(x, 1);
        return 0;
    }

    [Thread("reader 1")]
    public static ulong Reader1(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 2")]
    public static ulong Reader2(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 3")]
    public static ulong Reader3(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 4")]
    public static ulong Reader4(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 5")]
    public static ulong Reader5(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 6")]
    public static ulong Reader6(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 7")]
    public static ulong Reader7(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 8")]
    public static ulong Reader8(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 9")]
    public static ulong Reader9(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 10")]
    public static ulong Reader10(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 11")]
    public static ulong Reader11(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 12")]
    public static ulong Reader12(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }

    [Thread("reader 13")]
    public static ulong Reader13(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }
}

/// <summary>Seven threads fetch-add one location.</summary>
public static unsafe class FetchAdds
{
    [Setup]
    public static nint Setup(Arena arena) => Place.Of(arena);

    [Thread("adder 1")]
    public static ulong Adder1(ulong* x)
    {
        ulong seen = Cpu.FetchAdd(x, 1);
        return seen;
    }

    [Thread("adder 2")]
    public static ulong Adder2(ulong* x)
    {
        ulong seen = Cpu.FetchAdd(x, 1);
        return seen;
    }

    [Thread("adder 3")]
    public static ulong Adder3(ulong* x)
    {
        ulong seen = Cpu.FetchAdd(x, 1);
        return seen;
    }

    [Thread("adder 4")]
    public static ulong Adder4(ulong* x)
    {
        ulong seen = Cpu.FetchAdd(x, 1);
        return seen;
    }

    [Thread("adder 5")]
    public static ulong Adder5(ulong* x)
    {
        ulong seen = Cpu.FetchAdd(x, 1);
        return seen;
    }

    [Thread("adder 6")]
    public static ulong Adder6(ulong* x)
    {
        ulong seen = Cpu.FetchAdd(x, 1);
        return seen;
    }

    [Thread("adder 7")]
    public static ulong Adder7(ulong* x)
    {
        ulong seen = Cpu.FetchAdd(x, 1);
        return seen;
    }
}

/// <summary>Seven threads store to one location.</summary>
public static unsafe class Stores
{
    [Setup]
    public static nint Setup(Arena arena) => Place.Of(arena);

    [Thread("writer 1")]
    public static ulong Writer1(ulong* x)
    {
        Cpu.WriteOnce(x, 1);
        return 0;
    }

    [Thread("writer 2")]
    public static ulong Writer2(ulong* x)
    {
        Cpu.WriteOnce(x, 2);
        return 0;
    }

    [Thread("writer 3")]
    public static ulong Writer3(ulong* x)
    {
        Cpu.WriteOnce(x, 3);
        return 0;
    }

    [Thread("writer 4")]
    public static ulong Writer4(ulong* x)
    {
        Cpu.WriteOnce(x, 4);
        return 0;
    }

    [Thread("writer 5")]
    public static ulong Writer5(ulong* x)
    {
        Cpu.WriteOnce(x, 5);
        return 0;
    }

    [Thread("writer 6")]
    public static ulong Writer6(ulong* x)
    {
        Cpu.WriteOnce(x, 6);
        return 0;
    }

    [Thread("writer 7")]
    public static ulong Writer7(ulong* x)
    {
        Cpu.WriteOnce(x, 7);
        return 0;
    }
}

/// <summary>Eight threads store to one location that a ninth loads.</summary>
public static unsafe class StoresAndLoad
{
    [Setup]
    public static nint Setup(Arena arena) => Place.Of(arena);

    [Thread("writer 1")]
    public static ulong Writer1(ulong* x)
    {
        Cpu.WriteOnce(x, 1);
        return 0;
    }

    [Thread("writer 2")]
    public static ulong Writer2(ulong* x)
    {
        Cpu.WriteOnce(x, 2);
        return 0;
    }

    [Thread("writer 3")]
    public static ulong Writer3(ulong* x)
    {
        Cpu.WriteOnce(x, 3);
        return 0;
    }

    [Thread("writer 4")]
    public static ulong Writer4(ulong* x)
    {
        Cpu.WriteOnce(x, 4);
        return 0;
    }

    [Thread("writer 5")]
    public static ulong Writer5(ulong* x)
    {
        Cpu.WriteOnce(x, 5);
        return 0;
    }

    [Thread("writer 6")]
    public static ulong Writer6(ulong* x)
    {
        Cpu.WriteOnce(x, 6);
        return 0;
    }

    [Thread("writer 7")]
    public static ulong Writer7(ulong* x)
    {
        Cpu.WriteOnce(x, 7);
        return 0;
    }

    [Thread("writer 8")]
    public static ulong Writer8(ulong* x)
    {
        Cpu.WriteOnce(x, 8);
        return 0;
    }

    [Thread("reader")]
    public static ulong Reader(ulong* x)
    {
        ulong seen = Cpu.ReadOnce(x);
        return seen;
    }
}

/// <summary>Thread k compare-exchanges one location from k - 1 to k.</summary>
public static unsafe class CompareExchanges
{
    [Setup]
    public static nint Setup(Arena arena) => Place.Of(arena);

    [Thread("changer 1")]
    public static ulong Changer1(ulong* x)
    {
        ulong seen = Cpu.CmpXchg(x, 0, 1);
        return seen;
    }

    [Thread("changer 2")]
    public static ulong Changer2(ulong* x)
    {
        ulong seen = Cpu.CmpXchg(x, 1, 2);
        return seen;
    }

    [Thread("changer 3")]
    public static ulong Changer3(ulong* x)
    {
        ulong seen = Cpu.CmpXchg(x, 2, 3);
        return seen;
    }

    [Thread("changer 4")]
    public static ulong Changer4(ulong* x)
    {
        ulong seen = Cpu.CmpXchg(x, 3, 4);
        return seen;
    }

    [Thread("changer 5")]
    public static ulong Changer5(ulong* x)
    {
        ulong seen = Cpu.CmpXchg(x, 4, 5);
        return seen;
    }

    [Thread("changer 6")]
    public static ulong Changer6(ulong* x)
    {
        ulong seen = Cpu.CmpXchg(x, 5, 6);
        return seen;
    }

    [Thread("changer 7")]
    public static ulong Changer7(ulong* x)
    {
        ulong seen = Cpu.CmpXchg(x, 6, 7);
        return seen;
    }
}

/// <summary>Writers store their left neighbour plus one; a reader scans down until it finds zero.</summary>
public static unsafe class LastZero
{
    [Setup]
    public static nint Setup(Arena arena) => Place.Of(arena);

    [Thread("writer 1")]
    public static ulong Writer1(ulong* x)
    {
        Cpu.WriteOnce(x + 1, Cpu.ReadOnce(x + 0) + 1);
        return 0;
    }

    [Thread("writer 2")]
    public static ulong Writer2(ulong* x)
    {
        Cpu.WriteOnce(x + 2, Cpu.ReadOnce(x + 1) + 1);
        return 0;
    }

    [Thread("writer 3")]
    public static ulong Writer3(ulong* x)
    {
        Cpu.WriteOnce(x + 3, Cpu.ReadOnce(x + 2) + 1);
        return 0;
    }

    [Thread("writer 4")]
    public static ulong Writer4(ulong* x)
    {
        Cpu.WriteOnce(x + 4, Cpu.ReadOnce(x + 3) + 1);
        return 0;
    }

    [Thread("writer 5")]
    public static ulong Writer5(ulong* x)
    {
        Cpu.WriteOnce(x + 5, Cpu.ReadOnce(x + 4) + 1);
        return 0;
    }

    [Thread("writer 6")]
    public static ulong Writer6(ulong* x)
    {
        Cpu.WriteOnce(x + 6, Cpu.ReadOnce(x + 5) + 1);
        return 0;
    }

    [Thread("writer 7")]
    public static ulong Writer7(ulong* x)
    {
        Cpu.WriteOnce(x + 7, Cpu.ReadOnce(x + 6) + 1);
        return 0;
    }

    [Thread("writer 8")]
    public static ulong Writer8(ulong* x)
    {
        Cpu.WriteOnce(x + 8, Cpu.ReadOnce(x + 7) + 1);
        return 0;
    }

    [Thread("writer 9")]
    public static ulong Writer9(ulong* x)
    {
        Cpu.WriteOnce(x + 9, Cpu.ReadOnce(x + 8) + 1);
        return 0;
    }

    [Thread("writer 10")]
    public static ulong Writer10(ulong* x)
    {
        Cpu.WriteOnce(x + 10, Cpu.ReadOnce(x + 9) + 1);
        return 0;
    }

    [Thread("reader")]
    public static ulong Reader(ulong* x)
    {
        ulong at = 10;
        while (Cpu.ReadOnce(x + at) != 0)
        {
            at--;
        }

        return at;
    }
}
