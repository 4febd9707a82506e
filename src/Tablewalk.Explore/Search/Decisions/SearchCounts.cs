namespace Tablewalk.Explore.Search.Decisions;

/// <summary>How many executions and dead ends a search met.</summary>
internal record struct SearchCounts(long Executions, long DeadEnds)
{
    public readonly long Explored => Executions + DeadEnds;

    public static SearchCounts operator +(SearchCounts a, SearchCounts b) => new(a.Executions + b.Executions, a.DeadEnds + b.DeadEnds);

    public static SearchCounts operator -(SearchCounts a, SearchCounts b) => new(a.Executions - b.Executions, a.DeadEnds - b.DeadEnds);
}
