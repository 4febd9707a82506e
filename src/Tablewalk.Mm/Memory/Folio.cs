using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>
/// What is known about a page, and at its first page about a folio. LINUX: struct page, struct folio. Lies in the arena's memory map, one cache line
/// each. All fields are reached through <see cref="Cpu"/> only.
/// </summary>
/// <remarks>Mutable, do not copy: it is a place, reached by pointer.</remarks>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct Folio
{
    /// <summary>References held; 0 means free. A pin of a single page counts as <see cref="PinBias"/> of them.</summary>
    public ulong Refcount;

    /// <summary>How many entries map a page of the folio. LINUX: _mapcount and kin.</summary>
    public ulong Mapcount;

    /// <summary>Pins of a folio of several pages. LINUX: _pincount.</summary>
    public ulong Pincount;

    /// <summary>The flags below.</summary>
    public ulong Flags;

    /// <summary>
    /// The next free folio of the zone, as a page frame number, while this one is free; under the zone's lock. While it waits to be freed, the next of
    /// <see cref="DeferredFrees"/>.
    /// </summary>
    public ulong NextFree;

    /// <summary>LINUX: GUP_PIN_COUNTING_BIAS.</summary>
    public const ulong PinBias = 1024;

    /// <summary>Of a page, or at the first one of any page of the folio: it was written to. LINUX: PG_dirty.</summary>
    public const ulong Dirty = 1;

    /// <summary>Somebody used it lately. LINUX: PG_referenced.</summary>
    public const ulong Referenced = 2;

    /// <summary>Private memory that no file stands behind. LINUX: folio_test_anon.</summary>
    public const ulong Anonymous = 4;

    /// <summary>Of a page: only one address space maps it and may write to it without a copy. LINUX: PG_anon_exclusive.</summary>
    public const ulong Exclusive = 8;

    /// <summary>Anonymous memory whose contents may be dropped while it is clean. LINUX: folio_test_swapbacked, negated.</summary>
    public const ulong LazyFree = 16;
}
