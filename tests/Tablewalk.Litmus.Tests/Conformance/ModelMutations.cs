using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Tablewalk.Litmus.Tests.Conformance;

/// <summary>A model with one rule left out.</summary>
/// <param name="Line">The line of the rule, from 1.</param>
/// <param name="Removed">The rule.</param>
/// <param name="Text">The text of the model without it.</param>
internal sealed partial record ModelMutation(int Line, string Removed, string Text)
{
    /// <summary>
    /// Leaves out each alternative of each definition and constraint in turn; of a definition with one alternative, its meaning; and each constraint.
    /// Works on the text, comments taken out.
    /// </summary>
    public static ImmutableArray<ModelMutation> Of(string model)
    {
        var text = Comment().Replace(model, comment => Regex.Replace(comment.Value, @"[^\n]", " "));
        var mutations = ImmutableArray.CreateBuilder<ModelMutation>();
        foreach (Match statement in Statement().Matches(text))
        {
            var body = statement.Groups["body"];
            var alternatives = Alternatives(text, body.Index, body.Index + body.Length);
            for (var i = 0; i < alternatives.Count; i++)
            {
                // The bar before it goes with it; the one after it, if it is the first.
                var (start, end) = alternatives[i];
                var from = i > 0 ? alternatives[i - 1].End : start;
                var to = i == 0 && alternatives.Count > 1 ? alternatives[1].Start : end;
                var empty = alternatives.Count == 1 ? " 0 " : " ";
                mutations.Add(new(LineOf(text, start), OneLine(text[start..end]), string.Concat(text.AsSpan(0, from), empty, text.AsSpan(to))));
            }

            if (statement.Groups["constraint"].Success)
            {
                var line = OneLine(statement.Value);
                mutations.Add(new(LineOf(text, statement.Index), line, string.Concat(text.AsSpan(0, statement.Index), text.AsSpan(statement.Index + statement.Length))));
            }
        }

        return mutations.ToImmutable();
    }

    // The parts between bars that no bracket encloses.
    private static List<(int Start, int End)> Alternatives(string text, int start, int end)
    {
        var alternatives = new List<(int, int)>();
        var (depth, from) = (0, start);
        for (var i = start; i < end; i++)
        {
            depth += text[i] is '(' or '[' ? 1 : text[i] is ')' or ']' ? -1 : 0;
            if (text[i] == '|' && depth == 0)
            {
                alternatives.Add(Trimmed(from, i));
                from = i + 1;
            }
        }

        alternatives.Add(Trimmed(from, end));
        return alternatives;

        (int, int) Trimmed(int a, int b)
        {
            while (a < b && char.IsWhiteSpace(text[a]))
            {
                a++;
            }

            while (b > a && char.IsWhiteSpace(text[b - 1]))
            {
                b--;
            }

            return (a, b);
        }
    }

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    private static string OneLine(string text) => Regex.Replace(text.Trim(), @"\s+", " ");

    [GeneratedRegex(@"\(\*.*?\*\)", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(
        @"^(?:(?:let(?: rec)?|and) [^=\n]+=(?<body>.*?)|(?<constraint>acyclic|irreflexive|empty)(?<body>.*?) as [\w-]+)\s*(?=^(?:let|and|acyclic|irreflexive|empty)\b|\z)",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Statement();
}
