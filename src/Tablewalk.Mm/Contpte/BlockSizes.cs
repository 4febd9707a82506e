namespace Tablewalk.Mm;

/// <summary>How many entries a contiguous block has: a power of two.</summary>
public interface IBlockSize
{
    /// <summary>Entries of a block.</summary>
    static abstract ulong Entries { get; }
}

/// <summary>Two entries: the smallest block, for quick checks.</summary>
public readonly struct Block2 : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 2;
}

/// <summary>Four entries, as in the races that the thread draws.</summary>
public readonly struct Block4 : IBlockSize
{
    /// <inheritdoc/>
    public static ulong Entries => 4;
}

/// <summary>Eight entries: one cache line.</summary>
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
