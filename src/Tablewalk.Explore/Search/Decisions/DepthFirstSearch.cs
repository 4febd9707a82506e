using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Decisions;

/// <summary>
/// The enumeration: depth first over decisions (which source a read gets or that it is postponed, which of two writes is coherence-first, which
/// of a wait and a section is first, which alternative a choice takes). The decisions at a node are disjoint and, together with the postponed one,
/// exhaustive, so each execution is reached exactly once. See design.md section 4 and docs/adr/0003.
/// </summary>
internal sealed partial class DepthFirstSearch(ExecutionState state, Interpreter interpreter, ISearchVisitor visitor, CancellationToken cancellation)
{
    private const int PollInterval = 1024;
    private readonly List<int> _path = [];
    private int[] _prefix = [];
    private int _splitDepth = int.MaxValue;
    private Action<int[]>? _onSplit;
    private readonly ReadChoice _reads = new(state);
    private readonly long[] _waitingSince = new long[state.Capacity]; // by postponed read: when the search began to look for writes that it waits for
    private readonly bool[] _isAskedBySubtrees = new bool[state.Capacity]; // by postponed read: whether others look, too, and make known what they see
    private int _untilPoll = PollInterval;

    public SearchCounts Counts { get; private set; }

    /// <summary>Reads of which locations had to be postponed for which threads; never undone.</summary>
    public HashSet<Discovery> Contended { get; } = [];

    /// <summary>How many branches to follow at most.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>Whether the limit ended the search.</summary>
    public bool IsLimitReached => Counts.Explored >= Limit;

    /// <summary>Called from time to time with the counts so far.</summary>
    public Action<SearchCounts>? OnProgress { get; init; }

    /// <summary>Searches all that lies below a path of decisions.</summary>
    /// <param name="prefix">The decisions from the root, as <paramref name="onSplit"/> got them; empty for everything.</param>
    /// <param name="splitDepth">The number of decisions at which to hand a subtree to <paramref name="onSplit"/> instead of searching it.</param>
    /// <param name="onSplit">Takes the path to a subtree.</param>
    public void Run(int[] prefix, int splitDepth = int.MaxValue, Action<int[]>? onSplit = null)
    {
        (_prefix, _splitDepth, _onSplit) = (prefix, splitDepth, onSplit);
        Counts = default;
        _path.Clear();
        var mark = state.Mark();
        Explore();
        state.UndoTo(mark);
    }

    private bool IsOver => state.Discovered.Count > 0 || IsLimitReached;

    private void Explore()
    {
        Poll();
        state.BeginMoment();
        do
        {
            if (!interpreter.RunAll() || !SettleWrites())
            {
                state.Unsettled.Clear();
                LeaveUnfinished(interpreter.IsForbidden ? 0 : ulong.MaxValue);
                return;
            }
        }
        while (interpreter.AnyCanGoOn());

        if (state.Discovered.Count == 0 && !IsLeft())
        {
            state.BeginRest();
            Decide();
        }
    }

    private void Poll()
    {
        cancellation.ThrowIfCancellationRequested(); // each time: with thousands of events, a node takes milliseconds
        if (--_untilPoll <= 0)
        {
            _untilPoll = PollInterval;
            OnProgress?.Invoke(Counts);
        }
    }

    // Whether the subtree is none for this search: nothing in it matters, or another one takes it.
    private bool IsLeft()
    {
        if (!visitor.MayMatter(state))
        {
            state.Seen.NoteWhatMayCome();
            Counts = Counts with { Executions = Counts.Executions + 1 };
            return true;
        }

        if (_path.Count == _splitDepth)
        {
            _onSplit!(_path.ToArray());
            return true;
        }

        return false;
    }

    private void Decide()
    {
        if (FindChoice() is >= 0 and var chooser)
        {
            DecideChoice(chooser);
        }
        else if (FindWaitOrder(out var wait, out var section))
        {
            DecideWaitOrder(wait, section);
        }
        else if (AreAllDone())
        {
            if (_reads.FindPending() is >= 0 and var pending)
            {
                DecideSource(pending, mayBePostponed: false);
            }
            else
            {
                DecideOrders();
            }
        }
        else if (_reads.FindForced() is >= 0 and var forced)
        {
            DecideSource(forced, mayBePostponed: false);
        }
        else if (_reads.IsDeadlocked())
        {
            LeaveUnfinished(_reads.GoingOn); // some threads wait for writes that only they themselves could make
        }
        else if (_reads.FindNeeded(out var read, out var thread, out var mayBePostponed))
        {
            if (!TryDecideClasses(read, state.Threads[thread].Needed))
            {
                DecideSource(read, mayBePostponed);
            }
        }
        else if (FindUndecidedComparison() is >= 0 and var comparing)
        {
            DecideOutcome(comparing);
        }
        else
        {
            LeaveUnfinished(); // every needed read waits for a write that never comes
        }
    }

