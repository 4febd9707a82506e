using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>Free folios of one size. Mutable, do not copy: a place in the arena's first page, reached through <see cref="Cpu"/> only.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct FolioZone
{
    /// <summary>Guards the rest.</summary>
    public ulong Lock;

    /// <summary>The first folio that was freed; 0 if there is none.</summary>
    public ulong FirstFree;

    /// <summary>The first folio that was never handed out.</summary>
    public ulong NextFresh;

    /// <summary>Where those end.</summary>
    public ulong EndFresh;

    /// <summary>Folios handed out and not freed.</summary>
    public ulong UsedCount;
}

/// <summary>Hands out folios of the mapped bank. LINUX: folio_alloc and folio_put, without their caches.</summary>
/// <remarks>
/// A freed folio is poisoned before it goes back, so whoever uses it on sees <see cref="Cpu.PoisonPattern"/>. Its reference count is zero from then to the
/// moment it is handed out again, which is what <see cref="IFolioReference"/> relies on.
/// </remarks>
public static unsafe class FolioAllocator
{
    /// <summary>Zone of single pages.</summary>
    public const ulong SingleZone = 0;

    /// <summary>Zone of folios of <see cref="PhysicalMemory.LargeFolioPages"/>.</summary>
    public const ulong LargeZone = 1;

    /// <summary>Zone of folios of <see cref="PhysicalMemory.HugeFolioPages"/>.</summary>
    public const ulong HugeZone = 2;

    private const ulong FirstZoneOffset = 64;

    /// <summary>A zone of the arena that a place is in.</summary>
    public static FolioZone* Zone(void* anchor, ulong zone) => (FolioZone*)PhysicalMemory.VirtualOf(anchor, FirstZoneOffset) + zone;

    /// <summary>Makes the arena's free memory available. Runs before any thread does, after everything else was allocated.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="singlePages">How many single pages; all that are left if 0.</param>
    /// <param name="largeFolios">How many large folios; all if 0.</param>
    /// <param name="hugeFolios">How many huge folios; all if 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The arena has not that many.</exception>
    public static void Initialize(Arena arena, ulong singlePages = 0, ulong largeFolios = 0, ulong hugeFolios = 0)
    {
        ArgumentNullException.ThrowIfNull(arena);
        ulong first = arena.TakeAllPages();
        arena.Name(DeferredFrees.Head(arena.Base), sizeof(ulong), "deferred frees");
        arena.Describe(DeferredFrees.Head(arena.Base), sizeof(ulong), (_, _, value) => FolioText.OfPage(arena, value));
        Fill(arena, SingleZone, first, PhysicalMemory.FirstLargePage, 1, singlePages);
        Fill(arena, LargeZone, PhysicalMemory.FirstLargePage, PhysicalMemory.FirstHugePage, PhysicalMemory.LargeFolioPages, largeFolios);
        Fill(arena, HugeZone, PhysicalMemory.FirstHugePage, PhysicalMemory.PagesPerBank, PhysicalMemory.HugeFolioPages, hugeFolios);
    }

    /// <summary>Takes a folio, with one reference and unknown contents.</summary>
    /// <returns>The page frame number of its first page; 0 if there is none.</returns>
    public static ulong TryAllocate(void* anchor, ulong zoneIndex)
    {
        FolioZone* zone = Zone(anchor, zoneIndex);
        Cpu.SpinLock(&zone->Lock);
        ulong pfn = Cpu.ReadOnce(&zone->FirstFree);
        if (pfn != 0)
        {
            Cpu.WriteOnce(&zone->FirstFree, Cpu.ReadOnce(&PhysicalMemory.PageOf(anchor, pfn)->NextFree));
        }
        else
        {
            ulong fresh = Cpu.ReadOnce(&zone->NextFresh);
            if (fresh < Cpu.ReadOnce(&zone->EndFresh))
            {
                pfn = fresh;
                Cpu.WriteOnce(&zone->NextFresh, fresh + PhysicalMemory.FolioPagesOf(fresh));
            }
        }

        if (pfn != 0)
        {
            Cpu.WriteOnce(&zone->UsedCount, Cpu.ReadOnce(&zone->UsedCount) + 1);
        }

        Cpu.SpinUnlock(&zone->Lock);
        if (pfn != 0)
        {
            // A walker that kept the page frame number may try its reference from here on: its re-check then fails.
            Cpu.WriteOnce(&PhysicalMemory.PageOf(anchor, pfn)->Refcount, 1UL);
        }

        return pfn;
    }

