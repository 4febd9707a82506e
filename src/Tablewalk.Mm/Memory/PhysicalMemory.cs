namespace Tablewalk.Mm;

/// <summary>
/// How physical addresses, page frame numbers, virtual addresses and folios of one <see cref="Arena"/> belong together. Everything is computed
/// from values and from any pointer into the arena; nothing is loaded.
/// </summary>
/// <remarks>
/// Physical memory has four banks of <see cref="PagesPerBank"/> pages, 4 GiB apart, so that page frames exist whose addresses differ in the
/// high 32 bits alone. Bank <see cref="MappedBank"/> is the arena's own memory; the others are high memory, known by their folios only.
/// The upper half of a bank consists of large folios of <see cref="LargeFolioPages"/> pages, the lower half of single pages.
/// </remarks>
public static unsafe class PhysicalMemory
{
    /// <summary>LINUX: PAGE_SHIFT.</summary>
    public const int PageShift = 12;

    /// <summary>LINUX: PAGE_SIZE, in bytes.</summary>
    public const ulong PageSize = 1UL << PageShift;

    /// <summary>The size and the alignment of an arena, in bytes.</summary>
    public const ulong ArenaLengthBytes = 2UL << 20;

    /// <summary>Pages of one bank.</summary>
    public const ulong PagesPerBank = ArenaLengthBytes >> PageShift;

    /// <summary>How many banks there are.</summary>
    public const ulong BankCount = 4;

    /// <summary>The bank that is the arena's memory.</summary>
    public const ulong MappedBank = 1;

    /// <summary>Pages of a large folio.</summary>
    public const ulong LargeFolioPages = 16;

    /// <summary>The first page of a bank that belongs to a large folio.</summary>
    public const ulong FirstLargePage = PagesPerBank / 2;

    /// <summary>Where the memory map lies in the arena, in bytes from its base.</summary>
    public const ulong MemoryMapOffset = PageSize;

    /// <summary>The length of the memory map, in bytes.</summary>
    public const ulong MemoryMapLengthBytes = BankCount * PagesPerBank * FolioSizeBytes;

    private const ulong FolioSizeBytes = 64;
    private const int BankShift = 32 - PageShift;

    private const byte LargeHalfIsOneBit = FirstLargePage * 2 == PagesPerBank ? 1 : -1; // error CS0031 if it stops
    private const byte MemoryMapLeavesRoomForPages = MemoryMapLengthBytes < ArenaLengthBytes / 4 ? 1 : -1;

    /// <summary>The page frame number of a page.</summary>
    /// <param name="bank">The bank, below <see cref="BankCount"/>.</param>
    /// <param name="page">The page in it, below <see cref="PagesPerBank"/>.</param>
    public static ulong PageFrame(ulong bank, ulong page) => (bank << BankShift) | page;

    /// <summary>The physical address of a place in the arena. LINUX: __pa.</summary>
    public static ulong PhysicalOf(void* place) => (MappedBank << 32) | ((ulong)place & (ArenaLengthBytes - 1));

    /// <summary>The place at a physical address in the mapped bank. LINUX: __va.</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="physical">The physical address; whatever it is, the result lies inside the arena.</param>
    public static void* VirtualOf(void* anchor, ulong physical)
    {
        // SAFETY: an arena is aligned to its own power-of-two length, so the high bits of any place in it are the arena's base.
        return (void*)(((ulong)anchor & ~(ArenaLengthBytes - 1)) | (physical & (ArenaLengthBytes - 1)));
    }

    /// <summary>The folio that a page belongs to. LINUX: page_folio(pfn_to_page(pfn)).</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="pfn">The page frame number; whatever it is, the result lies inside the memory map.</param>
    public static Folio* FolioOf(void* anchor, ulong pfn)
    {
        // SAFETY: bank and page are masked to their ranges, so the index is below BankCount * PagesPerBank.
        ulong bank = (pfn >> BankShift) & (BankCount - 1);
        ulong page = pfn & (PagesPerBank - 1);
        ulong head = page & ~((page / FirstLargePage) * (LargeFolioPages - 1));
        ulong offset = MemoryMapOffset + (((bank * PagesPerBank) + head) * FolioSizeBytes);
        return (Folio*)(((ulong)anchor & ~(ArenaLengthBytes - 1)) | offset);
    }
}
