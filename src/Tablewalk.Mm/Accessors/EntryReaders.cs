namespace Tablewalk.Mm;

/// <summary>How a walker reads an entry.</summary>
public unsafe interface IEntryReader
{
    /// <summary>Reads the entry at <paramref name="entry"/>, which other CPUs and the MMU may change meanwhile.</summary>
    static abstract PteReading Read(ulong* entry);
}

/// <summary>For scenarios: the architecture's plain read. LINUX: ptep_get where no block is gathered; pmdp_get.</summary>
public readonly unsafe struct RawRead<TArch> : IEntryReader
    where TArch : IArch
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry) => new(TArch.ReadRaw(entry), 0);
}

/// <summary>The architecture's read without the page-table lock. LINUX: pmdp_get_lockless, and ptep_get_lockless but on arm64.</summary>
public readonly unsafe struct LocklessRead<TArch> : IEntryReader
    where TArch : IArch
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry) => new(TArch.ReadLockless(entry), 0);
}

/// <summary>
/// For scenarios: the RFC's ptep_get_lockless_norecency on any architecture: accessed and dirty of a present entry are forced to none, which stands for "may be wrong".
/// </summary>
public readonly unsafe struct NorecencyRead<TArch> : IEntryReader
    where TArch : IArch
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry)
    {
        Pte pte = new(TArch.ReadLockless(entry));
        return new PteReading(TArch.IsPresent(pte) ? TArch.MkOld(TArch.MkClean(pte)).Raw : pte.Raw, 0);
    }
}
