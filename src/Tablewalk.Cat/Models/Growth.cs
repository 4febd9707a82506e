namespace Tablewalk.Cat.Models;

/// <summary>
/// How an expression can change while an execution grows, from how its operands can. Errs towards "can change": a stable expression that is
/// not recognised costs time, the reverse would cost soundness.
/// </summary>
internal static class Growth
{
    internal static (bool IsStable, bool IsForward, bool IsBackward, bool IsSymmetric) Of(Expression e) => e.Kind switch
    {
        ExpressionKind.BaseSet => (!((BaseSet)e.Given).MayBeJoinedLate(), false, false, false),
        ExpressionKind.Universe or ExpressionKind.EmptySet => (true, false, false, false),
        ExpressionKind.SetUnion or ExpressionKind.SetIntersection or ExpressionKind.SetDifference =>
            (e.Left.IsStable && e.Right.IsStable, false, false, false),

        // An event is in the range of a forward relation because of an event that was there before it; for the domain, the reverse.
        ExpressionKind.Range => (e.Left.IsStable && e.Left.IsForward, false, false, false),
        ExpressionKind.Domain => (e.Left.IsStable && e.Left.IsBackward, false, false, false),

        ExpressionKind.BaseRelation => (
            ((BaseRelation)e.Given).IsPairStable(), ((BaseRelation)e.Given).IsForward(), false, ((BaseRelation)e.Given).IsSymmetric()),
        ExpressionKind.EmptyRelation => (true, true, true, true),
        ExpressionKind.Identity => (e.Left.IsStable, true, true, true),
        ExpressionKind.Product => (e.Left.IsStable && e.Right.IsStable, false, false, ReferenceEquals(e.Left, e.Right)),
        ExpressionKind.Union => (
            e.Left.IsStable && e.Right.IsStable,
            e.Left.IsForward && e.Right.IsForward,
            e.Left.IsBackward && e.Right.IsBackward,
            e.Left.IsSymmetric && e.Right.IsSymmetric),
        ExpressionKind.Intersection => (
            e.Left.IsStable && e.Right.IsStable,
            e.Left.IsForward || e.Right.IsForward,
            e.Left.IsBackward || e.Right.IsBackward,
            e.Left.IsSymmetric && e.Right.IsSymmetric),
        ExpressionKind.Difference => (
            e.Left.IsStable && e.Right.IsStable, e.Left.IsForward, e.Left.IsBackward, e.Left.IsSymmetric && e.Right.IsSymmetric),
        ExpressionKind.Sequence => OfSequence(e.Left, e.Right),
        ExpressionKind.Inverse => (e.Left.IsStable, e.Left.IsBackward, e.Left.IsForward, e.Left.IsSymmetric),
        ExpressionKind.Plus => (
            e.Left.IsStable && (e.Left.IsForward || e.Left.IsBackward || e.Left.IsBornTogether), e.Left.IsForward, e.Left.IsBackward, e.Left.IsSymmetric),
        _ => (false, false, false, false),
    };

    /// <summary>Whether <paramref name="e"/> relates only events of one batch, and is decided with that batch.</summary>
    internal static bool IsBornTogether(Expression e) => e.IsStable && e.Kind switch
    {
        ExpressionKind.BaseRelation => (BaseRelation)e.Given == BaseRelation.Si,
        ExpressionKind.EmptyRelation or ExpressionKind.Identity => true,
        ExpressionKind.Union or ExpressionKind.Sequence => e.Left.IsBornTogether && e.Right.IsBornTogether,
        ExpressionKind.Intersection => e.Left.IsBornTogether || e.Right.IsBornTogether,
        ExpressionKind.Difference or ExpressionKind.Inverse or ExpressionKind.Plus => e.Left.IsBornTogether,
        _ => false,
    };

    /// <summary>
    /// The event in the middle of r ; s must be there as soon as both ends are: it is, if s leads forward to it (so it is older than the
    /// end) or r backward (so it is older than the beginning), or if it came in the same
    /// batch as one of them.
    /// </summary>
    private static (bool, bool, bool, bool) OfSequence(Expression first, Expression second) => (
        first.IsStable && second.IsStable && (second.IsForward || first.IsBackward || first.IsBornTogether || second.IsBornTogether),
        first.IsForward && second.IsForward,
        first.IsBackward && second.IsBackward,
        first.IsSymmetric && ReferenceEquals(first, second));
}
