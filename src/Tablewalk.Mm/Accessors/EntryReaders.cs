namespace Tablewalk.Mm;

/// <summary>How a walker reads an entry.</summary>
public unsafe interface IEntryReader
{
    /// <summary>Reads the entry at <paramref name="entry"/>, which other CPUs and the MMU may change meanwhile.</summary>
    static abstract PteReading Read(ulong* entry);
}

/// <summary>The architecture's plain read. LINUX: ptep_get where no block is gathered; pmdp_get.</summary>
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
/// The RFC's ptep_get_lockless_norecency on any architecture: accessed and dirty of a present entry are forced to none, which stands for "may be wrong".
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

/// <summary>
/// The kernel's getters by name, for an architecture and, on arm64, a block size. All that differs between them is what they promise of
/// accessed and dirty; the rest is one atomic value of the entry wherever an entry is one word.
/// </summary>
public static unsafe class PteAccessors
{
    /// <summary>LINUX: ptep_get. The caller holds the page-table lock, or can do with less than it says.</summary>
    public static Pte PtepGet<TArch>(Pte* ptep)
        where TArch : IArch => new(TArch.ReadRaw((ulong*)ptep));

    /// <summary>LINUX: ptep_get_lockless, the generic one.</summary>
    public static Pte PtepGetLockless<TArch>(Pte* ptep)
        where TArch : IArch => new(TArch.ReadLockless((ulong*)ptep));

    /// <summary>LINUX: set_pte. The entry was not present.</summary>
    public static void SetPte<TArch>(Pte* ptep, Pte pte)
        where TArch : IArch => TArch.Write((ulong*)ptep, pte.Raw);

    /// <summary>LINUX: pte_clear.</summary>
    public static void PteClear<TArch>(Pte* ptep)
        where TArch : IArch => TArch.Clear((ulong*)ptep);

    /// <summary>LINUX: ptep_get_and_clear.</summary>
    public static Pte PtepGetAndClear<TArch>(Pte* ptep)
        where TArch : IArch => new(TArch.GetAndClear((ulong*)ptep));
}
