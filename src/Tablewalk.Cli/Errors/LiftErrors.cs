using System.Collections.Immutable;
using Tablewalk.Cil;
using Tablewalk.Declare;

namespace Tablewalk.Cli;

/// <summary>What the lifter refuses. <c>docs/lifted-subset.md</c> says what it takes.</summary>
internal static class LiftErrors
{
    /// <summary>The entries, by code.</summary>
    public static ImmutableArray<ErrorEntry> All { get; } =
    [
        new(
            DiagnosticCodes.NoCode,
            "A method has no CIL or no debug information, so there is nothing to lift.",
            Scenario("""
                [DllImport("libc", EntryPoint = "getpid")]
                private static extern int ProcessId();

                [Thread("caller")]
                public static ulong Call(Mailbox* box) => (ulong)ProcessId();
                """),
            "Call code that is compiled from C# with a portable PDB beside it."),
        new(
            DiagnosticCodes.Recursion,
            "A method is called while it runs; every call is inlined, so that would never end.",
            Scenario("""
                [Thread("walker")]
                public static ulong Down(ulong level) => level == 0 ? 0 : Down(level - 1);
                """),
            "Use a loop."),
        new(
            DiagnosticCodes.DirectAccess,
            "Memory behind a pointer is read, written or called on without `Cpu`, which is the only door to it.",
            Scenario("""
                [Thread("reader")]
                public static ulong Read(Mailbox* box) => box->Flag;
                """),
            "Use `Cpu.ReadOnce`, `Cpu.WriteOnce` or another method of `Cpu`; call methods on a copy that was read."),
        new(
            DiagnosticCodes.Construct,
            "The code needs the managed heap or the runtime: allocation, boxing, arrays, delegates, function pointers, `stackalloc`, `typeof`, async methods and iterators.",
            Scenario("""
                [Thread("allocator")]
                public static ulong Allocate(Mailbox* box) => (ulong)new ulong[4].Length;
                """),
            "Keep to integers, pointers and structs; what the scenario needs besides, its set-up puts into the arena."),
        new(
            DiagnosticCodes.Dispatch,
            "The target of a call is not known statically: a virtual method, or one that an interface implements by default.",
            Scenario("""
                internal interface IShape
                {
                    ulong Legs() => 4;
                }

                internal struct Shape : IShape;

                private static ulong LegsOf<T>(T shape)
                    where T : struct, IShape => shape.Legs();

                [Thread("counter")]
                public static ulong Count(Mailbox* box) => LegsOf(default(Shape));
                """),
            "Use a static abstract member of a type parameter."),
        new(
            DiagnosticCodes.StaticField,
            "A static field can change, or holds an object.",
            Scenario("""
                private static ulong s_counter;

                [Thread("counter")]
                public static ulong Count(Mailbox* box) => s_counter;
                """),
            "Use `const` or `static readonly`; what threads share belongs into the arena."),
        new(
            DiagnosticCodes.CheckedArithmetic,
            "Arithmetic or a conversion is checked for overflow.",
            Scenario("""
                [Thread("adder")]
                public static ulong Add(ulong a) => checked(a + 1);
                """),
            "Use `unchecked`: the subset wraps around, as kernel code does."),
        new(
            DiagnosticCodes.FloatingPoint,
            "The code computes in floating point.",
            Scenario("""
                [Thread("scaler")]
                public static ulong Scale(ulong a) => (ulong)(a * 1.5);
                """),
            "Use integers."),
        new(
            DiagnosticCodes.Exceptions,
            "The code throws or handles exceptions; `using`, `lock` and `foreach` over an enumerator compile to that.",
            Scenario("""
                [Thread("thrower")]
                public static ulong Throw(ulong a) => a == 0 ? throw new InvalidOperationException() : a;
                """),
            "State a claim by `Cpu.BugOn`, and return a value that tells the failure."),
        new(
            DiagnosticCodes.IntrinsicArgument,
            "An argument of a method of `Cpu` must be constant and is not: a claim, a number of choices, a kind of fault.",
            Scenario("""
                [Thread("chooser")]
                public static int Choose(int count) => Cpu.Choose(count);
                """),
            "Pass a constant; it may come through any number of calls."),
        new(
            DiagnosticCodes.Reference,
            "It is not known which local a reference or pointer stands for, or it is used as a number, stored in a struct or handed to `Cpu`.",
            Scenario("""
                [Thread("reader")]
                public static ulong Read(ulong a)
                {
                    ulong local = a;
                    return Cpu.ReadOnce(&local);
                }
                """),
            "Let a reference stand for one local; what `Cpu` accesses belongs into the arena."),
        new(
            DiagnosticCodes.Layout,
            "A local's fields overlap or hold a buffer, or it is read as a type of another size.",
            Scenario("""
                [Thread("reader")]
                public static uint Read(ulong a)
                {
                    ulong local = a;
                    return *(uint*)&local;
                }
                """),
            "Shift and mask instead."),
        new(
            DiagnosticCodes.OpenGeneric,
            "A thread's method, or its type, has type parameters without arguments.",
            Scenario("""
                [Thread("walker")]
                public static ulong Walk<T>(Mailbox* box) => 0;
                """),
            "Let `Instantiate` return a closed type, and give the thread's method no type parameters of its own."),
        new(
            DiagnosticCodes.UnknownIntrinsic,
            "The lifter does not know this method of `Cpu`.",
            Scenario("""
                internal static class Cpu
                {
                    [Intrinsic]
                    internal static void Teleport()
                    {
                    }
                }

                [Thread("mover")]
                public static void Move() => Cpu.Teleport();
                """),
            "Use the versions of the library and of the command that belong together."),
        new(
            DiagnosticCodes.Signature,
            "A parameter or the result of a thread is no integer, bool, enum, pointer or struct of them.",
            Scenario("""
                [Thread("reader")]
                public static ulong Read(string text) => 0;
                """),
            "Take a pointer to what the set-up built, and return a number."),
    ];

    private static ErrorExample Scenario(string text) => new(ExampleKind.Scenario, text);
}
