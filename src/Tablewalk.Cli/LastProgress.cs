using Tablewalk.Explore;

namespace Tablewalk.Cli;

/// <summary>Keeps what was reported last, and passes it on.</summary>
internal sealed class LastProgress(IProgress<CheckProgress>? next = null) : IProgress<CheckProgress>
{
    private readonly Lock _lock = new(); // it is read while the search goes on

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

    /// <inheritdoc/>
    public void Report(CheckProgress value)
    {
        lock (_lock)
        {
            _last = value;
        }

        next?.Report(value);
    }
}
