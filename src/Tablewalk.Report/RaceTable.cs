using Tablewalk.Explore.Witness;

namespace Tablewalk.Report;

/// <summary>
/// A counterexample as the table that kernel developers draw in mails: a column for each CPU, time runs downwards, each step in the
/// row where it takes effect. Plain ASCII.
/// </summary>
public static class RaceTable
{
    /// <summary>The longest line, in characters.</summary>
    public const int MaxWidth = 140;

    private const string EarlyMark = "* ";
    private const string NoMark = "  ";
    private const int NarrowestColumn = 24;

    /// <summary>The table with every step, a legend where it needs one, and the claim that broke; each line ends in a line feed.</summary>
    public static string Write(Counterexample counterexample)
    {
        int[] columns = ColumnsOf(counterexample);
        var grid = new RaceGrid(MaxWidth, NarrowestColumn);
        List<RaceRow> rows = RaceRows.Of(counterexample, out int quiet);
        grid.Append(HeadingsOf(counterexample, columns), CellsOf(rows, columns, static step => StepText.Plain(step.Source?.Text ?? "")));
        AppendEnd(grid, counterexample, quiet);
        return grid.ToString();
    }

    /// <summary>The columns' headings.</summary>
    internal static string[] HeadingsOf(Counterexample counterexample, int[] columns) =>
        [.. columns.Select(cpu => cpu < 0 ? "afterwards" : $"CPU {cpu}: {StepText.Plain(counterexample.ThreadNames[cpu])}")];

    /// <summary>The cells of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">The CPUs that have columns.</param>
    /// <param name="sourceOf">What is shown of a step's source text.</param>
    internal static List<RaceCell> CellsOf(List<RaceRow> rows, int[] columns, Func<Step, string> sourceOf)
    {
        var cells = new List<RaceCell>();
        Step? above = null;
        foreach (RaceRow row in rows)
        {
            // The parts of one statement stand together under its text.
            Step step = row.First;
            bool sameLine = above is not null && above.Cpu == step.Cpu && above.Source is not null && above.Source == step.Source;
            string source = sameLine ? "" : sourceOf(step);
            string action = (step.Early ? EarlyMark : NoMark) + StepText.Plain(row.Action);
            cells.Add(new RaceCell(cells.Count + 1, Array.IndexOf(columns, step.Cpu), source, action, sameLine ? "" : StepText.Place(step)));
            above = step;
        }

        return cells;
    }

    /// <summary>Says what marks mean.</summary>
    internal static void AppendLegend(RaceGrid grid, Counterexample counterexample)
    {
        if (counterexample.Steps.Any(static step => step.Early && step.Kind != StepKind.Claim))
        {
            grid.AppendWrapped("* takes effect before a step that stands earlier in its CPU's program", indent: 4);
        }
    }

    /// <summary>Says which claim broke, and where if that is no CPU's.</summary>
    /// <param name="grid">Where to.</param>
    /// <param name="counterexample">The counterexample.</param>
    /// <param name="shorten">What is shown of the claim's source text.</param>
    internal static void AppendClaim(RaceGrid grid, Counterexample counterexample, Func<string, string> shorten)
    {
        // The text of a claim of a CPU stands in its row.
        Step[] claims = [.. counterexample.Steps.Where(static step => step.Kind == StepKind.Claim && step.Source is not null)];
        Step? final = claims.FirstOrDefault(static step => step.Cpu < 0);
        string reason = StepText.Plain(counterexample.Reason);
        bool isSaid = claims.Any(step => StepText.Plain(step.Source!.Text) == reason);
        grid.AppendWrapped($"{counterexample.Claim} {counterexample.Shows}{(isSaid || reason.Length == 0 ? "" : ": " + reason)}", indent: 4);
        if (final is not null)
        {
            grid.AppendWrapped($"    afterwards, {StepText.Place(final)}: {shorten(StepText.Plain(final.Source!.Text))}", indent: 8);
        }
    }

    // The CPUs in order; the final state, if a step reads it, comes last.
    private static int[] ColumnsOf(Counterexample counterexample) =>
    [
        .. Enumerable.Range(0, counterexample.ThreadNames.Length),
        .. counterexample.Steps.Any(step => step.Cpu < 0 && step.Kind != StepKind.Claim) ? (int[])[-1] : [],
    ];

    private static void AppendEnd(RaceGrid grid, Counterexample counterexample, int quiet)
    {
        grid.AppendLine("");
        AppendLegend(grid, counterexample);
        if (counterexample.LeftOut > 0)
        {
            bool isOne = counterexample.LeftOut == 1;
            grid.AppendLine(isOne ? "1 later step that does not matter is left out" : $"{counterexample.LeftOut} later steps that do not matter are left out");
        }

        if (quiet > 0)
        {
            grid.AppendWrapped($"{quiet} rows are left out: accesses in which no CPU meets another (--format json has them)", indent: 4);
        }

        AppendClaim(grid, counterexample, static source => source);
    }
}
