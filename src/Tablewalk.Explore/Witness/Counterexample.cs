using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Witness;

/// <summary>What a step of a counterexample does.</summary>
public enum StepKind
{
    /// <summary>A read.</summary>
    Read,

    /// <summary>A write.</summary>
    Write,

    /// <summary>A fence.</summary>
    Fence,

    /// <summary>The beginning or end of an irq-off or RCU read section.</summary>
    Section,

    /// <summary>An IPI wait or a grace period.</summary>
    Wait,

    /// <summary>The claim that broke; last.</summary>
    Claim,
}

/// <summary>One event of a counterexample, at the place where it takes effect.</summary>
/// <param name="Cpu">The index of the thread; -1 for the final state.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Source">The source line that made it; null where none is known.</param>
/// <param name="Operation">In a word: <c>R</c>, <c>W</c>, <c>RMW.R</c>, <c>RMW.W</c>, <c>DMB.SY</c>, <c>IRQ-OFF</c>, <c>IPI</c>, and so on.</param>
/// <param name="Location">The location's name; empty for fences.</param>
/// <param name="Value">The value read or written; 0 for fences.</param>
/// <param name="Description">The value in words; null to show the number.</param>
/// <param name="Early">Whether it takes effect before an event that stands earlier in its thread's program order.</param>
/// <param name="ReadsFrom">For a read: which step, by index in the list, wrote the value; -1 for the initial state and for other kinds.</param>
public sealed record Step(
    int Cpu,
    StepKind Kind,
    SourceLocation? Source,
    string Operation,
    string Location,
    ulong Value,
    string? Description,
    bool Early,
    int ReadsFrom);

/// <summary>
/// One execution that breaks a claim, in an order that respects reads-from, coherence and the model's order, so that it can be read from
/// top to bottom. Events that may come after all that the claim depends on are left out.
/// </summary>
/// <param name="Claim">The claim's name.</param>
/// <param name="Reason">In one sentence what broke, such as the source text of the BugOn.</param>
/// <param name="ThreadNames">The CPUs' names, by index.</param>
/// <param name="Steps">The steps, earliest first; the claim is the last.</param>
/// <param name="LeftOut">How many events of the execution are no step, because they may come later.</param>
public sealed record Counterexample(string Claim, string Reason, ImmutableArray<string> ThreadNames, ImmutableArray<Step> Steps, int LeftOut)
{
    /// <summary>What the execution shows of the claim; of a litmus test's condition, that it is reached.</summary>
    public string Shows { get; init; } = "is violated";

    /// <summary>Whether it breaks the claim itself, and not by touching memory outside of the arena or by waiting for ever.</summary>
    public bool IsOfClaim { get; init; } = true;

    /// <summary>The same with only the steps that the violation needs; null where all are needed. See docs/adr/0018.</summary>
    public Counterexample? Distilled { get; init; }

    /// <summary>
    /// Of a distilled one: the program that does only what the steps say, over the same memory. It breaks <see cref="ReducedClaim"/> exactly where every
    /// read gets what its step says.
    /// </summary>
    public Program? Reduced { get; init; }

    /// <summary>The claim that <see cref="Reduced"/> breaks.</summary>
    public static string ReducedClaim => ReducedProgram.Claim;
}
