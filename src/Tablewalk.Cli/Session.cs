using System.Runtime.InteropServices;

namespace Tablewalk.Cli;

/// <summary>What a command writes to, and what ends it early.</summary>
/// <param name="Out">The answers.</param>
/// <param name="Error">Errors and progress.</param>
/// <param name="ShowsProgress">Whether <paramref name="Error"/> is a terminal.</param>
/// <param name="Cancellation">Cancelled when the user interrupts.</param>
public sealed record Session(TextWriter Out, TextWriter Error, bool ShowsProgress, CancellationToken Cancellation)
{
    /// <summary>The processor that threads run on.</summary>
    public Architecture Host { get; init; } = RuntimeInformation.ProcessArchitecture;
}
