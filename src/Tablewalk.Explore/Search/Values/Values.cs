using Tablewalk.Explore.Search.ReadsFrom;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Values;

/// <summary>
/// A value: a constant, or a node of <see cref="ValueArena"/> that stands for what pending reads will get.
/// </summary>
internal readonly record struct Value(ulong Constant, int Node)
{
    public bool IsConstant => Node == 0;

    public static Value Of(ulong constant) => new(constant, 0);
}

/// <summary>What of a pending read is missing to know another value.</summary>
/// <param name="Read">The read.</param>
/// <param name="Part">A value that is computed from this read alone.</param>
/// <param name="Bits">The bits of <paramref name="Part"/> that matter.</param>
internal readonly record struct Missing(int Read, Value Part, ulong Bits);

/// <summary>What a register holds: its value, and the events that it depends on and those that picked it (sets of <see cref="TaintArena"/>).</summary>
/// <param name="Value">The value.</param>
/// <param name="Taint">What it depends on.</param>
/// <param name="Pick">What picked it.</param>
/// <param name="OpenSelect">The selection that is not decided yet + 1, of which the value is known and the two sets are not; else 0.</param>
internal readonly record struct RegisterValue(Value Value, int Taint, int Pick = 0, int OpenSelect = 0);

/// <summary>A selection whose condition was not known when its thread came by.</summary>
internal readonly record struct OpenSelect(RegisterValue Condition, RegisterValue IfTrue, RegisterValue IfFalse);

/// <summary>
/// Symbolic values as a DAG in one growing array. Undo is by length, since nodes are only ever made on top. A node whose value became
/// known remembers it; the list of those nodes is undone by length too.
/// </summary>
internal sealed class ValueArena
{
    private const byte ReadNode = 255;
    private const byte SelectNode = 254;
    private const int ManyReads = -1;

    private readonly int[] _readSource; // by event: which write it reads from, or -1
    private readonly Value[] _written; // by event: what a write writes
    private readonly List<Missing> _missing = [];
    private Node[] _nodes = new Node[1024];
    private int _asking;
    private int[] _known = new int[1024];

    public ValueArena(int[] readSource, Value[] written)
    {
        _readSource = readSource;
        _written = written;
    }

    /// <summary>Knows what pending reads may get.</summary>
    public required PossibleSources Sources { get; init; }

    public int Count { get; private set; } = 1; // node 0 means "constant"

    public int KnownCount { get; private set; }

    public void UndoTo(int count, int knownCount)
    {
        while (KnownCount > knownCount)
        {
            _nodes[_known[--KnownCount]].IsKnown = false;
        }

        Count = count;
    }

    /// <summary>What read event <paramref name="read"/> gets, shifted and masked to a part of a wider access where needed.</summary>
    public Value Read(int read) => Add(new Node { Kind = ReadNode, A = Value.Of((ulong)read), OnlyRead = read });

    public Value Compute(Operation operation, Value left, Value right)
    {
        if (left.IsConstant && right.IsConstant)
        {
            return Value.Of(operation.Evaluate(left.Constant, right.Constant));
        }

        if (operation == Operation.And && (left == Value.Of(0) || right == Value.Of(0)))
        {
            return Value.Of(0); // whatever the other gets: a dependency without a demand for its value
        }

        return operation == Operation.Copy ? left : Add(new Node { Kind = (byte)operation, A = left, B = right, OnlyRead = JoinOfReads(operation, left, right) });
    }

    public Value Select(Value condition, Value ifTrue, Value ifFalse) =>
        condition.IsConstant ? (condition.Constant != 0 ? ifTrue : ifFalse)
        : Add(new Node { Kind = SelectNode, A = condition, B = ifTrue, C = ifFalse, OnlyRead = ManyReads });

    /// <summary>The constant that <paramref name="value"/> is by now, or false and the read that it still needs.</summary>
    public bool TryEvaluate(Value value, out ulong constant, out int missingRead)
    {
        missingRead = -1;
        if (value.IsConstant)
        {
            constant = value.Constant;
            return true;
        }

        ref var node = ref _nodes[value.Node];
        if (node.IsKnown)
        {
            constant = node.Known;
            return true;
        }

        if (!TryEvaluateNode(value.Node, out constant, out missingRead))
        {
            return false;
        }

        node = ref _nodes[value.Node];
        node.IsKnown = true;
        node.Known = constant;
        if (KnownCount == _known.Length)
        {
            Array.Resize(ref _known, KnownCount * 2);
        }

        _known[KnownCount++] = value.Node;
        return true;
    }

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

