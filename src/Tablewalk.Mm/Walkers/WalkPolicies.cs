namespace Tablewalk.Mm;

/// <summary>The section that a lockless walk runs in.</summary>
public interface IWalkSection
{
    /// <summary>Before the first entry is read.</summary>
    static abstract void Enter();

    /// <summary>After the last one.</summary>
    static abstract void Leave();
}

/// <summary>Interrupts off: holds back IPIs, and RCU grace periods with them.</summary>
public readonly struct IrqOffSection : IWalkSection
{
    /// <inheritdoc/>
    public static void Enter() => Cpu.LocalIrqSave();

    /// <inheritdoc/>
    public static void Leave() => Cpu.LocalIrqRestore();
}

/// <summary>An RCU read section: holds back grace periods, but no IPI.</summary>
public readonly struct RcuReadSection : IWalkSection
{
    /// <inheritdoc/>
    public static void Enter() => Cpu.RcuReadLock();

    /// <inheritdoc/>
    public static void Leave() => Cpu.RcuReadUnlock();
}

/// <summary>A mutation: nothing keeps the tables in place.</summary>
public readonly struct NoSection : IWalkSection
{
    /// <inheritdoc/>
    public static void Enter()
    {
    }

    /// <inheritdoc/>
    public static void Leave()
    {
    }
}

/// <summary>How GUP-fast looks again at what it used, once it holds the reference.</summary>
public unsafe interface IRecheck<TArch>
    where TArch : IArch
{
    /// <summary>Whether the entries still say what they said.</summary>
    /// <param name="pmdp">The place of the PMD entry.</param>
    /// <param name="pmd">What was read there.</param>
    /// <param name="ptep">The place of the PTE.</param>
    /// <param name="first">What was read there.</param>
    static abstract bool IsUnchanged(ulong* pmdp, Pmd pmd, ulong* ptep, PteReading first);

    /// <summary>Whether an upper entry that maps memory itself still says what it said.</summary>
    static virtual bool IsLeafUnchanged(ulong* entry, Pmd leaf) => TArch.ReadLockless(entry) == leaf.Raw;
}

/// <summary>Both entries, each by its reader.</summary>
public readonly unsafe struct RecheckBoth<TArch, TPmdReader, TPteReader> : IRecheck<TArch>
    where TArch : IArch
    where TPmdReader : IEntryReader
    where TPteReader : IEntryReader
{
    /// <inheritdoc/>
    public static bool IsUnchanged(ulong* pmdp, Pmd pmd, ulong* ptep, PteReading first)
    {
        if (TPmdReader.Read(pmdp).TargetRaw != pmd.Raw)
        {
            return false;
        }

        return RecheckPte<TArch, TPteReader>.IsUnchanged(pmdp, pmd, ptep, first);
    }
}

/// <summary>The PTE alone.</summary>
public readonly unsafe struct RecheckPte<TArch, TPteReader> : IRecheck<TArch>
    where TArch : IArch
    where TPteReader : IEntryReader
{
    /// <inheritdoc/>
    public static bool IsUnchanged(ulong* pmdp, Pmd pmd, ulong* ptep, PteReading first)
    {
        // All 64 bits count. What gathering cannot change is compared first: that decides most cases by the entry alone.
        PteReading second = TPteReader.Read(ptep);
        if (((first.TargetRaw ^ second.TargetRaw) & ~TArch.AccessedDirtyMask) != 0)
        {
            return false;
        }

        return TArch.Merge(first).Raw == TArch.Merge(second).Raw;
    }
}

/// <summary>Nothing: right only where a flush by IPI stands between clearing an entry and freeing its page.</summary>
public readonly unsafe struct NoRecheck<TArch> : IRecheck<TArch>
    where TArch : IArch
{
    /// <inheritdoc/>
    public static bool IsUnchanged(ulong* pmdp, Pmd pmd, ulong* ptep, PteReading first) => true;

    /// <inheritdoc/>
    public static bool IsLeafUnchanged(ulong* entry, Pmd leaf) => true;
}
