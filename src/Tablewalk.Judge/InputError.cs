using System.Collections.Immutable;

namespace Tablewalk.Judge;

/// <summary>Something wrong with what the user gave, as one line.</summary>
/// <param name="Place">Where: an argument, a part of the command line, a scenario, or file, line and column.</param>
/// <param name="Code">The kind of error, <c>TW</c> and four digits.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record InputError(string Place, string Code, string Message)
{
    /// <summary>The line as it is printed.</summary>
    public override string ToString() => $"{Place}: {Code}: {Message}";

    /// <summary>A name that is none of those there are.</summary>
    /// <param name="place">Where the name stands.</param>
    /// <param name="code">The kind of error.</param>
    /// <param name="problem">What is wrong, such as <c>unknown scenario 'x'</c>.</param>
    /// <param name="name">The name.</param>
    /// <param name="choices">The names there are.</param>
    public static InputError NoSuch(string place, string code, string problem, string name, IReadOnlyCollection<string> choices)
    {
        if (choices.Count == 0)
        {
            return new InputError(place, code, $"{problem}; it has none");
        }

        string expected = choices.Count == 1 ? choices.First() : $"one of {string.Join(", ", choices)}";
        string hint = Spelling.NearestOrNull(name, choices) is { } nearest && choices.Count > 1 ? $"; did you mean '{nearest}'?" : "";
        return new InputError(place, code, $"{problem}, expected {expected}{hint}");
    }
}

/// <summary>What was given cannot be judged, or not so: a line for each error. Ends the command with exit status 2.</summary>
public sealed class InputException : Exception
{
    /// <summary>One error.</summary>
    public InputException(InputError error)
        : this([error])
    {
    }

    /// <summary>Several errors.</summary>
    public InputException(ImmutableArray<InputError> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>The errors, in the order in which they are printed.</summary>
    public ImmutableArray<InputError> Errors { get; }
}
