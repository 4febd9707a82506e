using System.Collections.Immutable;
using Tablewalk.Explore.Witness;

namespace Tablewalk.Explore.Claims;

/// <summary>What a check established. Exit codes 0, 1 and 3, in the order below.</summary>
public abstract record Verdict
{
    private Verdict() { } // closed: every case is in this file

    /// <summary>Every execution was looked at and none breaks the claim.</summary>
    public sealed record Holds : Verdict;

    /// <summary>A consistent execution breaks the claim.</summary>
    public sealed record Violated(Counterexample Counterexample) : Verdict;

    /// <summary>A limit left a part unseen. Never printed or counted as a pass.</summary>
    public sealed record Inconclusive(string Reason) : Verdict;
}

/// <summary>The verdict on one claim, and how much was looked at for it.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Executions">
/// Executions reached: complete ones, and partial ones left because no completion can break the claim any more, each counted once.
/// With a violation: those before it in the order of the search, and itself.
/// </param>
/// <param name="Explored">Branches followed to their end: <paramref name="Executions"/> and the dead ends.</param>
public sealed record CheckResult(Verdict Verdict, long Executions, long Explored)
{
    /// <summary>The flags that the model raises, in order: where the claim holds, for some execution; where it does not, for the counterexample.</summary>
    public ImmutableArray<string> Flags { get; init; } = [];

    /// <summary>Whether a claim that holds was put to the test; only if <see cref="CheckOptions.AsksForReach"/> asks for it.</summary>
    public ClaimReach Reach { get; init; }
}

/// <summary>Whether anything puts a claim to the test.</summary>
public enum ClaimReach
{
    /// <summary>It was not asked for, or an execution has more events than there is room for.</summary>
    Unknown,

    /// <summary>Some execution comes to a BugOn of the claim.</summary>
    Reached,

    /// <summary>There are executions, and none of them comes to the claim.</summary>
    NotReached,

    /// <summary>There is no execution in which all threads come to their ends.</summary>
    NoExecution,
}
