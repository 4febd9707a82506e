using System.Reflection;
using Tablewalk.Cil;
using Tablewalk.Declare;
using Tablewalk.Ir;
using Tablewalk.Mm;
using Tablewalk.Report;

namespace Tablewalk.Judge;

/// <summary>Refuses values of variants that change neither the lifted code nor what the set-up builds: a verdict under such a value is one under another.</summary>
/// <remarks>
/// <para>A value that is not the default is compared with the default, among the other values that were chosen; where they are no defaults, among the defaults, too, so that a value
/// may be without effect in some combinations.</para>
/// <para>
/// Of a default the other values are compared only as far as that costs no lifting: they are the same type, or types that differ in arguments of which nothing went into the
/// code. Approximates: may miss one until it is chosen.
/// </para>
/// </remarks>
internal sealed class VariantVacuity
{
    private readonly LiftedProcedures _procedures;
    private readonly CancellationToken _cancellation;

    private VariantVacuity(LiftedProcedures procedures, CancellationToken cancellation) => (_procedures, _cancellation) = (procedures, cancellation);

    /// <summary>Refuses a case in which some value changes nothing.</summary>
    /// <param name="check">The case.</param>
    /// <param name="type">Its closed type.</param>
    /// <param name="arena">What its set-up built.</param>
    /// <param name="state">The address that the set-up gives to the threads.</param>
    /// <param name="procedures">Keeps what is lifted.</param>
    /// <param name="cancellation">Ends it between two comparisons.</param>
    /// <exception cref="InputException">There is such a value.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Refuse(CheckCase check, Type type, Arena arena, ulong state, LiftedProcedures procedures, CancellationToken cancellation)
    {
        var vacuity = new VariantVacuity(procedures, cancellation);
        var scenario = new Closed(type, arena, state);
        foreach (VariantValue chosen in check.Variants)
        {
            VariantDescription variant = check.Scenario.Variants.Single(variant => variant.Name == chosen.Name);
            string standard = variant.DefaultOn(check.Architecture);
            bool isDefault = chosen.Value == standard;
            string? idle = isDefault
                ? variant.Values.FirstOrDefault(other => other != standard && vacuity.IsSame(check, scenario, chosen, other, isDefault))
                : vacuity.IsSame(check, scenario, chosen, standard, isDefault) ? chosen.Value : null;
            if (idle is not null)
            {
                MethodInfo first = ScenarioMethods.Of(type, check.Scenario.Name).Threads[0];
                throw new InputException(new InputError(
                    Lifter.PlaceOf(first) is { Line: > 0 } place ? $"{place.File}:{place.Line}" : check.Scenario.Name,
                    JudgeErrorCodes.IdleValue,
                    $"the value '{idle}' of variant '{variant.Name}' of {check.Scenario.Name} changes neither code nor set-up of '{standard}' for {check.Claim} on {check.Architecture}"));
            }
        }
    }

    private bool IsSame(CheckCase check, Closed scenario, VariantValue chosen, string other, bool isDefault)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!IsSame(scenario, check.With(chosen.Name, other), isDefault))
        {
            return false;
        }

        CheckCase among = check.WithDefaults();
        CheckCase one = among.With(chosen.Name, chosen.Value);
        if (one.Variants.SequenceEqual(check.Variants))
        {
            return true; // those are the defaults
        }

        using var arena = new Arena();
        return BuiltOrNull(one, arena) is { } built && IsSame(built, among.With(chosen.Name, other), isDefault);
    }

    private bool IsSame(Closed scenario, CheckCase other, bool isDefault)
    {
        if (other.TypeOrNull() is not { } type)
        {
            return false;
        }

        if (type == scenario.Type)
        {
            return true;
        }

        string name = other.Scenario.Name;
        if ((isDefault && UsesWhatDiffers(scenario.Type, type, name)) || !IsSameCode(ScenarioMethods.Of(scenario.Type, name), ScenarioMethods.Of(type, name)))
        {
            return false;
        }

        using var arena = new Arena();
        return BuiltOrNull(other, arena) is { } built && scenario.IsBuiltAs(built);
    }

    // Whether something went into the first one's code that the second one does not have.
    private bool UsesWhatDiffers(Type one, Type other, string name)
    {
        Type[] parts = [.. Differing(one, other)];
        return ScenarioMethods.Of(one, name).Lifted.Any(method => Array.Exists(parts, part => _procedures.Uses(method, part)));
    }

    private bool IsSameCode(ScenarioMethods one, ScenarioMethods other)
    {
        try
        {
            return one.Lifted.Select(TextOf).SequenceEqual(other.Lifted.Select(TextOf)); // up to the first that differs
        }
        catch (LiftException)
        {
            return false; // the other value is refused when it is asked for
        }
    }

    private string TextOf(MethodInfo method)
    {
        _cancellation.ThrowIfCancellationRequested();
        return IrPrinter.Print(_procedures.Of(method) with { Name = "" });
    }

    private static Closed? BuiltOrNull(CheckCase check, Arena arena)
    {
        try
        {
            return check.TypeOrNull() is { } type ? new Closed(type, arena, ScenarioMethods.Of(type, check.Scenario.Name).Build(arena)) : null;
        }
        catch (InputException)
        {
            return null; // likewise
        }
    }

    // The innermost types that the first has in other places than the second.
    private static IEnumerable<Type> Differing(Type one, Type other) =>
        one == other ? []
        : one.IsGenericType && other.IsGenericType && one.GetGenericTypeDefinition() == other.GetGenericTypeDefinition()
        ? one.GetGenericArguments().Zip(other.GetGenericArguments(), Differing).SelectMany(parts => parts)
        : [one];

    /// <summary>A closed type, what its set-up built, and the address that it gives to the threads.</summary>
    private sealed record Closed(Type Type, Arena Arena, ulong State)
    {
        // An arena is aligned to its length.
        public bool IsBuiltAs(Closed other) => State % Arena.LengthBytes == other.State % Arena.LengthBytes && Arena.HoldsSameAs(other.Arena);
    }
}
