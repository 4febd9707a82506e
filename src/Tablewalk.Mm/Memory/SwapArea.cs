using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>
/// A swap area in memory: slots of one page each. Mutable, do not copy: a place in the arena's first page, reached through <see cref="Cpu"/> only.
/// </summary>
/// <remarks>
/// A slot's word counts the entries that name it, and has <see cref="Busy"/> set while somebody copies its page or decides about an entry that
/// names it. So an entry that names a slot which the reader holds busy cannot come to mean other contents: whoever swaps another page out to the slot waits.
/// LINUX: swap_map and swapcache_prepare, without a swap cache.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public unsafe struct SwapArea
{
    /// <summary>In a slot's word: somebody works on the slot.</summary>
    public const ulong Busy = 1UL << 63;

    /// <summary>The physical address of the slots' words.</summary>
    public ulong Words;

    /// <summary>The physical address of the slots' pages.</summary>
    public ulong Pages;

    /// <summary>How many slots there are, and one more: slot 0 is never used.</summary>
    public ulong Count;

    private const ulong Offset = 512;

    /// <summary>The swap area of the arena that a place is in.</summary>
    public static SwapArea* Of(void* anchor) => (SwapArea*)PhysicalMemory.VirtualOf(anchor, Offset);

    /// <summary>Makes a swap area. Runs before any thread does, and before <see cref="FolioAllocator.Initialize"/>.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="slots">How many pages it takes: below the words of a page.</param>
    public static void Initialize(Arena arena, int slots)
    {
        ArgumentNullException.ThrowIfNull(arena);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)slots, PhysicalMemory.PageSize / sizeof(ulong));
        SwapArea* area = Of(arena.Base);
        area->Words = PhysicalMemory.PhysicalOf(arena.AllocatePages());
        area->Pages = PhysicalMemory.PhysicalOf(arena.AllocatePages(slots + 1));
        area->Count = (ulong)slots + 1;
        arena.NameFields(area, "swap->");
        arena.NameWords(WordOf(arena.Base, 0), PhysicalMemory.PageSize, "swap_map");
        arena.NameWords(PageOf(arena.Base, 0), ((ulong)slots + 1) << PhysicalMemory.PageShift, "swap");
    }

    /// <summary>Takes a free slot, busy, with one entry that will name it.</summary>
    /// <returns>The slot; 0 if there is none.</returns>
    public static ulong TryAllocate(void* anchor)
    {
        ulong count = Cpu.ReadOnce(&Of(anchor)->Count);
        for (ulong slot = 1; slot < count; slot++)
        {
            ulong* word = WordOf(anchor, slot);
            if (Cpu.ReadOnce(word) == 0 && Cpu.CmpXchg(word, 0UL, Busy | 1) == 0)
            {
                return slot;
            }
        }

        return 0;
    }

    /// <summary>Makes a slot busy that an entry names or named.</summary>
    /// <returns>False if somebody else has it, or nothing is in it.</returns>
    public static bool TryBegin(void* anchor, ulong slot)
    {
        ulong* word = WordOf(anchor, slot);
        ulong old = Cpu.ReadOnce(word);
        return old != 0 && (old & Busy) == 0 && Cpu.CmpXchg(word, old, old | Busy) == old;
    }

    /// <summary>The end of <see cref="TryBegin"/> or <see cref="TryAllocate"/>.</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="dropped">How many entries ceased to name it.</param>
    public static void End(void* anchor, ulong slot, ulong dropped) => Cpu.FetchAdd(WordOf(anchor, slot), 0 - (Busy + dropped));

    /// <summary>One more entry names the slot; the caller holds the page-table lock of an entry that does. LINUX: swap_duplicate.</summary>
    public static void Duplicate(void* anchor, ulong slot) => Cpu.FetchAdd(WordOf(anchor, slot), 1UL);

    /// <summary>One entry less names the slot. LINUX: swap_free.</summary>
    public static void Drop(void* anchor, ulong slot) => Cpu.FetchAdd(WordOf(anchor, slot), ulong.MaxValue);

    /// <summary>The page of a slot.</summary>
    public static void* PageOf(void* anchor, ulong slot) =>
        PhysicalMemory.VirtualOf(anchor, Cpu.ReadOnce(&Of(anchor)->Pages) + (slot << PhysicalMemory.PageShift));

    private static ulong* WordOf(void* anchor, ulong slot) =>
        (ulong*)PhysicalMemory.VirtualOf(anchor, Cpu.ReadOnce(&Of(anchor)->Words)) + (slot & ((PhysicalMemory.PageSize / sizeof(ulong)) - 1));
}

/// <summary>Entries that name a slot of the swap area. LINUX: swp_entry_to_pte and kin; x86 without the inversion against L1TF.</summary>
public static class SwapEntry
{
    /// <summary>The entry of a slot.</summary>
    public static Pte Make<TArch>(ulong slot, bool isExclusive)
        where TArch : IArch => new((slot << PhysicalMemory.PageShift) | (isExclusive ? TArch.SwapExclusive : 0));

    /// <summary>Whether an entry names a slot: it is not empty, and not present.</summary>
    public static bool Is<TArch>(Pte pte)
        where TArch : IArch => pte.Raw != 0 && !TArch.IsPresent(pte);

    /// <summary>The slot.</summary>
    public static ulong SlotOf(Pte pte) => pte.Raw >> PhysicalMemory.PageShift;
}
