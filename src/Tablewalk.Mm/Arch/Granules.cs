namespace Tablewalk.Mm;

/// <summary>
/// For scenarios: A translation granule of arm64 other than 4K: the size of a page and of a table, and what follows from it. The bits of an entry are
/// <see cref="Arm64"/>'s. ARM: D8.2, translation granules.
/// </summary>
public interface IGranule
{
    /// <summary>The architecture's name with this granule.</summary>
    static abstract string Name { get; }

    /// <summary>LINUX: PAGE_SHIFT.</summary>
    static abstract int PageShift { get; }

    /// <summary>LINUX: PGDIR_SHIFT.</summary>
    static abstract int PgdShift { get; }

    /// <summary>LINUX: PTRS_PER_PGD.</summary>
    static abstract ulong PtrsPerPgd { get; }
}

/// <summary>For scenarios: 16K pages and three levels: 47 bits of address. A PMD entry maps 32 MiB.</summary>
public readonly struct Granule16K : IGranule
{
    /// <inheritdoc/>
    public static string Name => "arm64-16k";

    /// <inheritdoc/>
    public static int PageShift => 14;

    /// <inheritdoc/>
    public static int PgdShift => 36;

    /// <inheritdoc/>
    public static ulong PtrsPerPgd => 2048;
}

/// <summary>For scenarios: 64K pages and three levels: 48 bits of address. A PMD entry maps 512 MiB.</summary>
public readonly struct Granule64K : IGranule
{
    /// <inheritdoc/>
    public static string Name => "arm64-64k";

    /// <inheritdoc/>
    public static int PageShift => 16;

    /// <inheritdoc/>
    public static int PgdShift => 42;

    /// <inheritdoc/>
    public static ulong PtrsPerPgd => 64;
}
