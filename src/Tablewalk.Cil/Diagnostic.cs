using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil;

/// <summary>Something in compiled C# that the lifter does not take.</summary>
/// <param name="Code">TW1xxx; see <see cref="DiagnosticCodes"/>.</param>
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
    /// <summary>An exception that carries all that was found.</summary>
    public LiftException(ImmutableArray<Diagnostic> diagnostics)
        : base(string.Join('\n', diagnostics)) => Diagnostics = diagnostics;

    /// <summary>What was found, in the order the code runs.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }
}

/// <summary>The codes of what cannot be lifted.</summary>
public static class DiagnosticCodes
{
    /// <summary>A method whose CIL or debug information cannot be read.</summary>
    public const string NoCode = "TW1001";

    /// <summary>A method that is called while it runs.</summary>
    public const string Recursion = "TW1002";

    /// <summary>Memory behind a pointer that is not reached through <c>Cpu</c>.</summary>
    public const string DirectAccess = "TW1003";

    /// <summary>What needs the managed heap or the runtime.</summary>
    public const string Construct = "TW1004";

    /// <summary>A call whose target is not known statically.</summary>
    public const string Dispatch = "TW1005";

    /// <summary>A static field that can change or holds an object.</summary>
    public const string StaticField = "TW1006";

    /// <summary>Checked arithmetic or a checked conversion.</summary>
    public const string CheckedArithmetic = "TW1007";

    /// <summary>Floating point.</summary>
    public const string FloatingPoint = "TW1008";

    /// <summary>An exception, or what compiles to the handling of one.</summary>
    public const string Exceptions = "TW1009";

    /// <summary>An argument of an intrinsic that must be constant and is not.</summary>
    public const string IntrinsicArgument = "TW1010";

    /// <summary>A reference or pointer to a local that is not known.</summary>
    public const string Reference = "TW1011";

    /// <summary>A local whose fields overlap, or that is read as a type of another size.</summary>
    public const string Layout = "TW1012";

    /// <summary>A thread with open type parameters.</summary>
    public const string OpenGeneric = "TW1013";

    /// <summary>A method of <c>Cpu</c> that the lifter does not know.</summary>
    public const string UnknownIntrinsic = "TW1014";

    /// <summary>A thread whose parameters or result are no integers, bools, enums, pointers or structs of them.</summary>
    public const string Signature = "TW1015";
}
