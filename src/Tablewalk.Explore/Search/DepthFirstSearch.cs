using Tablewalk.Cat;
using Tablewalk.Explore.Events;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search;

/// <summary>What a search does with what it reaches.</summary>
internal interface ISearchVisitor
{
    /// <summary>Whether <see cref="MayMatter"/> may ever say no.</summary>
    bool LeavesEarly { get; }

    /// <summary>Whether the claim can still break in some completion of the state. A state where it cannot is left at once.</summary>
    bool MayMatter(ExecutionState state);

    /// <summary>Takes a complete, consistent execution.</summary>
    /// <returns>False to stop the search here.</returns>
    bool Visit(ExecutionState state);
}

/// <summary>Leaves no branch early and takes every execution.</summary>
internal sealed class EverythingMatters : ISearchVisitor
{
    public static readonly EverythingMatters Instance = new();

    public bool LeavesEarly => false;

    public bool MayMatter(ExecutionState state) => true;

    public bool Visit(ExecutionState state) => true;
}

/// <summary>How many executions and dead ends a search met.</summary>
internal record struct SearchCounts(long Executions, long DeadEnds)
{
    public readonly long Explored => Executions + DeadEnds;

    public static SearchCounts operator +(SearchCounts a, SearchCounts b) => new(a.Executions + b.Executions, a.DeadEnds + b.DeadEnds);

    public static SearchCounts operator -(SearchCounts a, SearchCounts b) => new(a.Executions - b.Executions, a.DeadEnds - b.DeadEnds);
}

/// <summary>
/// The enumeration: depth first over decisions (which source a read gets or that it is postponed, which of two writes is coherence-first, which
/// of a wait and a section is first, which alternative a choice takes). The decisions at a node are disjoint and, together with the postponed one,
/// exhaustive, so each execution is reached exactly once. See design.md section 4 and docs/adr/0003.
/// </summary>
internal sealed class DepthFirstSearch(ExecutionState state, Interpreter interpreter, ISearchVisitor visitor, CancellationToken cancellation)
{
    private const int PollInterval = 1024;
    private readonly List<int> _path = [];
    private int[] _prefix = [];
    private int _splitDepth = int.MaxValue;
    private Action<int[]>? _onSplit;
    private int _untilPoll = PollInterval;

    public SearchCounts Counts { get; private set; }

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
        if (--_untilPoll <= 0)
        {
            Poll();
        }

        state.BeginMoment();
        do
        {
            if (!interpreter.RunAll())
            {
                DeadEnd();
                return;
            }
        }
        while (interpreter.AnyCanGoOn());

        if (state.Discovered.Count > 0)
        {
            return;
        }

        if (!visitor.MayMatter(state))
        {
            Counts = Counts with { Executions = Counts.Executions + 1 };
            return;
        }

        if (_path.Count == _splitDepth)
        {
            _onSplit!(_path.ToArray());
            return;
        }

        Decide();
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
        else if (AllFinished())
        {
            if (FindPending() is >= 0 and var pending)
            {
                DecideSource(pending, mayBePostponed: false);
            }
            else if (FindUnorderedWrites(out var first, out var second))
            {
                DecideCoherence(first, second);
            }
            else
            {
                Complete();
            }
        }
        else if (IsDeadlocked())
        {
            DeadEnd(); // some threads wait for writes that only they themselves could make
        }
        else if (FindNeededRead(out var read, out var thread, out var mayBePostponed))
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
            DeadEnd(); // every needed read waits for a write that never comes
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

    private void DeadEnd()
    {
        if (_path.Count >= _prefix.Length)
        {
            Counts = Counts with { DeadEnds = Counts.DeadEnds + 1 };
        }
    }

    private void Complete()
    {
        if (!state.Evaluation.CheckComplete())
        {
            DeadEnd();
            return;
        }

        Counts = Counts with { Executions = Counts.Executions + 1 };
        visitor.Visit(state);
    }

