using System.Diagnostics;
using Tablewalk.Explore;

namespace Tablewalk.Cli;

/// <summary>One line on a terminal that says what is being checked and how far it came. Silent if there is no terminal.</summary>
/// <remarks>Reports come from the checker's threads, so everything that writes holds the lock.</remarks>
internal sealed class ProgressLine(Session session) : IProgress<CheckProgress>
{
    private const string EraseLine = "\r\e[K";
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceShown = new();
    private readonly Stopwatch _sinceBegun = new();
    private string _what = "";
    private bool _isShown;

    /// <summary>The last that was reported of the current check.</summary>
    public CheckProgress Last { get; private set; }

    /// <summary>Begins a check.</summary>
    /// <param name="what">What is checked, in a few words.</param>
    public void Begin(string what)
    {
        lock (_lock)
        {
            _what = what;
            Last = default;
            _sinceBegun.Restart();
            Show();
        }
    }

    /// <summary>Says something else instead, but not more often than anybody can read.</summary>
    public void Say(string text)
    {
        lock (_lock)
        {
            if (!_sinceShown.IsRunning || _sinceShown.Elapsed >= s_interval)
            {
                Show(text);
            }
        }
    }

    /// <inheritdoc/>
    public void Report(CheckProgress value)
    {
        lock (_lock)
        {
            Last = value;
            if (_sinceShown.Elapsed >= s_interval)
            {
                Show();
            }
        }
    }

    /// <summary>Takes the line away, so that something else can be printed.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_isShown)
            {
                session.Error.Write(EraseLine);
                session.Error.Flush();
                _isShown = false;
            }
        }
    }

    private void Show() => Show($"{_what}: {Last.Executions:N0} executions, {_sinceBegun.Elapsed.TotalSeconds:0.0} s");

    private void Show(string text)
    {
        if (!session.ShowsProgress)
        {
            return;
        }

        _sinceShown.Restart();
        int width = Math.Max(20, TerminalWidth() - 1);
        session.Error.Write(EraseLine + (text.Length <= width ? text : text[..width]));
        session.Error.Flush();
        _isShown = true;
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (Exception unknown) when (unknown is IOException or PlatformNotSupportedException)
        {
            return 80;
        }
    }
}
