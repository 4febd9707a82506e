using System.Globalization;
using System.Text;
using Tablewalk.Cat;
using Tablewalk.Explore.Explain;

namespace Tablewalk.Report;

/// <summary>One execution as a graph in Graphviz's language: a cluster for each thread, its events in program order, and what relates them.</summary>
public static class DotGraph
{
    /// <summary>The graph. A broken rule's steps are drawn bold, by the model's names.</summary>
    public static string Of(string title, ExecutionPicture picture, BrokenRule? rule)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var text = new StringBuilder();
        text.Append($"digraph {Quoted(title)} {{\n  label={Quoted(title)};\n  node [shape=box, fontname=\"monospace\"];\n  edge [fontname=\"monospace\"];\n");
        var drawn = EventsOf(picture, rule);
        for (var t = 0; t < picture.ThreadNames.Length; t++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  subgraph cluster_{t} {{\n    label={Quoted(picture.ThreadNames[t])};\n");
            AppendEvents(text, drawn.Where(e => e.Thread == t), "    ");
            text.Append("  }\n");
        }

        AppendEvents(text, drawn.Where(e => e.Thread < 0), "  ");
        var ids = drawn.Select(e => e.Id).ToHashSet();
        foreach (var edge in picture.Edges.Where(e => ids.Contains(e.From) && ids.Contains(e.To)))
        {
            text.Append(CultureInfo.InvariantCulture, $"  e{edge.From} -> e{edge.To} [label={Quoted(edge.Relation)}, color={ColourOf(edge.Relation)}");
            text.Append(edge.Relation == "po" ? ", weight=10];\n" : ", constraint=false];\n");
        }

        foreach (var step in rule?.Steps ?? [])
        {
            text.Append(CultureInfo.InvariantCulture, $"  e{step.From} -> e{step.To} [label={Quoted(step.Label)}, color=red, fontcolor=red, penwidth=2, constraint=false];\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>The events that are worth drawing: initial writes only where a thread's read or the rule leads from or to them.</summary>
    internal static List<PictureEvent> EventsOf(ExecutionPicture picture, BrokenRule? rule)
    {
        var needed = picture.Edges.Where(e => e.Relation == "rf").Select(e => e.From).Concat(rule?.Steps.SelectMany(s => (int[])[s.From, s.To]) ?? []).ToHashSet();
        return [.. picture.Events.Where(e => e.Thread >= 0 || needed.Contains(e.Id))];
    }

    private static void AppendEvents(StringBuilder text, IEnumerable<PictureEvent> events, string indent)
    {
        foreach (var e in events)
        {
            var does = e.Location.Length == 0 ? e.Operation : $"{e.Operation} {e.Location} = {Explaining.ValueOf(e)}";
            var label = e.Thread < 0 ? $"initially {e.Location} = {Explaining.ValueOf(e)}" : e.Source is { } s ? $"{s.Line}: {StepText.Plain(s.Text)}\n{does}" : does;
            text.Append(CultureInfo.InvariantCulture, $"{indent}e{e.Id} [label={Quoted(label)}];\n");
        }
    }

    private static string ColourOf(string relation) => relation switch
    {
        "po" => "gray",
        "rf" => "darkgreen",
        "co" => "blue",
        "fr" => "orange",
        _ => "purple",
    };

    // In a quoted string of the language only the quote and the backslash are special; a line feed is written as an escape, anything that is not printable as a question mark.
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", < ' ' or > '~' => "?", _ => c.ToString() });
        }

        return quoted.Append('"').ToString();
    }
}
