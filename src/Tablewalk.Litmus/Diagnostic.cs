namespace Tablewalk.Litmus;

/// <summary>A place in a litmus file; line and column count from 1.</summary>
public readonly record struct SourcePosition(string File, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>Something wrong with a litmus file: what was expected, what was found, and where.</summary>
/// <param name="Code">TW3xxx; see <see cref="DiagnosticCodes"/>.</param>
/// <param name="Position">Where it was found.</param>
/// <param name="Message">One sentence without a full stop.</param>
public sealed record Diagnostic(string Code, SourcePosition Position, string Message)
{
    /// <summary>Whether the file is well-formed and asks for something that is not taken here, rather than being wrong.</summary>
    public bool IsUnsupported => Code == DiagnosticCodes.Unsupported;

    /// <inheritdoc/>
    public override string ToString() => $"{Position}: {Code}: {Message}";
}

/// <summary>The codes of litmus diagnostics.</summary>
public static class DiagnosticCodes
{
    /// <summary>A character, comment or string that is no token.</summary>
    public const string BadToken = "TW3001";

    /// <summary>One thing was expected and another found.</summary>
    public const string Syntax = "TW3002";

    /// <summary>A thread, register, label or location that nobody defined.</summary>
    public const string UnknownName = "TW3003";

    /// <summary>Something that was defined twice.</summary>
    public const string Duplicate = "TW3004";

    /// <summary>A number that does not fit where it stands.</summary>
    public const string BadNumber = "TW3005";

    /// <summary>An instruction whose operands are none that it takes.</summary>
    public const string BadOperand = "TW3006";

    /// <summary>A construct of the litmus format that is not taken here.</summary>
    public const string Unsupported = "TW3007";

    /// <summary>Nested or grown beyond what is taken.</summary>
    public const string TooLarge = "TW3008";
}

/// <summary>Carries one diagnostic from the place where it was found to whoever reads the file.</summary>
public sealed class LitmusException(Diagnostic diagnostic) : Exception(diagnostic.ToString())
{
    /// <summary>What is wrong.</summary>
    public Diagnostic Diagnostic { get; } = diagnostic;
}
