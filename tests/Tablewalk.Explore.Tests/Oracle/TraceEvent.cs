namespace Tablewalk.Explore.Tests.Oracle;

internal enum TraceKind
{
    Read,
    Write,
    Fence,
}

/// <summary>
/// One event of one run of a thread: an access of one cell, or something that is no access. Dependencies are indices of events of the same run: reads, and
/// writes whose success is depended on.
/// </summary>
internal sealed class TraceEvent(TraceKind kind, int index, params IEnumerable<string> sets)
{
    internal TraceKind Kind { get; } = kind;

    /// <summary>The number of the event within its thread, in program order.</summary>
    internal int Index { get; } = index;

    /// <summary>The number of the access, or of what is no access, within its thread: the parts of a split access share it.</summary>
    internal int Access { get; init; } = index;

    /// <summary>Whether the parts of the access happen at once.</summary>
    internal bool IsWhole { get; init; } = true;

    /// <summary>The names of the cat sets that it is in, R, W and M aside.</summary>
    internal HashSet<string> Sets { get; } = [.. sets];

    internal ulong Address { get; init; }

    internal int SizeBytes { get; init; } = sizeof(ulong);

    internal ulong Value { get; init; }

    internal SortedSet<int> AddressDependencies { get; init; } = [];

    internal SortedSet<int> DataDependencies { get; init; } = [];

    internal SortedSet<int> ControlDependencies { get; init; } = [];

    /// <summary>The same three that only picked between values.</summary>
    internal SortedSet<int> AddressPicks { get; init; } = [];

    internal SortedSet<int> DataPicks { get; init; } = [];

    internal SortedSet<int> ControlPicks { get; init; } = [];

    /// <summary>For the write of a read-modify-write: its read; else -1.</summary>
    internal int ReadOfUpdate { get; init; } = -1;

    /// <summary>Whether the read-modify-write is a single instruction.</summary>
    internal bool IsAtomicUpdate { get; init; }

    /// <summary>For the entry of a section: the index of its end.</summary>
    internal int SectionEnd { get; set; } = -1;

    /// <summary>For a walk, the address that is translated; for a TLB invalidation, the first one of its range; null if it is of all, and for all other events.</summary>
    internal ulong? InputAddress { get; init; }

    /// <summary>How many addresses a TLB invalidation is of.</summary>
    internal ulong InputLength { get; init; }

    /// <summary>Whether a TLB invalidation reaches other CPUs.</summary>
    internal bool IsBroadcast { get; init; }
}
