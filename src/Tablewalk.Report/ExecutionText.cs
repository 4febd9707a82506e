using System.Text;
using Tablewalk.Cat;
using Tablewalk.Explore.Explain;

namespace Tablewalk.Report;

/// <summary>One execution as plain text: the events of each thread by number, and below them what relates them.</summary>
public static class ExecutionText
{
    /// <summary>The text; a line for each event and for each relation that relates any.</summary>
    public static string Of(ExecutionPicture picture, BrokenRule? rule)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var drawn = DotGraph.EventsOf(picture, rule);
        var rows = drawn.Select(string[] (e) => [$"e{e.Id}", Explaining.Of(e)]).ToList();
        var text = new StringBuilder(TextTable.Format(rows, indent: 2));
        var ids = drawn.Select(e => e.Id).ToHashSet();
        foreach (var relation in picture.Edges.Where(e => ids.Contains(e.From) && ids.Contains(e.To)).GroupBy(e => e.Relation))
        {
            text.Append($"  {relation.Key}: ").AppendJoin(", ", relation.Select(e => $"e{e.From} -> e{e.To}")).Append('\n');
        }

        if (rule is { Steps.IsEmpty: false })
        {
            text.Append($"  breaks {rule.Constraint.Name}: ").AppendJoin(", ", rule.Steps.Select(s => $"e{s.From} -> e{s.To} {s.Label}")).Append('\n');
        }

        return text.ToString();
    }
}