    // One alternative of a decision: when replaying a prefix, only the one that the prefix names is taken.
    private bool Takes(int alternative) => !IsOver && (_path.Count >= _prefix.Length || _prefix[_path.Count] == alternative);

    private void Descend(int alternative)
    {
        _path.Add(alternative);
        Explore();
        _path.RemoveAt(_path.Count - 1);
    }

    // A dead end before all threads have come to theirs.
    private void LeaveUnfinished(ulong threads = ulong.MaxValue)
    {
        state.Seen.NoteWhatMayCome(threads);
        DeadEnd();
    }

    private void DeadEnd()
    {
        if (_path.Count >= _prefix.Length)
        {
            Counts = Counts with { DeadEnds = Counts.DeadEnds + 1 };
        }
    }

    private void Complete()
    {
        if (!CompleteOrdered(0))
        {
            DeadEnd();
        }
    }

    private bool CompleteNow()
    {
        if (!state.Evaluation.CheckComplete())
        {
            return false;
        }

        if (state.WildAccess is not null)
        {
            state.Seen.NoteWhatMayCome();
        }

        Counts = Counts with { Executions = Counts.Executions + 1 };
        visitor.Visit(state);
        return true;
    }

    private int FindChoice()
    {
        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (state.Threads[t].Status == ThreadStatus.NeedsChoice)
            {
                return t;
            }
        }

        return -1;
    }

    private void DecideChoice(int thread)
    {
        var count = state.Threads[thread].ChoiceCount;
        for (var i = 0; i < count; i++)
        {
            if (Takes(i))
            {
                var mark = state.Mark();
                state.SaveThread(thread);
                state.Threads[thread].ChosenAlternative = i + 1;
                Descend(i);
                state.UndoTo(mark);
            }
        }
    }

    // A compare-exchange whose read was postponed need not hold up its thread, since a failed one orders nothing: its source may be a write that
    // depends on what the thread does next (load buffering). It goes on under an assumption that the read must fulfil.
    private int FindUndecidedComparison()
    {
        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (state.Threads[t] is { Status: ThreadStatus.NeedsRead, PendingUpdate: not 0, AssumedOutcome: 0 })
            {
                return t;
            }
        }

        return -1;
    }

    private void DecideOutcome(int thread)
    {
        for (var outcome = 1; outcome <= 2; outcome++)
        {
            if (Takes(outcome))
            {
                var mark = state.Mark();
                state.SaveThread(thread);
                state.Threads[thread].AssumedOutcome = outcome;
                Descend(outcome);
                state.UndoTo(mark);
            }
        }
    }

    private bool FindWaitOrder(out int wait, out int section)
    {
        for (wait = 0; wait < state.Waits.Count; wait++)
        {
            for (section = 0; section < state.Sections.Count; section++)
            {
                if (IsOrderedAgainst(wait, section) && state.OrderOf(wait, section) == WaitOrder.Undecided)
                {
                    return true;
                }
            }
        }

        section = -1;
        return false;
    }

    // An IPI waits for irq-off sections only; a grace period for both kinds. Nobody waits for himself.
    private bool IsOrderedAgainst(int wait, int section) =>
        state.Waits[wait].Thread != state.Sections[section].Thread
        && (state.Waits[wait].Kind == WaitKind.GracePeriod || state.Sections[section].Kind == SectionKind.IrqOff);

    private void DecideWaitOrder(int wait, int section)
    {
        for (var order = WaitOrder.WaitFirst; order <= WaitOrder.SectionFirst; order++)
        {
            if (Takes((int)order))
            {
                var mark = state.Mark();
                state.Order(wait, section, order);
                DescendIfConsistent((int)order);
                state.UndoTo(mark);
            }
        }
    }

    private void DescendIfConsistent(int alternative)
    {
        if (state.Evaluation.Propagate())
        {
            Descend(alternative);
        }
        else
        {
            DeadEndBelow(alternative);
        }
    }

    // Counts a dead end unless it lies on the way to the prefix's end, where another search counts it.
    private void DeadEndBelow(int alternative)
    {
        _path.Add(alternative);
        DeadEnd();
        _path.RemoveAt(_path.Count - 1);
    }

    private bool AreAllDone()
    {
        foreach (ref readonly var thread in state.Threads.AsSpan())
        {
            if (thread.Status < ThreadStatus.Finished)
            {
                return false;
            }
        }

        return true;
    }
}
