using System.Collections.Immutable;

namespace Tablewalk.Cat;

/// <summary>A place in a cat file; line and column count from 1.</summary>
public readonly record struct SourcePosition(string File, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>Something wrong with a cat file: what was expected, what was found, and where.</summary>
/// <param name="Code">TW2xxx; see <see cref="DiagnosticCodes"/>.</param>
/// <param name="Position">Where it was found.</param>
/// <param name="Message">One sentence without a full stop.</param>
public sealed record Diagnostic(string Code, SourcePosition Position, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Position}: {Code}: {Message}";
}

/// <summary>The codes of cat diagnostics.</summary>
public static class DiagnosticCodes
{
    /// <summary>A character, comment or string that is no token.</summary>
    public const string BadToken = "TW2001";

    /// <summary>One thing was expected and another found.</summary>
    public const string Syntax = "TW2002";

    /// <summary>A name that nobody defined.</summary>
    public const string UnknownName = "TW2003";

    /// <summary>A set where a relation is needed, or the reverse.</summary>
    public const string WrongKind = "TW2004";

    /// <summary>Operators in a row that the language gives no order.</summary>
    public const string Ambiguous = "TW2005";

    /// <summary>A function used as a value, a value as a function, or a wrong number of arguments.</summary>
    public const string WrongCall = "TW2006";

    /// <summary>An include that was not found or includes itself.</summary>
    public const string BadInclude = "TW2008";

    /// <summary>A recursion that never settles, as one through its own complement.</summary>
    public const string BadRecursion = "TW2009";

    /// <summary>Nested or grown beyond what is taken.</summary>
    public const string TooLarge = "TW2010";

    /// <summary>A <c>match</c> without a clause for the tag that it met.</summary>
    public const string NoMatch = "TW2011";

    /// <summary>An <c>assert</c> that an execution fails: the model relies on what does not hold.</summary>
    public const string FailedAssertion = "TW2012";
}

/// <summary>A model that could not be read; the message lists the diagnostics, one a line.</summary>
public sealed class CatException(ImmutableArray<Diagnostic> diagnostics)
    : Exception(string.Join('\n', diagnostics.Select(d => d.ToString())))
{
    /// <summary>What is wrong, in the order of the text; never empty.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}
