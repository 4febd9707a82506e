namespace Tablewalk.Explore.Analysis;

/// <summary>The places of a thread and the ways between them, with the cycles found.</summary>
internal sealed class PassageGraph
{
    private readonly IReadOnlyList<Place> _places;
    private readonly int[] _component; // by place: numbered so that ways lead to the same or to a lower number
    private readonly int[] _index;
    private readonly int[] _low;
    private readonly Stack<int> _open = new();
    private readonly (Place From, Passage Passage)[] _ways; // those of one component together, the lowest first
    private readonly Dictionary<ulong, List<int>> _writing = []; // by cell: the ways on which it is written
    private readonly int[] _writes; // by way, of the cell asked for
    private readonly int[] _after; // by component, of the cell asked for
    private int _visited;
    private int _components;

    public PassageGraph(IReadOnlyList<Place> places)
    {
        _places = places;
        var count = places.Count;
        (_component, _index, _low) = (new int[count], new int[count], new int[count]);
        Array.Fill(_component, -1);
        for (var p = 0; p < count; p++)
        {
            if (_index[p] == 0)
            {
                FindComponents(p);
            }
        }

        _ways = [.. places.SelectMany(place => place.Passages.Select(passage => (place, passage))).OrderBy(way => _component[way.place.Index])];
        (_writes, _after) = (new int[_ways.Length], new int[_components]);
        for (var w = 0; w < _ways.Length; w++)
        {
            foreach (var cell in _ways[w].Passage.Writes.Select(write => write.Cell).Distinct())
            {
                (_writing.TryGetValue(cell, out var writing) ? writing : _writing[cell] = []).Add(w);
            }
        }
    }

    /// <summary>The cells that are written on some way.</summary>
    public IReadOnlyCollection<ulong> Cells => _writing.Keys;

    /// <summary>By step, how many writes to a cell any way from it to the end has at most.</summary>
    public int[] MostWrites(ulong cell, int stepCount)
    {
        foreach (var way in _writing[cell])
        {
            _writes[way] = _ways[way].Passage.Writes.Count(w => w.Cell == cell);
        }

        FindMostAfter();
        var most = new int[stepCount];
        for (var w = 0; w < _ways.Length; w++)
        {
            var (from, passage) = _ways[w];
            var (left, after) = (_writes[w], AfterOf(passage));
            _writes[w] = 0;
            if (left == 0 && after == 0)
            {
                continue;
            }

            var next = 0;
            for (var step = from.FirstStep; step < passage.End; step++)
            {
                for (; next < passage.Writes.Length && passage.Writes[next].Step < step; next++)
                {
                    left -= passage.Writes[next].Cell == cell ? 1 : 0;
                }

                most[step] = Math.Max(most[step], Sum(left, after));
            }
        }

        return most;
    }

    // By component, how many writes any way from it to the end has at most.
    private void FindMostAfter()
    {
        Array.Clear(_after);
        for (var w = 0; w < _ways.Length; w++)
        {
            var (from, passage) = _ways[w];
            var component = _component[from.Index];
            var isInside = passage.Target is { } target && _component[target.Index] == component;
            var most = !isInside ? Sum(_writes[w], AfterOf(passage)) : _writes[w] > 0 ? WriteBounds.Unbounded : 0;
            _after[component] = Math.Max(_after[component], most);
        }
    }

    private int AfterOf(Passage passage) => passage.Target is { } target ? _after[_component[target.Index]] : 0;

    // A sum that stays at Unbounded.
    private static int Sum(int a, int b) => (int)Math.Min((long)a + b, WriteBounds.Unbounded);

    // R. Tarjan, "Depth-First Search and Linear Graph Algorithms", SIAM J. Comput. 1(2), 1972; with a stack of its own, since chains of places
    // are as long as loops run.
    private void FindComponents(int root)
    {
        var path = new Stack<(int Place, int Next)>();
        Open(root);
        path.Push((root, 0));
        while (path.TryPop(out var top))
        {
            var passages = _places[top.Place].Passages;
            if (top.Next < passages.Count)
            {
                path.Push((top.Place, top.Next + 1));
                var target = passages[top.Next].Target?.Index ?? -1;
                if (target >= 0 && _index[target] == 0)
                {
                    Open(target);
                    path.Push((target, 0));
                }
                else if (target >= 0 && _component[target] < 0)
                {
                    _low[top.Place] = Math.Min(_low[top.Place], _index[target]);
                }

                continue;
            }

            Close(top.Place);
            if (path.TryPeek(out var parent))
            {
                _low[parent.Place] = Math.Min(_low[parent.Place], _low[top.Place]);
            }
        }
    }

    private void Open(int place)
    {
        _low[place] = _index[place] = ++_visited;
        _open.Push(place);
    }

    private void Close(int place)
    {
        if (_low[place] != _index[place])
        {
            return;
        }

        int member;
        do
        {
            member = _open.Pop();
            _component[member] = _components;
        }
        while (member != place);

        _components++;
    }
}
