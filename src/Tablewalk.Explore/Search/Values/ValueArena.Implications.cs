using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Values;

// What one condition says of another.
internal sealed partial class ValueArena
{
    /// <summary>Whether a condition is nonzero, given that another one is, or is not; null if that does not say.</summary>
    public bool? Implies(Value given, bool isNonzero, Value condition)
    {
        if (AreSame(given, condition))
        {
            return isNonzero;
        }

        if (IsComparison(condition, out var node) && node.B == Value.Of(0) && Implies(given, isNonzero, node.A) is { } ofOperand)
        {
            return ofOperand == (node.Kind == (byte)Operation.NotEqual);
        }

        if (!IsComparison(given, out var givenNode))
        {
            return null;
        }

        var areEqual = isNonzero == (givenNode.Kind == (byte)Operation.Equal);
        if (givenNode.B == Value.Of(0) && AreSame(givenNode.A, condition))
        {
            return !areEqual;
        }

        var isOfTheSame = IsComparison(condition, out node)
            && ((AreSame(node.A, givenNode.A) && AreSame(node.B, givenNode.B)) || (AreSame(node.A, givenNode.B) && AreSame(node.B, givenNode.A)));
        return isOfTheSame ? areEqual == (node.Kind == (byte)Operation.Equal) : null;
    }

    private bool IsComparison(Value value, out Node node)
    {
        node = _nodes[value.Node];
        return !value.IsConstant && node.Kind is (byte)Operation.Equal or (byte)Operation.NotEqual;
    }

    private bool AreSame(Value a, Value b)
    {
        if (a == b || a.IsConstant || b.IsConstant)
        {
            return a == b;
        }

        ref readonly var first = ref _nodes[a.Node];
        ref readonly var second = ref _nodes[b.Node];
        return first.Kind == second.Kind && AreSame(first.A, second.A) && AreSame(first.B, second.B) && AreSame(first.C, second.C);
    }
}
