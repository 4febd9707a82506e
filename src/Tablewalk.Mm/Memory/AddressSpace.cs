using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>
/// An address space: LINUX: struct mm_struct. It fills a page, and the top-level table and the first table of each further level
/// follow it page by page, so that their places are computed and not loaded.
/// </summary>
/// <remarks>Mutable, do not copy: it is a place, reached by pointer.</remarks>
[StructLayout(LayoutKind.Sequential, Size = (int)PhysicalMemory.PageSize)]
public unsafe struct AddressSpace
{
    /// <summary>The one page-table lock, as in a kernel without split locks. Reached through <see cref="Cpu"/> only.</summary>
    public ulong PageTableLock;

    /// <summary>Odd while a fork copies entries. LINUX: mm-&gt;write_protect_seq. Reached through <see cref="Cpu"/> only.</summary>
    public ulong WriteProtectSeq;

    /// <summary>Nonzero once a page was pinned. LINUX: MMF_HAS_PINNED. Reached through <see cref="Cpu"/> only.</summary>
    public ulong HasPinned;

    /// <summary>The physical address of the <see cref="SecondaryMmu"/> that mirrors this address space; 0 if none. Reached through <see cref="Cpu"/> only.</summary>
    public ulong SecondaryMmu;

    /// <summary>How many reclaimers unmap pages that they flush later. LINUX: mm-&gt;tlb_flush_batched. Reached through <see cref="Cpu"/> only.</summary>
    public ulong FlushBatched;

    /// <summary>How many gathers run. LINUX: mm-&gt;tlb_flush_pending. Reached through <see cref="Cpu"/> only.</summary>
    public ulong FlushPending;

    /// <summary>LINUX: PTRS_PER_PTE.</summary>
    public const ulong PtrsPerTable = 512;

    /// <summary>LINUX: PUD_SHIFT.</summary>
    public const int PudShift = 30;

    /// <summary>LINUX: PMD_SHIFT.</summary>
    public const int PmdShift = 21;

    private const byte TableFillsOnePage = PtrsPerTable * sizeof(ulong) == PhysicalMemory.PageSize ? 1 : -1; // error CS0031 if it stops

    /// <summary>The top-level table. LINUX: mm-&gt;pgd.</summary>
    public static ulong* Pgd(AddressSpace* mm) => Page(mm, 1);

    /// <summary>The PMD entry for an address in the region that <see cref="Create{TArch}"/> made tables for: computed, nothing is loaded.</summary>
    public static ulong* FirstPmdEntry<TArch>(AddressSpace* mm, ulong address)
        where TArch : IArch => Page(mm, FirstTable<TArch>() + 1) + IndexOf<TArch>(address, TArch.PmdShift);

    /// <summary>The place for an address in the region that <see cref="Create{TArch}"/> made tables for.</summary>
    public static Pte* FirstPte<TArch>(AddressSpace* mm, ulong address)
        where TArch : IArch => (Pte*)(FirstPteTable<TArch>(mm) + IndexOf<TArch>(address, TArch.PageShift));

    /// <summary>The lowest table that <see cref="Create{TArch}"/> made.</summary>
    public static ulong* FirstPteTable<TArch>(AddressSpace* mm)
        where TArch : IArch => Page(mm, FirstTable<TArch>() + 2);

    /// <summary>
    /// Makes an address space with tables of every level for the region of one PMD entry around an address, page by page behind it. Entries from that address
    /// on are named PTE0, PTE1 and so on. Runs before any thread does. For architectures whose tables fill <see cref="PhysicalMemory.PageSize"/>.
    /// </summary>
    /// <param name="arena">The arena. From now on its memory is the <see cref="FolioAllocator"/>'s.</param>
    /// <param name="address">The address.</param>
    /// <param name="freePages">How many single pages that allocator has left.</param>
    /// <param name="freeLargeFolios">How many large folios; all if 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The arena has not that many.</exception>
    public static AddressSpace* Create<TArch>(Arena arena, ulong address, ulong freePages = 0, ulong freeLargeFolios = 0)
        where TArch : IArch
    {
        AddressSpace* mm = CreateEmpty<TArch>(arena);
        arena.Name(&mm->PageTableLock, sizeof(ulong), "page-table lock");
        FolioAllocator.Initialize(arena, (TArch.HasPud ? 3UL : 2) + freePages, freeLargeFolios);
        ulong* pmdp = PageTables<TArch>.PmdAllocOrNull(mm, address);
        PageTables<TArch>.TryInstallTable(mm, pmdp);
        if (TArch.HasPud)
        {
            NameTableEntry(arena, Page(mm, 2) + IndexOf<TArch>(address, TArch.PudShift), "PUD");
        }

        arena.NameWords(FirstPteTable<TArch>(mm), PhysicalMemory.PageSize, "pte", "pte table");
        arena.NameWords(Page(mm, FirstTable<TArch>() + 1), PhysicalMemory.PageSize, "pmd", "pmd table");
        NameTableEntry(arena, PageTables<TArch>.PgdOffset(mm, address), "PGD");
        NameTableEntry(arena, pmdp, "PMD");
        NamePtes<TArch>(arena, FirstPte<TArch>(mm, address));
        return mm;
    }

    /// <summary>Makes an address space without any table but the top one. Runs before any thread does.</summary>
    public static AddressSpace* CreateEmpty<TArch>(Arena arena)
        where TArch : IArch
    {
        ArgumentNullException.ThrowIfNull(arena);
        ulong pgdPages = ((TArch.PtrsPerPgd * sizeof(ulong)) + PhysicalMemory.PageSize - 1) >> PhysicalMemory.PageShift;
        AddressSpace* mm = (AddressSpace*)arena.AllocatePages(1 + (int)pgdPages);
        arena.NameFields(mm, "mm->");
        arena.NameWords(Pgd(mm), pgdPages * PhysicalMemory.PageSize, "pgd");
        return mm;
    }

    private static ulong* Page(AddressSpace* mm, ulong index) => (ulong*)((byte*)mm + (index * PhysicalMemory.PageSize));

    // Pages from the address space to the table of PMD entries, less one: the top table, and one of PUD entries where there is that level.
    private static ulong FirstTable<TArch>()
        where TArch : IArch => TArch.HasPud ? 2UL : 1;

    private static ulong IndexOf<TArch>(ulong address, int shift)
        where TArch : IArch => (address >> shift) & (TArch.PtrsPerTable - 1);

    private static void NameTableEntry(Arena arena, ulong* entry, string name)
    {
        arena.Name(entry, sizeof(ulong), name);
        ulong table = *entry;
        arena.Describe(entry, sizeof(ulong), (size, offset, value) => EntryText.OfTable(table, size, offset, value));
    }

    private static void NamePtes<TArch>(Arena arena, Pte* first)
        where TArch : IArch
    {
        for (int i = 0; i < 16; i++)
        {
            arena.Name(first + i, sizeof(ulong), $"PTE{i}");
            arena.Describe(first + i, sizeof(ulong), (size, offset, value) => EntryText.OfPte<TArch>(arena, size, offset, value));
        }
    }
}
