using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Explore.Witness;

namespace Tablewalk.Explore.Explain;

/// <summary>Why no execution ends with an outcome.</summary>
/// <param name="Rule">The rule that the nearest candidate breaks, with a shortest cycle; null if no candidate ends so even without the model.</param>
/// <param name="IsOnlyRule">Whether the candidate breaks this rule alone.</param>
/// <param name="Execution">The candidate; null as <paramref name="Rule"/>.</param>
/// <param name="RestsOn">What the program must not lose: with any one of these weakened, the outcome is reached.</param>
/// <param name="Undecided">Weakenings of which a limit left open what they do.</param>
public sealed record ForbiddenOutcome(
    BrokenRule? Rule, bool IsOnlyRule, ExecutionPicture? Execution, ImmutableArray<Weakening> RestsOn, ImmutableArray<Weakening> Undecided);

/// <summary>A shortest execution that ends with an outcome.</summary>
/// <param name="Table">Told step by step.</param>
/// <param name="Execution">To draw.</param>
public sealed record ReachedOutcome(Counterexample Table, ExecutionPicture Execution);
