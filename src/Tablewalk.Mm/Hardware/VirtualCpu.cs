using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

#pragma warning disable RS0030 // This is hardware, in software.

namespace Tablewalk.Mm;

/// <summary>
/// A virtual CPU: a TLB and a walk cache over the tables of one address space. One thread uses it at a time.
/// </summary>
/// <remarks>
/// The protocol of invalidation, which is that of <see cref="NativeSections"/> with the access as its section:
/// <list type="number">
/// <item>An access enters its section, then looks whether an invalidation was asked for, then uses the TLB or walks, and reads or writes the page; then it leaves.</item>
/// <item>Who invalidates has changed the tables, posts the range to every virtual CPU, runs a process-wide barrier, and waits for each access that is open.</item>
/// <item>Either the barrier comes after the access began, and then its end is waited for; or before, and then the access sees the request and the changed
/// tables. So no access goes through an old translation once the wait is over.</item>
/// <item>A virtual CPU that has not taken the request by then is asleep: its next access begins with taking it, under the gate. Until then, who invalidates only
/// posts, and interrupts nobody: that access takes what was posted meanwhile, and sees what was changed before.</item>
/// </list>
/// On x86 the wait is also for irq-off sections: that is the interrupt, which such a section holds off and any other code takes at once.
/// </remarks>
public sealed unsafe partial class VirtualCpu : IDisposable
{
    private const int EntryCount = 512;
    private const int WalkEntryCount = 32;
    private const int RangeCount = 8;

    // LINUX: tlb_single_page_flush_ceiling.
    private const ulong MostPagesOneByOne = 33;

    private static readonly Lock s_gate = new();
    private static VirtualCpu[] s_all = [];

    private readonly Lock _requestGate = new();
    private readonly (ulong Start, ulong Length)[] _ranges = new (ulong, ulong)[RangeCount];
    private readonly void* _memory;
    private readonly ulong* _section = NativeSections.TakeSlot();
    private ulong _requested;
    private ulong _done;

    /// <summary>A virtual CPU that runs in an address space.</summary>
    public VirtualCpu(AddressSpace* mm)
    {
        Mm = mm;
        nuint length = (nuint)((EntryCount * sizeof(TlbEntry)) + (WalkEntryCount * sizeof(WalkEntry)));
        _memory = NativeMemory.AlignedAlloc(length, 64);
        NativeMemory.Clear(_memory, length);
        lock (s_gate)
        {
            s_all = [.. s_all, this];
        }

        // ORDER: store-load; pairs with the barrier in Flush: that sees this virtual CPU, or its first walk sees the changed entry.
        Interlocked.MemoryBarrier();
    }

    /// <summary>The address space.</summary>
    public AddressSpace* Mm { get; private set; }

    /// <summary>Accesses that the TLB served.</summary>
    public long Hits { get; private set; }

    /// <summary>Accesses that walked.</summary>
    public long Walks { get; private set; }

    private TlbEntry* Entries => (TlbEntry*)_memory;

    private WalkEntry* WalkEntries => (WalkEntry*)(Entries + EntryCount);

    /// <summary>Goes on in another address space. Old translations are dropped.</summary>
    public void Switch(AddressSpace* mm)
    {
        Mm = mm;
        InvalidateAll();
    }

    /// <summary>Takes the virtual CPU away. No thread uses it any more.</summary>
    public void Dispose()
    {
        lock (s_gate)
        {
            s_all = [.. s_all.Where(cpu => cpu != this)];
        }

        NativeSections.GiveSlot(_section);
        NativeMemory.AlignedFree(_memory);
    }

    /// <summary>A load through the TLB, or by a walk that sets accessed.</summary>
    /// <param name="address">The address of an aligned word.</param>
    /// <param name="value">The word; 0 if the access faults.</param>
    /// <returns>False if it faults: the handler is to make the entry, and the access is tried again.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLoad<TArch, THardware>(ulong address, out ulong value)
        where TArch : IArch
        where THardware : IHardwareWalk
    {
        NativeSections.EnterAccess(_section);
        byte* page = PlaceOrNull<TArch, THardware>(address, isWrite: false);
        value = page == null ? 0 : Volatile.Read(ref *(ulong*)page);
        NativeSections.LeaveAccess(_section);
        return page != null;
    }

