using Tablewalk.Cat;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Analysis;

/// <summary>
/// How often each thread may write each cell at most, altogether and from any of its steps on: a read need wait for no other write than
/// these. See docs/adr/0004.
/// </summary>
/// <remarks>
/// Thread-modular: each thread is walked through alone, with whatever values the others may ever write to memory, until those do not grow any more.
/// Errs on the side of too many writes.
/// </remarks>
internal sealed class WriteBounds
{
    /// <summary>There is no bound.</summary>
    public const int Unbounded = int.MaxValue;

    private const int MostRounds = 100;
    private readonly Dictionary<ulong, int[]>?[] _bounds; // by thread, cell and step; null for a thread that may write anything

    private readonly Dictionary<ulong, ulong[]?>?[] _written; // by thread and cell: all values

    private WriteBounds(Dictionary<ulong, int[]>?[] bounds)
    {
        (_bounds, _written) = (bounds, new Dictionary<ulong, ulong[]?>?[bounds.Length]);
        (CellSizes, Cells) = (new Dictionary<ulong, int>(), []);
    }

    private WriteBounds(Dictionary<ulong, int[]>?[] bounds, SharedValues memory)
    {
        _bounds = bounds;
        _written = [.. bounds.Select((cells, t) => cells?.Keys.ToDictionary(cell => cell, cell => memory.WrittenOrNull(cell, t)))];
        CellSizes = memory.CellSizes;
        Cells = memory.Cells;
    }

    /// <summary>The words that some thread may access in parts, with the sizes of their cells.</summary>
    public IReadOnlyDictionary<ulong, int> CellSizes { get; }

    /// <summary>The cells that some thread may access, as far as that is known.</summary>
    public IReadOnlyCollection<ulong> Cells { get; }

    /// <summary>The bounds of the same threads when nothing is known of them.</summary>
    public WriteBounds WithoutAny() => new(new Dictionary<ulong, int[]>?[_bounds.Length]);

    /// <summary>The most writes to a cell that a thread makes.</summary>
    public int Altogether(int thread, ulong cell) => From(thread, 0, cell);

    /// <summary>The most writes to a cell that a thread makes from a step on, that step included.</summary>
    public int From(int thread, int step, ulong cell) =>
        _bounds[thread] is not { } cells ? Unbounded : cells.TryGetValue(cell, out var bySteps) ? bySteps[step] : 0;

    /// <summary>All that a thread may write to a cell, from whichever step on; null if that is not known.</summary>
    public ulong[]? ValuesOrNull(int thread, ulong cell) => _written[thread]?.GetValueOrDefault(cell);

    /// <summary>Finds the bounds of a program's threads.</summary>
    /// <remarks><b>Cost.</b> A few walks through each thread, and for each cell that a thread writes one pass over its steps.</remarks>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static WriteBounds Of(Program program, FlatCode[] codes, IInitialMemory memory, Model model, CancellationToken cancellation)
    {
        var isCoherent = Coherence.IsKeptBy(model);
        var shared = new SharedValues(memory, codes.Length + 1);
        var threads = new ThreadAnalysis?[codes.Length];
        var final = program.Final is null ? null : new ThreadCode("final", program.Final, program.FinalArguments);
        var finalCode = final is null ? null : FlatCode.From(final.Code);
        var isFinalTold = true;
        shared.IsChanged = true;
        for (var round = 0; shared.IsChanged; round++)
        {
            if (round == MostRounds)
            {
                Array.Clear(threads);
                break;
            }

            shared.IsChanged = false;
            for (var t = 0; t < codes.Length; t++)
            {
                if (!shared.BeginWalk(t))
                {
                    continue;
                }

                threads[t] = new ThreadAnalysis(codes[t], program.Threads[t], t, shared, isCoherent, cancellation);
                threads[t] = threads[t]!.Run() ? threads[t] : null;
            }

            // What the final predicate reads, a poison must write, though no thread reads it.
            isFinalTold = final is null || new ThreadAnalysis(finalCode!, final, codes.Length, shared, isCoherent: false, cancellation).Run();

            if (shared.IsSplit)
            {
                shared.Restart();
            }
        }

        // What one thread writes nobody knows where, others may read anywhere.
        var isTold = isFinalTold && Array.TrueForAll(threads, t => t is not null);
        return new([.. threads.Select((t, i) => isTold ? BoundsOf(t!, codes[i], cancellation) : null)], shared);
    }

    private static Dictionary<ulong, int[]> BoundsOf(ThreadAnalysis analysis, FlatCode code, CancellationToken cancellation)
    {
        var graph = new PassageGraph(analysis.Places);
        var bounds = new Dictionary<ulong, int[]>();
        foreach (var cell in graph.Cells)
        {
            cancellation.ThrowIfCancellationRequested();
            bounds.Add(cell, graph.MostWrites(cell, code.Steps.Length));
        }

        return bounds;
    }
}
