using Tablewalk.Declare;
using Tablewalk.Mm;

namespace Tablewalk.Judge.Tests;

#pragma warning disable // every class here is wrong on purpose, as its name says

internal sealed unsafe class WithoutSetup
{
    [Thread("reader")]
    public static ulong Read(ulong* flag)
    {
        Cpu.BugOn(Cpu.ReadOnce(flag) != 0, "flag-stays-down");
        return 0;
    }
}

internal sealed unsafe class WithoutThread
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();
}

internal sealed unsafe class TwoSetups
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Setup]
    public static nint AlsoSetup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("reader")]
    public static ulong Read(ulong* flag)
    {
        Cpu.BugOn(Cpu.ReadOnce(flag) != 0, "flag-stays-down");
        return 0;
    }
}

internal sealed unsafe class InstanceThread
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("reader")]
    public ulong Read(ulong* flag)
    {
        Cpu.BugOn(Cpu.ReadOnce(flag) != 0, "flag-stays-down");
        return 0;
    }
}

internal sealed unsafe class SetupWithoutArena
{
    [Setup]
    public static nint Setup() => 0;

    [Thread("reader")]
    public static ulong Read(ulong* flag)
    {
        Cpu.BugOn(Cpu.ReadOnce(flag) != 0, "flag-stays-down");
        return 0;
    }
}

internal sealed unsafe class ThreadWithoutState
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("idle")]
    public static ulong Idle() => 0;
}

internal sealed unsafe class FinalWithTooMuch
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("reader")]
    public static ulong Read(ulong* flag)
    {
        Cpu.BugOn(Cpu.ReadOnce(flag) != 0, "flag-stays-down");
        return 0;
    }

    [Final]
    public static void Check(ulong* flag, ulong one, ulong two) => Cpu.BugOn(one != two, "alike");
}

internal sealed unsafe class AllocatingThread
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("allocator")]
    public static ulong Allocate(ulong* flag) => (ulong)new int[Cpu.Choose(3)].Length;
}

internal sealed unsafe class ThrowingSetup
{
    [Setup]
    public static nint Setup(Arena arena) => throw new InvalidOperationException("no room");

    [Thread("reader")]
    public static ulong Read(ulong* flag)
    {
        Cpu.BugOn(Cpu.ReadOnce(flag) != 0, "flag-stays-down");
        return 0;
    }
}

internal sealed unsafe class WithoutClaim
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("reader")]
    public static ulong Read(ulong* flag) => Cpu.ReadOnce(flag);
}

internal sealed unsafe class UnreachedClaim
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<ulong>();

    [Thread("reader")]
    public static ulong Read(ulong* flag)
    {
        if (Cpu.ReadOnce(flag) == 1) // which nobody writes
        {
            Cpu.BugOn(Cpu.ReadOnce(flag) != 1, "flag-stays-up");
        }

        return 0;
    }
}
