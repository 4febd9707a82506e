using System.Text.RegularExpressions;

namespace Tablewalk.Report;

/// <summary>Of a source line the call that it is about: without what it declares, assigns or returns, without casts and type arguments.</summary>
public static partial class CallText
{
    /// <summary>The call, in at most so many characters where its arguments can be left out for that.</summary>
    public static string Of(string source, int width)
    {
        string text = source[(source.LastIndexOf("=> ", StringComparison.Ordinal) is >= 0 and var arrow ? arrow + 3 : 0)..];
        text = TypeArguments().Replace(Casts().Replace(text, ""), "");
        int start = text.IndexOf("Cpu.", StringComparison.Ordinal);
        string call = start >= 0 ? CallAt(text, start + "Cpu.".Length) : FirstCall().Match(text) is { Success: true } match ? CallAt(text, match.Index) : text.TrimEnd(';');
        return Shorten(call, width);
    }

    /// <summary>Of a BugOn the condition; of anything else the call.</summary>
    public static string Condition(string source)
    {
        string call = Of(source, int.MaxValue);
        int end = call.LastIndexOf(", \"", StringComparison.Ordinal);
        return call.StartsWith("BugOn(", StringComparison.Ordinal) && end > 0 ? call["BugOn(".Length..end] : call;
    }

    private static string CallAt(string text, int start)
    {
        int depth = 0;
        for (int i = start; i < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth == 0 && text[i] == ')')
            {
                return text[start..(i + 1)];
            }
        }

        return text[start..].TrimEnd(';');
    }

    private static string Shorten(string call, int width)
    {
        const string Rest = "...)";
        int open = call.IndexOf('(', StringComparison.Ordinal);
        if (call.Length <= width || open < 0 || !call.EndsWith(')'))
        {
            return call;
        }

        int cut = call.LastIndexOf(", ", Math.Max(0, Math.Min(call.Length, width) - Rest.Length - 2), StringComparison.Ordinal);
        return cut > open ? call[..cut] + ", " + Rest : call[..(open + 1)] + Rest;
    }

    [GeneratedRegex(@"\((?:ulong|uint|Pte|Pmd|AddressSpace|void)\**\)")]
    private static partial Regex Casts();

    [GeneratedRegex(@"(?<=\w)<[\w\s,<>\[\]]+>(?=[(.])")]
    private static partial Regex TypeArguments();

    [GeneratedRegex(@"(?<![\w.]|new )(?!if\b|while\b|for\b|switch\b|new\b|return\b)[A-Za-z_][\w.]*\(")]
    private static partial Regex FirstCall();
}
