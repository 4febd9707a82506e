using System.Collections.Immutable;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;
using Tablewalk.Judge;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>Prints verdicts as text, a line each, in columns that fit all cases; below a violation stands its race table.</summary>
internal sealed class VerdictPrinter(TextWriter output, ImmutableArray<CheckCase> cases, bool isFull = false) : IExplanationReader
{
    private const int VerdictWidth = 12; // inconclusive

    private readonly HashSet<string> _supports = new(StringComparer.Ordinal); // of the row that was printed last
    private readonly int _scenarioWidth = cases.Max(check => check.Scenario.Name.Length);
    private readonly int _claimWidth = cases.Max(check => check.Claim.Length);
    private readonly int _architectureWidth = cases.Max(check => check.Architecture.Length);
    private readonly int _modelWidth = cases.Max(check => check.Model.Length);
    private readonly int _variantWidth = cases.Max(check => check.VariantText.Length);

    /// <summary>Whether a limit left something of an explanation open.</summary>
    public bool IsAnyLeftOpen { get; private set; }

    /// <summary>Prints one verdict.</summary>
    public void Print(ResultRow row)
    {
        _supports.Clear();
        string[] cells =
        [
            row.VerdictWord.PadRight(VerdictWidth),
            row.Scenario.PadRight(_scenarioWidth),
            row.Claim.PadRight(_claimWidth),
            row.Architecture.PadRight(_architectureWidth),
            row.Model.PadRight(_modelWidth),
            string.Join(' ', row.Variants).PadRight(_variantWidth),
            $"{Counts.Of(row.Result.Executions, row.Result.Explored)}, {Counts.Seconds(row.Seconds)}",
        ];
        output.WriteLine(string.Join("  ", cells));
        foreach (string flag in row.Result.Flags)
        {
            output.WriteLine($"    Flag {flag}");
        }

        if (row.Result.Verdict is Verdict.Violated violated)
        {
            output.WriteLine();
            string about = cases.First(check => check.Scenario.Name == row.Scenario).Scenario.Summary;
            output.WriteLine(
                isFull ? RaceTable.Write(violated.Counterexample) : DistilledTable.Write(violated.Counterexample, TableTitle.Of(row, about)));
        }
    }

    /// <summary>Prints one thing that the claim rests on of which the verdict was printed last.</summary>
    public void Take(Support support)
    {
        string line = Explaining.Of(support);
        if (_supports.Add(line))
        {
            output.WriteLine($"    {line}");
        }
    }

    /// <inheritdoc/>
    public void End(string? limit)
    {
        if (limit is not null)
        {
            IsAnyLeftOpen = true;
            output.WriteLine($"    inconclusive beyond that: {limit}");
        }
        else if (_supports.Count == 0)
        {
            output.WriteLine("    rests on no single barrier, order, section, wait or branch");
        }
    }

    /// <summary>Prints how many there were of each verdict.</summary>
    public void PrintSummary(List<ResultRow> rows)
    {
        int holds = rows.Count(row => row.Result.Verdict is Verdict.Holds);
        int violated = rows.Count(row => row.Result.Verdict is Verdict.Violated);
        output.WriteLine(
            $"{Counts.Plural(rows.Count, "check")}: holds {holds}, violated {violated}, inconclusive {rows.Count - holds - violated}");
    }
}
