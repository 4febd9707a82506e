using System.Globalization;
using System.Text;
using Tablewalk.Cat;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;

namespace Tablewalk.Report;

/// <summary>Explanations as plain text.</summary>
public static class Explaining
{
    /// <summary>Why an outcome is not reached: the rule, its cycle, and what of the program it rests on.</summary>
    public static string Of(ForbiddenOutcome forbidden)
    {
        ArgumentNullException.ThrowIfNull(forbidden);
        var text = new StringBuilder();
        if (forbidden is { Rule: { } rule, Execution: { } picture })
        {
            text.Append($"Forbidden by {WordFor(rule.Constraint)}, {rule.Constraint.Position.File}:{rule.Constraint.Position.Line}");
            text.Append(forbidden.IsOnlyRule ? "\n" : ", among others\n");
            AppendSteps(text, rule, picture);
        }
        else
        {
            text.Append("No execution ends so, not even without the rules of the model\n");
        }

        foreach (var line in forbidden.RestsOn.Select(w => $"rests on: {Of(w)}").Distinct())
        {
            text.Append(line).Append('\n');
        }

        if (forbidden.RestsOn.IsEmpty)
        {
            text.Append("rests on no single fence, order or dependency\n");
        }

        foreach (var line in forbidden.Undecided.Select(w => $"not known whether it rests on: {Of(w)}").Distinct())
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A support in one line, such as <c>rests on: FolioReference.cs:22 CmpXchg full -> relaxed breaks it</c>.</summary>
    public static string Of(Support support)
    {
        ArgumentNullException.ThrowIfNull(support);
        var (weakening, verdict) = support;
        var places = weakening.Others.Prepend(weakening.Source).Where(s => s is not null).Select(s => StepText.Place(s!)).Distinct().ToList();
        var place = places.Count == 0 ? "" : $"{string.Join(", ", places)} ";
        var text = weakening is { Kind: WeakeningKind.Branch, Others.IsEmpty: true, Source: { } source } ? $" ({StepText.Plain(source.Text)})" : "";
        return verdict is Verdict.Inconclusive unknown
            ? $"not known whether it rests on: {place}{weakening.Subject} {weakening.Change}{text}: {unknown.Reason}"
            : $"rests on: {place}{weakening.Subject} {weakening.Change} {(weakening.Others.IsEmpty ? "breaks" : "break")} it{text}";
    }

    /// <summary>A weakening in one line, such as <c>P1:12 LDR W0,[X1]: addr dependency removed</c>.</summary>
    private static string Of(Weakening weakening) =>
        $"P{weakening.Thread}{(weakening.Source is { } s ? $":{s.Line} {StepText.Plain(s.Text)}" : "")}"
        + (weakening is { Kind: WeakeningKind.Removal, Source: not null } ? $" {weakening.Change}" : $": {weakening.Subject} {weakening.Change}");

    /// <summary>An event in one line, such as <c>P0:9 STR W0,[X1]  W x = 1</c>.</summary>
    internal static string Of(PictureEvent e)
    {
        var does = e.Location.Length == 0 ? e.Operation : $"{e.Operation} {e.Location} = {ValueOf(e)}";
        return e.Thread < 0 ? $"initially {e.Location} = {ValueOf(e)}"
            : e.Source is { } s ? $"P{e.Thread}:{s.Line} {StepText.Plain(s.Text)}  {does}" : $"P{e.Thread} {does}";
    }

    internal static string ValueOf(PictureEvent e) => e.Description ?? StepText.Number(e.Value);

    private static string WordFor(Constraint constraint) =>
        $"{(constraint.IsNegated ? "~" : "")}{constraint.Kind.ToString().ToUpperInvariant() switch { "ACYCLIC" => "acyclic", "IRREFLEXIVE" => "irreflexive", "EMPTY" => "empty", _ => "with" }} {constraint.Name}";

    // Each event stands above the step that leads from it; where a step begins elsewhere than the one before ended, that end is told first.
    private static void AppendSteps(StringBuilder text, BrokenRule rule, ExecutionPicture picture)
    {
        for (var i = 0; i < rule.Steps.Length; i++)
        {
            var step = rule.Steps[i];
            if (i > 0 && rule.Steps[i - 1].To != step.From)
            {
                text.Append($"  {Of(picture[rule.Steps[i - 1].To])}\n");
            }

            text.Append($"  {Of(picture[step.From])}\n      {LabelOf(step, picture)}\n");
        }

        if (rule.Steps is [var first, .., var last] && last.To == first.From)
        {
            text.Append("  and so back to the first\n");
        }
        else if (rule.Steps is [.., var end])
        {
            text.Append(end.To == rule.Steps[0].From ? "  and so back to the first\n" : $"  {Of(picture[end.To])}\n");
        }
    }

    // The narrowest name, then what it is part of: "bob (lob > certain): po ; [dmb.full] ; po, through P0:10 DMB SY".
    private static string LabelOf(RuleStep step, ExecutionPicture picture)
    {
        var text = new StringBuilder(step.Label);
        if (step.Names.Length > 1)
        {
            text.Append(CultureInfo.InvariantCulture, $" ({string.Join(" > ", step.Names[..^1])})");
        }

        if (step.Rule.Length > 0 && !step.Names.IsEmpty)
        {
            text.Append(": ").Append(step.Rule);
        }

        if (!step.Through.IsEmpty)
        {
            text.Append(", through ").AppendJoin(", then ", step.Through.Select(e => Of(picture[e])));
        }

        return text.ToString();
    }
}
