using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;

namespace Tablewalk.Explore.Witness;

/// <summary>
/// Which event must take effect before which: the model's order, and reads-from, coherence and from-reads between threads, transitively closed.
/// Inside a thread only the model's order counts at first, as a read may be served early from a write of its own thread; wishes that leave no
/// cycle can be added.
/// </summary>
internal sealed class Precedence
{
    private readonly bool[,] _before;
    private readonly int _count;

    /// <summary>What an execution demands.</summary>
    public Precedence(ExecutionState state)
    {
        _count = state.EventCount;
        _before = new bool[_count, _count];
        for (var a = 0; a < _count; a++)
        {
            for (var b = 0; b < _count; b++)
            {
                _before[a, b] = a != b && IsDemanded(state, a, b);
            }
        }

        Close();
        if (Enumerable.Range(0, _count).Any(e => _before[e, e]))
        {
            KeepWhatGoesTogether(state);
        }
    }

    private Precedence(Precedence other) => (_before, _count) = ((bool[,])other._before.Clone(), other._count);

    /// <summary>Another one, equal now.</summary>
    public Precedence Copy() => new(this);

    /// <summary>Whether one event must come before another.</summary>
    public bool Contains(int before, int after) => _before[before, after];

    /// <summary>Puts one event before another, unless it must come after it.</summary>
    public void TryAdd(int before, int after)
    {
        if (_before[before, after] || _before[after, before])
        {
            return;
        }

        for (var p = 0; p < _count; p++)
        {
            if (p == before || _before[p, before])
            {
                Absorb(p, after);
            }
        }
    }

    /// <summary>Lets nothing come between an event and a later one, unless something must.</summary>
    public void TryTie(int first, int second)
    {
        if (Enumerable.Range(0, _count).Any(e => _before[first, e] && _before[e, second]))
        {
            return;
        }

        for (var e = 0; e < _count; e++)
        {
            if (e != first && _before[e, second])
            {
                TryAdd(e, first);
            }
            else if (e != second && _before[first, e])
            {
                TryAdd(second, e);
            }
        }
    }

    // A model of one's own may allow what no order from top to bottom can tell, such as a read of a location that goes back in time. Then reads come after their
    // writes as far as that goes, and the other demands are kept where they leave no cycle.
    private void KeepWhatGoesTogether(ExecutionState state)
    {
        Array.Clear(_before);
        for (var r = 0; r < _count; r++)
        {
            if (state.Kind[r] == EventKind.Read)
            {
                TryAdd(state.Source[r], r);
            }
        }

        for (var a = 0; a < _count; a++)
        {
            for (var b = 0; b < _count; b++)
            {
                if (a != b && IsDemanded(state, a, b))
                {
                    TryAdd(a, b);
                }
            }
        }
    }

    // What comes after an event, and the event itself, comes after p.
    private void Absorb(int p, int e)
    {
        _before[p, e] = true;
        for (var s = 0; s < _count; s++)
        {
            _before[p, s] |= _before[e, s];
        }
    }

    private void Close()
    {
        for (var via = 0; via < _count; via++)
        {
            for (var from = 0; from < _count; from++)
            {
                if (_before[from, via])
                {
                    Absorb(from, via);
                }
            }
        }
    }

    private static bool IsDemanded(ExecutionState state, int a, int b)
    {
        if (state.Evaluation.Order.Contains(a, b))
        {
            return true;
        }

        if (state.Thread[a] == state.Thread[b] && state.Thread[a] >= 0)
        {
            return false;
        }

        return (state.Kind[b] == EventKind.Read && state.Source[b] == a)
            || state.IsCoherenceBefore(a, b)
            || (state.Kind[a] == EventKind.Read && state.IsCoherenceBefore(state.Source[a], b));
    }
}
