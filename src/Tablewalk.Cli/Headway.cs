using Tablewalk.Explore;

namespace Tablewalk.Cli;

/// <summary>How far a piece of work has come. Another thread may ask while it goes on.</summary>
/// <param name="limit">What ends the work.</param>
/// <param name="shown">Shows the user.</param>
internal sealed class Headway(Limit limit, IProgress<CheckProgress>? shown = null) : IProgress<CheckProgress>
{
    private readonly Lock _lock = new();
    private CheckProgress _last;

    /// <summary>What was reported last.</summary>
    public CheckProgress Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Why the work ended without an answer, and what it was at.</summary>
    public string Reason => Last.Phase is { } phase ? $"{limit.Reason} while {phase}" : limit.Reason;

    /// <summary>Goes on to something else than a search, as in "while lifting the code".</summary>
    /// <exception cref="OperationCanceledException">The limit is reached.</exception>
    public void Enter(string phase)
    {
        limit.Token.ThrowIfCancellationRequested(); // before: the reason names what took the time
        Report(Last with { Phase = phase });
    }

    /// <inheritdoc/>
    public void Report(CheckProgress value)
    {
        lock (_lock)
        {
            _last = value;
        }

        // Work that was given up may go on for a while, but nobody wants to see it.
        if (!limit.IsReached)
        {
            shown?.Report(value);
        }
    }
}
