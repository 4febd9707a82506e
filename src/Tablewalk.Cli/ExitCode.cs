namespace Tablewalk.Cli;

/// <summary>The exit statuses that scripts rely on.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for holds.</summary>
    public const int Holds = 0;

    /// <summary>A claim is violated, or a verdict of the tour is not the expected one.</summary>
    public const int Violated = 1;

    /// <summary>The input or its usage is at fault.</summary>
    public const int BadInput = 2;

    /// <summary>A limit was hit before an answer.</summary>
    public const int LimitHit = 3;

    /// <summary>A broken invariant of the command itself: EX_SOFTWARE of sysexits.h.</summary>
    public const int Internal = 70;
}
