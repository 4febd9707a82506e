using Tablewalk.Cat;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Executions;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Workers;

/// <summary>What one search of one subtree came to.</summary>
/// <param name="Counts">What was met; with a stop, up to there.</param>
/// <param name="IsStopped">Whether the visitor said to stop.</param>
/// <param name="IsLimited">Whether it met as many branches as it may.</param>
/// <param name="Discovered">What the search must begin again with.</param>
internal sealed record SearchOutcome(SearchCounts Counts, bool IsStopped, bool IsLimited, IReadOnlyCollection<Discovery> Discovered);

/// <summary>Searches one subtree after the other, in one state that it keeps.</summary>
internal sealed class SearchWorker
{
    // A violation is looked for a little longer, since a shorter one is often near.
    private const long BranchesAfterStop = 50;

    // The search recurses once for each decision, and to find a value once for each write that it comes from.
    private const int MostEventsOnCallersStack = 256;

    private readonly Discoveries _known;
    private readonly ExecutionState _state;
    private readonly StopRecorder _visitor;
    private readonly DepthFirstSearch _search;
    private SearchCounts _reported;

    public SearchWorker(
        Program program, FlatCode[] codes, IInitialMemory memory, Model model, Discoveries known, string? claim, bool followsWaits,
        ISearchVisitor visitor, CancellationToken cancellation)
    {
        _known = known;
        _state = new(program, codes, memory, model, known);
        _visitor = new(visitor);
        _search = new(_state, new Interpreter(_state, claim, followsWaits), _visitor, cancellation)
        {
            OnProgress = Report,
        };
    }

    /// <summary>Called from time to time, and when a search ends, with the counts since the last call.</summary>
    public Action<SearchCounts>? OnProgress { get; init; }

    /// <summary>Reads of which locations had to be postponed for which threads.</summary>
    public IReadOnlyCollection<Discovery> Contended => _search.Contended;

    /// <summary>Searches the subtree at the end of a path.</summary>
    public SearchOutcome Search(int[] path, Action<Break, ExecutionState>? onStop = null, long limit = long.MaxValue) =>
        Run(() => _search.Run(path), onStop, limit);

    /// <summary>Searches the tree down to a depth, and names the paths that lead further.</summary>
    public SearchOutcome Cut(int depth, Action<int[], SearchCounts> onSplit, Action<Break, ExecutionState> onStop) =>
        Run(() => _search.Run([], depth, path => onSplit(path, _search.Counts)), onStop, long.MaxValue);

    private SearchOutcome Run(Action search, Action<Break, ExecutionState>? onStop, long limit)
    {
        SearchCounts? atStop = null;
        _reported = default;
        _search.Limit = limit;
        _visitor.OnStop = state =>
        {
            if (atStop is null)
            {
                atStop = _search.Counts;
                _search.Limit = _search.Counts.Explored + BranchesAfterStop;
            }

            onStop?.Invoke(_visitor.Broken!.Value, state);
        };
        try
        {
            if (_known.Capacity > MostEventsOnCallersStack)
            {
                DeepStack.Run(search);
            }
            else
            {
                search();
            }
        }
        catch (SearchFullException) when (_known.Capacity < Discoveries.MaxCapacity)
        {
            return new(default, false, false, [new Discovery(DiscoveryKind.Capacity)]);
        }
        finally
        {
            Report(_search.Counts);
        }

        return new(atStop ?? _search.Counts, atStop is not null, atStop is null && _search.IsLimitReached, _state.Discovered);
    }

    private void Report(SearchCounts counts)
    {
        OnProgress?.Invoke(counts - _reported);
        _reported = counts;
    }

    private sealed class StopRecorder(ISearchVisitor inner) : ISearchVisitor
    {
        public Action<ExecutionState>? OnStop { get; set; }

        public Break? Broken => inner.Broken;

        public bool LeavesEarly => inner.LeavesEarly;

        public bool MayMatter(ExecutionState state) => inner.MayMatter(state);

        public bool Visit(ExecutionState state)
        {
            if (!inner.Visit(state))
            {
                OnStop!(state);
            }

            return true;
        }
    }
}
