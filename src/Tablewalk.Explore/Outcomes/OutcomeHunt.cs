using System.Collections.Concurrent;
using Tablewalk.Explore.Search.Values;

namespace Tablewalk.Explore.Outcomes;

/// <summary>What is looked for, and what of it was found: shared by the workers of one search.</summary>
/// <param name="asked">The outcomes to look for; null for all there are.</param>
/// <param name="found">Takes what is found; what is in it need not be found again.</param>
internal sealed class OutcomeHunt(IReadOnlyCollection<Outcome>? asked, ConcurrentDictionary<Outcome, byte> found)
{
    private volatile bool _isOutsideMet;

    /// <summary>Whether all outcomes are looked for.</summary>
    public bool IsForAll => asked is null;

    /// <summary>Whether a thread touched what is outside of memory, in an execution that was met.</summary>
    public bool IsOutsideMet => _isOutsideMet;

    /// <summary>Whether nothing is left to be found.</summary>
    public bool IsOver => asked is not null && asked.All(found.ContainsKey);

    /// <summary>Takes what a complete execution came to.</summary>
    public void Take(Outcome outcome) => found.TryAdd(outcome, 0);

    /// <summary>Takes note that a thread touched what is outside of memory.</summary>
    public void TakeOutside() => _isOutsideMet = true;

    /// <summary>Whether an outcome was found.</summary>
    public bool Has(Outcome outcome) => found.ContainsKey(outcome);

    /// <summary>Whether an outcome that is still looked for may come of this.</summary>
    /// <param name="results">What is certain of the threads' results.</param>
    /// <param name="broken">Claims that are certain to have broken.</param>
    public bool MayFind(KnownBits[] results, List<string> broken)
    {
        foreach (var outcome in asked!)
        {
            if (!found.ContainsKey(outcome) && MayBe(outcome, results, broken))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayBe(Outcome outcome, KnownBits[] results, List<string> broken)
    {
        for (var t = 0; t < results.Length; t++)
        {
            if ((results[t].Ones & ~outcome.Results[t]) != 0 || (results[t].Zeros & outcome.Results[t]) != 0)
            {
                return false;
            }
        }

        return broken.TrueForAll(claim => outcome.Broken.Contains(claim));
    }
}
