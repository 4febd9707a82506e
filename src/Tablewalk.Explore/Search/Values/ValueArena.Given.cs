using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Values;

// What a value is if the few reads that it is computed from get certain values.
internal sealed partial class ValueArena
{
    /// <summary>Whether a value that is not known is computed from one read and nothing else.</summary>
    public bool IsComputedFrom(Value value, int read) => OnlyReadOf(value) == read;

    /// <summary>The read from which alone a value is computed; -1 if there is none or more than one.</summary>
    public int OnlyReadOf(Value value) => value.IsConstant ? -1 : _nodes[value.Node].OnlyRead;

    /// <summary>What a value that is computed from one read is, if that read gets <paramref name="read"/>.</summary>
    public ulong EvaluateFor(Value value, ulong read)
    {
        if (value.IsConstant)
        {
            return value.Constant;
        }

        ref readonly var node = ref _nodes[value.Node];
        return node.Kind == ReadNode ? read : ((Operation)node.Kind).Evaluate(EvaluateFor(node.A, read), EvaluateFor(node.B, read));
    }

    /// <summary>What a value that is computed from two pending reads is, if they get certain values.</summary>
    /// <returns>False if it is not known.</returns>
    public bool TryEvaluateFor(Value value, (int Read, ulong Value) first, (int Read, ulong Value) second, out ulong result)
    {
        if (TryEvaluate(value, out result, out _))
        {
            return true;
        }

        var node = _nodes[value.Node];
        switch (node.Kind)
        {
            case ReadNode when _readSource[node.OnlyRead] is >= 0 and var write:
                return TryEvaluateFor(_written[write], first, second, out result);
            case ReadNode:
                result = node.OnlyRead == first.Read ? first.Value : second.Value;
                return node.OnlyRead == first.Read || node.OnlyRead == second.Read;
            case SelectNode:
                return TryEvaluateFor(node.A, first, second, out var condition) && TryEvaluateFor(condition != 0 ? node.B : node.C, first, second, out result);
            case (byte)Operation.DivideUnsigned or (byte)Operation.RemainderUnsigned:
                return false; // not defined for every value that might come
            default:
                if (!TryEvaluateFor(node.A, first, second, out var left) || !TryEvaluateFor(node.B, first, second, out var right))
                {
                    return false;
                }

                result = ((Operation)node.Kind).Evaluate(left, right);
                return true;
        }
    }

    /// <summary>The bits that are certain of a value that is computed from one read, if these are certain of what that read gets.</summary>
    public KnownBits BitsFor(Value value, KnownBits read)
    {
        if (value.IsConstant)
        {
            return KnownBits.Of(value.Constant);
        }

        ref readonly var node = ref _nodes[value.Node];
        return node.Kind == ReadNode ? read : KnownBits.Compute((Operation)node.Kind, BitsFor(node.A, read), BitsFor(node.B, read));
    }
}
