using Tablewalk.Mm;

namespace Tablewalk.Bench.Programs;

/// <summary>Threads over an array of words whose executions under sc are known by number. The argument is the array, and which thread it is.</summary>
internal static unsafe class Counting
{
    private const ulong Slots = 128;

    public static ulong Store(ulong* words, ulong thread)
    {
        Cpu.WriteOnce(words, thread);
        return 0;
    }

    public static ulong Load(ulong* words, ulong thread) => Cpu.ReadOnce(words);

    public static ulong FetchAdd(ulong* words, ulong thread) => Cpu.FetchAdd(words, 1);

    /// <summary>Thread k exchanges k for k + 1.</summary>
    public static ulong CompareExchange(ulong* words, ulong thread) => Cpu.CmpXchg(words, thread, thread + 1);

    /// <summary>Thread k stores one more than it finds in word k to word k + 1.</summary>
    public static ulong StoreOneMore(ulong* words, ulong thread)
    {
        Cpu.WriteOnce(&words[thread + 1], Cpu.ReadOnce(&words[thread]) + 1);
        return 0;
    }

    /// <summary>Goes down from a word until it finds zero.</summary>
    public static ulong FindZero(ulong* words, ulong last)
    {
        ulong i = last;
        while (Cpu.ReadOnce(&words[i]) != 0)
        {
            i--;
        }

        return i;
    }

    /// <summary>Adds both words up five times, into the word of its own number.</summary>
    public static ulong AddUp(ulong* words, ulong thread)
    {
        for (int i = 0; i < 5; i++)
        {
            ulong x = Cpu.ReadOnce(&words[0]);
            ulong y = Cpu.ReadOnce(&words[1]);
            Cpu.WriteOnce(&words[thread], x + y);
        }

        return 0;
    }

    public static ulong LookForTheLargest(ulong* words, ulong largest)
    {
        ulong x = Cpu.ReadOnce(&words[0]);
        return x > largest ? x : Cpu.ReadOnce(&words[1]);
    }

    public static ulong LoadSeven(ulong* words, ulong thread)
    {
        Cpu.ReadOnce(&words[0]);
        Cpu.ReadOnce(&words[1]);
        Cpu.ReadOnce(&words[2]);
        Cpu.ReadOnce(&words[3]);
        return LoadThree(words, thread);
    }

    public static ulong LoadThree(ulong* words, ulong thread)
    {
        Cpu.ReadOnce(&words[0]);
        Cpu.ReadOnce(&words[1]);
        return Cpu.ReadOnce(&words[2]);
    }

    /// <summary>Stores 1 to 3 to two words in turn.</summary>
    public static ulong StoreInTurn(ulong* words, ulong first)
    {
        for (ulong i = 1; i <= 3; i++)
        {
            Cpu.WriteOnce(&words[first], i);
            Cpu.WriteOnce(&words[first + 1], i);
        }

        return 0;
    }

    /// <summary>Puts four values into a hash table, with linear probing.</summary>
    public static ulong Insert(ulong* words, ulong thread)
    {
        for (ulong i = 1; i <= 4; i++)
        {
            ulong value = (11 * i) + thread;
            ulong slot = 7 * value % Slots;
            while (Cpu.CmpXchg(&words[slot], 0, value) != 0)
            {
                slot = (slot + 1) % Slots;
            }
        }

        return 0;
    }
}