    /// <summary>Whether a value that is not known is computed from one read and nothing else.</summary>
    public bool IsComputedFrom(Value value, int read) => OnlyReadOf(value) == read;

    /// <summary>The read from which alone a value is computed; -1 if there is none or more than one.</summary>
    public int OnlyReadOf(Value value) => value.IsConstant ? -1 : _nodes[value.Node].OnlyRead;

    /// <summary>The same value with all that is known by now put in.</summary>
    public Value Reduced(Value value)
    {
        if (TryDecide(value, out var constant))
        {
            return Value.Of(constant);
        }

        var node = _nodes[value.Node];
        if (node.Kind == ReadNode)
        {
            return _readSource[node.OnlyRead] is >= 0 and var write ? Reduced(_written[write]) : value;
        }

        var (a, b) = (Reduced(node.A), Reduced(node.B));
        if (node.Kind != SelectNode)
        {
            return a == node.A && b == node.B ? value : Compute((Operation)node.Kind, a, b);
        }

        var c = Reduced(node.C);
        return a == node.A && b == node.B && c == node.C ? value : Select(a, b, c);
    }

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

    /// <summary>Whether <paramref name="value"/> depends on what <paramref name="read"/> gets, through the sources chosen so far.</summary>
    public bool DependsOn(Value value, int read)
    {
        if (value.IsConstant || _nodes[value.Node].IsKnown)
        {
            return false;
        }

        ref readonly var node = ref _nodes[value.Node];
        if (node.Kind == ReadNode)
        {
            var source = (int)node.A.Constant;
            return source == read || (_readSource[source] is >= 0 and var write && DependsOn(_written[write], read));
        }

        return DependsOn(node.A, read) || DependsOn(node.B, read) || (node.Kind == SelectNode && DependsOn(node.C, read));
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

    private int JoinOfReads(Operation operation, Value a, Value b)
    {
        if (operation is Operation.DivideUnsigned or Operation.RemainderUnsigned)
        {
            return ManyReads; // not defined for every value that might come
        }

        var (ofA, ofB) = (_nodes[a.Node].OnlyRead, _nodes[b.Node].OnlyRead);
        return a.IsConstant ? ofB : b.IsConstant || ofA == ofB ? ofA : ManyReads;
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

    private bool TryEvaluateNode(int index, out ulong constant, out int missingRead)
    {
        var node = _nodes[index];
        constant = 0;
        switch (node.Kind)
        {
            case ReadNode:
                var read = (int)node.A.Constant;
                var source = _readSource[read];
                if (source < 0)
                {
                    missingRead = read;
                    return false;
                }

                return TryEvaluate(_written[source], out constant, out missingRead);
            case SelectNode:
                return TryEvaluate(node.A, out var condition, out missingRead)
                    && TryEvaluate(condition != 0 ? node.B : node.C, out constant, out missingRead);
            default:
                if (!TryEvaluate(node.A, out var left, out missingRead) || !TryEvaluate(node.B, out var right, out missingRead))
                {
                    return false;
                }

                constant = ((Operation)node.Kind).Evaluate(left, right);
                return true;
        }
    }

    private Value Add(Node node)
    {
        if (Count == _nodes.Length)
        {
            Array.Resize(ref _nodes, Count * 2);
        }

        _nodes[Count] = node;
        return new Value(0, Count++);
    }

    // Mutable, do not copy where it is changed.
    private struct Node
    {
        public byte Kind;
        public bool IsKnown;
        public int OnlyRead; // the one read that it is computed from
        public int AskedIn; // the last question in which it was met
        public ulong Known;
        public ulong Asked; // the bits that that question asked for
        public long BitsAsOf; // the moment for which its certain bits were found
        public KnownBits Bits;
        public Value A;
        public Value B;
        public Value C;
    }
}
