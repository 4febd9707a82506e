using Tablewalk.Declare;
using Tablewalk.Mm;

namespace Tablewalk.Judge.Tests;

/// <summary>Four CPUs add to one word, five times each: ten thousand million orders, of which each has another outcome.</summary>
internal sealed unsafe class ManyOrders
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("first")]
    public static ulong First(ulong* word) => Add(word);

    [Thread("second")]
    public static ulong Second(ulong* word) => Add(word);

    [Thread("third")]
    public static ulong Third(ulong* word) => Add(word);

    [Thread("fourth")]
    public static ulong Fourth(ulong* word) => Add(word);

    [Final]
    public static void Check(ulong* word, ulong first, ulong second, ulong third, ulong fourth) =>
        Cpu.BugOn(first + (second * 3) + (third * 5) + (fourth * 7) == ulong.MaxValue, "no-sum-is-the-largest-number");

    private static ulong Add(ulong* word)
    {
        ulong sum = 0;
        for (int i = 0; i < 5; i++)
        {
            sum = (sum * 31) + Cpu.FetchAdd(word, 1);
        }

        return sum;
    }
}
