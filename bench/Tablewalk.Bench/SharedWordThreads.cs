using Tablewalk.Mm;

namespace Tablewalk.Bench;

/// <summary>Two words, each on a cache line of its own.</summary>
internal struct SharedWords
{
#pragma warning disable CS0649, CS0169 // written through Cpu only; the padding by nobody
    internal ulong First;
    private unsafe fixed ulong _padding[7];
    internal ulong Second;
#pragma warning restore CS0649, CS0169
}

/// <summary>The threads of the classic shapes.</summary>
internal static unsafe class SharedWordThreads
{
    public static ulong StoreFirst(SharedWords* s)
    {
        Cpu.WriteOnce(&s->First, 1);
        return 0;
    }

    public static ulong StoreSecond(SharedWords* s)
    {
        Cpu.WriteOnce(&s->Second, 1);
        return 0;
    }

    public static ulong LoadFirst(SharedWords* s) => Cpu.ReadOnce(&s->First);

    public static ulong StoreFirstLoadSecond(SharedWords* s)
    {
        Cpu.WriteOnce(&s->First, 1);
        return Cpu.ReadOnce(&s->Second);
    }

    public static ulong StoreSecondLoadFirst(SharedWords* s)
    {
        Cpu.WriteOnce(&s->Second, 1);
        return Cpu.ReadOnce(&s->First);
    }

    public static ulong Publish(SharedWords* s)
    {
        Cpu.WriteOnce(&s->First, 1);
        Cpu.SmpWmb();
        Cpu.WriteOnce(&s->Second, 1);
        return 0;
    }

    public static ulong Receive(SharedWords* s)
    {
        ulong flag = Cpu.ReadOnce(&s->Second);
        Cpu.SmpRmb();
        return (flag << 1) | Cpu.ReadOnce(&s->First);
    }

    public static ulong AcquireFirstLoadSecond(SharedWords* s)
    {
        ulong first = Cpu.LoadAcquire(&s->First);
        return (first << 1) | Cpu.ReadOnce(&s->Second);
    }

    public static ulong AcquireSecondLoadFirst(SharedWords* s)
    {
        ulong second = Cpu.LoadAcquire(&s->Second);
        return (second << 1) | Cpu.ReadOnce(&s->First);
    }
}
