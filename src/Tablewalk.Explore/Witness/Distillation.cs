using Tablewalk.Explore.Events;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Witness;

/// <summary>
/// Which of the events of a counterexample a violation needs, so that a table can do without the others. See docs/adr/0018.
/// </summary>
/// <remarks>
/// It begins with what the claim was computed from and follows values back: a read to the write that it reads from, a write to what its value and its
/// address were computed from. A read that no other thread could have changed is seen through and not kept. Of the reads that only decided which way a thread
/// went, those count in which it met another thread: it reads from one, or one overwrote what was read before the thread was done. Of a thread whose result
/// the claim is told, what it wrote last counts besides. Between events that are kept, fences, flushes, faults, sections and waits of their thread are kept.
/// </remarks>
internal sealed class Distillation
{
    private readonly ExecutionState _state;
    private readonly int[] _place;
    private readonly int _claimThread;
    private readonly HashSet<int> _lasting; // threads that come to the claim, or to a result that it is told: what they read counts to the end
    private readonly bool[] _kept;
    private readonly bool[] _seen; // looked through, though not kept
    private readonly HashSet<int> _guards = []; // reads that decided which way a thread went that has kept events
    private readonly Stack<int> _open = [];

    private Distillation(ExecutionState state, int[] place, int claimThread, ClaimRoots roots)
    {
        _state = state;
        _place = place;
        _claimThread = claimThread;
        _lasting = [.. roots.Results, claimThread];
        _kept = new bool[state.EventCount];
        _seen = new bool[state.EventCount];
    }

    /// <summary>The events that are kept, by event.</summary>
    /// <param name="state">A complete execution that breaks a claim.</param>
    /// <param name="place">By event: its place in the table; -1 if it comes too late to matter.</param>
    /// <param name="claimThread">Whose claim it is; -1 for the final state.</param>
    /// <param name="roots">What the claim was computed from.</param>
    public static bool[] Of(ExecutionState state, int[] place, int claimThread, ClaimRoots roots)
    {
        var distillation = new Distillation(state, place, claimThread, roots);
        foreach (var e in roots.Events)
        {
            distillation.Keep(e);
        }

        foreach (var e in roots.Guards)
        {
            distillation.Guard(e);
        }

        foreach (var (address, size) in roots.FinalLoads)
        {
            distillation.KeepLastWrites(address, size);
        }

        foreach (var thread in roots.Results)
        {
            distillation.KeepLastEffect(thread);
        }

        do
        {
            distillation.Close();
        }
        while (distillation.KeepGuards() || distillation.KeepOverwriters() || distillation.KeepOrders() || distillation.KeepSomething());
        return distillation._kept;
    }

    private void KeepLastWrites(ulong address, int sizeBytes)
    {
        for (var w = 0; w < _kept.Length; w++)
        {
            if (_state.Kind[w] == EventKind.Write && _state.IsCoherenceLast(w) && _state.CellAt(_state.CellOf[w]) is var cell
                && cell.Address < address + (ulong)sizeBytes && address < cell.Address + (ulong)cell.SizeBytes)
            {
                Keep(w);
            }
        }
    }

    // A result tells that a thread came to its end: so what it wrote last where another thread writes, too. What it took from that thread before tells
    // nothing of that, such as a lock or a counter under one.
    private void KeepLastEffect(int thread)
    {
        for (var w = _kept.Length - 1; w >= 0; w--)
        {
            if (_state.Kind[w] == EventKind.Write && _state.Thread[w] == thread && IsPlain(w) && IsWrittenByOthers(w) && !IsReadBefore(w))
            {
                Keep(w);
                return;
            }
        }
    }

    private bool IsReadBefore(int write)
    {
        for (var r = 0; r < write; r++)
        {
            if (_state.Kind[r] == EventKind.Read && _state.CellOf[r] == _state.CellOf[write] && _state.Thread[r] == _state.Thread[write])
            {
                return true;
            }
        }

        return false;
    }

    private bool IsPlain(int write)
    {
        ref readonly var step = ref _state.Codes[_state.Thread[write]].Steps[_state.Step[write]];
        return step.Code == StepCode.Poison || (step.Code == StepCode.Store && (StoreOrder)step.Order == StoreOrder.Once);
    }

    private void Close()
    {
        while (_open.TryPop(out var e))
        {
            foreach (var input in Dependencies.InputsOf(_state, e))
            {
                Follow(input);
            }

            foreach (var decider in _kept[e] ? Dependencies.DecidersOf(_state, e) : [])
            {
                Guard(decider);
            }
        }
    }

    private void Keep(int e)
    {
        if (_kept[e] || _state.Thread[e] < 0 || _place[e] < 0)
        {
            return;
        }

        _kept[e] = true;
        _open.Push(e);
        for (var part = 0; part < _kept.Length; part++)
        {
            if (_state.Thread[part] == _state.Thread[e] && _state.Instruction[part] == _state.Instruction[e])
            {
                Keep(part);
            }
        }

        if (_state.Kind[e] == EventKind.Read)
        {
            Keep(_state.Source[e]);
        }

        if (PartnerOf(e) is >= 0 and var partner)
        {
            Keep(partner);
        }
    }

    // The other half of an atomic update, or of an update by the MMU.
    private int PartnerOf(int e) => _state.Kind[e] switch
    {
        EventKind.Read => _state.UpdateWrite[e],
        EventKind.Write => _state.UpdateRead[e] - 1,
        _ => -1,
    };

