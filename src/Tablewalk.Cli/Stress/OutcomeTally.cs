using System.Collections.Immutable;
using Tablewalk.Explore.Outcomes;

namespace Tablewalk.Cli;

/// <summary>One outcome, native or allowed.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Rounds">The rounds that ended with it; 0 if none did.</param>
/// <param name="Standing">What the model says of it.</param>
internal sealed record OutcomeCount(Outcome Outcome, long Rounds, OutcomeStanding Standing);

/// <summary>Native outcomes as they come, to be compared with those that are allowed. Another thread may ask at any time.</summary>
internal sealed class OutcomeTally
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Outcome, long> _rounds = [];
    private long _count;

    /// <summary>The rounds that were counted.</summary>
    public long Rounds
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>The outcomes that came.</summary>
    public ImmutableArray<Outcome> Seen
    {
        get
        {
            lock (_lock)
            {
                return [.. _rounds.Keys];
            }
        }
    }

    /// <summary>Counts a round.</summary>
    /// <returns>The rounds counted so far.</returns>
    public long Add(Outcome outcome)
    {
        lock (_lock)
        {
            _rounds[outcome] = _rounds.GetValueOrDefault(outcome) + 1;
            return ++_count;
        }
    }

    /// <summary>Forgets all rounds.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _rounds.Clear();
            _count = 0;
        }
    }

    /// <summary>What came, and what was allowed and did not come.</summary>
    /// <param name="allowed">The allowed outcomes that are known.</param>
    /// <param name="isDecided">Whether all that came and is not among them is not allowed.</param>
    /// <param name="order">An order of outcomes.</param>
    public ImmutableArray<OutcomeCount> Against(IReadOnlyCollection<Outcome> allowed, bool isDecided, IComparer<Outcome> order)
    {
        HashSet<Outcome> known = [.. allowed];
        OutcomeStanding StandingOf(Outcome outcome) =>
            known.Contains(outcome) ? OutcomeStanding.Allowed : isDecided ? OutcomeStanding.Outside : OutcomeStanding.Undecided;
        lock (_lock)
        {
            return
            [
                .. _rounds.Select(came => new OutcomeCount(came.Key, came.Value, StandingOf(came.Key)))
                    .Concat(known.Where(outcome => !_rounds.ContainsKey(outcome)).Select(outcome => new OutcomeCount(outcome, 0, OutcomeStanding.Allowed)))
                    .OrderBy(outcome => outcome.Standing != OutcomeStanding.Outside)
                    .ThenByDescending(outcome => outcome.Rounds)
                    .ThenBy(outcome => outcome.Outcome, order),
            ];
        }
    }
}
