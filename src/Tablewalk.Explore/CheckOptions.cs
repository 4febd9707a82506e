using Tablewalk.Explore.Claims;

namespace Tablewalk.Explore;

/// <summary>How a check runs.</summary>
/// <param name="Jobs">Worker threads, at least 1. The result does not depend on it.</param>
/// <param name="Timeout">When to give up with <see cref="Verdict.Inconclusive"/>; null for never.</param>
/// <param name="Exhaustive">Whether to look at every execution, even where no claim can break any more, and count each.</param>
public sealed record CheckOptions(int Jobs = 1, TimeSpan? Timeout = null, bool Exhaustive = false)
{
    /// <summary>Whether to look, where a claim holds, for an execution that comes to it: see <see cref="CheckResult.Reach"/>.</summary>
    public bool AsksForReach { get; init; }
}

/// <summary>How far a running check has come.</summary>
/// <param name="Executions">Executions reached so far.</param>
/// <param name="Explored">Branches followed so far.</param>
public readonly record struct CheckProgress(long Executions, long Explored)
{
    internal const string Bounding = "bounding the writes";

    /// <summary>What is done besides searching, as in "while bounding the writes"; null during the search.</summary>
    public string? Phase { get; init; }
}