    // A value that counts came from here.
    private void Follow(int e)
    {
        if (_state.Kind[e] != EventKind.Read || IsWrittenByOthers(e))
        {
            Keep(e);
        }
        else if (!_kept[e] && !_seen[e])
        {
            _seen[e] = true;
            _open.Push(e);
            if (_state.Thread[_state.Source[e]] >= 0)
            {
                See(_state.Source[e]);
            }
        }
    }

    private void See(int write)
    {
        if (!_kept[write] && !_seen[write])
        {
            _seen[write] = true;
            _open.Push(write);
        }
    }

    private void Guard(int e)
    {
        if (_state.Kind[e] == EventKind.Read)
        {
            _guards.Add(e);
        }
        else
        {
            Keep(e);
        }
    }

    // Of the reads that decided which way a thread went, those in which it met another thread. One that the thread made again later, with the same result,
    // could not have got another one.
    private bool KeepGuards()
    {
        foreach (var read in _guards.Where(r => !_kept[r] && !IsReadAgain(r)))
        {
            var source = _state.Source[read];
            if (_state.Thread[source] >= 0 && _state.Thread[source] != _state.Thread[read])
            {
                Keep(read);
            }
        }

        return _open.Count > 0;
    }

    // A claim that a thread breaks all by itself rests on nothing but the way that it went.
    private bool KeepSomething()
    {
        if (!Enumerable.Range(0, _kept.Length).Any(e => _kept[e] && _state.CellOf[e] >= 0))
        {
            foreach (var read in _guards.Where(r => !IsReadAgain(r)))
            {
                Keep(read);
            }
        }

        return _open.Count > 0;
    }

    private bool IsReadAgain(int read)
    {
        for (var r = read + 1; r < _kept.Length; r++)
        {
            if (_state.Thread[r] == _state.Thread[read] && _state.Kind[r] == EventKind.Read && _state.Source[r] == _state.Source[read] && (_kept[r] || _guards.Contains(r)))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsWrittenByOthers(int access)
    {
        for (var w = 0; w < _kept.Length; w++)
        {
            if (_state.Kind[w] == EventKind.Write && _state.CellOf[w] == _state.CellOf[access] && _place[w] >= 0 && _state.Thread[w] != _state.Thread[access])
            {
                return true;
            }
        }

        return false;
    }

    // Writes that overwrite what was read before the reader was done: of other threads, or of its own if its MMU read past them.
    private bool KeepOverwriters()
    {
        for (var r = 0; r < _kept.Length; r++)
        {
            if ((_kept[r] || (_guards.Contains(r) && !IsReadAgain(r))) && _state.Kind[r] == EventKind.Read && OverwriterOf(r) is >= 0 and var w
                && _place[w] < LastUse(_state.Thread[r]) && !(_kept[w] && _kept[r]))
            {
                Keep(w);
                Keep(r);
            }
        }

        return _open.Count > 0;
    }

    // The write that comes next after the one that was read, unless the thread made it later itself. -1 if there is none.
    private int OverwriterOf(int read)
    {
        var source = _state.Source[read];
        for (var w = 0; w < _kept.Length; w++)
        {
            if (_state.IsCoherenceBefore(source, w) && (_state.Thread[w] != _state.Thread[read] || w < read) && _place[w] >= 0
                && !Enumerable.Range(0, _kept.Length).Any(b => _state.IsCoherenceBefore(source, b) && _state.IsCoherenceBefore(b, w)))
            {
                return w;
            }
        }

        return -1;
    }

    private int LastUse(int thread)
    {
        var last = _lasting.Contains(thread) ? int.MaxValue : -1;
        for (var e = 0; e < _kept.Length; e++)
        {
            last = _kept[e] && _state.Thread[e] == thread ? Math.Max(last, _place[e]) : last;
        }

        return last;
    }

    // What stands between kept events of a thread, or between them and its claim. Of orders of a kind with nothing between them one is enough.
    private bool KeepOrders()
    {
        for (var t = 0; t < _state.Threads.Length; t++)
        {
            int[] events = [.. Enumerable.Range(0, _kept.Length).Where(e => _state.Thread[e] == t && _place[e] >= 0)];
            var first = Array.FindIndex(events, e => _kept[e] && _state.CellOf[e] >= 0);
            var last = t == _claimThread ? events.Length : Array.FindLastIndex(events, e => _kept[e] && _state.CellOf[e] >= 0);
            var between = new HashSet<string>(StringComparer.Ordinal);
            for (var i = first + 1; first >= 0 && i < last; i++)
            {
                if (_state.CellOf[events[i]] >= 0)
                {
                    between = _kept[events[i]] ? [] : between;
                }
                else if (_state.Kind[events[i]] is EventKind.Fence or EventKind.Wait && between.Add(NameOf(events[i])))
                {
                    Keep(events[i]);
                }
            }
        }

        foreach (var section in Enumerable.Range(0, _state.Sections.Count))
        {
            var (entry, exit) = (_state.Sections[section].Entry, _state.SectionExit[section] - 1);
            var end = exit < 0 ? _kept.Length : exit;
            if (Enumerable.Range(entry, end - entry).Any(e => _kept[e] && _state.Thread[e] == _state.Thread[entry] && _state.CellOf[e] >= 0))
            {
                Keep(entry);
                if (exit >= 0)
                {
                    Keep(exit);
                }
            }
        }

        return _open.Count > 0;
    }

    private string NameOf(int e) => Lineariser.NameOf(_state, _state.Codes[_state.Thread[e]].Steps[_state.Step[e]], e);
}
