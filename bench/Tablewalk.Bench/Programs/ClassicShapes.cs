using Tablewalk.Mm;

namespace Tablewalk.Bench.Programs;

/// <summary>Threads of the classic shapes: two words, and what a thread may see of the order in which others write them.</summary>
internal static unsafe class ClassicShapes
{
    /// <summary>Stores to one word and loads the other: thread 0 the first and the second, thread 1 the other way round.</summary>
    public static ulong StoreThenLoad(ulong* words, ulong thread)
    {
        Cpu.WriteOnce(&words[thread], 1);
        return Cpu.ReadOnce(&words[1 - thread]);
    }

    public static ulong Publish(ulong* words)
    {
        Cpu.WriteOnce(&words[0], 1);
        Cpu.SmpWmb();
        Cpu.WriteOnce(&words[1], 1);
        return 0;
    }

    public static ulong Receive(ulong* words)
    {
        ulong flag = Cpu.ReadOnce(&words[1]);
        Cpu.SmpRmb();
        return (flag << 1) | Cpu.ReadOnce(&words[0]);
    }

    public static ulong StoreOwn(ulong* words, ulong thread)
    {
        Cpu.WriteOnce(&words[thread], 1);
        return 0;
    }

    /// <summary>Loads both words, that of its own number first.</summary>
    public static ulong AcquireThenLoad(ulong* words, ulong thread)
    {
        ulong own = Cpu.LoadAcquire(&words[thread]);
        return (own << 1) | Cpu.ReadOnce(&words[1 - thread]);
    }
}
