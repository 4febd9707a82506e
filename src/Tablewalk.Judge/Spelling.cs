namespace Tablewalk.Judge;

/// <summary>Guesses what was meant by a misspelt name.</summary>
internal static class Spelling
{
    /// <summary>The name that is nearest in edits; null if none is near.</summary>
    public static string? NearestOrNull(string name, IEnumerable<string> choices)
    {
        var nearest = choices
            .Select(choice => (Choice: choice, Distance: Math.Min(Distance(name, choice), Distance(name, LastPart(choice)))))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return nearest.Choice is not null && nearest.Distance < name.Length && nearest.Distance <= Math.Max(2, name.Length / 3) ? nearest.Choice : null;
    }

    // Who types zap means gup-fast/zap.
    private static string LastPart(string name) => name[(name.LastIndexOf('/') + 1)..];

    // Insertions, deletions and replacements, letters compared without case.
    private static int Distance(string from, string to)
    {
        int[] above = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 0; i < from.Length; i++)
        {
            int[] row = new int[to.Length + 1];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int replaced = above[j] + (char.ToLowerInvariant(from[i]) == char.ToLowerInvariant(to[j]) ? 0 : 1);
                row[j + 1] = Math.Min(replaced, Math.Min(above[j + 1], row[j]) + 1);
            }

            above = row;
        }

        return above[to.Length];
    }
}