    /// <summary>Takes a folio whose memory is all zero.</summary>
    /// <returns>The page frame number of its first page; 0 if there is none.</returns>
    public static ulong TryAllocateZeroed(void* anchor, ulong zoneIndex)
    {
        ulong pfn = TryAllocate(anchor, zoneIndex);
        if (pfn != 0)
        {
            Cpu.ClearMemory(PhysicalMemory.VirtualOf(anchor, pfn << PhysicalMemory.PageShift), PhysicalMemory.FolioPagesOf(pfn) << PhysicalMemory.PageShift);
        }

        return pfn;
    }

    /// <summary>Gives references back; the folio is freed with the last. LINUX: folio_put_refs.</summary>
    /// <param name="anchor">Any place in the arena.</param>
    /// <param name="pfn">A page of the folio.</param>
    /// <param name="references">How many.</param>
    /// <returns>Whether the folio is free now.</returns>
    public static bool Put(void* anchor, ulong pfn, ulong references)
    {
        ulong head = pfn & ~(PhysicalMemory.FolioPagesOf(pfn) - 1);
        Folio* folio = PhysicalMemory.PageOf(anchor, head);
        ulong old = Cpu.FetchAdd(&folio->Refcount, 0 - references);
        Cpu.BugOn(old < references, "no-double-free");
        if (old != references)
        {
            return false;
        }

        Free(anchor, head);
        return true;
    }

    private static void Free(void* anchor, ulong head)
    {
        ulong pages = PhysicalMemory.FolioPagesOf(head);
        Folio* folio = PhysicalMemory.PageOf(anchor, head);
        Cpu.BugOn(Cpu.ReadOnce(&folio->Mapcount) != 0, "freed-page-is-not-mapped");
        Cpu.Poison(PhysicalMemory.VirtualOf(anchor, head << PhysicalMemory.PageShift), pages << PhysicalMemory.PageShift);
        for (ulong i = 0; i < pages; i++)
        {
            Cpu.WriteOnce(&PhysicalMemory.PageOf(anchor, head + i)->Flags, 0UL);
        }

        FolioZone* zone = Zone(anchor, ZoneOf(pages));
        Cpu.SpinLock(&zone->Lock);
        Cpu.WriteOnce(&folio->NextFree, Cpu.ReadOnce(&zone->FirstFree));
        Cpu.WriteOnce(&zone->FirstFree, head);
        Cpu.WriteOnce(&zone->UsedCount, Cpu.ReadOnce(&zone->UsedCount) - 1);
        Cpu.SpinUnlock(&zone->Lock);
    }

    private static ulong ZoneOf(ulong pages) =>
        pages == 1 ? SingleZone : pages == PhysicalMemory.LargeFolioPages ? LargeZone : HugeZone;

    private static void Fill(Arena arena, ulong zoneIndex, ulong firstPage, ulong endPage, ulong pagesPerFolio, ulong limit)
    {
        ulong available = (endPage - firstPage) / pagesPerFolio;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, available);
        FolioZone* zone = Zone(arena.Base, zoneIndex);
        zone->NextFresh = PhysicalMemory.PageFrame(PhysicalMemory.MappedBank, firstPage);
        arena.NameFields(zone, zoneIndex switch { SingleZone => "zone->", LargeZone => "large_zone->", _ => "huge_zone->" });
        arena.Describe(&zone->FirstFree, sizeof(ulong), (_, _, value) => FolioText.OfPage(arena, value));
        arena.Describe(&zone->NextFresh, sizeof(ulong), (_, _, value) => FolioText.OfPage(arena, value));
        zone->EndFresh = zone->NextFresh + ((limit == 0 ? available : limit) * pagesPerFolio);
    }
}
