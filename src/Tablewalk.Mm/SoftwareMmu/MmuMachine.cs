using System.Collections.Concurrent;

namespace Tablewalk.Mm;

/// <summary>
/// Physical memory with a software MMU: the face of this library for those who want address spaces and not a kernel. docs/guide.md shows how it is used.
/// </summary>
/// <remarks>All methods may be called by any thread at any time, unless they say otherwise.</remarks>
public sealed unsafe class MmuMachine : IDisposable
{
    private readonly Arena _arena = new();
    private readonly Func<MmuMachine, MmuSpace> _createSpace;
    private readonly ConcurrentStack<nint> _scratch = new();
    private readonly Lock _deferredGate = new();
    private int _spaces;
    private int _pinnedPages;
    private bool _isDisposed;

    private MmuMachine(MmuOptions options, ulong addressLimit, Func<MmuMachine, MmuSpace> createSpace)
    {
        _createSpace = createSpace;
        AddressLimit = addressLimit;
        SwapArea.Initialize(_arena, options.SwapPages);
        FolioAllocator.Initialize(_arena, (ulong)options.Pages);
        Anchor = _arena.Base;
    }

    /// <summary>The size of a page, in bytes.</summary>
    public static int PageSize => (int)PhysicalMemory.PageSize;

    /// <summary>The first address beyond every address space.</summary>
    public ulong AddressLimit { get; }

    /// <summary>Pages of 4 KiB in use, for memory and tables. Waits for those that are being freed.</summary>
    public int UsedPages
    {
        get
        {
            FreeDeferred();
            return (int)Zone->UsedCount;
        }
    }

    /// <summary>Pages of 4 KiB in use in all zones: also huge pages, and what the library keeps for its lists.</summary>
    internal long PagesInUse => (long)(
        FolioAllocator.Zone(Anchor, FolioAllocator.SingleZone)->UsedCount
        + (FolioAllocator.Zone(Anchor, FolioAllocator.LargeZone)->UsedCount * PhysicalMemory.LargeFolioPages)
        + (FolioAllocator.Zone(Anchor, FolioAllocator.HugeZone)->UsedCount * PhysicalMemory.HugeFolioPages));

    internal void* Anchor { get; }

    private FolioZone* Zone => FolioAllocator.Zone(Anchor, FolioAllocator.SingleZone);

    /// <summary>Makes a machine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number of pages is not positive or too large.</exception>
    public static MmuMachine Create(MmuArchitecture architecture, MmuOptions? options = null) => CreateWith<NoSeededFault>(architecture, options);

    /// <summary>Makes a machine with something done wrongly, to see it found.</summary>
    internal static MmuMachine CreateWith<TFault>(MmuArchitecture architecture, MmuOptions? options)
        where TFault : ISeededFault
    {
        options ??= new MmuOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Pages);
        return architecture switch
        {
            MmuArchitecture.Arm64 => new MmuMachine(options, 1UL << 47, static machine => new MmuSpaceOf<
                Arm64, FaultyPtes<ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>, TFault>,
                PreciseRead<Block16, FullGatherTest>, Arm64HardwareWalk<ThroughAnyEntry<Block16>>, TFault>(machine)),
            MmuArchitecture.X86_64 => new MmuMachine(options, 1UL << 47, static machine => new MmuSpaceOf<
                X86_64, FaultyPtes<SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>, TFault>,
                LocklessRead<X86_64>, X86HardwareWalk, TFault>(machine)),
            MmuArchitecture.X86Pae => new MmuMachine(options, 3UL << 30, static machine => new MmuSpaceOf<
                X86Pae, FaultyPtes<SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, ArchAccessFlags>, TFault>,
                LocklessRead<X86Pae>, X86HardwareWalk, TFault>(machine)),
            _ => throw new ArgumentOutOfRangeException(nameof(architecture), architecture, "unknown architecture"),
        };
    }

    /// <summary>Makes an empty address space.</summary>
    /// <exception cref="MmuMemoryException">There is no memory for its first table.</exception>
    public MmuSpace CreateSpace()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _createSpace(this);
    }

    /// <summary>Looks for what was made and not disposed of.</summary>
    /// <exception cref="InvalidOperationException">Something was; the message says what.</exception>
    public void ThrowIfLeaking()
    {
        if (_spaces != 0 || _pinnedPages != 0 || UsedPages != 0)
        {
            throw new InvalidOperationException(
                $"the machine is still in use: {_spaces} address spaces and {_pinnedPages} pinned pages were not disposed of, {UsedPages} pages are taken");
        }
    }

    /// <summary>Gives all memory back. No thread uses the machine or anything of it any more.</summary>
    public void Dispose()
    {
        lock (_deferredGate)
        {
            _isDisposed = true;
            _arena.Dispose();
        }
    }

    /// <summary>Waits until tables are free that were unlinked before. LINUX: rcu_barrier.</summary>
    /// <returns>How many pages became free.</returns>
    internal ulong FreeDeferred()
    {
        lock (_deferredGate)
        {
            return _isDisposed ? 0 : DeferredFrees.Free(Anchor);
        }
    }

    /// <summary>Has another thread do so. LINUX: the kernel's thread for callbacks of RCU.</summary>
    internal void FreeDeferredLater()
    {
        if (*DeferredFrees.Head(Anchor) != 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static machine => machine.FreeDeferred(), this, preferLocal: false);
        }
    }

    internal MmuMemoryException OutOfMemory() => new($"no page is free: {UsedPages} are in use");

    /// <summary>A page for one thread's lists. Given back it is kept: to free and poison one at each call would cost more than the call.</summary>
    internal void* TakeScratch()
    {
        if (_scratch.TryPop(out nint page))
        {
            return (void*)page;
        }

        ulong pfn = FolioAllocator.TryAllocate(Anchor, FolioAllocator.LargeZone);
        return pfn == 0 ? throw OutOfMemory() : PhysicalMemory.VirtualOf(Anchor, pfn << PhysicalMemory.PageShift);
    }

    internal void GiveScratch(void* page) => _scratch.Push((nint)page);

    internal void CountSpace(int change) => CountIn(ref _spaces, change);

    internal void CountPinned(int change) => CountIn(ref _pinnedPages, change);

    private void CountIn(ref int count, int change)
    {
        lock (_arena)
        {
            count += change;
        }
    }
}