    private void Poll()
    {
        _untilPoll = PollInterval;
        cancellation.ThrowIfCancellationRequested();
        OnProgress?.Invoke(Counts);
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

    private bool AllFinished()
    {
        foreach (ref readonly var thread in state.Threads.AsSpan())
        {
            if (thread.Status != ThreadStatus.Finished)
            {
                return false;
            }
        }

        return true;
    }

    // Of the pending reads of finished threads, one that a claim depends on if there is any, else the one with the fewest sources.
    private int FindPending()
    {
        var (read, fewest) = (-1, int.MaxValue);
        foreach (var claim in state.Claims)
        {
            foreach (var missing in state.Values.MissingReads(claim.Condition))
            {
                Consider(missing.Read);
            }
        }

        var isClaimed = read >= 0;

        for (var e = 0; e < state.EventCount && !isClaimed; e++)
        {
            if (state.Kind[e] == EventKind.Read && state.Source[e] < 0)
            {
                Consider(e);
            }
        }

        return read;

        void Consider(int candidate)
        {
            if (state.Sources.Count(candidate) is var sources && sources < fewest)
            {
                (read, fewest) = (candidate, sources);
            }
        }
    }

    // Whether some thread waits for a write that can no longer come: those that may make it wait too, and in the end for one another.
    private bool IsDeadlocked()
    {
        var stuck = 0UL;
        for (var t = 0; t < state.Threads.Length; t++)
        {
            stuck |= IsStuck(t) ? 1UL << t : 0;
        }

        for (var last = 0UL; stuck != last;)
        {
            last = stuck;
            for (var rest = stuck; rest != 0; rest &= rest - 1)
            {
                var t = System.Numerics.BitOperations.TrailingZeroCount(rest);
                stuck &= MayBeHelped(t, ~stuck) ? ~(1UL << t) : ulong.MaxValue;
            }
        }

        return stuck != 0;
    }

    private bool IsStuck(int t)
    {
        ref readonly var thread = ref state.Threads[t];
        if (thread.Status != ThreadStatus.NeedsRead || (thread.PendingUpdate != 0 && thread.AssumedOutcome == 0))
        {
            return false;
        }

        foreach (var missing in state.Values.MissingReads(thread.Needed))
        {
            if (state.Sources.Count(missing.Read) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private bool MayBeHelped(int t, ulong helpers)
    {
        foreach (var missing in state.Values.MissingReads(state.Threads[t].Needed))
        {
            if (state.Sources.MoreMayCome(missing.Read, helpers))
            {
                return true;
            }
        }

        return false;
    }

    // Of the reads that threads wait for, one that leaves no choice, else one of a thread that waits for few. Those who wait for many are best left
    // until the others are done: then it is known what there is to read.
    private bool FindNeededRead(out int read, out int thread, out bool mayBePostponed)
    {
        (read, thread, mayBePostponed) = (-1, -1, false);
        var best = int.MaxValue;
        for (var t = 0; t < state.Threads.Length; t++)
        {
            if (state.Threads[t].Status != ThreadStatus.NeedsRead)
            {
                continue;
            }

            var missing = state.Values.MissingReads(state.Threads[t].Needed);
            foreach (var candidate in missing)
            {
                var sources = state.Sources.Count(candidate.Read);
                var postponable = state.Sources.MoreMayCome(candidate.Read);
                var rank = sources <= 1 && !postponable ? 0 : (missing.Count * 1000) + sources + (postponable ? 500 : 0);
                if (rank < best && (sources > 0 || !postponable))
                {
                    (best, read, thread, mayBePostponed) = (rank, candidate.Read, t, postponable);
                }
            }
        }

        return read >= 0;
    }

    // Where it makes no difference to what the thread waits for from which of several writes a read gets its value, they are decided on
    // as one: in a search that leaves branches early, most of those end before it matters.
    private bool TryDecideClasses(int read, Value needed)
    {
        if (!visitor.LeavesEarly || state.Sources.ValuesOf(read).IsEmpty)
        {
            return false;
        }

        var missing = state.Values.MissingReads(needed);
        var parts = missing.FindAll(m => m.Read == read);
        var (sources, classes) = (0, 0);
        for (var w = 0; w < state.EventCount; w++)
        {
            if (state.Sources.MayReadFrom(read, w))
            {
                sources++;
                classes += FirstAlike(parts, read, w) == w ? 1 : 0;
            }
        }

        if (classes == sources)
        {
            return false;
        }

        var end = state.EventCount;
        for (var w = 0; w < end; w++)
        {
            if (state.Sources.MayReadFrom(read, w) && FirstAlike(parts, read, w) == w && Takes(w))
            {
                var mark = state.Mark();
                foreach (var part in parts)
                {
                    state.Restrict(part, ResultFor(part, w));
                }

                state.SetWord(state.SourceLimit, read, end);
                Descend(w);
                state.UndoTo(mark);
            }
        }

        return true;
    }

    private int FirstAlike(List<Missing> parts, int read, int write)
    {
        for (var w = 0; w < write; w++)
        {
            if (state.Sources.MayReadFrom(read, w) && parts.TrueForAll(part => ((ResultFor(part, w) ^ ResultFor(part, write)) & part.Bits) == 0))
            {
                return w;
            }
        }

        return write;
    }

    private ulong ResultFor(Missing part, int write) => state.Values.EvaluateFor(part.Part, state.Values.Bits(state.Written[write]).Ones);

    private void DecideSource(int read, bool mayBePostponed)
    {
        var end = state.EventCount;
        if (!mayBePostponed && state.Sources.Count(read) == 0)
        {
            DeadEnd();
            return;
        }

        for (var w = state.Postponed[read]; w < end; w++)
        {
            if (!state.Sources.MayReadFrom(read, w) || !Takes(w))
            {
                continue;
            }

            if (state.Values.DependsOn(state.Written[w], read))
            {
                DeadEndBelow(w); // a value out of thin air
                continue;
            }

            var mark = state.Mark();
            state.SetWord(state.Source, read, w);
            state.Evaluation.AddEdge(Cat.BaseRelation.Rf, w, read);
            if (state.Evaluation.Propagate() && OrderForcedWrites(state.CellOf[read]))
            {
                Descend(w);
            }
            else
            {
                DeadEndBelow(w);
            }

            state.UndoTo(mark);
        }

        if (mayBePostponed && Takes(-1))
        {
            var mark = state.Mark();
            state.SetWord(state.Postponed, read, end);
            Descend(-1);
            state.UndoTo(mark);
        }
    }

    // Adds the coherence edges that the model leaves no choice about, so that later decisions see them.
    private bool OrderForcedWrites(int cell)
    {
        for (var a = 0; a < state.EventCount; a++)
        {
            if (state.CellOf[a] != cell || state.Kind[a] != EventKind.Write)
            {
                continue;
            }

            for (var b = a + 1; b < state.EventCount; b++)
            {
                if (state.CellOf[b] != cell || state.Kind[b] != EventKind.Write || IsOrdered(a, b))
                {
                    continue;
                }

                var notAB = state.Evaluation.WouldClose(Communication.Co, a, b);
                var notBA = state.Evaluation.WouldClose(Communication.Co, b, a);
                if (notAB && notBA)
                {
                    return false;
                }

                if ((notAB || notBA) && !OrderWrites(notAB ? b : a, notAB ? a : b))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool IsOrdered(int a, int b) =>
        state.IsCoherenceBefore(a, b) || state.IsCoherenceBefore(b, a);

    // Keeps co transitive: whatever is before the first is before whatever is after the second.
    private bool OrderWrites(int first, int second)
    {
        var cell = state.CellOf[first];
        for (var a = 0; a < state.EventCount; a++)
        {
            if (state.CellOf[a] != cell || (a != first && !state.IsCoherenceBefore(a, first)))
            {
                continue;
            }

            for (var b = 0; b < state.EventCount; b++)
            {
                if (state.CellOf[b] == cell && (b == second || state.IsCoherenceBefore(second, b)))
                {
                    state.OrderCoherence(a, b);
                }
            }
        }

        return state.Evaluation.Propagate();
    }

    private bool FindUnorderedWrites(out int first, out int second)
    {
        for (first = 0; first < state.EventCount; first++)
        {
            if (state.Kind[first] != EventKind.Write)
            {
                continue;
            }

            for (second = first + 1; second < state.EventCount; second++)
            {
                if (state.Kind[second] == EventKind.Write && state.CellOf[second] == state.CellOf[first] && !IsOrdered(first, second))
                {
                    return true;
                }
            }
        }

        second = -1;
        return false;
    }

    private void DecideCoherence(int first, int second)
    {
        for (var alternative = 0; alternative < 2; alternative++)
        {
            if (!Takes(alternative))
            {
                continue;
            }

            var mark = state.Mark();
            var (a, b) = alternative == 0 ? (first, second) : (second, first);
            if (OrderWrites(a, b) && OrderForcedWrites(state.CellOf[first]))
            {
                Descend(alternative);
            }
            else
            {
                DeadEndBelow(alternative);
            }

            state.UndoTo(mark);
        }
    }
}
