namespace Tablewalk.Mm;

/// <summary>A mapped range.</summary>
internal readonly record struct Region(ulong Start, ulong End, MmuAccess Access);

/// <summary>
/// The regions of an address space, under a lock that faults hold for reading and changes for writing. LINUX: the VMAs and mmap_lock.
/// </summary>
#pragma warning disable CA1001 // Threads may still wait for the lock of an address space that is being disposed of; the collector frees it.
internal sealed class RegionMap
#pragma warning restore CA1001
{
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly List<Region> _regions = [];

    /// <summary>All, by address; under the lock.</summary>
    internal IEnumerable<Region> All => _regions;

    internal static RegionFlags FlagsOf(MmuAccess access) => access switch
    {
        MmuAccess.None => RegionFlags.None,
        MmuAccess.Read => RegionFlags.Read,
        _ => RegionFlags.Read | RegionFlags.Write,
    };

    internal WriteScope EnterWrite()
    {
        _lock.EnterWriteLock();
        return new WriteScope(_lock);
    }

    internal ReadScope EnterRead()
    {
        _lock.EnterReadLock();
        return new ReadScope(_lock);
    }

    internal Region? AtOrNull(ulong address) => FirstOverlapOrNull(address, 1);

    internal Region? FirstOverlapOrNull(ulong address, ulong length)
    {
        // The first region that ends after the address.
        int low = 0;
        int high = _regions.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _regions[middle].End <= address ? (middle + 1, high) : (low, middle);
        }

        return low < _regions.Count && _regions[low].Start < address + length ? _regions[low] : null;
    }

    /// <summary>Where the regions around a range end and start, parts of those that overlap it included. LINUX: the floor and ceiling of free_pgtables.</summary>
    internal (ulong Floor, ulong Ceiling) GapAround(ulong start, ulong end)
    {
        ulong floor = 0;
        ulong ceiling = ulong.MaxValue;
        foreach (Region region in _regions)
        {
            floor = region.Start < start ? Math.Max(floor, Math.Min(region.End, start)) : floor;
            ceiling = region.End > end ? Math.Min(ceiling, Math.Max(region.Start, end)) : ceiling;
        }

        return (floor, ceiling);
    }

    internal void Add(Region region)
    {
        _regions.Add(region);
        _regions.Sort(static (left, right) => left.Start.CompareTo(right.Start));
    }

    /// <summary>Takes a range out; what sticks out of it stays.</summary>
    /// <returns>The parts that were in it.</returns>
    internal List<Region> Remove(ulong start, ulong end)
    {
        List<Region> kept = [];
        List<Region> removed = [];
        foreach (Region region in _regions)
        {
            if (region.End <= start || region.Start >= end)
            {
                kept.Add(region);
                continue;
            }

            removed.Add(region with { Start = Math.Max(region.Start, start), End = Math.Min(region.End, end) });
            if (region.Start < start)
            {
                kept.Add(region with { End = start });
            }

            if (region.End > end)
            {
                kept.Add(region with { Start = end });
            }
        }

        _regions.Clear();
        _regions.AddRange(kept);
        return removed;
    }

    internal readonly ref struct WriteScope(ReaderWriterLockSlim held) : IDisposable
    {
        private readonly ReaderWriterLockSlim _held = held;

        public void Dispose() => _held.ExitWriteLock();
    }

    internal readonly ref struct ReadScope(ReaderWriterLockSlim held) : IDisposable
    {
        private readonly ReaderWriterLockSlim _held = held;

        public void Dispose() => _held.ExitReadLock();
    }
}
