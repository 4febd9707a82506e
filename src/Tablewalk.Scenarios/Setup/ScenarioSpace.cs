using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>The address spaces that scenarios begin with: their tables are made by the library, as a fault would make them.</summary>
internal static unsafe class ScenarioSpace
{
    private const int ScratchPages = 2;

    /// <summary>An address space with tables around <see cref="ScenarioLayout.Address"/> in which nothing is mapped.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="freePages">How many single pages can be allocated.</param>
    /// <param name="freeLargeFolios">How many large folios can be; all if 0.</param>
    internal static AddressSpace* Create<TArch>(Arena arena, ulong freePages = 0, ulong freeLargeFolios = 0)
        where TArch : IArch
    {
        arena.AllocatePages(ScratchPages);
        AddressSpace* mm = AddressSpace.Create<TArch>(arena, ScenarioLayout.Address, freePages, freeLargeFolios);
        arena.NameFields((Gather*)Scratch(mm, 0), "gather->");
        arena.NameWords(Scratch(mm, 1), PhysicalMemory.PageSize, "list");
        return mm;
    }

    /// <summary>The same, and page A is mapped there.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="entry">The entry that maps it.</param>
    /// <param name="flags">What the page is, see <see cref="Folio.Flags"/>.</param>
    /// <param name="freePages">How many single pages can be allocated.</param>
    internal static AddressSpace* WithPageA<TArch>(Arena arena, Pte entry, ulong flags, ulong freePages = 0)
        where TArch : IArch
    {
        AddressSpace* mm = Create<TArch>(arena, freePages);
        MapPage<TArch>(arena, mm, 0, entry, flags, "A");
        return mm;
    }

    /// <summary>Maps a page whose mapping holds the only reference.</summary>
    internal static void MapPage<TArch>(Arena arena, AddressSpace* mm, ulong index, Pte entry, ulong flags, string name)
        where TArch : IArch => Map<TArch>(arena, AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address) + index, entry, flags, name);

    /// <summary>The same where there may be no table yet; it is one of the free pages.</summary>
    internal static void MapPageElsewhere<TArch>(Arena arena, AddressSpace* mm, ulong address, Pte entry, ulong flags, string name)
        where TArch : IArch
    {
        ulong* pmdp = PageTables<TArch>.PmdAllocOrNull(mm, address);
        PageTables<TArch>.TryInstallTable(mm, pmdp);
        Map<TArch>(arena, (Pte*)PageTables<TArch>.EntryIn(mm, new Pmd(*pmdp), address, TArch.PageShift), entry, flags, name);
    }

    private static void Map<TArch>(Arena arena, Pte* ptep, Pte entry, ulong flags, string name)
        where TArch : IArch
    {
        Folio* folio = arena.UseFolio(TArch.PfnOf(entry), 1, name);
        folio->Mapcount = 1;
        folio->Flags = flags;
        arena.Name(&folio->Mapcount, sizeof(ulong), name + ".mapcount");
        arena.Name(&folio->Flags, sizeof(ulong), name + ".flags");
        *ptep = entry;
    }

    /// <summary>An address space in which a contiguous block maps the first pages of the large folio A.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="first">The entry of its first page, without the hint.</param>
    /// <param name="isDirty">Whether that one entry is dirty, and so the block.</param>
    /// <param name="freePages">How many single pages can be allocated.</param>
    internal static AddressSpace* WithBlockOfA<TBlock>(Arena arena, Pte first, bool isDirty, ulong freePages = 0)
        where TBlock : IBlockSize
    {
        AddressSpace* mm = Create<Arm64>(arena, freePages, freeLargeFolios: 1);
        TakeLargeFolioA(arena, mm, TBlock.Entries, Folio.Anonymous | Folio.Referenced);
        Pte* ptep = AddressSpace.FirstPte<Arm64>(mm, ScenarioLayout.Address);
        Contpte<TBlock>.SetPtes(ptep, first, TBlock.Entries);
        *ptep = isDirty ? Arm64.MkDirty(*ptep) : *ptep;
        return mm;
    }

    /// <summary>Allocates the large folio A, for mappings that hold its only references.</summary>
    internal static void TakeLargeFolioA(Arena arena, AddressSpace* mm, ulong mappings, ulong flags)
    {
        ulong pfn = FolioAllocator.TryAllocate(mm, FolioAllocator.LargeZone);
        Folio* folio = arena.UseFolio(pfn, mappings, "A");
        folio->Mapcount = mappings;
        folio->Flags = flags;
        arena.Name(&folio->Mapcount, sizeof(ulong), "A.mapcount");
        arena.Name(&folio->Flags, sizeof(ulong), "A.flags");
    }

    /// <summary>A page that one thread owns, for its lists: before the address space.</summary>
    internal static ulong* Scratch(AddressSpace* mm, ulong index) => (ulong*)((byte*)mm - ((1 + index) * PhysicalMemory.PageSize));

    /// <summary>The first word of a page.</summary>
    internal static ulong* Word(AddressSpace* mm, ulong pfn) => (ulong*)PhysicalMemory.VirtualOf(mm, pfn << PhysicalMemory.PageShift);
}
