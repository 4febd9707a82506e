using Tablewalk.Declare;
using Tablewalk.Mm;

namespace Tablewalk.Cli.Tests;

/// <summary>Scenarios with claims that nothing puts to the test, or variants that change nothing, and the same mended.</summary>
internal static class VacuousScenarios
{
    /// <summary>The claim of all of them.</summary>
    public const string Claim = SmallScenarios.Claim;

    /// <summary>A scenario without variants.</summary>
    public static ScenarioDescription Of(Type type, string claim = Claim) => new("vacuous/fixed", "made up", ["arm64"], [], [claim], _ => type);

    /// <summary>A scenario with a variant of two values, the first the default.</summary>
    public static ScenarioDescription Varied(Type standard, Type other) => new(
        "vacuous/varied", "made up", ["arm64"], [new VariantDescription("fence", ["standard", "other"])], [Claim], selection => selection.Variants["fence"] == "standard" ? standard : other);
}

internal interface IFlagValue
{
    static abstract ulong Raised { get; }
}

internal readonly struct One : IFlagValue
{
    public static ulong Raised => 1;
}

internal readonly struct Two : IFlagValue
{
    public static ulong Raised => 2;
}

/// <summary>As <see cref="WithFence"/>, by another name.</summary>
internal readonly struct AlsoWithFence : IFencePolicy
{
    public static void WriteFence() => Cpu.SmpWmb();

    public static void ReadFence() => Cpu.SmpRmb();
}

internal readonly struct GracePeriod : IFencePolicy
{
    public static void WriteFence() => Cpu.SynchronizeRcu();

    public static void ReadFence()
    {
    }
}

/// <summary>The claim stands where the flag is 1.</summary>
internal static unsafe class ClaimInBranch<TValue>
    where TValue : IFlagValue
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("sender")]
    public static ulong Send(Mailbox* box)
    {
        Cpu.WriteOnce(&box->Flag, TValue.Raised);
        return 0;
    }

    [Thread("receiver")]
    public static ulong Receive(Mailbox* box)
    {
        if (Cpu.ReadOnce(&box->Flag) == 1)
        {
            Cpu.BugOn(Cpu.ReadOnce(&box->Data) != 0, VacuousScenarios.Claim);
        }

        return 0;
    }
}

/// <summary>The same in the final predicate.</summary>
internal static unsafe class ClaimInFinalBranch<TValue>
    where TValue : IFlagValue
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("sender")]
    public static ulong Send(Mailbox* box) => ClaimInBranch<TValue>.Send(box);

    [Final]
    public static void Check(Mailbox* box)
    {
        if (Cpu.ReadOnce(&box->Flag) == 1)
        {
            Cpu.BugOn(Cpu.ReadOnce(&box->Data) != 0, VacuousScenarios.Claim);
        }
    }
}

/// <summary>A reader stays in its section until a flag is raised; with a grace period, that is after the section.</summary>
internal static unsafe class Handshake<TFence>
    where TFence : IFencePolicy
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("reader")]
    public static ulong Read(Mailbox* box)
    {
        Cpu.RcuReadLock();
        Cpu.WriteOnce(&box->Data, 1);
        while (Cpu.ReadOnce(&box->Flag) == 0)
        {
        }

        Cpu.RcuReadUnlock();
        Cpu.BugOn(Cpu.ReadOnce(&box->Data) == 0, VacuousScenarios.Claim);
        return 0;
    }

    [Thread("updater")]
    public static ulong Update(Mailbox* box)
    {
        while (Cpu.ReadOnce(&box->Data) == 0)
        {
        }

        TFence.WriteFence();
        Cpu.WriteOnce(&box->Flag, 1);
        return 0;
    }
}

/// <summary>Has a policy that it does not use.</summary>
internal static unsafe class Unvaried<TFence>
    where TFence : IFencePolicy
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("receiver")]
    public static ulong Receive(Mailbox* box)
    {
        Cpu.BugOn(Cpu.ReadOnce(&box->Data) != 0, VacuousScenarios.Claim);
        return 0;
    }
}

/// <summary>Has a policy of its set-up.</summary>
internal static unsafe class VariedSetup<TValue>
    where TValue : IFlagValue
{
    [Setup]
    public static nint Setup(Arena arena)
    {
        Mailbox* box = arena.Allocate<Mailbox>();
        box->Flag = TValue.Raised;
        return (nint)box;
    }

    [Thread("receiver")]
    public static ulong Receive(Mailbox* box)
    {
        Cpu.BugOn(Cpu.ReadOnce(&box->Flag) == 0, VacuousScenarios.Claim);
        return 0;
    }
}

/// <summary>Waits for a flag that nobody raises.</summary>
internal static unsafe class EndlessWait
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("waiter")]
    public static ulong Wait(Mailbox* box)
    {
        while (Cpu.ReadOnce(&box->Flag) == 0)
        {
        }

        Cpu.BugOn(Cpu.ReadOnce(&box->Data) != 0, VacuousScenarios.Claim);
        return 0;
    }
}
