using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil;

/// <summary>Something in compiled C# that the lifter does not take. The codes are listed in <c>docs/lifted-subset.md</c>.</summary>
/// <param name="Code">The kind of problem, <c>TW1001</c> and on.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Message">What was found and what the subset takes instead.</param>
public sealed record Diagnostic(string Code, SourceLocation Place, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Place.File}:{Place.Line}: {Code}: {Place.Method}: {Message}";
}

/// <summary>The compiled code is outside the subset that can be lifted.</summary>
public sealed class LiftException : Exception
{
    /// <summary>An exception without diagnostics.</summary>
    public LiftException()
        : this("the method cannot be lifted")
    {
    }

    /// <summary>An exception without diagnostics.</summary>
    public LiftException(string message)
        : base(message)
    {
    }

    /// <summary>An exception without diagnostics.</summary>
    public LiftException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An exception that carries all that was found.</summary>
    public LiftException(ImmutableArray<Diagnostic> diagnostics)
        : base(string.Join('\n', diagnostics)) => Diagnostics = diagnostics;

    /// <summary>What was found, in the order the code runs.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; } = [];
}

/// <summary>The codes of diagnostics.</summary>
internal static class Codes
{
    internal const string NoCode = "TW1001";
    internal const string Recursion = "TW1002";
    internal const string DirectAccess = "TW1003";
    internal const string Construct = "TW1004";
    internal const string Dispatch = "TW1005";
    internal const string StaticField = "TW1006";
    internal const string CheckedArithmetic = "TW1007";
    internal const string FloatingPoint = "TW1008";
    internal const string Exceptions = "TW1009";
    internal const string IntrinsicArgument = "TW1010";
    internal const string Reference = "TW1011";
    internal const string Layout = "TW1012";
    internal const string OpenGeneric = "TW1013";
    internal const string UnknownIntrinsic = "TW1014";
    internal const string Signature = "TW1015";
}
