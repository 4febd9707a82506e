using System.Text;

namespace Tablewalk.Report;

/// <summary>Rows of several columns as plain text: each row's number, then its cell in its column, broken into lines where it is too long.</summary>
/// <param name="maxWidth">The longest line, in characters.</param>
/// <param name="narrowest">A column is not narrower, in characters.</param>
/// <param name="isDense">Whether file and line may stand beside the source text, where there is no room beside what is done.</param>
internal sealed class RaceGrid(int maxWidth, int narrowest, bool isDense = false)
{
    private const int NumberWidth = 4;
    private const string Divider = " | ";
    private const int NarrowestOfMany = 8;

    private readonly StringBuilder _text = new();

    /// <summary>Appends the headings of the columns and the rows.</summary>
    public void Append(string[] headings, List<RaceCell> cells)
    {
        int[] widths = WidthsFor(headings, cells);
        AppendRow("", [.. headings.Select((heading, i) => Fit(heading, widths[i]))], widths);
        AppendLine(new string('-', NumberWidth) + string.Join("-+-", widths.Select(width => new string('-', width))));
        foreach (RaceCell cell in cells)
        {
            Append(cell, widths);
        }
    }

    /// <summary>Appends a text below or above the rows, broken into lines.</summary>
    public void AppendWrapped(string line, int indent)
    {
        foreach (string part in TextTable.Wrap(line, maxWidth, indent))
        {
            AppendLine(part);
        }
    }

    /// <summary>Appends a line without the spaces at its end.</summary>
    public void AppendLine(string line) => _text.Append(line.TrimEnd()).Append('\n');

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    // Each column gets what it needs; when that is too much, the widest give way until all fit.
    private int[] WidthsFor(string[] headings, List<RaceCell> cells)
    {
        int[] widths =
        [
            .. headings.Select((heading, i) => cells
                .Where(cell => cell.Column == i)
                .Select(cell => cell.NaturalWidth)
                .Append(heading.Length)
                .Append(narrowest)
                .Max()),
        ];
        int room = maxWidth - NumberWidth - (Divider.Length * (headings.Length - 1));
        while (widths.Sum() > room)
        {
            int widest = Array.IndexOf(widths, widths.Max());
            if (widths[widest] <= NarrowestOfMany)
            {
                break; // more CPUs than a table can show: it gets wider than promised rather than unreadable
            }

            widths[widest]--;
        }

        return widths;
    }

    private void Append(RaceCell cell, int[] widths)
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
            int[] lineNumbers = isDense ? [lines.Count - 1, 0] : [lines.Count - 1];
            int line = lineNumbers.Where(number => width - lines[number].Length - cell.Place.Length >= 2).DefaultIfEmpty(-1).First();
            if (line >= 0)
            {
                lines[line] += cell.Place.PadLeft(width - lines[line].Length);
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
            AppendRow(i == 0 ? $"{cell.Number}" : "", row, widths);
        }
    }

    private void AppendRow(string number, string[] row, int[] widths) =>
        AppendLine(number.PadLeft(NumberWidth - 1) + " " + string.Join(Divider, row.Select((cell, i) => cell.PadRight(widths[i]))));

    private static string Fit(string text, int width) => text.Length <= width ? text : text[..width];
}

/// <summary>What stands in one row of a table.</summary>
/// <param name="Number">The row's number, from 1.</param>
/// <param name="Column">The column, from 0.</param>
/// <param name="Source">The source text; empty to leave it out.</param>
/// <param name="Action">What is done.</param>
/// <param name="Place">File and line, on the right; empty to leave it out.</param>
internal sealed record RaceCell(int Number, int Column, string Source, string Action, string Place)
{
    /// <summary>The width that it needs to stand in one line, or in two with its source text.</summary>
    public int NaturalWidth => Math.Max(Source.Length, Action.Length + (Place.Length > 0 ? 2 + Place.Length : 0));
}