    /// <summary>A store, as <see cref="TryLoad"/>. A walk for it sets dirty.</summary>
    /// <returns>False if it faults.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryStore<TArch, THardware>(ulong address, ulong value)
        where TArch : IArch
        where THardware : IHardwareWalk
    {
        NativeSections.EnterAccess(_section);
        byte* page = PlaceOrNull<TArch, THardware>(address, isWrite: true);
        if (page != null)
        {
            Volatile.Write(ref *(ulong*)page, value);
        }

        NativeSections.LeaveAccess(_section);
        return page != null;
    }

    // Inside an access section. The place of an aligned word, or null for a fault.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* PlaceOrNull<TArch, THardware>(ulong address, bool isWrite)
        where TArch : IArch
        where THardware : IHardwareWalk
    {
        if (Volatile.Read(ref _requested) != _done)
        {
            TakeInvalidations();
        }

        ulong page = address >> PhysicalMemory.PageShift;
        TlbEntry* entry = Entries + (page & (EntryCount - 1));
        if (entry->Tag == page + 1 && (!isWrite || entry->MayStore != 0))
        {
            Hits++;
            return entry->Page + (address & (PhysicalMemory.PageSize - 1) & ~7UL);
        }

        return WalkOrNull<TArch, THardware>(address, isWrite, entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* WalkOrNull<TArch, THardware>(ulong address, bool isWrite, TlbEntry* entry)
        where TArch : IArch
        where THardware : IHardwareWalk
    {
        Walks++;
        if (!TryFindLeaf<TArch, THardware>(address, out ulong* leaf, out int shift)
            || !MmuWalk<TArch, THardware>.TryUseLeaf(leaf, shift, address, isWrite, out ulong physical, out bool mayStore))
        {
            return null;
        }

        entry->Tag = (address >> PhysicalMemory.PageShift) + 1;
        entry->Page = (byte*)PhysicalMemory.VirtualOf(Mm, physical);
        entry->MayStore = mayStore ? 1UL : 0;
        return entry->Page + (address & (PhysicalMemory.PageSize - 1) & ~7UL);
    }

    // As MmuWalk, but by the walk cache where the table of the lowest level is known.
    private bool TryFindLeaf<TArch, THardware>(ulong address, out ulong* leaf, out int shift)
        where TArch : IArch
        where THardware : IHardwareWalk
    {
        ulong region = address >> TArch.PmdShift;
        WalkEntry* cached = WalkEntries + (region & (WalkEntryCount - 1));
        if (cached->Tag == region + 1)
        {
            shift = TArch.PageShift;
            leaf = cached->Table + ((address >> TArch.PageShift) & (TArch.PtrsPerTable - 1));
            return true;
        }

        if (!MmuWalk<TArch, THardware>.TryFindLeaf(Mm, address, out leaf, out shift))
        {
            return false;
        }

        if (shift == TArch.PageShift)
        {
            cached->Tag = region + 1;
            cached->Table = (ulong*)((ulong)leaf & ~((1UL << TArch.PageShift) - 1));
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeInvalidations()
    {
        lock (_requestGate)
        {
            ulong first = _done;
            bool isAll = _requested - first > RangeCount;
            for (ulong i = first; i < _requested && !isAll; i++)
            {
                (ulong start, ulong length) = _ranges[i % RangeCount];
                isAll = length > MostPagesOneByOne << PhysicalMemory.PageShift;
                if (!isAll)
                {
                    Invalidate(start >> PhysicalMemory.PageShift, (length + PhysicalMemory.PageSize - 1) >> PhysicalMemory.PageShift);
                }
            }

            _done = _requested;
            _isAsleep = false;
            if (isAll)
            {
                InvalidateAll();
            }
            else
            {
                NativeMemory.Clear(WalkEntries, (nuint)(WalkEntryCount * sizeof(WalkEntry)));
            }
        }
    }

    private void Invalidate(ulong firstPage, ulong count)
    {
        for (ulong page = firstPage; page < firstPage + count; page++)
        {
            TlbEntry* entry = Entries + (page & (EntryCount - 1));
            if (entry->Tag == page + 1)
            {
                entry->Tag = 0;
            }
        }
    }

    private void InvalidateAll() =>
        NativeMemory.Clear(_memory, (nuint)((EntryCount * sizeof(TlbEntry)) + (WalkEntryCount * sizeof(WalkEntry))));

    [StructLayout(LayoutKind.Sequential, Size = 32)]
    private struct TlbEntry
    {
        public ulong Tag;
        public byte* Page;
        public ulong MayStore;
    }

    private struct WalkEntry
    {
        public ulong Tag;
        public ulong* Table;
    }
}
