using Tablewalk.Ir;

namespace Tablewalk.Explore.Search;

/// <summary>
/// A value: a constant, or a node of <see cref="ValueArena"/> that stands for what pending reads will get.
/// </summary>
internal readonly record struct Value(ulong Constant, int Node)
{
    public bool IsConstant => Node == 0;

    public static Value Of(ulong constant) => new(constant, 0);
}

/// <summary>What a register holds: its value, and the events that it depends on and those that picked it (sets of <see cref="TaintArena"/>).</summary>
internal readonly record struct RegisterValue(Value Value, int Taint, int Pick = 0);

/// <summary>
/// Symbolic values as a DAG in one growing array. Undo is by length, since nodes are only ever made on top. A node whose value became
/// known remembers it; the list of those nodes is undone by length too.
/// </summary>
internal sealed class ValueArena
{
    private const byte ReadNode = 255;
    private const byte SelectNode = 254;

    private readonly int[] _readSource; // by event: which write it reads from, or -1
    private readonly Value[] _written; // by event: what a write writes
    private Node[] _nodes = new Node[1024];
    private int[] _known = new int[1024];

    public ValueArena(int[] readSource, Value[] written)
    {
        _readSource = readSource;
        _written = written;
    }

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
    public Value Read(int read) => Add(new Node { Kind = ReadNode, A = Value.Of((ulong)read) });

    public Value Compute(Operation operation, Value left, Value right)
    {
        if (left.IsConstant && right.IsConstant)
        {
            return Value.Of(operation.Evaluate(left.Constant, right.Constant));
        }

        return operation == Operation.Copy ? left : Add(new Node { Kind = (byte)operation, A = left, B = right });
    }

    public Value Select(Value condition, Value ifTrue, Value ifFalse) =>
        condition.IsConstant ? (condition.Constant != 0 ? ifTrue : ifFalse)
        : Add(new Node { Kind = SelectNode, A = condition, B = ifTrue, C = ifFalse });

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

        switch (node.Kind)
        {
            case ReadNode:
                return _readSource[(int)node.A.Constant] is >= 0 and var write ? Bits(_written[write]) : KnownBits.Nothing;
            case SelectNode:
                var condition = Bits(node.A);
                return condition.IsNonzero ? Bits(node.B) : condition.IsZero ? Bits(node.C) : Bits(node.B).Join(Bits(node.C));
            default:
                return KnownBits.Compute((Operation)node.Kind, Bits(node.A), Bits(node.B));
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
        public ulong Known;
        public Value A;
        public Value B;
        public Value C;
    }
}

/// <summary>Sets of events that registers depend on, as bit rows in one growing array; set 0 is the empty one. Undo is by length.</summary>
internal sealed class TaintArena(int words)
{
    private ulong[] _bits = new ulong[256 * words];

    public int Count { get; private set; } = 1;

    public void UndoTo(int count) => Count = count;

    public ReadOnlySpan<ulong> Row(int set) => _bits.AsSpan(set * words, words);

    public int Single(int e)
    {
        var row = NewRow();
        row[e >> 6] = 1UL << (e & 63);
        return Count - 1;
    }

    public int Union(int a, int b)
    {
        if (a == b || b == 0)
        {
            return a;
        }

        if (a == 0)
        {
            return b;
        }

        bool aInB = true, bInA = true;
        var rowA = Row(a);
        var rowB = Row(b);
        for (var w = 0; w < words; w++)
        {
            aInB &= (rowA[w] & ~rowB[w]) == 0;
            bInA &= (rowB[w] & ~rowA[w]) == 0;
        }

        if (bInA || aInB)
        {
            return bInA ? a : b;
        }

        var row = NewRow();
        rowA = Row(a); // the array may have moved
        rowB = Row(b);
        for (var w = 0; w < words; w++)
        {
            row[w] = rowA[w] | rowB[w];
        }

        return Count - 1;
    }

    private Span<ulong> NewRow()
    {
        if ((Count + 1) * words > _bits.Length)
        {
            Array.Resize(ref _bits, _bits.Length * 2);
        }

        var row = _bits.AsSpan(Count++ * words, words);
        row.Clear();
        return row;
    }
}

/// <summary>What is certain about a value: the bits that are one and the bits that are zero; the others may be either.</summary>
internal readonly record struct KnownBits(ulong Ones, ulong Zeros)
{
    public static KnownBits Nothing => default;

    public bool IsNonzero => Ones != 0;

    public bool IsZero => Zeros == ulong.MaxValue;

    public bool IsConstant => (Ones | Zeros) == ulong.MaxValue;

    public static KnownBits Of(ulong constant) => new(constant, ~constant);

    public KnownBits Join(KnownBits other) => new(Ones & other.Ones, Zeros & other.Zeros);

    public static KnownBits Compute(Operation operation, KnownBits a, KnownBits b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return operation is Operation.DivideUnsigned or Operation.RemainderUnsigned && b.Ones == 0
                ? Nothing : Of(operation.Evaluate(a.Ones, b.Ones));
        }

        switch (operation)
        {
            case Operation.Copy:
                return a;
            case Operation.And:
                return new(a.Ones & b.Ones, a.Zeros | b.Zeros);
            case Operation.Or:
                return new(a.Ones | b.Ones, a.Zeros & b.Zeros);
            case Operation.Xor:
                return new((a.Ones & b.Zeros) | (a.Zeros & b.Ones), (a.Ones & b.Ones) | (a.Zeros & b.Zeros));
            case Operation.Equal:
                return Differ(a, b) ? Of(0) : Boolean;
            case Operation.NotEqual:
                return Differ(a, b) ? Of(1) : Boolean;
            case Operation.LessUnsigned when a.IsConstant && a.Ones == 0 && b.IsNonzero: // 0 < x, as compilers write x != 0
                return Of(1);
            case Operation.LessUnsigned or Operation.LessOrEqualUnsigned or Operation.LessSigned or Operation.LessOrEqualSigned:
                return Boolean;
            case Operation.ZeroExtend when b.IsConstant:
                var keep = b.Ones >= 64 ? ulong.MaxValue : (1UL << (int)b.Ones) - 1;
                return new(a.Ones & keep, a.Zeros | ~keep);
            case Operation.ShiftLeft when b.IsConstant:
                var left = (int)(b.Ones & 63);
                return new(a.Ones << left, (a.Zeros << left) | ((1UL << left) - 1));
            case Operation.ShiftRightLogical when b.IsConstant:
                var right = (int)(b.Ones & 63);
                return new(a.Ones >> right, (a.Zeros >> right) | ~(ulong.MaxValue >> right));
            default:
                return Nothing;
        }
    }

    private static KnownBits Boolean => new(0, ~1UL);

    private static bool Differ(KnownBits a, KnownBits b) => ((a.Ones & b.Zeros) | (a.Zeros & b.Ones)) != 0;
}
