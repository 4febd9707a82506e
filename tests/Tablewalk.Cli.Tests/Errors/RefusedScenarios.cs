using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using Tablewalk.Cil;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Xunit;

namespace Tablewalk.Cli.Tests.Errors;

/// <summary>The examples of <see cref="ErrorTable"/> that are C#: in the class that a code names stands what is refused with it.</summary>
internal static class RefusedScenarios
{
    private static readonly ImmutableArray<VariantDescription> s_variants = [new("fence", ["both", "none"])];

    /// <summary>What is printed of the example of a code.</summary>
    public static string ErrorsOf(string code)
    {
        Type type = typeof(RefusedScenarios).Assembly.GetType($"{typeof(RefusedScenarios).Namespace}.{code}", throwOnError: true)!;
        Type[] declared = [.. type.GetNestedTypes().Where(nested => nested.IsDefined(typeof(ScenarioAttribute)))];
        return declared.Length > 0 ? Assert.Throws<InputException>(() => ScenarioFiles.Of(declared, [], TestContext.Current.CancellationToken)).Message
            : code.StartsWith("TW1", StringComparison.Ordinal) ? ErrorsOfLifting(type) : ErrorsOfChecking(type);
    }

    // As the lifter says it: an example has only the thread.
    private static string ErrorsOfLifting(Type type)
    {
        MethodInfo thread = type.GetMethods(BindingFlags.Static | BindingFlags.Public).Single(method => method.IsDefined(typeof(ThreadAttribute)));
        LiftOptions options = type.GetNestedType(nameof(Cpu), BindingFlags.NonPublic) is { } cpu
            ? new LiftOptions { IntrinsicClass = cpu.FullName! }
            : LiftOptions.Default;
        return Assert.Throws<LiftException>(() => Lifter.Lift(thread, options)).Message;
    }

    private static string ErrorsOfChecking(Type type)
    {
        Func<ScenarioSelection, Type> instantiate = type.GetMethod("Instantiate", BindingFlags.Static | BindingFlags.NonPublic)
            ?.CreateDelegate<Func<ScenarioSelection, Type>>() ?? (_ => type);
        bool isVaried = instantiate.Method.DeclaringType == type;
        var scenario = new ScenarioDescription("small/refused", "refused on purpose", ["arm64"], isVaried ? s_variants : [], [SmallScenarios.Claim], instantiate);
        CommandRun run = CommandRun.Of([scenario], isVaried ? "check --variant fence=none" : "check");
        Assert.Empty(run.Out);
        return run.Error;
    }
}

#pragma warning disable // every class here is wrong on purpose

internal static unsafe class TW0020
{
    static Type Instantiate(ScenarioSelection selection) => selection.Variants["fence"] switch
    {
        "both" => typeof(Messages<WithFence, WithPadding>),
        _ => throw new ArgumentException("unknown fence"), // the scenario declares "none", too
    };
}

internal static unsafe class TW0022
{
    [Setup]
    public static nint Setup(Arena arena) => throw new InvalidOperationException("no page is left");

    [Thread("idle")]
    public static ulong Idle(Mailbox* box) => 0;
}

internal static unsafe class TW0023
{
    [Thread("idle")]
    public static ulong Idle(Mailbox* box) => 0;
}

internal static unsafe class TW0024
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("reader")]
    public static ulong Read(Mailbox* box) => Cpu.ReadOnce(&box->Flag);

    [Final]
    public static void Check(Mailbox* box, ulong flag) => Cpu.BugOn(flag != 0, "flag-implies-date"); // declared as "flag-implies-data"
}

internal static unsafe class TW0025
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("reader")]
    public static ulong Read(Mailbox* box)
    {
        if (Cpu.ReadOnce(&box->Flag) == 1) // which nobody writes
        {
            Cpu.BugOn(Cpu.ReadOnce(&box->Data) == 0, "flag-implies-data");
        }

        return 0;
    }
}

