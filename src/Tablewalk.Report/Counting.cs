using System.Text.RegularExpressions;

namespace Tablewalk.Report;

/// <summary>Texts that say the same, or that count up by one in one word: <c>A+1 cont clean</c>, <c>A+2 cont clean</c>.</summary>
internal static partial class Counting
{
    /// <summary>The texts as one, such as <c>A+1..A+2 cont clean</c>; null if they are neither the same nor count.</summary>
    public static string? FoldOrNull(IReadOnlyList<string> texts) => texts.All(text => text == texts[0]) ? texts[0] : FoldCountingOrNull(texts);

    /// <summary>The texts as one if they count up; null if not, or if there is only one.</summary>
    public static string? FoldCountingOrNull(IReadOnlyList<string> texts)
    {
        string[] first = texts[0].Split(' ');
        string[] last = texts[^1].Split(' ');
        int[] differing = [.. Enumerable.Range(0, Math.Min(first.Length, last.Length)).Where(word => first[word] != last[word])];
        if (first.Length != last.Length || differing is not [int counted])
        {
            return null;
        }

        for (int i = 1; i < texts.Count; i++)
        {
            string[] words = texts[i].Split(' ');
            if (words.Length != first.Length
                || !words.Where((word, w) => w != counted).SequenceEqual(first.Where((word, w) => w != counted))
                || !IsNext(texts[i - 1].Split(' ')[counted], words[counted]))
            {
                return null;
            }
        }

        first[counted] += ".." + last[counted];
        return string.Join(' ', first);
    }

    private static bool IsNext(string word, string next)
    {
        Match before = LastNumber().Match(word);
        Match after = LastNumber().Match(next);
        return before.Success && after.Success
            && before.Groups["head"].Value == after.Groups["head"].Value
            && before.Groups["tail"].Value == after.Groups["tail"].Value
            && !before.Groups["head"].Value.Contains("0x", StringComparison.Ordinal)
            && int.TryParse(before.Groups["number"].Value, out int from)
            && int.TryParse(after.Groups["number"].Value, out int to)
            && to == from + 1;
    }

    [GeneratedRegex("^(?<head>.*?)(?<number>[0-9]+)(?<tail>[^0-9]*)$")]
    private static partial Regex LastNumber();
}
