using System.Text;
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
    private const int NumberWidth = 4;
    private const string Divider = " | ";
    private const int NarrowestColumn = 24;

    /// <summary>The table, a legend where it needs one, and the claim that broke; each line ends in a line feed.</summary>
    public static string Write(Counterexample counterexample)
    {
        int[] columns = ColumnsOf(counterexample);
        List<Cell> cells = CellsOf(counterexample, columns, out int quiet);
        int[] widths = WidthsFor(counterexample, columns, cells);

        var text = new StringBuilder();
        AppendRow(text, "", [.. columns.Select((cpu, i) => Fit(HeadingOf(counterexample, cpu), widths[i]))], widths);
        AppendLine(text, new string('-', NumberWidth) + string.Join("-+-", widths.Select(width => new string('-', width))));
        foreach (Cell cell in cells)
        {
            Append(text, cell, widths);
        }

        AppendEnd(text, counterexample, quiet);
        return text.ToString();
    }

    // The CPUs in order; the final state, if a step reads it, comes last.
    private static int[] ColumnsOf(Counterexample counterexample) =>
    [
        .. Enumerable.Range(0, counterexample.ThreadNames.Length),
        .. counterexample.Steps.Any(step => step.Cpu < 0 && step.Kind != StepKind.Claim) ? (int[])[-1] : [],
    ];

    private static string HeadingOf(Counterexample counterexample, int cpu) =>
        cpu < 0 ? "afterwards" : $"CPU {cpu}: {StepText.Plain(counterexample.ThreadNames[cpu])}";

    private static List<Cell> CellsOf(Counterexample counterexample, int[] columns, out int quiet)
    {
        var cells = new List<Cell>();
        Step? above = null;
        foreach (RaceRow row in RaceRows.Of(counterexample, out quiet))
        {
            // The parts of one statement stand together under its text.
            Step step = row.First;
            bool sameLine = above is not null && above.Cpu == step.Cpu && above.Source is not null && above.Source == step.Source;
            string source = sameLine ? "" : StepText.Plain(step.Source?.Text ?? "");
            string action = (step.Early ? EarlyMark : NoMark) + StepText.Plain(row.Action);
            cells.Add(new Cell(cells.Count + 1, Array.IndexOf(columns, step.Cpu), source, action, sameLine ? "" : StepText.Place(step)));
            above = step;
        }

        return cells;
    }

    // Each column gets what it needs; when that is too much, the widest give way until all fit.
    private static int[] WidthsFor(Counterexample counterexample, int[] columns, List<Cell> cells)
    {
        int[] widths =
        [
            .. columns.Select((cpu, i) => cells
                .Where(cell => cell.Column == i)
                .Select(cell => cell.NaturalWidth)
                .Append(HeadingOf(counterexample, cpu).Length)
                .Append(NarrowestColumn)
                .Max()),
        ];
        int room = MaxWidth - NumberWidth - (Divider.Length * (columns.Length - 1));
        while (widths.Sum() > room)
        {
            int widest = Array.IndexOf(widths, widths.Max());
            if (widths[widest] <= 8)
            {
                break; // more CPUs than a table can show: it gets wider than promised rather than unreadable
            }

            widths[widest]--;
        }

        return widths;
    }

    private static void Append(StringBuilder text, Cell cell, int[] widths)
    {
        int width = widths[cell.Column];
        var lines = new List<string>();
        if (cell.Source.Length > 0)
        {
            lines.AddRange(TextTable.Wrap(cell.Source, width, indent: 4));
        }

        lines.AddRange(TextTable.Wrap(cell.Action, width, indent: 4));
        if (cell.Place.Length > 0)
        {
            int free = width - lines[^1].Length - cell.Place.Length;
            if (free >= 2)
            {
                lines[^1] += new string(' ', free) + cell.Place;
            }
            else
            {
                lines.Add(Fit(cell.Place, width).PadLeft(width));
            }
        }

        for (int i = 0; i < lines.Count; i++)
        {
            string[] row = new string[widths.Length];
            Array.Fill(row, "");
            row[cell.Column] = lines[i];
            AppendRow(text, i == 0 ? $"{cell.Number}" : "", row, widths);
        }
    }

    private static void AppendRow(StringBuilder text, string number, string[] row, int[] widths) =>
        AppendLine(text, number.PadLeft(NumberWidth - 1) + " " + string.Join(Divider, row.Select((cell, i) => cell.PadRight(widths[i]))));

    private static void AppendEnd(StringBuilder text, Counterexample counterexample, int quiet)
    {
        AppendLine(text, "");
        if (counterexample.Steps.Any(step => step.Early && step.Kind != StepKind.Claim))
        {
            AppendLine(text, "* takes effect before a step that stands earlier in its CPU's program");
        }

        if (counterexample.LeftOut > 0)
        {
            bool isOne = counterexample.LeftOut == 1;
            AppendLine(text, isOne ? "1 later step that does not matter is left out" : $"{counterexample.LeftOut} later steps that do not matter are left out");
        }

        if (quiet > 0)
        {
            AppendWrapped(text, $"{quiet} rows are left out: accesses in which no CPU meets another (--format json has them)", indent: 4);
        }

        // The text of a claim of a CPU stands in its row.
        Step[] claims = [.. counterexample.Steps.Where(step => step.Kind == StepKind.Claim && step.Source is not null)];
        Step? final = claims.FirstOrDefault(step => step.Cpu < 0);
        string reason = StepText.Plain(counterexample.Reason);
        bool isSaid = claims.Any(step => StepText.Plain(step.Source!.Text) == reason);
        AppendWrapped(text, $"{counterexample.Claim} {counterexample.Shows}{(isSaid || reason.Length == 0 ? "" : ": " + reason)}", indent: 4);
        if (final is not null)
        {
            AppendWrapped(text, $"    afterwards, {StepText.Place(final)}: {StepText.Plain(final.Source!.Text)}", indent: 8);
        }
    }

    private static void AppendWrapped(StringBuilder text, string line, int indent)
    {
        foreach (string part in TextTable.Wrap(line, MaxWidth, indent))
        {
            AppendLine(text, part);
        }
    }

    private static void AppendLine(StringBuilder text, string line) => text.Append(line.TrimEnd()).Append('\n');

    private static string Fit(string text, int width) => text.Length <= width ? text : text[..width];

    private sealed record Cell(int Number, int Column, string Source, string Action, string Place)
    {
        public int NaturalWidth => Math.Max(Source.Length, Action.Length + (Place.Length > 0 ? 2 + Place.Length : 0));
    }
}
