namespace Tablewalk.Mm;

/// <summary>
/// How physical addresses, page frame numbers, virtual addresses and folios of one <see cref="Arena"/> belong together. Everything is computed
/// from values and from any pointer into the arena; nothing is loaded.
/// </summary>
/// <remarks>
/// Physical memory has four banks of <see cref="PagesPerBank"/> pages, 4 GiB apart, so that page frames exist whose addresses differ in the
/// high 32 bits alone. Bank <see cref="MappedBank"/> is the arena's own memory; the others are high memory, known by their folios only.
/// <para>
/// Which folio a page belongs to is decided by its number alone: the lower half of a bank consists of single pages, the third quarter of large
/// folios of <see cref="LargeFolioPages"/> pages, the last one of huge folios of <see cref="HugeFolioPages"/>; bank <see cref="GiganticBank"/> is one
/// folio that fills a PUD entry. Folios are never split, so nobody has to look twice which folio a page is in.
/// </para>
/// <para>A page is 4 KiB here whatever granule an architecture's tables have: page frame numbers are physical addresses without their low 12 bits.</para>
/// </remarks>
public static unsafe class PhysicalMemory
{
    /// <summary>LINUX: PAGE_SHIFT.</summary>
    public const int PageShift = 12;

    /// <summary>LINUX: PAGE_SIZE, in bytes.</summary>
    public const ulong PageSize = 1UL << PageShift;

    /// <summary>The size and the alignment of an arena, in bytes.</summary>
    public const ulong ArenaLengthBytes = 256UL << 20;

    /// <summary>Pages of one bank.</summary>
    public const ulong PagesPerBank = ArenaLengthBytes >> PageShift;

    /// <summary>How many banks there are.</summary>
    public const ulong BankCount = 4;

    /// <summary>How far the number of a bank is shifted in a page frame number.</summary>
    public const int BankShift = 32 - PageShift;

    /// <summary>The bank that is the arena's memory.</summary>
    public const ulong MappedBank = 1;

    /// <summary>Pages of a large folio.</summary>
    public const ulong LargeFolioPages = 16;

    /// <summary>Pages of a huge folio: what a PMD entry maps with the 4K granule, and a contiguous block with the others.</summary>
    public const ulong HugeFolioPages = 512;

    /// <summary>The bank that is one gigantic folio.</summary>
    public const ulong GiganticBank = 3;

    /// <summary>The first page of a bank that belongs to a large folio.</summary>
    public const ulong FirstLargePage = PagesPerBank / 2;

    /// <summary>The first page of a bank that belongs to a huge folio.</summary>
    public const ulong FirstHugePage = PagesPerBank / 4 * 3;

    /// <summary>Where the memory map lies in the arena, in bytes from its base.</summary>
    public const ulong MemoryMapOffset = PageSize;

    /// <summary>The length of the memory map, in bytes.</summary>
    public const ulong MemoryMapLengthBytes = BankCount * PagesPerBank * FolioSizeBytes;

    private const ulong FolioSizeBytes = 64;

    private const int QuarterShift = 14;

    private const byte QuarterIsTwoBits = 4UL << QuarterShift == PagesPerBank ? 1 : -1; // error CS0031 if it stops
    private const byte MemoryMapLeavesRoomForPages = MemoryMapLengthBytes < ArenaLengthBytes / 4 ? 1 : -1;
    private const byte GiganticBankIsTheLast = GiganticBank == BankCount - 1 && BankCount == 4 ? 1 : -1;

    /// <summary>The page frame number of a page.</summary>
    /// <param name="bank">The bank, below <see cref="BankCount"/>.</param>
    /// <param name="page">The page in it, below <see cref="PagesPerBank"/>.</param>
    public static ulong PageFrame(ulong bank, ulong page) => (bank << BankShift) | page;

    /// <summary>The physical address of a place in the arena. LINUX: __pa.</summary>
    public static ulong PhysicalOf(void* place) => (MappedBank << 32) | ((ulong)place & (ArenaLengthBytes - 1));

    /// <summary>The first byte of the arena that a place is in.</summary>
    public static ulong BaseOf(void* anchor) => (ulong)anchor & ~(ArenaLengthBytes - 1);

    /// <summary>The place at a physical address in the mapped bank. LINUX: __va.</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="physical">The physical address; whatever it is, the result lies inside the arena.</param>
    public static void* VirtualOf(void* anchor, ulong physical)
    {
        // SAFETY: an arena is aligned to its own power-of-two length, so the high bits of any place in it are the arena's base.
        return (void*)(((ulong)anchor & ~(ArenaLengthBytes - 1)) | (physical & (ArenaLengthBytes - 1)));
    }

    /// <summary>How many pages the folio of a page has: a power of two. LINUX: folio_nr_pages.</summary>
    /// <remarks>For <see cref="GiganticBank"/> the pages that a bank knows; the folio goes on over all that a PUD entry maps.</remarks>
    public static ulong FolioPagesOf(ulong pfn)
    {
        ulong quarter = (pfn & (PagesPerBank - 1)) >> QuarterShift;
        ulong bank = (pfn >> BankShift) & (BankCount - 1);
        ulong isLarge = quarter >> 1;
        ulong isHuge = isLarge & quarter & 1;
        ulong isGigantic = bank & (bank >> 1);
        return 1 + ((isLarge * (LargeFolioPages - 1)) | (isHuge * (HugeFolioPages - 1)) | (isGigantic * (PagesPerBank - 1)));
    }

    /// <summary>The folio that a page belongs to. LINUX: page_folio(pfn_to_page(pfn)).</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="pfn">The page frame number; whatever it is, the result lies inside the memory map.</param>
    public static Folio* FolioOf(void* anchor, ulong pfn) => PageOf(anchor, pfn & ~(FolioPagesOf(pfn) - 1));

    /// <summary>What is known about a single page; for the first page of a folio also what is known about the folio. LINUX: pfn_to_page.</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="pfn">The page frame number; whatever it is, the result lies inside the memory map.</param>
    public static Folio* PageOf(void* anchor, ulong pfn)
    {
        // SAFETY: bank and page are masked to their ranges, so the index is below BankCount * PagesPerBank.
        ulong bank = (pfn >> BankShift) & (BankCount - 1);
        ulong page = pfn & (PagesPerBank - 1);
        ulong offset = MemoryMapOffset + (((bank * PagesPerBank) + page) * FolioSizeBytes);
        return (Folio*)(((ulong)anchor & ~(ArenaLengthBytes - 1)) | offset);
    }
}
