using System.Collections.Immutable;
using Tablewalk.Cli;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Tablewalk.Report;
using Program = Tablewalk.Ir.Program;

namespace Tablewalk.Scenarios.Tests.Distilling;

/// <summary>A violated check, its table, and what checks of the program of that table say.</summary>
/// <param name="Name">The scenario, the architecture, the claim, and what is not at its default.</param>
/// <param name="Counterexample">What the checker found.</param>
/// <param name="Table">Distilled.</param>
/// <param name="IsShown">Whether the program reduced to the rows still shows the violation.</param>
/// <param name="ShownWithAnotherValue">Rows that it shows, too, if they read another value than they say.</param>
/// <param name="Spared">Writes that a row reads from and that it shows the violation without.</param>
/// <param name="TakenAway">How many writes were taken away.</param>
internal sealed record ViolatedVariant(
    string Name, Counterexample Counterexample, string Table, bool IsShown, ImmutableArray<string> ShownWithAnotherValue, ImmutableArray<string> Spared, int TakenAway)
{
    /// <summary>The rows of the table.</summary>
    public int RowCount => Table.Split('\n').Count(static line => line.Length > 4 && char.IsDigit(line[2]) && line[..2].Trim().All(char.IsDigit));
}

/// <summary>Every violated variant of every scenario: all at their defaults, or one that is not.</summary>
internal static class ViolatedVariants
{
    private static readonly Lazy<ImmutableArray<ViolatedVariant>> s_all = new(Find);

    public static ImmutableArray<ViolatedVariant> All => s_all.Value;

    private static ImmutableArray<ViolatedVariant> Find() =>
    [
        .. from scenario in Catalog.All
           from architecture in scenario.Architectures
           from selection in SelectionsOf(scenario, architecture)
           from claim in scenario.Claims
           let violated = CheckOrNull(scenario, architecture, claim, selection)
           where violated is not null
           select violated,
    ];

    private static IEnumerable<Dictionary<string, string>> SelectionsOf(ScenarioDescription scenario, string architecture)
    {
        Dictionary<string, string> defaults = DefaultsOf(scenario, architecture);
        return scenario.Variants
            .SelectMany(variant => variant.Values.Where(value => value != defaults[variant.Name]).Select(value => With(defaults, variant.Name, value)))
            .Prepend(defaults);
    }

    private static Dictionary<string, string> DefaultsOf(ScenarioDescription scenario, string architecture) =>
        scenario.Variants.ToDictionary(static variant => variant.Name, variant => variant.DefaultOn(architecture), StringComparer.Ordinal);

    private static Dictionary<string, string> With(Dictionary<string, string> defaults, string name, string value) =>
        new(defaults, StringComparer.Ordinal) { [name] = value };

    private static ViolatedVariant? CheckOrNull(ScenarioDescription scenario, string architecture, string claim, Dictionary<string, string> selection)
    {
        using var arena = new Arena();
        Program program = CheckRunner.Prepare(scenario.Instantiate(new ScenarioSelection(architecture, claim, selection)), scenario.Name, arena);
        string modelName = architecture == "arm64" ? "armv8" : "x86-tso";
        var (memory, model) = (new ArenaMemory(arena), new ModelCatalog().Load(modelName));
        CheckResult result = Checker.Check(program, memory, model, claim, new CheckOptions());
        if (result.Verdict is not Verdict.Violated { Counterexample: { Distilled: { } shown } counterexample })
        {
            return null;
        }

        bool IsShown(Program reduced) => Checker.Check(reduced, memory, model, Counterexample.ReducedClaim, new CheckOptions()).Verdict is Verdict.Violated { Counterexample.IsOfClaim: true };
        Program reduced = shown.Reduced!;
        var taken = Reductions.WithoutWrites(shown, memory).ToImmutableArray();
        Dictionary<string, string> defaults = DefaultsOf(scenario, architecture);
        string[] others = [.. selection.Where(chosen => chosen.Value != defaults[chosen.Key]).Select(static chosen => $"{chosen.Key}={chosen.Value}")];
        ImmutableArray<VariantValue> variants = [.. scenario.Variants.Select(variant => new VariantValue(variant.Name, selection[variant.Name]))];
        var row = new ResultRow(scenario.Name, claim, architecture, modelName, variants, result, 0);
        return new(
            string.Join(' ', (string[])[scenario.Name, architecture, claim, .. others]),
            counterexample,
            DistilledTable.Write(counterexample, TableTitle.Of(row, scenario.Summary)),
            IsShown(reduced),
            [.. Reductions.WithAnotherValue(reduced).Where(changed => IsShown(changed.Program)).Select(static changed => changed.What)],
            [.. taken.Where(changed => IsShown(changed.Program)).Select(static changed => changed.What)],
            taken.Length);
    }
}
