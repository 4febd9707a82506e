using System.Globalization;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>What a run asks about memory.</summary>
internal interface IGuesses
{
    /// <summary>How finely an 8-byte word is split into cells, now that it is accessed this finely.</summary>
    int CellSize(ulong word, int finest);

    /// <summary>The values that a read of a cell may return; null if it is outside of memory.</summary>
    IReadOnlyList<ulong>? ValuesOf(ulong address, int sizeBytes);
}

/// <summary>Thrown when a program has more runs or candidates than the oracle looks at.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Roslynator", "RCS1194", Justification = "Only thrown with a message.")]
internal sealed class TooLargeException(string message) : Exception(message);

/// <summary>One run of a thread under one guess of what its reads return and of what it chooses.</summary>
/// <param name="Events">What it did.</param>
/// <param name="Result">What it returned.</param>
/// <param name="Broken">The claims that it broke.</param>
/// <param name="IsExecution">Whether it is one to look at. One that is not may still tell what values there are.</param>
internal sealed record ThreadTrace(IReadOnlyList<TraceEvent> Events, ulong Result, IReadOnlySet<string> Broken, bool IsExecution)
{
    private const int MostRuns = 20_000;

    /// <summary>Every run of a thread.</summary>
    /// <exception cref="TooLargeException">There are too many, or one of them is too long.</exception>
    internal static List<ThreadTrace> All(ThreadCode thread, IGuesses guesses)
    {
        var (traces, script, code) = (new List<ThreadTrace>(), new Script(), new ThreadLoops(thread.Code));
        do
        {
            script.Rewind();
            traces.Add(new ThreadRun(thread, code, guesses, script).Run());
            if (traces.Count > MostRuns)
            {
                throw new TooLargeException($"{thread.Name} has more than {MostRuns} runs");
            }
        }
        while (script.Advance());

        return traces;
    }

    public override string ToString() => string.Join(' ', Events.Select(e =>
        string.Create(CultureInfo.InvariantCulture, $"{e.Kind}@{e.Address:x}={e.Value:x}{(e.Kind == TraceKind.Fence ? string.Join('&', e.Sets) : "")}")));
}

/// <summary>The guesses of one run, in the order in which it asks; <see cref="Advance"/> goes on to the next combination.</summary>
internal sealed class Script
{
    private readonly List<(int Chosen, int Count)> _decisions = [];
    private int _next;

    internal void Rewind() => _next = 0;

    internal int Decide(int count)
    {
        if (_next == _decisions.Count)
        {
            _decisions.Add((0, count));
        }

        return _decisions[_next++].Chosen;
    }

    internal bool Advance()
    {
        while (_decisions.Count > 0)
        {
            var (chosen, count) = _decisions[^1];
            _decisions.RemoveAt(_decisions.Count - 1);
            if (chosen + 1 < count)
            {
                _decisions.Add((chosen + 1, count));
                return true;
            }
        }

        return false;
    }
}

/// <summary>Where a thread's loops begin, and what a round of one may have changed for the next.</summary>
internal sealed class ThreadLoops
{
    private readonly Procedure _code;
    private readonly Liveness _liveness;
    private readonly bool[] _isHead;
    private readonly bool?[] _isOpen; // by block: whether the walk is still below it; null before it came

    internal ThreadLoops(Procedure code)
    {
        (_code, _isHead, _isOpen) = (code, new bool[code.Blocks.Length], new bool?[code.Blocks.Length]);
        _liveness = Liveness.Of(code.Blocks, code.RegisterCount);
        Walk(0);
    }

    internal bool IsHead(int block) => _isHead[block];

    /// <summary>The values that the code from a block on may read.</summary>
    internal ulong[] LiveValues(int block, ulong[] registers) =>
        [.. registers.Where((_, r) => _liveness.IsLiveAtEntry(block, new Register(r)))];

    private void Walk(int block)
    {
        _isOpen[block] = true;
        foreach (var next in _code.Blocks[block].End.Targets())
        {
            if (_isOpen[next] is null)
            {
                Walk(next);
            }
            else
            {
                _isHead[next] |= _isOpen[next]!.Value;
            }
        }

        _isOpen[block] = false;
    }
}
