using System.Collections.Immutable;

namespace Tablewalk.Report;

/// <summary>What one litmus test came to.</summary>
/// <param name="File">The file, as it was asked for.</param>
/// <param name="Name">The name of the test; that of the file if it could not be read.</param>
/// <param name="Quantifier"><c>exists</c>, <c>~exists</c>, <c>forall</c> or <c>final</c>.</param>
/// <param name="Condition">The condition with its quantifier.</param>
/// <param name="States">The final states in herd7's order, without those that a filter takes away.</param>
/// <param name="Positive">The executions of which the condition, without its quantifier, holds.</param>
/// <param name="Negative">The executions of which it does not.</param>
/// <param name="Expected">What a kinds file says: a kind or an observation; null if it says nothing.</param>
/// <param name="Unknown">Why there is no answer; null if there is one.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record LitmusRow(
    string File,
    string Name,
    string Quantifier,
    string Condition,
    ImmutableArray<string> States,
    long Positive,
    long Negative,
    string? Expected,
    string? Unknown,
    double Seconds)
{
    /// <summary>The executions that were looked at, with those that a filter takes away.</summary>
    public long Executions { get; init; }

    /// <summary>Branches followed to their end: <see cref="Executions"/> and the dead ends.</summary>
    public long Explored { get; init; }

    /// <summary>The flags that the model raises for some execution, in order.</summary>
    public ImmutableArray<string> Flags { get; init; } = [];

    /// <summary>The verdicts that a kinds file may have.</summary>
    public static ImmutableArray<string> Verdicts { get; } = ["Forbidden", "Allowed", "Required", "Never", "Sometimes", "Always"];

    /// <summary>The kind that the quantifier states.</summary>
    public string Kind => Quantifier switch { "~exists" => "Forbidden", "forall" => "Required", _ => "Allowed" };

    /// <summary>How often the condition holds: never, sometimes or always.</summary>
    public string Observation => Unknown is not null ? "Unknown" : Positive == 0 ? "Never" : Negative == 0 ? "Always" : "Sometimes";

    /// <summary>Whether the condition, with its quantifier, holds.</summary>
    public bool IsValidated => Quantifier switch { "~exists" => Positive == 0, "forall" => Negative == 0, _ => Positive > 0 };

    /// <summary>Whether the answer is the expected one; null without an answer or an expectation.</summary>
    public bool? Agrees => Unknown is not null ? null : Expected switch
    {
        "Forbidden" or "Never" => Positive == 0,
        "Allowed" => Positive > 0,
        "Required" or "Always" => Positive > 0 && Negative == 0,
        "Sometimes" => Positive > 0 && Negative > 0,
        _ => null,
    };
}
