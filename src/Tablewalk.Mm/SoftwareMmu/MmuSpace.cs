namespace Tablewalk.Mm;

/// <summary>An address space of a <see cref="MmuMachine"/>.</summary>
/// <remarks>
/// Memory is there from the first access on: mapping reserves addresses and takes no page. Addresses and lengths are multiples of
/// <see cref="MmuMachine.PageSize"/> unless a method says otherwise.
/// </remarks>
public abstract unsafe class MmuSpace : IDisposable
{
    private protected MmuSpace(MmuMachine machine)
    {
        Machine = machine;
        ulong pfn = FolioAllocator.TryAllocateZeroed(machine.Anchor, FolioAllocator.LargeZone);
        if (pfn == 0)
        {
            throw machine.OutOfMemory();
        }

        Mm = (AddressSpace*)PhysicalMemory.VirtualOf(machine.Anchor, pfn << PhysicalMemory.PageShift);
        machine.CountSpace(1);
    }

    /// <summary>The machine that it belongs to.</summary>
    public MmuMachine Machine { get; }

    internal AddressSpace* Mm { get; }

    private protected RegionMap Regions { get; } = new();

    private protected bool IsDisposed { get; private set; }

    /// <summary>Makes a range usable.</summary>
    /// <exception cref="ArgumentException">The range is misaligned, empty, or overlaps another; the message says which.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It leaves the address space.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed of.</exception>
    public void Map(ulong address, ulong length, MmuAccess access)
    {
        CheckRange(address, length);
        using RegionMap.WriteScope scope = Regions.EnterWrite();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ThrowIfOverlaps(address, length);
        Regions.Add(new Region(address, address + length, access));
    }

    /// <summary>Takes a range away, with its contents. Parts that are not mapped stay so.</summary>
    /// <exception cref="ArgumentException">The range is misaligned or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It leaves the address space.</exception>
    /// <exception cref="MmuMemoryException">A huge page has to be split, and no page is free for its table.</exception>
    public void Unmap(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.WriteScope scope = Regions.EnterWrite();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        UnmapRange(address, length);
        Regions.Remove(address, address + length);
    }

    /// <summary>Drops the contents of a range that stays mapped: the next access to a page finds zeros. LINUX: MADV_DONTNEED.</summary>
    /// <exception cref="ArgumentException">The range is misaligned, empty, or not mapped throughout.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It leaves the address space.</exception>
    /// <exception cref="MmuMemoryException">A huge page has to be split, and no page is free for its table.</exception>
    public void Discard(ulong address, ulong length)
    {
        CheckRange(address, length);
        using RegionMap.ReadScope scope = Regions.EnterRead();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ThrowIfUnmapped(address, length);
        DiscardRange(address, length);
    }

    /// <summary>Changes what a range may be used for; all of it is mapped. Contents stay.</summary>
    /// <exception cref="ArgumentException">The range is misaligned, empty, or not mapped throughout.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It leaves the address space.</exception>
    public void Protect(ulong address, ulong length, MmuAccess access)
    {
        CheckRange(address, length);
        using RegionMap.WriteScope scope = Regions.EnterWrite();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ThrowIfUnmapped(address, length);
        Regions.Remove(address, address + length);
        Regions.Add(new Region(address, address + length, access));
        ProtectRange(address, length, RegionMap.FlagsOf(access));
    }

    /// <summary>Moves a range to another address, with its contents; all of it is mapped, and nothing where it goes. LINUX: mremap.</summary>
    /// <exception cref="ArgumentException">A range is misaligned or empty, the first is not mapped throughout, or something is mapped in the second.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A range leaves the address space.</exception>
    /// <exception cref="MmuMemoryException">There is no memory for tables. Nothing was moved.</exception>
    public void Move(ulong address, ulong to, ulong length)
    {
        CheckRange(address, length);
        CheckRange(to, length);
        using RegionMap.WriteScope scope = Regions.EnterWrite();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ThrowIfUnmapped(address, length);
        ThrowIfOverlaps(to, length);
        MoveRange(address, to, length);
        foreach (Region region in Regions.Remove(address, address + length))
        {
            Regions.Add(new Region(region.Start - address + to, region.End - address + to, region.Access));
        }

        // The old tables, from which all was taken.
        UnmapRange(address, length);
    }

    /// <summary>A copy of the address space. Pages are shared until one of the two writes; pinned pages are copied at once.</summary>
    /// <exception cref="MmuMemoryException">No page is free.</exception>
    public MmuSpace Fork()
    {
        using RegionMap.WriteScope scope = Regions.EnterWrite();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        MmuSpace child = Machine.CreateSpace();
        foreach (Region region in Regions.All)
        {
            child.Regions.Add(region);
            if (!TryCopyTo(child, region))
            {
                child.Dispose();
                throw Machine.OutOfMemory();
            }
        }

        return child;
    }

    /// <summary>Where an address is in physical memory, without making it present and without any lock.</summary>
    /// <returns>False if no page is mapped there yet.</returns>
    public abstract bool TryTranslate(ulong address, out ulong physicalAddress);

    /// <summary>Makes the pages of a range present that are not, as a first access to each would. LINUX: MADV_POPULATE_READ and _WRITE.</summary>
    /// <exception cref="ArgumentException">The range is misaligned or empty.</exception>
    /// <exception cref="MmuFaultException">A page is not mapped, or for no access. Pages before it are present.</exception>
    /// <exception cref="MmuMemoryException">No page is free.</exception>
    public abstract void Populate(ulong address, ulong length);

