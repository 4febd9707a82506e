using System.Globalization;
using Tablewalk.Mm;

namespace Tablewalk.Cli;

/// <summary>The memory in use at one moment of a stress run.</summary>
/// <param name="ArenaPages">Pages of 4 KiB of the machine: memory, tables, and what the library keeps for its lists.</param>
/// <param name="HeapBytes">What is left of the managed heap after a collection.</param>
/// <param name="ResidentBytes">What the system has given the process.</param>
internal sealed record MemoryUse(long ArenaPages, long HeapBytes, long ResidentBytes)
{
    /// <summary>How many arena pages may be added: lists for as many threads as never ran at a time before, and tables of huge pages that were split.</summary>
    internal const long MostAddedPages = 256;

    /// <summary>How much the heap may grow.</summary>
    internal const long MostAddedHeapBytes = 1L << 20;

    /// <summary>How much the resident set may grow: by the arena's pages that were never touched before, and the heap's slack.</summary>
    internal const long MostAddedResidentBytes = 128L << 20;

    /// <summary>Collects garbage and looks.</summary>
    internal static MemoryUse Of(MmuMachine machine)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return new MemoryUse(machine.PagesInUse, GC.GetTotalMemory(forceFullCollection: false), Environment.WorkingSet);
    }

    /// <summary>What has grown beyond its bound; null if nothing has.</summary>
    internal string? GrowthOrNull(MemoryUse start) =>
        ArenaPages - start.ArenaPages > MostAddedPages ? $"memory: arena pages grew from {start.ArenaPages:N0} to {ArenaPages:N0}, by more than {MostAddedPages:N0}"
        : HeapBytes - start.HeapBytes > MostAddedHeapBytes ? $"memory: the managed heap grew from {start.HeapBytes:N0} to {HeapBytes:N0} bytes, by more than {MostAddedHeapBytes:N0}"
        : ResidentBytes - start.ResidentBytes > MostAddedResidentBytes
            ? $"memory: the resident set grew from {start.ResidentBytes:N0} to {ResidentBytes:N0} bytes, by more than {MostAddedResidentBytes:N0}"
        : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{ArenaPages:N0} arena pages, {HeapBytes / 1048576.0:0.0} MiB of managed heap, {ResidentBytes / 1048576.0:0} MiB resident");
}
