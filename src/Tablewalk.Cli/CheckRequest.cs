using System.Collections.Immutable;

namespace Tablewalk.Cli;

/// <summary>What was asked for on the command line, as it was written. An empty list means the default.</summary>
/// <param name="Scenarios">Names of scenarios; all if none.</param>
/// <param name="Architectures">Names; all that a scenario has if none.</param>
/// <param name="Models">Names or files; the architecture's own if none.</param>
/// <param name="Variants"><c>NAME=VALUE</c>, where VALUE may be <c>*</c>.</param>
/// <param name="Claims">Names; all that a scenario has if none.</param>
public sealed record CheckRequest(
    ImmutableArray<string> Scenarios,
    ImmutableArray<string> Architectures,
    ImmutableArray<string> Models,
    ImmutableArray<string> Variants,
    ImmutableArray<string> Claims)
{
    /// <summary>The option that names models, for messages.</summary>
    internal const string ModelOption = "--model";

    /// <summary>The assembly that declares the scenarios; null for those that come with the command.</summary>
    public string? ScenarioFile { get; init; }

    /// <summary>The command that asks, for messages.</summary>
    public string Command { get; init; } = "check";

    /// <summary>Whether to say of each claim that holds what it rests on.</summary>
    public bool Explains { get; init; }

    /// <summary>Whether race tables show every step, and not only those that the violation needs.</summary>
    public bool IsFull { get; init; }

    /// <summary>The memory that the process may have; null for three quarters of the machine's.</summary>
    public int? Megabytes { get; init; }

    /// <summary>Everything under its defaults.</summary>
    public static CheckRequest Everything { get; } = new([], [], [], [], []);
}
