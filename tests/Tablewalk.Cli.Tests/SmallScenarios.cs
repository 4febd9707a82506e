using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Mm;

namespace Tablewalk.Cli.Tests;

/// <summary>Scenarios that are small enough to know their verdicts by heart, and some that are broken on purpose.</summary>
internal static class SmallScenarios
{
    public const string Claim = "flag-implies-data";

    /// <summary>Message passing: holds with fences everywhere, without them under sc and x86-tso only.</summary>
    public static ScenarioDescription Messages { get; } = new(
        "small/messages",
        "a flag that announces data",
        ["arm64", "x86_64"],
        [new VariantDescription("fence", ["both", "none"]), new VariantDescription("padding", ["no", "yes"], arch => arch == "arm64" ? "yes" : "no")],
        [Claim],
        selection => typeof(Messages<,>).MakeGenericType(
            selection.Variants["fence"] == "both" ? typeof(WithFence) : typeof(WithoutFence),
            selection.Variants["padding"] == "yes" ? typeof(WithPadding) : typeof(WithoutPadding)));

    public static ScenarioDescription SetupThrows { get; } = Broken("small/setup-throws", typeof(ThrowingSetup));

    public static ScenarioDescription OutsideTheSubset { get; } = Broken("small/outside-the-subset", typeof(AllocatingThread));

    public static ScenarioDescription WithoutSetup { get; } = Broken("small/without-setup", typeof(NoSetup));

    public static ImmutableArray<ScenarioDescription> Catalog { get; } = [Messages, SetupThrows, OutsideTheSubset, WithoutSetup];

    private static ScenarioDescription Broken(string name, Type type) => new(name, "broken on purpose", ["arm64"], [], [Claim], _ => type);
}

internal interface IFencePolicy
{
    static abstract void WriteFence();

    static abstract void ReadFence();
}

internal readonly struct WithFence : IFencePolicy
{
    public static void WriteFence() => Cpu.SmpWmb();

    public static void ReadFence() => Cpu.SmpRmb();
}

internal readonly struct WithoutFence : IFencePolicy
{
    public static void WriteFence()
    {
    }

    public static void ReadFence()
    {
    }
}

internal interface IPaddingPolicy
{
    static abstract bool IsPadded { get; }
}

internal readonly struct WithPadding : IPaddingPolicy
{
    public static bool IsPadded => true;
}

internal readonly struct WithoutPadding : IPaddingPolicy
{
    public static bool IsPadded => false;
}

internal struct Mailbox
{
    public ulong Data;
    public ulong Flag;
}

internal static unsafe class Messages<TFence, TPadding>
    where TFence : IFencePolicy
    where TPadding : IPaddingPolicy
{
    [Setup]
    public static nint Setup(Arena arena)
    {
        Mailbox* box = arena.Allocate<Mailbox>();
        box = TPadding.IsPadded ? arena.Allocate<Mailbox>() : box;
        arena.Name(&box->Data, sizeof(ulong), "data");
        arena.Name(&box->Flag, sizeof(ulong), "flag");
        return (nint)box;
    }

    [Thread("sender")]
    public static ulong Send(Mailbox* box)
    {
        Cpu.WriteOnce(&box->Data, 1);
        TFence.WriteFence();
        Cpu.WriteOnce(&box->Flag, 1);
        return 0;
    }

    [Thread("receiver")]
    public static ulong Receive(Mailbox* box)
    {
        ulong flag = Cpu.ReadOnce(&box->Flag);
        TFence.ReadFence();
        ulong data = Cpu.ReadOnce(&box->Data);
        Cpu.BugOn(flag == 1 & data == 0, SmallScenarios.Claim);
        return data;
    }
}

internal static unsafe class ThrowingSetup
{
    [Setup]
    public static nint Setup(Arena arena) => throw new InvalidOperationException("there is no page left\nfor anybody");

    [Thread("idle")]
    public static ulong Idle(Mailbox* box) => 0;
}

internal static unsafe class AllocatingThread
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("allocator")]
    public static ulong Allocate(Mailbox* box) => (ulong)new int[Cpu.Choose(3)].Length;
}

internal static unsafe class NoSetup
{
    [Thread("idle")]
    public static ulong Idle(Mailbox* box) => 0;
}

internal static unsafe class SleepingSetup
{
    [Setup]
    public static nint Setup(Arena arena)
    {
        Thread.Sleep(Timeout.Infinite);
        return (nint)arena.Allocate<Mailbox>();
    }

    [Thread("idle")]
    public static ulong Idle(Mailbox* box) => 0;
}
