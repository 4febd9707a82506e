using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Values;

// What is certain of a value whatever its pending reads get, and which of them the rest depends on.
internal sealed partial class ValueArena
{
    private readonly List<Missing> _missing = [];
    private int _asking;

    /// <summary>The constant that <paramref name="value"/> is whatever its pending reads get; false if there is none.</summary>
    public bool TryDecide(Value value, out ulong constant)
    {
        if (TryEvaluate(value, out constant, out _))
        {
            return true;
        }

        var bits = Bits(value);
        constant = bits.Ones;
        return bits.IsConstant;
    }

    /// <summary>
    /// The pending reads on which it depends what <paramref name="value"/> is, with what of them it depends on: once that is known, so is
    /// <paramref name="value"/>. A read may be there more than once. Valid until the next call.
    /// </summary>
    public List<Missing> MissingReads(Value value)
    {
        _missing.Clear();
        _asking++;
        Demand(value, ulong.MaxValue);
        return _missing;
    }

    /// <summary>The bits of a value that are certain whatever the pending reads get.</summary>
    public KnownBits Bits(Value value)
    {
        if (value.IsConstant)
        {
            return KnownBits.Of(value.Constant);
        }

        ref readonly var node = ref _nodes[value.Node];
        if (node.IsKnown)
        {
            return KnownBits.Of(node.Known);
        }

        if (node.BitsAsOf == Sources.Moment)
        {
            return node.Bits;
        }

        var bits = BitsOf(value, node);
        _nodes[value.Node].Bits = bits;
        _nodes[value.Node].BitsAsOf = Sources.Moment;
        return bits;
    }

    // Whether one pending read decides, and the few values that it may get are known.
    private bool IsDecidedByOne(Node node) =>
        node.OnlyRead != ManyReads && _readSource[node.OnlyRead] < 0 && !Sources.ValuesOf(node.OnlyRead).IsEmpty;

    private KnownBits BitsOf(Value value, Node node)
    {
        // No bit is lost to what several bits have in common.
        if (node.Kind != ReadNode && IsDecidedByOne(node))
        {
            var given = Sources.ValuesOf(node.OnlyRead);
            var bits = KnownBits.Of(EvaluateFor(value, given[0]));
            foreach (var read in given[1..])
            {
                bits = bits.Join(KnownBits.Of(EvaluateFor(value, read)));
            }

            return bits;
        }

        switch (node.Kind)
        {
            case ReadNode:
                return _readSource[(int)node.A.Constant] is >= 0 and var write ? Bits(_written[write]) : Sources.BitsOf((int)node.A.Constant);
            case SelectNode:
                var condition = Bits(node.A);
                return condition.IsNonzero ? Bits(node.B) : condition.IsZero ? Bits(node.C) : Bits(node.B).Join(Bits(node.C));
            default:
                return KnownBits.Compute((Operation)node.Kind, Bits(node.A), Bits(node.B));
        }
    }

    // Goes down to the reads that the demanded bits of a value come from, past everything that is certain anyway.
    private void Demand(Value value, ulong demanded)
    {
        if (value.IsConstant)
        {
            return;
        }

        ref var node = ref _nodes[value.Node];
        if (node.IsKnown || (node.AskedIn == _asking && (demanded & ~node.Asked) == 0))
        {
            return;
        }

        var known = Bits(value);
        demanded &= ~(known.Ones | known.Zeros);
        if (demanded == 0)
        {
            return;
        }

        node.Asked = node.AskedIn == _asking ? node.Asked | demanded : demanded;
        node.AskedIn = _asking;
        var (kind, a, b, c) = (node.Kind, node.A, node.B, node.C);
        if (IsDecidedByOne(node) || (kind == ReadNode && _readSource[node.OnlyRead] < 0))
        {
            _missing.Add(new(node.OnlyRead, value, demanded));
            return;
        }

        switch (kind)
        {
            case ReadNode:
                Demand(_written[_readSource[node.OnlyRead]], demanded);
                break;
            case SelectNode:
                Demand(a, ulong.MaxValue);
                Demand(b, demanded);
                Demand(c, demanded);
                break;
            case (byte)Operation.And:
                Demand(a, demanded & ~Bits(b).Zeros);
                Demand(b, demanded & ~Bits(a).Zeros);
                break;
            case (byte)Operation.Or:
                Demand(a, demanded & ~Bits(b).Ones);
                Demand(b, demanded & ~Bits(a).Ones);
                break;
            case (byte)Operation.Xor:
                Demand(a, demanded);
                Demand(b, demanded);
                break;
            case (byte)Operation.Add or (byte)Operation.Subtract: // a bit depends on those below it
                var below = ulong.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(demanded);
                Demand(a, below);
                Demand(b, below);
                break;
            case (byte)Operation.ShiftLeft when b.IsConstant:
                Demand(a, demanded >> (int)(b.Constant & 63));
                break;
            case (byte)Operation.ShiftRightLogical when b.IsConstant:
                Demand(a, demanded << (int)(b.Constant & 63));
                break;
            default:
                Demand(a, ulong.MaxValue);
                Demand(b, ulong.MaxValue);
                break;
        }
    }
}
