namespace Tablewalk.Cat.Models;

/// <summary>A defined name that somebody may have meant.</summary>
internal static class Suggestion
{
    /// <summary>The defined name nearest to <paramref name="name"/>; null if none is near. Ties go to the first in the alphabet.</summary>
    internal static string? For(string name, IEnumerable<string> defined) =>
        defined.Select(d => (Name: d, Distance: Distance(name, d)))
            .Where(d => d.Distance <= Math.Max(1, name.Length / 2))
            .OrderBy(d => d.Distance).ThenBy(d => d.Name, StringComparer.Ordinal)
            .Select(d => d.Name).FirstOrDefault();

    /// <summary>Insertions, deletions and replacements from one to the other (Levenshtein); a change of case alone counts as one.</summary>
    private static int Distance(string a, string b)
    {
        if (string.Equals(a, b, StringComparison.OrdinalIgnoreCase))
        {
            return 1;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
