namespace Tablewalk.Explore;

/// <summary>What ends a piece of work before it has its answer: its own time, whatever else it is told, or the end of what it is a part of.</summary>
public sealed class Limit : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _whole;
    private readonly TimeSpan? _time;
    private string? _told;

    /// <summary>Begins to count.</summary>
    /// <param name="time">The most that the work may take; null for any.</param>
    /// <param name="whole">Cancelled when that of which the work is a part is to end.</param>
    public Limit(TimeSpan? time, CancellationToken whole)
    {
        (_time, _whole) = (time, whole);
        _source = CancellationTokenSource.CreateLinkedTokenSource(whole);
        Token = _source.Token;
        if (time is { } after)
        {
            _source.CancelAfter(after);
        }
    }

    /// <summary>Cancelled when the work is to end.</summary>
    public CancellationToken Token { get; }

    /// <summary>Whether the work is to end.</summary>
    public bool IsReached => Token.IsCancellationRequested;

    /// <summary>Whether the work is to end, and not because that of which it is a part is.</summary>
    public bool IsOwn => IsReached && !_whole.IsCancellationRequested;

    /// <summary>Why the work is to end, in words.</summary>
    public string Reason =>
        Volatile.Read(ref _told) ?? (_whole.IsCancellationRequested || _time is null ? "interrupted" : $"the limit of {_time.Value.TotalSeconds:0.###} s was reached");

    /// <summary>Ends the work for another reason.</summary>
    public void Reach(string reason)
    {
        Interlocked.CompareExchange(ref _told, reason, null);
        _source.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
