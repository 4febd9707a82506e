using Tablewalk.Cat.Models;

namespace Tablewalk.Cat.Explaining;

/// <summary>Expressions as text in which what has a name stands by its name.</summary>
internal sealed class RuleText(ExpressionGraph graph)
{
    // How tightly each operator binds; an operand that binds less tightly than its place needs brackets.
    private const int UnionLevel = 0, SequenceLevel = 1, DifferenceLevel = 2, IntersectionLevel = 3, ProductLevel = 4, TightLevel = 5;

    /// <summary>By its name if it has one.</summary>
    public string Of(Expression e) => Write(e, UnionLevel);

    /// <summary>What it is made of, even if it has a name.</summary>
    public string Below(Expression e) => WriteUnnamed(e, UnionLevel);

    private string Write(Expression e, int place) => graph.NameOf(e)?.Name ?? WriteUnnamed(e, place);

    private string WriteUnnamed(Expression e, int place)
    {
        var (text, level) = e.Kind switch
        {
            ExpressionKind.SetUnion or ExpressionKind.Union => (Both(e, " | ", UnionLevel), UnionLevel),
            ExpressionKind.Sequence => (Both(e, " ; ", SequenceLevel), SequenceLevel),
            ExpressionKind.SetDifference or ExpressionKind.Difference => ($"{Write(e.Left, DifferenceLevel)} \\ {Write(e.Right, IntersectionLevel)}", DifferenceLevel),
            ExpressionKind.SetIntersection or ExpressionKind.Intersection => (Both(e, " & ", IntersectionLevel), IntersectionLevel),
            ExpressionKind.Product => ($"{Write(e.Left, TightLevel)} * {Write(e.Right, TightLevel)}", ProductLevel),
            ExpressionKind.Identity => ($"[{Write(e.Left, UnionLevel)}]", TightLevel),
            ExpressionKind.Inverse => ($"{Write(e.Left, TightLevel)}^-1", TightLevel),
            ExpressionKind.Plus => ($"{Write(e.Left, TightLevel)}+", TightLevel),
            ExpressionKind.Domain => ($"domain({Write(e.Left, UnionLevel)})", TightLevel),
            ExpressionKind.Range => ($"range({Write(e.Left, UnionLevel)})", TightLevel),
            _ => (e.ToString(), TightLevel),
        };
        return level < place ? $"({text})" : text;
    }

    private string Both(Expression e, string between, int level) => Write(e.Left, level) + between + Write(e.Right, level);
}
