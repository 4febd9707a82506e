namespace Tablewalk.Mm;

/// <summary>What a contiguous block is: how many entries, how large their pages are, and how the CPU lets it be made and split.</summary>
public interface IBlockSize
{
    /// <summary>Entries of a block: a power of two. LINUX: CONT_PTES.</summary>
    static abstract ulong Entries { get; }

    /// <summary>How far a page frame is shifted to give an address: the granule.</summary>
    static virtual int PageShift => PhysicalMemory.PageShift;

    /// <summary>
    /// Whether the hint of live entries changes by break before make, with a flush in between. ARM: D8.16, FEAT_BBM; LINUX: system_supports_bbml2_noabort().
    /// </summary>
    static virtual bool NeedsBreakBeforeMake => true;
}

/// <summary>
/// For scenarios: A block on a CPU with FEAT_BBM level 2 that never raises a TLB conflict abort: folding and splitting do without the flush. Old and new translations
/// live side by side until the next flush of the page.
/// </summary>
/// <typeparam name="TBlock">The block's size.</typeparam>
public readonly struct WithoutBreakBeforeMake<TBlock> : IBlockSize
    where TBlock : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => TBlock.Entries;

    /// <inheritdoc/>
    public static int PageShift => TBlock.PageShift;

    /// <inheritdoc/>
    public static bool NeedsBreakBeforeMake => false;
}

/// <summary>For scenarios: two entries: the smallest block, for quick checks.</summary>
public readonly struct Block2 : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 2;
}

/// <summary>For scenarios: four entries, as in the races that the thread draws.</summary>
public readonly struct Block4 : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 4;
}

/// <summary>For scenarios: eight entries: one cache line.</summary>
public readonly struct Block8 : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 8;
}

/// <summary>Sixteen entries: what the 4K granule has. LINUX: CONT_PTES.</summary>
public readonly struct Block16 : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 16;
}

/// <summary>For scenarios: what the 16K granule has: 128 entries, 2 MiB.</summary>
public readonly struct Block128Of16K : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 128;

    /// <inheritdoc/>
    public static int PageShift => Granule16K.PageShift;
}

/// <summary>For scenarios: what the 64K granule has: 32 entries, 2 MiB.</summary>
public readonly struct Block32Of64K : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 32;

    /// <inheritdoc/>
    public static int PageShift => Granule64K.PageShift;
}
