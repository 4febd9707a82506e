using System.Numerics;
using Tablewalk.Mm;

namespace Tablewalk.Cil.Tests.Fixtures;

internal unsafe interface IWordReader
{
    static abstract Entry Read(ulong* word);
}

internal readonly unsafe struct PlainReader : IWordReader
{
    public static Entry Read(ulong* word) => new(Wrappers.Raw(word));
}

/// <summary>Methods that only forward to an intrinsic, and some that do a little more.</summary>
internal static unsafe class Wrappers
{
    public static ulong ThroughThree(ulong* word)
    {
        ulong before = Through<PlainReader>(word).Raw;
        Clear(word);
        return before;
    }

    public static ulong ThatComputes(ulong* word)
    {
        bool isSet = IsSet(word);
        SetTwice(word);
        return isSet ? 1UL : 0;
    }

    public static ulong OverSeveralLines(ulong* word, ulong a)
    {
        ulong old = Cpu.CmpXchg(
            word,
            // the value that is not there
            a,
            new Entry(a)
                .WithFlag(3).Raw);
        return old;
    }

    public static ulong ThatIsRefused(ulong a) => Rotated(a) + 1;

    internal static ulong Raw(ulong* word) => Cpu.ReadOnce(word);

    private static Entry Through<TReader>(ulong* word)
        where TReader : IWordReader => TReader.Read(word);

    private static void Clear(ulong* word)
    {
        Cpu.WriteOnce(word, 0UL);
    }

    private static bool IsSet(ulong* word) => (Cpu.ReadOnce(word) & 1) != 0;

    private static void SetTwice(ulong* word)
    {
        Cpu.WriteOnce(word, 1UL);
        Cpu.WriteOnce(word, 2UL);
    }

    private static ulong Rotated(ulong a) => BitOperations.RotateLeft(a, 3);
}
