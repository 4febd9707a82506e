using System.Collections.Immutable;
using Tablewalk.Judge;

namespace Tablewalk.Cli;

/// <summary>What is known of one outcome.</summary>
internal enum OutcomeStanding
{
    /// <summary>The model allows it.</summary>
    Allowed,

    /// <summary>It came, and no execution has it.</summary>
    Outside,

    /// <summary>It came, and a limit was hit before it was known whether some execution has it.</summary>
    Undecided,
}

/// <summary>One outcome, native or allowed, in words.</summary>
/// <param name="Results">What each thread returned.</param>
/// <param name="Reads">What the final predicate read, and where.</param>
/// <param name="Broken">The claims that broke.</param>
/// <param name="Rounds">The rounds that ended with it; 0 if none did.</param>
/// <param name="Standing">What the model says of it.</param>
internal sealed record ToldOutcome(
    ImmutableArray<string> Results, ImmutableArray<(string Location, string Value)> Reads, ImmutableArray<string> Broken, long Rounds, OutcomeStanding Standing);

/// <summary>The native outcomes of one case beside the allowed ones.</summary>
/// <param name="Case">The case.</param>
/// <param name="Threads">The threads' names.</param>
/// <param name="Rounds">The rounds that were run.</param>
/// <param name="Outcomes">The outcomes: outside ones, those that came, the most frequent first, and those that never came.</param>
/// <param name="IsListWhole">Whether all allowed ones are listed.</param>
/// <param name="MayTouchOutside">Whether some execution touches memory outside of the arena: natively anything may come of that.</param>
/// <param name="Reason">What left something open; null if nothing did.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record OutcomeRow(
    CheckCase Case,
    ImmutableArray<string> Threads,
    long Rounds,
    ImmutableArray<ToldOutcome> Outcomes,
    bool IsListWhole,
    bool MayTouchOutside,
    string? Reason,
    double Seconds)
{
    /// <summary>The outcomes that came.</summary>
    public int Seen => Outcomes.Count(outcome => outcome.Rounds > 0);

    /// <summary>The allowed ones that are known.</summary>
    public int Allowed => Outcomes.Count(outcome => outcome.Standing == OutcomeStanding.Allowed);

    /// <summary>Those that came and are not allowed.</summary>
    public int Outside => Outcomes.Count(outcome => outcome.Standing == OutcomeStanding.Outside);

    /// <summary>Those that came and of which nobody knows.</summary>
    public int Undecided => Outcomes.Count(outcome => outcome.Standing == OutcomeStanding.Undecided);

    /// <summary>Whether something that came was not decided, or a round did not end.</summary>
    public bool IsInconclusive => Outside == 0 && (Undecided > 0 || Rounds == 0 || HasHindrance);

    /// <summary>Whether a round did not come to its end.</summary>
    public bool HasHindrance { get; init; }

    /// <summary>What is to be said of the case in one word.</summary>
    public string Word => Outside > 0 ? "outside" : IsInconclusive ? "inconclusive" : "inside";
}
