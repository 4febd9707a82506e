using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Cat;
using Tablewalk.Cil;
using Tablewalk.Explore.Claims;
using Tablewalk.Ir;

namespace Tablewalk.Judge;

/// <summary>Refuses claims that hold only because nothing puts them to the test.</summary>
/// <remarks>A claim that is violated was put to the test; so was one of which a wait never ends, since that wait is what is shown. Of an inconclusive check nothing can be said.</remarks>
/// <param name="type">The scenario's closed type.</param>
/// <param name="name">Its name, for messages.</param>
/// <param name="claim">The claim.</param>
/// <param name="program">Its code.</param>
internal sealed class ClaimVacuity(Type type, string name, string claim, Ir.Program program)
{
    private readonly ScenarioMethods _methods = ScenarioMethods.Of(type, name);

    /// <summary>The claims that the code of a scenario names.</summary>
    /// <returns>Each once, in the order of the code; at least one.</returns>
    /// <exception cref="InputException">It names none.</exception>
    public static ImmutableArray<string> ClaimsOf(Type type, string name, Ir.Program program)
    {
        ImmutableArray<string> claims = [.. NamedIn(program)];
        if (claims.IsEmpty)
        {
            var methods = ScenarioMethods.Of(type, name);
            throw new InputException(new InputError(
                PlaceOf(methods.Final ?? methods.Threads[0], name), JudgeErrorCodes.UnnamedClaim, $"no code of {name} names a claim in a Cpu.BugOn, so nothing could go wrong"));
        }

        return claims;
    }

    /// <summary>Refuses a claim that no code names.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public void RefuseUnnamed()
    {
        if (!Bugs().Any())
        {
            string[] others = [.. NamedIn(program)];
            string found = others.Length == 0 ? "none" : string.Join(", ", others);
            throw new InputException(new InputError(
                PlaceOf(_methods.Final ?? _methods.Threads[0]), JudgeErrorCodes.UnnamedClaim, $"no code of {name} names the claim {claim} in a Cpu.BugOn; found {found}"));
        }
    }

    /// <summary>Refuses a claim that no execution comes to, and threads that no execution brings to their ends.</summary>
    /// <param name="reach">What the check found.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="InputException">There are such threads, or the claim is such a one.</exception>
    public void RefuseUnreached(ClaimReach reach, Model model)
    {
        if (reach == ClaimReach.NotReached)
        {
            throw new InputException(new InputError(
                PlaceOf(Bugs().First()), JudgeErrorCodes.UnreachedClaim, $"no execution of {name} comes to the claim {claim} under {model.Name}"));
        }

        if (reach == ClaimReach.NoExecution)
        {
            // An execution is over when all its threads are, so if one thread never is, no other is.
            throw new InputException([.. _methods.Threads.Zip(program.Threads, (method, thread) => new InputError(
                PlaceOf(method), JudgeErrorCodes.EndlessThread, $"no execution of {name} brings the thread '{thread.Name}' to its end under {model.Name}"))]);
        }
    }

    private static IEnumerable<string> NamedIn(Ir.Program program) => ProceduresOf(program).SelectMany(BugsOf).Select(bug => bug.Claim).Distinct();

    private static IEnumerable<Procedure> ProceduresOf(Ir.Program program) => program.Threads.Select(thread => thread.Code).Concat(program.Final is null ? [] : [program.Final]);

    private IEnumerable<BugOn> Bugs() => ProceduresOf(program).SelectMany(BugsOf).Where(bug => bug.Claim == claim);

    private static IEnumerable<BugOn> BugsOf(Procedure procedure) => procedure.Blocks.SelectMany(block => block.Body).OfType<BugOn>();

    private string PlaceOf(BugOn bug) => PlaceOf(bug.Source, name);

    private string PlaceOf(MethodInfo method) => PlaceOf(method, name);

    private static string PlaceOf(MethodInfo method, string name) => PlaceOf(Lifter.PlaceOf(method), name);

    private static string PlaceOf(SourceLocation? place, string name) => place is { Line: > 0 } ? $"{place.File}:{place.Line}" : name;
}
