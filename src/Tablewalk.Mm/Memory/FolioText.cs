namespace Tablewalk.Mm;

/// <summary>A folio's fields in the words that reports use.</summary>
internal static class FolioText
{
    private static readonly (ulong Flag, string Name)[] s_flags =
    [
        (Folio.Dirty, "dirty"), (Folio.Referenced, "referenced"), (Folio.Anonymous, "anon"), (Folio.Exclusive, "exclusive"), (Folio.LazyFree, "lazyfree"),
    ];

    /// <summary>The value of a field in the memory map; null to show it as a number, and of any other place.</summary>
    internal static unsafe string? OrNull(Arena arena, ulong offset, int sizeBytes, ulong value)
    {
        ulong inMap = offset - PhysicalMemory.MemoryMapOffset;
        return sizeBytes != sizeof(ulong) || inMap >= PhysicalMemory.MemoryMapLengthBytes ? null : FieldNames.OrNull<Folio>(inMap % (ulong)sizeof(Folio)) switch
        {
            "flags" => OfFlagsOrNull(value),
            "next_free" => OfPage(arena, value),
            _ => null,
        };
    }

    /// <summary>A page frame number where 0 is none.</summary>
    internal static string OfPage(Arena arena, ulong pfn) => pfn == 0 ? "none" : arena.NameOfPage(pfn);

    private static string? OfFlagsOrNull(ulong value)
    {
        string[] set = [.. s_flags.Where(flag => (value & flag.Flag) != 0).Select(static flag => flag.Name)];
        ulong known = s_flags.Aggregate(0UL, static (all, flag) => all | flag.Flag);
        return (value & ~known) != 0 ? null : set.Length == 0 ? "none" : string.Join('|', set);
    }
}
