namespace Tablewalk.Mm;

/// <summary>This part: entries that name a slot of the swap area. LINUX: do_swap_page.</summary>
public static unsafe partial class FaultHandler<TArch, TPtes, TComparator, TCopy>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
    where TCopy : IPageCopy
{
    /// <summary>Brings a page in.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">The address.</param>
    /// <param name="orig">The entry as it was read without the lock: whatever it says is looked at again under the lock.</param>
    /// <param name="isWrite">Whether the access is a write.</param>
    /// <param name="region">What the region allows.</param>
    public static FaultResult HandleSwap(AddressSpace* mm, ulong address, Pte orig, bool isWrite, RegionFlags region)
    {
        ulong slot = SwapEntry.SlotOf(orig);
        if (slot == 0 || slot >= Cpu.ReadOnce(&SwapArea.Of(mm)->Count) || !SwapArea.TryBegin(mm, slot))
        {
            // A torn or old entry, or somebody else brings the page in.
            return FaultResult.Retry;
        }

        ulong pfn = FolioAllocator.TryAllocate(mm, PageTables<TArch>.PageZone);
        if (pfn == 0)
        {
            SwapArea.End(mm, slot, 0);
            return FaultResult.OutOfMemory;
        }

        TCopy.Copy(PhysicalMemory.VirtualOf(mm, pfn << PhysicalMemory.PageShift), SwapArea.PageOf(mm, slot), PhysicalMemory.PageSize);
        Pte* ptep = LockIfSameOrNull(mm, address, orig);
        if (ptep == null)
        {
            SwapArea.End(mm, slot, 0);
            FolioAllocator.Put(mm, pfn, 1);
            return FaultResult.Retry;
        }

        // The page in memory is this address space's own, also if others name the slot: they get their own when they fault.
        Pte entry = NewPage(mm, pfn, (region & RegionFlags.Write) != RegionFlags.None, isWrite, isAnonymous: true);

        // Its contents are in the slot no longer, so to drop it takes a write.
        TPtes.SetPte(address, ptep, TArch.MkDirty(entry));
        Cpu.SpinUnlock(&mm->PageTableLock);
        SwapArea.End(mm, slot, 1);
        return FaultResult.Done;
    }
}
