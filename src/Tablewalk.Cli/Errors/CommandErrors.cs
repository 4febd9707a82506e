using System.Collections.Immutable;
using Tablewalk.Judge;

namespace Tablewalk.Cli;

/// <summary>What the command itself refuses.</summary>
internal static class CommandErrors
{
    /// <summary>The entries, by code.</summary>
    public static ImmutableArray<ErrorEntry> All { get; } =
    [
        new(
            InputErrorCodes.Usage,
            "The command line names a command, option or argument that there is not, or lacks one that is needed.",
            Arguments("check --arhc arm64"),
            "`tablewalk --help` shows the commands, `tablewalk check --help` the options of one."),
        new(
            InputErrorCodes.UnknownScenario,
            "There is no scenario of that name.",
            Arguments("check gup-fast/zip"),
            "`tablewalk list` shows the scenarios."),
        new(
            JudgeErrorCodes.UnknownArchitecture,
            "There is no architecture of that name, or the scenario does not exist on it.",
            Arguments("check gup-fast/pae-remap --arch arm64"),
            "`tablewalk list` shows the architectures of each scenario."),
        new(
            JudgeErrorCodes.UnknownClaim,
            "No scenario makes a claim of that name, or the one that was named does not.",
            Arguments("check gup-fast/zap --claim no-pin"),
            "`tablewalk list` shows the claims of each scenario."),
        new(
            InputErrorCodes.BadVariant,
            "A variant is given by its name, `=` and a value.",
            Arguments("check gup-fast/zap --variant recheck"),
            "Write `--variant recheck=none`, or `--variant recheck=*` for every value."),
        new(
            InputErrorCodes.UnknownVariant,
            "No scenario has a variant of that name, or the one that was named does not.",
            Arguments("check gup-fast/zap --variant rechek=none"),
            "`tablewalk list` shows the variants of each scenario."),
        new(
            InputErrorCodes.UnknownValue,
            "The variant does not take that value.",
            Arguments("check gup-fast/zap --variant recheck=some"),
            "`tablewalk list` shows the values of each variant."),
        new(
            InputErrorCodes.NothingFits,
            "Each name exists, but no scenario has all that was asked for.",
            Arguments("check --arch arm64 --claim pinned-page-was-mapped"),
            "Ask for less at once, or name the scenario: then the error says what it lacks."),
        new(
            JudgeErrorCodes.UnknownModel,
            "No memory model of that name comes with the command.",
            Arguments("check gup-fast/zap --model armv9"),
            "`tablewalk list` shows the models; a file of your own has a name that ends in `.cat`."),
        new(
            JudgeErrorCodes.UnreadableModel,
            "The file with the memory model is not there, or cannot be read.",
            Arguments("check gup-fast/zap --model nowhere.cat"),
            "Correct the path."),
        new(
            InputErrorCodes.BadFormat,
            "The answer cannot be printed in that format, or what is asked for can be printed as text only.",
            Arguments("list --format yaml"),
            "Use `text` or `json`; `--explain` and `--show` need `text`."),
        new(
            InputErrorCodes.BadJobs,
            "The number of worker threads is out of range.",
            Arguments("check --jobs 0"),
            "Give a whole number from 1 to 1024, or leave the option out: then each processor has a worker."),
        new(
            InputErrorCodes.BadSeconds,
            "The number of seconds is out of range.",
            Arguments("check --timeout never"),
            "Give a number above 0, such as 30 or 0.5; without `--timeout` there is no limit."),
        new(
            InputErrorCodes.BadSeed,
            "The seed of a stress run is out of range.",
            Arguments("stress --seed -1"),
            "Give a whole number from 0 to 2147483647."),
        new(
            InputErrorCodes.BadMemory,
            "The number of megabytes is out of range.",
            Arguments("check --memory 1.5"),
            "Give a whole number above 0, or leave the option out: then three quarters of the machine's memory are the limit."),
        new(
            InputErrorCodes.UnknownFault,
            "There is no fault of that name for a stress run to seed.",
            Arguments("stress --fault late-flash"),
            "docs/stress.md shows the faults; without `--fault` none is seeded."),
        new(
            InputErrorCodes.BadRounds,
            "The number of rounds is out of range.",
            Arguments("stress --outcomes --rounds 0"),
            "Give a whole number above 0, or leave the option out."),
        new(
            InputErrorCodes.UnknownHost,
            "Outcomes of native runs are compared with those that the machine's memory model allows, and none is known of this one.",
            new(ExampleKind.ForeignHost, "stress --outcomes fork/pin"),
            "Run it on an x86-64 or an arm64 machine, or name a model by `--model` that the processor keeps to."),
        new(
            JudgeErrorCodes.BadSelection,
            "The scenario declares an architecture, claim or value of a variant, but does not take it.",
            Scenario("""
                static Type Instantiate(ScenarioSelection selection) => selection.Variants["fence"] switch
                {
                    "both" => typeof(Messages<WithFence, WithPadding>),
                    _ => throw new ArgumentException("unknown fence"), // the scenario declares "none", too
                };
                """),
            "Handle every value in `Instantiate`, and see that the types fit the constraints of the scenario's type parameters."),
        new(
            JudgeErrorCodes.FailedSetup,
            "The scenario's set-up threw an exception.",
            Scenario("""
                [Setup]
                public static nint Setup(Arena arena) => throw new InvalidOperationException("no page is left");

                [Thread("idle")]
                public static ulong Idle(Mailbox* box) => 0;
                """),
            "The place is where it was thrown: mend the set-up. It runs natively, so a debugger or a unit test shows more."),
        new(
            JudgeErrorCodes.NoScenario,
            "The type lacks the methods of a scenario, or has too many of a kind.",
            Scenario("""
                [Thread("idle")]
                public static ulong Idle(Mailbox* box) => 0;
                """),
            "Mark one static method with `[Setup]`, one for each CPU with `[Thread(\"role\")]`, and at most one with `[Final]`."),
        new(
            JudgeErrorCodes.UnnamedClaim,
            "The scenario makes a claim that none of its code names, so nothing could break it.",
            Scenario("""
                [Setup]
                public static nint Setup(Arena arena) => (nint)arena.Allocate<Mailbox>();

                [Thread("reader")]
                public static ulong Read(Mailbox* box) => Cpu.ReadOnce(&box->Flag);

                [Final]
                public static void Check(Mailbox* box, ulong flag) => Cpu.BugOn(flag != 0, "flag-implies-date"); // declared as "flag-implies-data"
                """),
            "Name the claim in a `Cpu.BugOn` of a thread or of the final predicate, spelt as the scenario declares it."),
        new(
            JudgeErrorCodes.UnreachedClaim,
            "The claim holds, but only since no execution that the model allows comes to it.",
            Scenario("""
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
                """),
            "See why the branch with the claim is never taken: the set-up may lack something, or a thread."),
        new(
            JudgeErrorCodes.EndlessThread,
            "The claim holds, but only since no execution that the model allows brings all threads to their ends.",
            Scenario("""
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
                """),
            "Find what each thread waits for; a model of your own may also forbid every execution. A waiting loop that never ends is no such error: it violates the claim."),
        new(
            JudgeErrorCodes.IdleValue,
            "A value of a variant changes neither the code nor the set-up, so a verdict under it is one under the default.",
            Scenario("""
                static Type Instantiate(ScenarioSelection selection) => selection.Variants["fence"] switch
                {
                    "both" => typeof(Messages<WithFence, WithPadding>),
                    "none" => typeof(Messages<WithFence, WithPadding>),
                    _ => throw new ArgumentException("unknown fence"),
                };
                """),
            "Let the scenario use the value, or remove it; where it matters for some claims only, say so by the variant's `Claims`."),
        new(
            JudgeErrorCodes.DebugBuild,
            "The scenario, or a type argument of it, is of an assembly that was built without optimisation: its code is not the code that runs later.",
            Project("<Optimize>false</Optimize>"),
            "Write `<Optimize>true</Optimize>` in the project file, outside any condition, or `#:property Optimize=true` at the head of a single-file program."),
        new(
            InputErrorCodes.NoTest,
            "There is no litmus test where one was named, or it cannot be read.",
            Arguments("litmus nowhere.litmus"),
            "Name files, or folders with files that end in `.litmus`."),
        new(
            InputErrorCodes.BadKinds,
            "The file of expected kinds cannot be read, or a line of it is none.",
            new(ExampleKind.Kinds, "SB Maybe"),
            "Write a test's name, blanks and a verdict on each line: Allowed, Forbidden, Required, or Never, Sometimes, Always."),
        new(
            InputErrorCodes.BadDrawing,
            "An execution can be drawn of one test only, to a file that can be written.",
            Arguments("litmus SB.litmus SB.litmus --dot SB.dot"),
            "Name one test, and a file in a folder that exists."),
        new(
            JudgeErrorCodes.NoDynamicCode,
            "The program runs as if it were compiled ahead of time, and lifting generates code. A single-file program does unless it says otherwise.",
            Project("<DynamicCodeSupport>false</DynamicCodeSupport>"),
            "Write `#:property PublishAot=false` at the head of a single-file program, or remove `PublishAot` and `DynamicCodeSupport` from the project file."),
        new(
            JudgeErrorCodes.BadFinal,
            "The predicate over the final state does more than look at it, or does not end.",
            Scenario("""
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
                """),
            "Load, compute and branch in it, and nothing else: what stores or waits belongs in a thread."),
        new(
            JudgeErrorCodes.UnreadableAssembly,
            "The assembly with the scenarios is not there, is no assembly, or references what is not there.",
            Arguments("check nowhere.dll"),
            "Name the assembly that a build made, such as `bin/Release/net10.0/My.dll`: what it references lies beside it, or where its `.deps.json` says."),
        new(
            JudgeErrorCodes.BadDeclaration,
            "The assembly declares no scenario, two of one name, or one that is generic or for an architecture that there is not.",
            Scenario("""
                [Scenario("ring/spsc", "a ring of one producer and one consumer", Architectures = ["arm46"])]
                public sealed class Ring;
                """),
            "Mark closed types with `[Scenario(\"area/name\", \"summary\")]`, each with a name of its own; without `Architectures` it is for arm64 and x86_64."),
        new(
            InputErrorCodes.Internal,
            "The command broke an invariant of its own, and gives no answer rather than a wrong one; the exit status is 70.",
            Scenario("""
                static Type Instantiate(ScenarioSelection selection) => throw new InvalidOperationException("nothing that a user gives");
                """),
            "Please report it, with what is printed when `TABLEWALK_DEBUG=1` is set."),
    ];

    private static ErrorExample Arguments(string text) => new(ExampleKind.Arguments, text);

    private static ErrorExample Project(string text) => new(ExampleKind.Project, text);

    private static ErrorExample Scenario(string text) => new(ExampleKind.Scenario, text);
}
