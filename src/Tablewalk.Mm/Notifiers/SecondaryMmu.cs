using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>
/// A second MMU that mirrors a range of an address space, as KVM does for a guest. All fields are reached through <see cref="Cpu"/> only. LINUX: struct kvm,
/// virt/kvm/kvm_main.c.
/// </summary>
/// <remarks>
/// <para>Its table is flat: one word for each page of <see cref="PhysicalMemory.PageSize"/>, in the form of <see cref="Spte"/>, whatever the first MMU's architecture.</para>
/// The protocol, which keeps invariant N1 (no entry maps a page whose first mapping was invalidated before the entry was installed):
/// <list type="number">
/// <item>Whoever changes the first MMU's entries calls <see cref="InvalidateStart"/> before and <see cref="InvalidateEnd"/> after. The start counts itself
/// into <see cref="InProgress"/> and takes the range's entries away, both under the lock.</item>
/// <item>A fault reads <see cref="Sequence"/>, looks for the page without the lock, and installs the entry under the lock only if no invalidation of the address
/// runs and none ended since.</item>
/// </list>
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public unsafe struct SecondaryMmu
{
    /// <summary>LINUX: kvm-&gt;mmu_lock.</summary>
    public ulong Lock;

    /// <summary>Invalidations that have started and not ended. LINUX: mmu_invalidate_in_progress.</summary>
    public ulong InProgress;

    /// <summary>The first address of all that are in progress. LINUX: mmu_invalidate_range_start.</summary>
    public ulong RangeStart;

    /// <summary>The end of them.</summary>
    public ulong RangeEnd;

    /// <summary>Invalidations that have ended. LINUX: mmu_invalidate_seq.</summary>
    public ulong Sequence;

    /// <summary>The first address that is mirrored.</summary>
    public ulong FirstAddress;

    /// <summary>How many pages are.</summary>
    public ulong PageCount;

    /// <summary>The physical address of the entries.</summary>
    public ulong Table;

    /// <summary>The pages that fit.</summary>
    public const ulong MostPages = (PhysicalMemory.LargeFolioPages - 1) * (PhysicalMemory.PageSize / sizeof(ulong));

    /// <summary>Attaches a second MMU to an address space that has none, before other threads use that.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="firstAddress">The first address that is mirrored.</param>
    /// <param name="pageCount">How many pages are, at most <see cref="MostPages"/>.</param>
    /// <returns>Null if there is no memory.</returns>
    public static SecondaryMmu* AttachOrNull(AddressSpace* mm, ulong firstAddress, ulong pageCount)
    {
        ulong pfn = FolioAllocator.TryAllocateZeroed(mm, FolioAllocator.LargeZone);
        if (pfn == 0)
        {
            return null;
        }

        SecondaryMmu* mmu = (SecondaryMmu*)PhysicalMemory.VirtualOf(mm, pfn << PhysicalMemory.PageShift);
        mmu->FirstAddress = firstAddress;
        mmu->PageCount = pageCount;
        mmu->Table = PhysicalMemory.PhysicalOf(mmu) + PhysicalMemory.PageSize;

        // ORDER: store-store; pairs with the address dependency in Notifier: who sees the second MMU sees what it mirrors.
        Cpu.SmpWmb();
        Cpu.WriteOnce(&mm->SecondaryMmu, PhysicalMemory.PhysicalOf(mmu));
        return mmu;
    }

    /// <summary>The place of the entry for an address of the mirrored range.</summary>
    public static ulong* EntryOf(SecondaryMmu* mmu, ulong address)
    {
        ulong index = (address - Cpu.ReadOnce(&mmu->FirstAddress)) >> PhysicalMemory.PageShift;
        return (ulong*)PhysicalMemory.VirtualOf(mmu, Cpu.ReadOnce(&mmu->Table)) + index;
    }

    /// <summary>LINUX: kvm_mmu_notifier_invalidate_range_start.</summary>
    public static void InvalidateStart(SecondaryMmu* mmu, ulong start, ulong length)
    {
        ulong end = start + length;
        Cpu.SpinLock(&mmu->Lock);
        ulong running = Cpu.ReadOnce(&mmu->InProgress);
        ulong oldStart = Cpu.ReadOnce(&mmu->RangeStart);
        ulong oldEnd = Cpu.ReadOnce(&mmu->RangeEnd);

        // Several that run at a time are taken for one that covers all: some faults retry without need.
        Cpu.WriteOnce(&mmu->RangeStart, running == 0 || start < oldStart ? start : oldStart);
        Cpu.WriteOnce(&mmu->RangeEnd, running == 0 || end > oldEnd ? end : oldEnd);
        Cpu.WriteOnce(&mmu->InProgress, running + 1);
        Zap(mmu, start, end);
        Cpu.SpinUnlock(&mmu->Lock);
    }

    /// <summary>LINUX: kvm_mmu_notifier_invalidate_range_end.</summary>
    public static void InvalidateEnd(SecondaryMmu* mmu)
    {
        Cpu.SpinLock(&mmu->Lock);
        Cpu.WriteOnce(&mmu->Sequence, Cpu.ReadOnce(&mmu->Sequence) + 1);

        // ORDER: store-store; pairs with the load barrier in SecondaryFault: who sees that none is in progress sees the new sequence number.
        // Those who look under the lock do not need it.
        Cpu.SmpWmb();
        Cpu.WriteOnce(&mmu->InProgress, Cpu.ReadOnce(&mmu->InProgress) - 1);
        Cpu.SpinUnlock(&mmu->Lock);
    }

    /// <summary>LINUX: mmu_invalidate_retry_gfn, under the lock.</summary>
    public static bool IsRetry(SecondaryMmu* mmu, ulong sequence, ulong address)
    {
        bool isInProgress = Cpu.ReadOnce(&mmu->InProgress) != 0
            && address >= Cpu.ReadOnce(&mmu->RangeStart) && address < Cpu.ReadOnce(&mmu->RangeEnd);
        return isInProgress || Cpu.ReadOnce(&mmu->Sequence) != sequence;
    }

    private static void Zap(SecondaryMmu* mmu, ulong start, ulong end)
    {
        ulong first = Cpu.ReadOnce(&mmu->FirstAddress);
        ulong last = first + (Cpu.ReadOnce(&mmu->PageCount) << PhysicalMemory.PageShift);
        ulong from = start > first ? start : first;
        ulong to = end < last ? end : last;
        bool wasAny = false;
        for (ulong at = from; at < to; at += PhysicalMemory.PageSize)
        {
            wasAny |= Cpu.Xchg(EntryOf(mmu, at), 0UL) != 0;
        }

        if (wasAny)
        {
            // LINUX: kvm_flush_remote_tlbs: an IPI to every CPU that runs the guest. Returns when none uses an old entry; see GuestAccess.
            Cpu.SyncLocklessWalkers();
        }
    }
}

