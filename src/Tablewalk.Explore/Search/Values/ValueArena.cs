using Tablewalk.Explore.Search.ReadsFrom;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Values;

/// <summary>
/// Symbolic values as a DAG in one growing array. Undo is by length, since nodes are only ever made on top. A node whose value became
/// known remembers it; the list of those nodes is undone by length too.
/// </summary>
internal sealed partial class ValueArena
{
    private const byte ReadNode = 255;
    private const byte SelectNode = 254;
    private const int ManyReads = -1;

    private readonly int[] _readSource; // by event: which write it reads from, or -1
    private readonly Value[] _written; // by event: what a write writes
    private Node[] _nodes = new Node[1024];
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

    private int JoinOfReads(Operation operation, Value a, Value b)
    {
        if (operation is Operation.DivideUnsigned or Operation.RemainderUnsigned)
        {
            return ManyReads; // not defined for every value that might come
        }

        var (ofA, ofB) = (_nodes[a.Node].OnlyRead, _nodes[b.Node].OnlyRead);
        return a.IsConstant ? ofB : b.IsConstant || ofA == ofB ? ofA : ManyReads;
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
