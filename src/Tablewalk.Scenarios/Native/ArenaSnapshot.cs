using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>What a set-up made of an arena, to go back to. Single-threaded: nobody else may use the arena meanwhile.</summary>
internal sealed unsafe class ArenaSnapshot
{
    private readonly List<(nint Page, byte[] Contents)> _pages;
    private readonly Arena _arena;

    /// <summary>Remembers what there is.</summary>
    public ArenaSnapshot(Arena arena) => (_arena, _pages) = (arena, PagesInUse(arena));

    /// <summary>Makes the arena what it was, in the pages that a scenario's threads are known to write to.</summary>
    public void Restore()
    {
        foreach ((nint page, byte[] contents) in _pages)
        {
            // Most are as they were. What is not written stays in the caches of the CPUs that will read it.
            Span<byte> now = new((void*)page, contents.Length);
            if (!now.SequenceEqual(contents))
            {
                contents.CopyTo(now);
            }
        }
    }

    /// <summary>
    /// Looks for other pages that are not what they were, makes them so, and from now on restores them as well. Reads all of the arena, some tens of milliseconds.
    /// </summary>
    /// <returns>Whether there were any: then what came since the last look may have come of what was left in them.</returns>
    public bool FindsMore()
    {
        int known = _pages.Count;
        HashSet<nint> pages = [.. _pages.Select(static page => page.Page)];
        for (byte* page = _arena.Base; page < _arena.Base + Arena.LengthBytes; page += PhysicalMemory.PageSize)
        {
            Span<byte> now = new(page, (int)PhysicalMemory.PageSize);
            if (!pages.Contains((nint)page) && now.ContainsAnyExcept((byte)0))
            {
                now.Clear();
                _pages.Add(((nint)page, new byte[PhysicalMemory.PageSize])); // what the set-up wrote is known, so that it was empty
            }
        }

        return _pages.Count > known;
    }

    // What the set-up wrote, and whether it wrote there or not: the first page with the allocator's zones, the pages behind the memory map, which are tables,
    // lists of threads and what is allocated first, what the memory map says of them and of the first large folios, and pages with names.
    private static List<(nint Page, byte[] Contents)> PagesInUse(Arena arena)
    {
        const ulong firstTable = PhysicalMemory.MemoryMapOffset + PhysicalMemory.MemoryMapLengthBytes;
        const ulong tablesEnd = firstTable + (64 * PhysicalMemory.PageSize);
        byte* known = MapOf(arena, firstTable >> PhysicalMemory.PageShift);
        byte* large = MapOf(arena, PhysicalMemory.FirstLargePage);
        HashSet<nint> named = [.. arena.PageNames.Where(static page => page.Key >> PhysicalMemory.BankShift == PhysicalMemory.MappedBank)
            .Select(page => (nint)PhysicalMemory.VirtualOf(arena.Base, page.Key << PhysicalMemory.PageShift))];
        List<(nint Page, byte[] Contents)> pages = [];
        for (byte* page = arena.Base; page < arena.Base + Arena.LengthBytes; page += PhysicalMemory.PageSize)
        {
            ReadOnlySpan<byte> contents = new(page, (int)PhysicalMemory.PageSize);
            ulong offset = (ulong)(page - arena.Base);
            bool isKnown = IsIn(page, known) || IsIn(page, large);
            if (offset == 0 || (offset >= firstTable && offset < tablesEnd) || isKnown || named.Contains((nint)page) || contents.ContainsAnyExcept((byte)0))
            {
                pages.Add(((nint)page, contents.ToArray()));
            }
        }

        return pages;
    }

    private static byte* MapOf(Arena arena, ulong page) =>
        (byte*)PhysicalMemory.PageOf(arena.Base, PhysicalMemory.PageFrame(PhysicalMemory.MappedBank, page));

    // Whether a page has a part of what the memory map says of 64 pages.
    private static bool IsIn(byte* page, byte* map) => page + PhysicalMemory.PageSize > map && page <= map + (64 * sizeof(Folio));
}