internal static unsafe class TW0026
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
        return 0;
    }

    [Thread("updater")]
    public static ulong Update(Mailbox* box)
    {
        while (Cpu.ReadOnce(&box->Data) == 0)
        {
        }

        Cpu.SynchronizeRcu(); // waits for the reader's section, in which the reader waits for the flag
        Cpu.WriteOnce(&box->Flag, 1);
        return 0;
    }

    [Final]
    public static void Check(Mailbox* box) => Cpu.BugOn(Cpu.ReadOnce(&box->Data) == 0, "flag-implies-data");
}

internal static unsafe class TW0027
{
    static Type Instantiate(ScenarioSelection selection) => selection.Variants["fence"] switch
    {
        "both" => typeof(Messages<WithFence, WithPadding>),
        "none" => typeof(Messages<WithFence, WithPadding>),
        _ => throw new ArgumentException("unknown fence"),
    };
}

internal static unsafe class TW0034
{
    [Setup]
    public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

    [Thread("idle")]
    public static ulong Idle(Mailbox* box) => 0;

    [Final]
    public static void Check(Mailbox* box)
    {
        Cpu.WriteOnce(&box->Flag, 1);
        Cpu.BugOn(Cpu.ReadOnce(&box->Data) != 0, "flag-implies-data");
    }
}

internal static unsafe class TW0036
{
    [Scenario("ring/spsc", "a ring of one producer and one consumer", Architectures = ["arm46"])]
    public sealed class Ring;
}

internal static unsafe class TW0099
{
    static Type Instantiate(ScenarioSelection selection) => throw new InvalidOperationException("nothing that a user gives");
}

internal static unsafe class TW1001
{
    [DllImport("libc", EntryPoint = "getpid")]
    private static extern int ProcessId();

    [Thread("caller")]
    public static ulong Call(Mailbox* box) => (ulong)ProcessId();
}

internal static unsafe class TW1002
{
    [Thread("walker")]
    public static ulong Down(ulong level) => level == 0 ? 0 : Down(level - 1);
}

internal static unsafe class TW1003
{
    [Thread("reader")]
    public static ulong Read(Mailbox* box) => box->Flag;
}

internal static unsafe class TW1004
{
    [Thread("allocator")]
    public static ulong Allocate(Mailbox* box) => (ulong)new ulong[4].Length;
}

internal static unsafe class TW1005
{
    internal interface IShape
    {
        ulong Legs() => 4;
    }

    internal struct Shape : IShape;

    private static ulong LegsOf<T>(T shape)
        where T : struct, IShape => shape.Legs();

    [Thread("counter")]
    public static ulong Count(Mailbox* box) => LegsOf(default(Shape));
}

internal static unsafe class TW1006
{
    private static ulong s_counter;

    [Thread("counter")]
    public static ulong Count(Mailbox* box) => s_counter;
}

internal static unsafe class TW1007
{
    [Thread("adder")]
    public static ulong Add(ulong a) => checked(a + 1);
}

internal static unsafe class TW1008
{
    [Thread("scaler")]
    public static ulong Scale(ulong a) => (ulong)(a * 1.5);
}

internal static unsafe class TW1009
{
    [Thread("thrower")]
    public static ulong Throw(ulong a) => a == 0 ? throw new InvalidOperationException() : a;
}

internal static unsafe class TW1010
{
    [Thread("chooser")]
    public static int Choose(int count) => Cpu.Choose(count);
}

internal static unsafe class TW1011
{
    [Thread("reader")]
    public static ulong Read(ulong a)
    {
        ulong local = a;
        return Cpu.ReadOnce(&local);
    }
}

internal static unsafe class TW1012
{
    [Thread("reader")]
    public static uint Read(ulong a)
    {
        ulong local = a;
        return *(uint*)&local;
    }
}

internal static unsafe class TW1013
{
    [Thread("walker")]
    public static ulong Walk<T>(Mailbox* box) => 0;
}

internal static unsafe class TW1014
{
    internal static class Cpu
    {
        [Intrinsic]
        internal static void Teleport()
        {
        }
    }

    [Thread("mover")]
    public static void Move() => Cpu.Teleport();
}

internal static unsafe class TW1015
{
    [Thread("reader")]
    public static ulong Read(string text) => 0;
}
