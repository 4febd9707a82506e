using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Mm;

namespace Tablewalk.Refused;

/// <summary>A scenario that is in order, in a program that was built as it must not be.</summary>
public sealed unsafe class RefusedFlag
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("reader")]
    public static ulong Read(ulong* flag)
    {
        Cpu.BugOn(Cpu.ReadOnce(flag) != 0, "flag-stays-down");
        return 0;
    }
}

internal static class Program
{
    public static int Main()
    {
        try
        {
            Tablewalk.Judge.Judge.Holds<RefusedFlag>();
            return 0;
        }
        catch (InputException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 2;
        }
    }
}
