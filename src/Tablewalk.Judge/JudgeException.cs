using System.Collections.Immutable;

namespace Tablewalk.Judge;

/// <summary>
/// A scenario is not as a test says. The message says in one line what was expected, then what was found: race tables, or why there is no answer. Any test framework prints it.
/// </summary>
public sealed class JudgeException : Exception
{
    /// <summary>What was expected, and the verdicts that are others.</summary>
    /// <param name="expected">One line.</param>
    /// <param name="judgements">At least one.</param>
    internal JudgeException(string expected, ImmutableArray<Judgement> judgements)
        : base($"{expected}\n{string.Join('\n', judgements)}") => Judgements = judgements;

    /// <summary>The verdicts that are not the expected ones.</summary>
    public ImmutableArray<Judgement> Judgements { get; }
}
