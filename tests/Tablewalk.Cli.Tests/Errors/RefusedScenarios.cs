using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using Tablewalk.Cil;
using Tablewalk.Mm;
using Tablewalk.Scenarios;
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
        return code.StartsWith("TW1", StringComparison.Ordinal) ? ErrorsOfLifting(type) : ErrorsOfChecking(type);
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
        var scenario = new ScenarioDescription("small/refused", "refused on purpose", ["arm64"], s_variants, [SmallScenarios.Claim], instantiate);
        CommandRun run = CommandRun.Of([scenario], "check --variant fence=none");
        Assert.Empty(run.Out);
        return run.Error;
    }
}

#pragma warning disable // every class here is wrong on purpose

internal static unsafe class TW0020
{
    static Type Instantiate(ScenarioSelection selection) => selection.Variants["fence"] switch
    {
        "both" => typeof(Messages<WithFence>),
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
