using Tablewalk.Explore.Search;
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

    private WriteBounds(Dictionary<ulong, int[]>?[] bounds, SharedValues memory)
    {
        _bounds = bounds;
        CellSizes = memory.CellSizes;
        Cells = memory.Cells;
    }

    /// <summary>The words that some thread may access in parts, with the sizes of their cells.</summary>
    public IReadOnlyDictionary<ulong, int> CellSizes { get; }

    /// <summary>The cells that some thread may access, as far as that is known.</summary>
    public IReadOnlyCollection<ulong> Cells { get; }

    /// <summary>Whether the thread's writes could not be told.</summary>
    public bool MayWriteAnything(int thread) => _bounds[thread] is null;

    /// <summary>The most writes to a cell that a thread makes.</summary>
    public int Altogether(int thread, ulong cell) => From(thread, 0, cell);

    /// <summary>The most writes to a cell that a thread makes from a step on, that step included.</summary>
    public int From(int thread, int step, ulong cell) =>
        _bounds[thread] is not { } cells ? Unbounded : cells.TryGetValue(cell, out var bySteps) ? bySteps[step] : 0;

    /// <summary>Finds the bounds of a program's threads.</summary>
    public static WriteBounds Of(Program program, FlatCode[] codes, IInitialMemory memory)
    {
        var shared = new SharedValues(memory);
        var threads = new ThreadAnalysis?[codes.Length];
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
                threads[t] = new ThreadAnalysis(codes[t], program.Threads[t], shared);
                threads[t] = threads[t]!.Run() ? threads[t] : null;
            }

            if (shared.IsSplit)
            {
                shared.Restart();
            }
        }

        // What one thread writes nobody knows where, others may read anywhere.
        var isTold = Array.TrueForAll(threads, t => t is not null);
        return new([.. threads.Select((t, i) => isTold ? BoundsOf(t!, codes[i]) : null)], shared);
    }

    private static Dictionary<ulong, int[]> BoundsOf(ThreadAnalysis analysis, FlatCode code)
    {
        var graph = new PassageGraph(analysis);
        var bounds = new Dictionary<ulong, int[]>();
        foreach (var cell in Enumerable.Range(0, analysis.PartitionCount).SelectMany(analysis.PassagesOf).SelectMany(p => p.Writes).Select(w => w.Cell).Distinct())
        {
            bounds.Add(cell, BySteps(analysis, code, cell, graph.MostWrites(cell)));
        }

        return bounds;
    }

    private static int[] BySteps(ThreadAnalysis analysis, FlatCode code, ulong cell, int[] fromPartition)
    {
        var most = new int[code.Steps.Length];
        for (var p = 0; p < analysis.PartitionCount; p++)
        {
            foreach (var passage in analysis.PassagesOf(p))
            {
                var after = passage.Target < 0 ? 0 : fromPartition[passage.Target];
                var writes = passage.Writes.Where(w => w.Cell == cell).Select(w => w.Step).ToArray();
                for (var step = code.StartOf(analysis.BlockOf(p)); step < most.Length && code.BlockOf(step) == analysis.BlockOf(p); step++)
                {
                    most[step] = Math.Max(most[step], PassageGraph.Sum(writes.Count(w => w >= step), after));
                }
            }
        }

        return most;
    }
}