/// <summary>An entry of a second MMU. LINUX: SPTE.</summary>
public static class Spte
{
    /// <summary>The page can be read.</summary>
    public const ulong Present = 1;

    /// <summary>It can be written to.</summary>
    public const ulong Writable = 2;

    /// <summary>An entry.</summary>
    public static ulong Make(ulong pfn, bool isWritable) => (pfn << PhysicalMemory.PageShift) | Present | (isWritable ? Writable : 0);

    /// <summary>The page that an entry maps.</summary>
    public static ulong PfnOf(ulong spte) => spte >> PhysicalMemory.PageShift;
}

/// <summary>Tells the second MMU of an address space, if there is one. LINUX: mmu_notifier_invalidate_range_start and _end.</summary>
public static unsafe class Notifier
{
    /// <summary>Before entries of a range change.</summary>
    public static void Start(AddressSpace* mm, ulong start, ulong length)
    {
        ulong mmu = Cpu.ReadOnce(&mm->SecondaryMmu);
        if (mmu != 0)
        {
            SecondaryMmu.InvalidateStart((SecondaryMmu*)PhysicalMemory.VirtualOf(mm, mmu), start, length);
        }
    }

    /// <summary>After they changed.</summary>
    public static void End(AddressSpace* mm, ulong start, ulong length)
    {
        ulong mmu = Cpu.ReadOnce(&mm->SecondaryMmu);
        if (mmu != 0)
        {
            SecondaryMmu.InvalidateEnd((SecondaryMmu*)PhysicalMemory.VirtualOf(mm, mmu));
        }
    }
}