    /// <summary>Pins consecutive pages: they stay in place and this address space's own until they are released.</summary>
    /// <exception cref="ArgumentException">The address is not that of a page, or the count is not positive.</exception>
    /// <exception cref="MmuFaultException">A page is not mapped, or not for this.</exception>
    /// <exception cref="MmuMemoryException">No page is free.</exception>
    public abstract MmuPins Pin(ulong address, int count, bool isWrite);

    /// <summary>
    /// The pages of a range that were written to since the last call, in order. Each is made clean; a write after the call is reported by the next. A page
    /// that was swapped out since is reported as well, and brought in.
    /// </summary>
    /// <exception cref="ArgumentException">The range is misaligned or empty.</exception>
    /// <exception cref="MmuMemoryException">No page is free to bring one in.</exception>
    public abstract IReadOnlyList<ulong> CollectDirty(ulong address, ulong length);

    /// <summary>The pages of a range that were used since the last call, in order. LINUX: folio_referenced; a second MMU's use is not told.</summary>
    /// <exception cref="ArgumentException">The range is misaligned or empty.</exception>
    public abstract IReadOnlyList<ulong> CollectYoung(ulong address, ulong length);

    /// <summary>
    /// Tells that the contents of a range are no longer needed: <see cref="DropFree"/> may drop them, page by page, as long as they are not written to again.
    /// LINUX: MADV_FREE.
    /// </summary>
    /// <exception cref="ArgumentException">The range is misaligned or empty.</exception>
    /// <exception cref="MmuMemoryException">A huge page has to be split, and no page is free for its table.</exception>
    public abstract void AdviseFree(ulong address, ulong length);

    /// <summary>Drops the pages of a range that <see cref="AdviseFree"/> was told of, if nobody wrote to them since and nobody else uses them.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="ArgumentException">The range is misaligned or empty.</exception>
    public abstract int DropFree(ulong address, ulong length);

    /// <summary>Makes the next access to each page of a range fault once, so that it is seen who makes it. LINUX: change_prot_numa.</summary>
    /// <exception cref="ArgumentException">The range is misaligned or empty.</exception>
    /// <exception cref="MmuMemoryException">A huge page has to be split, and no page is free for its table.</exception>
    public abstract void HintFaults(ulong address, ulong length);

    /// <summary>How many bytes the mapping covers that an address is in; 0 if no page is mapped there. Without any lock. LINUX: perf_get_pgtable_size.</summary>
    public abstract int PageSizeAt(ulong address);

    /// <summary>Swaps pages of a range out, as many as can be and have room.</summary>
    /// <returns>How many went.</returns>
    public abstract int SwapOut(ulong address, ulong length);

    /// <summary>Puts huge pages in the place of small ones where a whole 2 MiB range is present and nobody else uses it.</summary>
    /// <returns>How many.</returns>
    public abstract int Collapse(ulong address, ulong length);

    /// <summary>A virtual CPU in this address space, for one thread at a time.</summary>
    public abstract MmuCpu CreateCpu();

    /// <summary>Attaches a second MMU that mirrors a range and is kept in step. At most one; before other threads use the address space.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    /// <exception cref="ArgumentException">The range is misaligned, empty or larger than 7,680 pages.</exception>
    public abstract MmuSecond AttachSecond(ulong address, ulong length);

    /// <summary>Unmaps everything. Its virtual CPUs are not used any more; its pins are still to be released.</summary>
    public void Dispose()
    {
        using RegionMap.WriteScope scope = Regions.EnterWrite();
        if (!IsDisposed)
        {
            IsDisposed = true;
            DisposeTables();
            FolioAllocator.Put(Mm, PhysicalMemory.PhysicalOf(Mm) >> PhysicalMemory.PageShift, 1);
            Machine.CountSpace(-1);
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void UnmapRange(ulong address, ulong length);

    private protected abstract void DiscardRange(ulong address, ulong length);

    private protected abstract void MoveRange(ulong address, ulong to, ulong length);

    private protected abstract void ProtectRange(ulong address, ulong length, RegionFlags flags);

    private protected abstract bool TryCopyTo(MmuSpace child, Region region);

    private protected abstract void DisposeTables();

    private protected void CheckRange(ulong address, ulong length)
    {
        if (((address | length) & (PhysicalMemory.PageSize - 1)) != 0)
        {
            throw new ArgumentException($"0x{address:x}, length 0x{length:x}: expected multiples of the page size 0x{PhysicalMemory.PageSize:x}", nameof(address));
        }

        ArgumentOutOfRangeException.ThrowIfZero(length);
        if (address >= Machine.AddressLimit || length > Machine.AddressLimit - address)
        {
            throw new ArgumentOutOfRangeException(
                nameof(address), $"0x{address:x}, length 0x{length:x}: the address space ends at 0x{Machine.AddressLimit:x}");
        }
    }

    private void ThrowIfOverlaps(ulong address, ulong length)
    {
        if (Regions.FirstOverlapOrNull(address, length) is { } other)
        {
            throw new ArgumentException(
                $"0x{address:x} to 0x{address + length:x} overlaps the region 0x{other.Start:x} to 0x{other.End:x}", nameof(address));
        }
    }

    private void ThrowIfUnmapped(ulong address, ulong length)
    {
        ulong at = address;
        while (at < address + length)
        {
            Region region = Regions.AtOrNull(at) ?? throw new ArgumentException($"0x{at:x} is not mapped", nameof(address));
            at = region.End;
        }
    }
}
