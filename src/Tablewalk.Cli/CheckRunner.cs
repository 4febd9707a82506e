using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using Tablewalk.Cat;
using Tablewalk.Cil;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;
using Tablewalk.Ir;
using Tablewalk.Mm;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>
/// Takes one scenario from its compiled C# to a verdict: runs its set-up natively in a new arena, lifts its thread methods, and hands both to
/// the checker.
/// </summary>
public static class CheckRunner
{
    private const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly LiftedProcedures s_procedures = new(); // each check has memory of its own, but its code is that of others

    /// <summary>Checks one case.</summary>
    /// <param name="check">What to check.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="options">Workers and limits.</param>
    /// <param name="progress">Told from time to time how far the check has come.</param>
    /// <param name="cancellation">Ends the check early, with an inconclusive verdict.</param>
    /// <exception cref="InputException">The set-up threw, or the code is outside the subset that can be lifted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to check.</exception>
    public static CheckResult Run(
        CheckCase check, Model model, CheckOptions options, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default) =>
        Run(TypeOf(check), check.Scenario.Name, check.Claim, model, options, progress, cancellation);

    /// <summary>What the claim of a case rests on, of which it holds.</summary>
    /// <param name="check">The case.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="options">Workers, and the limit of each weakened check.</param>
    /// <param name="cancellation">Ends the search early.</param>
    /// <exception cref="InputException">The set-up threw, or the code is outside the subset that can be lifted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IEnumerable<Support> Explain(CheckCase check, Model model, CheckOptions options, CancellationToken cancellation)
    {
        using var arena = new Arena();
        Ir.Program program = Prepare(TypeOf(check), check.Scenario.Name, arena, progress: null, cancellation);
        foreach (Support support in ClaimExplainer.Of(program, new ArenaMemory(arena), model, check.Claim, options, cancellation))
        {
            yield return support;
        }
    }

    private static Type TypeOf(CheckCase check)
    {
        try
        {
            return check.Scenario.Instantiate(check.Selection);
        }
        catch (ArgumentException refused)
        {
            throw new InputException(new InputError(check.Scenario.Name, InputErrorCodes.BadSelection, $"cannot be set up with {check.VariantText}: {refused.Message}"));
        }
    }

    /// <summary>Checks one claim of a closed type that has the methods of a scenario.</summary>
    /// <param name="type">The type; see <see cref="ScenarioDescription"/>.</param>
    /// <param name="name">The scenario's name, for messages.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="options">Workers and limits.</param>
    /// <param name="progress">Told from time to time how far the check has come.</param>
    /// <param name="cancellation">Ends the check early, with an inconclusive verdict.</param>
    /// <exception cref="InputException">The set-up threw, or the code is outside the subset that can be lifted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to check.</exception>
    public static CheckResult Run(
        Type type,
        string name,
        string claim,
        Model model,
        CheckOptions options,
        IProgress<CheckProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        using var arena = new Arena();
        Ir.Program program = Prepare(type, name, arena, progress, cancellation);
        return Checker.Check(program, new ArenaMemory(arena), model, claim, options, cancellation: cancellation, progress: progress);
    }

    /// <summary>Runs a scenario's set-up in an arena and lifts its methods, each once in a process.</summary>
    /// <param name="type">The type; see <see cref="ScenarioDescription"/>.</param>
    /// <param name="name">The scenario's name, for messages.</param>
    /// <param name="arena">A new arena. It is the program's memory as long as the program is used.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellation">Ends it between two methods.</param>
    /// <exception cref="InputException">The set-up threw, or the code is outside the subset that can be lifted.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Ir.Program Prepare(
        Type type, string name, Arena arena, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        MethodInfo setup = Single<SetupAttribute>(type, name) ?? throw Unfit(name, "has no method marked [Setup]");
        MethodInfo[] threads = [.. Marked<ThreadAttribute>(type)];
        if (threads.Length == 0)
        {
            throw Unfit(name, "has no method marked [Thread]");
        }

        MethodInfo? final = Single<FinalAttribute>(type, name);
        progress?.Report(new() { Phase = "running the set-up" });
        ulong state = (ulong)Build(setup, name, arena);
        progress?.Report(new() { Phase = "lifting the code" });
        Procedure Lift(MethodInfo method)
        {
            cancellation.ThrowIfCancellationRequested();
            return s_procedures.Of(method);
        }

        try
        {
            return new Ir.Program(
                [.. threads.Select(thread => new ThreadCode(thread.GetCustomAttribute<ThreadAttribute>()!.Name, Lift(thread), [state]))],
                final is null ? null : Lift(final),
                final is null ? [] : [state]);
        }
        catch (LiftException outside)
        {
            throw new InputException([.. outside.Diagnostics.Select(d => new InputError($"{d.Place.File}:{d.Place.Line}", d.Code, $"{d.Place.Method}: {OneLine(d.Message)}"))]);
        }
    }

    private static nint Build(MethodInfo setup, string name, Arena arena)
    {
        try
        {
            return setup.CreateDelegate<Func<Arena, nint>>()(arena);
        }
        catch (Exception thrown)
        {
            Exception cause = thrown is TypeInitializationException { InnerException: { } inner } ? inner : thrown;
            throw new InputException(new InputError(
                PlaceOf(cause) ?? name, InputErrorCodes.FailedSetup, $"the set-up of {name} threw {cause.GetType().Name}: {OneLine(cause.Message)}"));
        }
    }

    private static MethodInfo? Single<TAttribute>(Type type, string name)
        where TAttribute : Attribute
    {
        MethodInfo[] marked = [.. Marked<TAttribute>(type)];
        return marked.Length <= 1
            ? marked.FirstOrDefault()
            : throw Unfit(name, $"has {marked.Length} methods marked [{typeof(TAttribute).Name[..^"Attribute".Length]}], expected one");
    }

    // Reflection promises no order; metadata tokens are in the order of declaration.
    private static IEnumerable<MethodInfo> Marked<TAttribute>(Type type)
        where TAttribute : Attribute =>
        type.GetMethods(AnyStatic).Where(method => method.IsDefined(typeof(TAttribute))).OrderBy(method => method.MetadataToken);

    private static InputException Unfit(string name, string problem) => new(new InputError(name, InputErrorCodes.NoScenario, problem));

    private static string? PlaceOf(Exception thrown)
    {
        StackFrame? frame = new StackTrace(thrown, fNeedFileInfo: true).GetFrames().FirstOrDefault(frame => frame.GetFileName() is not null);
        const string MappedRoot = "/_/";
        string? file = frame?.GetFileName();
        return file is null ? null : $"{(file.StartsWith(MappedRoot, StringComparison.Ordinal) ? file[MappedRoot.Length..] : file)}:{frame!.GetFileLineNumber()}";
    }

    private static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
