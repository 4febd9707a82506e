using System.Text;

namespace Tablewalk.Report;

/// <summary>Text in columns, padded with spaces. The last column is not padded, so no line ends in a space.</summary>
public static class TextTable
{
    /// <summary>One line for each row, columns two spaces apart.</summary>
    /// <param name="rows">The rows; all of the same length.</param>
    /// <param name="indent">Spaces before each line.</param>
    public static string Format(IReadOnlyList<IReadOnlyList<string>> rows, int indent = 0)
    {
        if (rows.Count == 0)
        {
            return "";
        }

        int[] widths = [.. Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (IReadOnlyList<string> row in rows)
        {
            string line = string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])));
            text.Append(' ', indent).Append(line.TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>
    /// The text in lines of at most <paramref name="width"/> characters, broken at spaces, else behind a bracket, comma or dot, where there are any.
    /// </summary>
    /// <param name="text">The text, on one line.</param>
    /// <param name="width">The longest line, at least 8.</param>
    /// <param name="indent">Spaces before each line but the first.</param>
    public static IReadOnlyList<string> Wrap(string text, int width, int indent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 8);
        var lines = new List<string>();
        string rest = text;
        while (rest.Length > width)
        {
            // A break inside the leading spaces would repeat for ever: look right of them only.
            int first = rest.Length - rest.TrimStart().Length;
            int space = rest.LastIndexOf(' ', width);
            int joint = rest.LastIndexOfAny(['(', ',', '.'], width - 1) + 1;
            int cut = space > first ? space : joint > first ? joint : width;
            lines.Add(rest[..cut].TrimEnd());
            rest = new string(' ', indent) + rest[cut..].TrimStart();
        }

        lines.Add(rest);
        return lines;
    }
}
