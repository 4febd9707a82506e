using Tablewalk.Explore.Witness;

namespace Tablewalk.Report;

/// <summary>
/// A counterexample as one would draw it by hand: only the steps that the violation needs, in the width of a mail, of the source only the call. CPUs without
/// a step have no column.
/// </summary>
public static class DistilledTable
{
    private const int NarrowestColumn = 20;

    /// <summary>The longest line of a table of so many columns, in characters: 78 for two, 22 more for each further one.</summary>
    public static int MaxWidth(int columns) => Math.Min(78 + (22 * Math.Max(0, columns - 2)), RaceTable.MaxWidth);

    /// <summary>The title, the table, and the claim that broke; each line ends in a line feed.</summary>
    /// <param name="counterexample">The counterexample, as the checker gives it.</param>
    /// <param name="title">What stands above it; null for nothing.</param>
    public static string Write(Counterexample counterexample, TableTitle? title)
    {
        Counterexample shown = counterexample.Distilled ?? counterexample;
        List<RaceRow> rows = RaceRows.InWords(shown);
        int[] columns = [.. rows.Select(static row => row.First.Cpu).Distinct().OrderBy(static cpu => cpu < 0).ThenBy(static cpu => cpu)];
        int width = MaxWidth(columns.Length);
        var grid = new RaceGrid(width, NarrowestColumn, isDense: true);
        if (title is not null)
        {
            grid.AppendWrapped($"{title.Scenario}: {shown.Claim} {shown.Shows}{(title.Under.Length == 0 ? "" : ", " + title.Under)}", indent: 4);
            grid.AppendWrapped(StepText.Plain(title.About), indent: 4);
            AppendCommand(grid, "$ " + title.Command, width);
            grid.AppendLine("");
        }

        if (columns.Length > 0)
        {
            int room = (width - (3 * columns.Length)) / columns.Length;
            grid.Append(RaceTable.HeadingsOf(shown, columns), RaceTable.CellsOf(rows, columns, step => SourceOf(step, room)));
            grid.AppendLine("");
        }

        RaceTable.AppendLegend(grid, shown);
        if (shown.LeftOut > 0)
        {
            string steps = shown.LeftOut == 1 ? "1 step that it does not need is" : $"{shown.LeftOut} steps that it does not need are";
            grid.AppendWrapped($"{steps} left out{(title is null ? "" : " (--full shows more)")}", indent: 4);
        }

        RaceTable.AppendClaim(grid, shown, CallText.Condition);
        return grid.ToString();
    }

    // Of a claim what must not be, which may take several lines; of all else the call.
    private static string SourceOf(Step step, int room)
    {
        string text = StepText.Plain(step.Source?.Text ?? "");
        return step.Kind == StepKind.Claim ? CallText.Condition(text) : CallText.Of(text, room);
    }

    // Broken where a shell goes on reading.
    private static void AppendCommand(RaceGrid grid, string command, int width)
    {
        const string More = " \\";
        string rest = command;
        while (rest.Length > width)
        {
            int cut = rest.LastIndexOf(" --", width - More.Length, StringComparison.Ordinal);
            if (cut <= 6)
            {
                break; // longer than a line in one piece
            }

            grid.AppendLine(rest[..cut] + More);
            rest = "      " + rest[(cut + 1)..];
        }

        grid.AppendLine(rest);
    }
}

/// <summary>What stands above a table.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Under">The architecture, the model and the variants, in words.</param>
/// <param name="About">What the scenario is, in a sentence.</param>
/// <param name="Command">The command that shows the table.</param>
public sealed record TableTitle(string Scenario, string Under, string About, string Command)
{
    /// <summary>The title of a check's table.</summary>
    /// <param name="row">The check.</param>
    /// <param name="about">What the scenario is, in a sentence.</param>
    public static TableTitle Of(ResultRow row, string about)
    {
        ArgumentNullException.ThrowIfNull(row);
        string variants = string.Concat(row.Variants.Select(static variant => $" --variant {variant}"));
        return new(
            row.Scenario,
            string.Join(", ", (string[])[row.Architecture, row.Model, .. row.Variants.Select(static variant => variant.ToString())]),
            about,
            $"tablewalk check {row.Scenario} --arch {row.Architecture} --model {row.Model} --claim {row.Claim}{variants}");
    }
}
