using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using Tablewalk.Cat;
using Tablewalk.Cil;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;
using Tablewalk.Ir;
using Tablewalk.Mm;

namespace Tablewalk.Judge;

/// <summary>
/// Takes one scenario from its compiled C# to a verdict: runs its set-up natively in a new arena, lifts its thread methods, and hands both to
/// the checker.
/// </summary>
public static class CheckRunner
{
    private static readonly LiftedProcedures s_procedures = new(); // each check has memory of its own, but its code is that of others

    /// <summary>Checks one case.</summary>
    /// <param name="check">What to check.</param>
    /// <param name="model">The memory model.</param>
    /// <param name="options">Workers and limits.</param>
    /// <param name="progress">Told from time to time how far the check has come.</param>
    /// <param name="cancellation">Ends the check early, with an inconclusive verdict.</param>
    /// <exception cref="InputException">The set-up threw, the code is outside the subset that can be lifted, or a verdict would say nothing.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to check.</exception>
    public static CheckResult Run(
        CheckCase check, Model model, CheckOptions options, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        Type type = TypeOf(check);
        void OnPrepared(Arena arena, ulong state)
        {
            progress?.Report(new() { Phase = "comparing variants" });
            VariantVacuity.Refuse(check, type, arena, state, s_procedures, cancellation);
        }

        return Run(type, check.Scenario.Name, check.Claim, model, options, OnPrepared, progress, cancellation);
    }

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

    /// <summary>The closed type of a case.</summary>
    /// <exception cref="InputException">The scenario does not take what it declares.</exception>
    internal static Type TypeOf(CheckCase check)
    {
        try
        {
            return check.Scenario.Instantiate(check.Selection);
        }
        catch (ArgumentException refused)
        {
            throw new InputException(new InputError(check.Scenario.Name, JudgeErrorCodes.BadSelection, $"cannot be set up with {check.VariantText}: {refused.Message}"));
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
    /// <exception cref="InputException">The set-up threw, the code is outside the subset that can be lifted, or a verdict would say nothing.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to check.</exception>
    public static CheckResult Run(
        Type type,
        string name,
        string claim,
        Model model,
        CheckOptions options,
        IProgress<CheckProgress>? progress = null,
        CancellationToken cancellation = default) => Run(type, name, claim, model, options, onPrepared: null, progress, cancellation);

    private static CheckResult Run(
        Type type,
        string name,
        string claim,
        Model model,
        CheckOptions options,
        Action<Arena, ulong>? onPrepared,
        IProgress<CheckProgress>? progress,
        CancellationToken cancellation)
    {
        using var arena = new Arena();
        Ir.Program program = Prepare(type, name, arena, progress, cancellation);
        var vacuity = new ClaimVacuity(type, name, claim, program);
        vacuity.RefuseUnnamed();
        onPrepared?.Invoke(arena, program.Threads[0].Arguments[0]);
        try
        {
            CheckResult result = Checker.Check(
                program, new ArenaMemory(arena), model, claim, options with { AsksForReach = true }, cancellation: cancellation, progress: progress);
            vacuity.RefuseUnreached(result.Reach, model);
            return result;
        }
        catch (FinalPredicateException refused)
        {
            SourceLocation place = refused.Place ?? Lifter.PlaceOf(ScenarioMethods.Of(type, name).Final!);
            throw new InputException(new InputError($"{place.File}:{place.Line}", JudgeErrorCodes.BadFinal, $"{name}: {refused.Message}"));
        }
    }

    /// <summary>The claims that a scenario's code names, each once, in the order of the code: threads first.</summary>
    /// <param name="type">The type; see <see cref="ScenarioDescription"/>.</param>
    /// <param name="name">The scenario's name, for messages.</param>
    /// <param name="cancellation">Ends it between two methods.</param>
    /// <returns>At least one.</returns>
    /// <exception cref="InputException">The set-up threw, the code is outside the subset that can be lifted, or it names no claim.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImmutableArray<string> ClaimsOf(Type type, string name, CancellationToken cancellation = default)
    {
        using var arena = new Arena();
        return ClaimVacuity.ClaimsOf(type, name, Prepare(type, name, arena, progress: null, cancellation));
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
        var methods = ScenarioMethods.Of(type, name);
        ScenarioAssemblies.Refuse(type);
        progress?.Report(new() { Phase = "running the set-up" });
        ulong state = methods.Build(arena);
        progress?.Report(new() { Phase = "lifting the code" });
        Procedure Lift(MethodInfo method)
        {
            cancellation.ThrowIfCancellationRequested();
            return s_procedures.Of(method);
        }

        try
        {
            return new Ir.Program(
                [.. methods.Threads.Select(thread => new ThreadCode(thread.GetCustomAttribute<ThreadAttribute>()!.Name, Lift(thread), [state]))],
                methods.Final is null ? null : Lift(methods.Final),
                methods.Final is null ? [] : [state]);
        }
        catch (LiftException outside)
        {
            throw new InputException([.. outside.Diagnostics.Select(d => new InputError($"{d.Place.File}:{d.Place.Line}", d.Code, $"{d.Place.Method}: {ScenarioMethods.OneLine(d.Message)}"))]);
        }
    }
}
