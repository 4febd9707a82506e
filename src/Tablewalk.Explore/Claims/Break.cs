namespace Tablewalk.Explore.Claims;

/// <summary>How an execution is wrong.</summary>
internal enum BreakKind
{
    /// <summary>A BugOn found its condition true.</summary>
    Claim,

    /// <summary>A thread touched memory outside of the arena.</summary>
    WildAccess,

    /// <summary>A thread waits although nobody is left who could end it.</summary>
    EndlessWait,
}

/// <summary>Where an execution is wrong: a thread (-1 for the final state) and its step.</summary>
internal readonly record struct Break(int Thread, int Step, BreakKind Kind);
