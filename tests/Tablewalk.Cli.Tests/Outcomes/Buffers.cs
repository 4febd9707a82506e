using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Mm;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli.Tests.Outcomes;

/// <summary>Scenarios whose outcomes are known by heart, and some that do not run natively.</summary>
internal static class Buffers
{
    /// <summary>Store buffering: no two zeros, unless the fences are missing.</summary>
    public static ScenarioDescription Buffering { get; } = new(
        "small/buffering",
        "each thread stores and looks at what the other stores",
        ["x86_64"],
        [new VariantDescription("fence", ["both", "none"])],
        ["no-two-zeros"],
        selection => selection.Variants["fence"] == "both" ? typeof(Buffering<FullFence>) : typeof(Buffering<NoFence>));

    public static ScenarioDescription Endless { get; } = new("small/endless", "waits for nobody", ["x86_64"], [], ["waits"], _ => typeof(Endless));

    public static ScenarioDescription Throwing { get; } = new("small/throwing", "goes where nothing is", ["x86_64"], [], ["goes"], _ => typeof(Throwing));

    public static ImmutableArray<ScenarioDescription> Catalog { get; } = [Buffering, SmallScenarios.Messages, Endless, Throwing];
}

internal interface IFence
{
    static abstract void Full();
}

internal readonly struct FullFence : IFence
{
    public static void Full() => Cpu.SmpMb();
}

internal readonly struct NoFence : IFence
{
    public static void Full()
    {
    }
}

internal static unsafe class Buffering<TFence>
    where TFence : IFence
{
    [Setup]
    public static nint Setup(Arena arena)
    {
        Mailbox* box = arena.Allocate<Mailbox>();
        arena.Name(&box->Data, sizeof(ulong), "data");
        arena.Name(&box->Flag, sizeof(ulong), "flag");
        return (nint)box;
    }

    [Thread("left")]
    public static ulong Left(Mailbox* box)
    {
        Cpu.WriteOnce(&box->Data, 1);
        TFence.Full();
        return Cpu.ReadOnce(&box->Flag);
    }

    [Thread("right")]
    public static ulong Right(Mailbox* box)
    {
        Cpu.WriteOnce(&box->Flag, 1);
        TFence.Full();
        return Cpu.ReadOnce(&box->Data);
    }

    [Final]
    public static void Check(Mailbox* box, ulong left, ulong right) =>
        Cpu.BugOn((left | right) == 0 & Cpu.ReadOnce(&box->Data) == Cpu.ReadOnce(&box->Flag), "no-two-zeros");
}

/// <summary>Message passing as in <see cref="Messages{TFence, TPadding}"/>, but somebody made the store of the data plain and moved it behind the fence.</summary>
internal static unsafe class MovedStore
{
    [Thread("sender")]
    public static ulong Send(Mailbox* box)
    {
        Cpu.WriteOnce(&box->Flag, 1);
        WithFence.WriteFence();
        box->Data = 1;
        return 0;
    }

    [Thread("receiver")]
    public static ulong Receive(Mailbox* box) => Messages<WithFence, WithoutPadding>.Receive(box);
}

internal static unsafe class Endless
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("waiting")]
    public static ulong Wait(Mailbox* box)
    {
        while (Cpu.ReadOnce(&box->Flag) == 0)
        {
        }

        return 1;
    }

    [Thread("idle")]
    public static ulong Idle(Mailbox* box)
    {
        Cpu.BugOn(Cpu.ReadOnce(&box->Data) == 1, "waits");
        return 0;
    }
}

internal static unsafe class Throwing
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("lost")]
    public static ulong Go(Mailbox* box)
    {
        ulong seen = Cpu.ReadOnce((ulong*)Cpu.ReadOnce(&box->Data));
        Cpu.BugOn(seen == 1, "goes");
        return seen;
    }
}
