namespace Tablewalk.Explore.Analysis;

/// <summary>The partitions of a thread and the ways between them, with the cycles found.</summary>
internal sealed class PassageGraph
{
    private readonly ThreadAnalysis _analysis;
    private readonly int[] _component; // by partition: numbered so that ways lead to the same or to a lower number
    private readonly int[] _index;
    private readonly int[] _low;
    private readonly Stack<int> _open = new();
    private int _visited;
    private int _components;

    public PassageGraph(ThreadAnalysis analysis)
    {
        _analysis = analysis;
        var count = analysis.PartitionCount;
        (_component, _index, _low) = (new int[count], new int[count], new int[count]);
        Array.Fill(_component, -1);
        for (var p = 0; p < count; p++)
        {
            if (_index[p] == 0)
            {
                FindComponents(p);
            }
        }
    }

    /// <summary>By partition, how many writes to a cell any way from it to the end has at most.</summary>
    public int[] MostWrites(ulong cell)
    {
        var most = new int[_component.Length];
        var byComponent = Enumerable.Range(0, most.Length).GroupBy(p => _component[p]).OrderBy(g => g.Key);
        foreach (var component in byComponent)
        {
            var after = 0;
            foreach (var passage in component.SelectMany(p => _analysis.PassagesOf(p)))
            {
                var writes = passage.Writes.Count(w => w.Cell == cell);
                var isInside = passage.Target >= 0 && _component[passage.Target] == component.Key;
                after = Math.Max(after, isInside ? (writes > 0 ? WriteBounds.Unbounded : 0) : Sum(writes, passage.Target < 0 ? 0 : most[passage.Target]));
            }

            foreach (var partition in component)
            {
                most[partition] = after;
            }
        }

        return most;
    }

    /// <summary>A sum that stays at <see cref="WriteBounds.Unbounded"/>.</summary>
    public static int Sum(int a, int b) => (int)Math.Min((long)a + b, WriteBounds.Unbounded);

    // R. Tarjan, "Depth-First Search and Linear Graph Algorithms", SIAM J. Comput. 1(2), 1972; with a stack of its own, since chains of partitions
    // are as long as loops run.
    private void FindComponents(int root)
    {
        var path = new Stack<(int Partition, int Next)>();
        Open(root);
        path.Push((root, 0));
        while (path.TryPop(out var top))
        {
            var passages = _analysis.PassagesOf(top.Partition);
            if (top.Next < passages.Count)
            {
                path.Push((top.Partition, top.Next + 1));
                var target = passages[top.Next].Target;
                if (target >= 0 && _index[target] == 0)
                {
                    Open(target);
                    path.Push((target, 0));
                }
                else if (target >= 0 && _component[target] < 0)
                {
                    _low[top.Partition] = Math.Min(_low[top.Partition], _index[target]);
                }

                continue;
            }

            Close(top.Partition);
            if (path.TryPeek(out var parent))
            {
                _low[parent.Partition] = Math.Min(_low[parent.Partition], _low[top.Partition]);
            }
        }
    }

    private void Open(int partition)
    {
        _low[partition] = _index[partition] = ++_visited;
        _open.Push(partition);
    }

    private void Close(int partition)
    {
        if (_low[partition] != _index[partition])
        {
            return;
        }

        int member;
        do
        {
            member = _open.Pop();
            _component[member] = _components;
        }
        while (member != partition);

        _components++;
    }
}
