namespace Tablewalk.Mm;

/// <summary>
/// The operations on lowest-level entries that walkers and updaters are written over: on arm64 the contiguous layer, elsewhere the entries themselves. All but
/// <see cref="ReadLockless"/> run under the page-table lock.
/// </summary>
public unsafe interface IPtes
{
    /// <summary>LINUX: ptep_get.</summary>
    static abstract Pte PtepGet(Pte* ptep);

    /// <summary>LINUX: ptep_get_lockless.</summary>
    static abstract PteReading ReadLockless(ulong* entry);

    /// <summary>LINUX: set_ptes for one entry, whatever was there.</summary>
    static abstract void SetPte(ulong address, Pte* ptep, Pte pte);

    /// <summary>LINUX: set_ptes. None of the entries is present; the next ones map the next pages.</summary>
    static abstract void SetPtes(ulong address, Pte* ptep, Pte pte, ulong count);

    /// <summary>LINUX: pte_clear.</summary>
    static abstract void PteClear(ulong address, Pte* ptep);

    /// <summary>LINUX: ptep_get_and_clear.</summary>
    static abstract Pte PtepGetAndClear(ulong address, Pte* ptep);

    /// <summary>LINUX: get_and_clear_full_ptes, for pages of one folio.</summary>
    /// <returns>The first entry, with accessed and dirty of all of them.</returns>
    static abstract Pte GetAndClearFullPtes(ulong address, Pte* ptep, ulong count);

    /// <summary>LINUX: wrprotect_ptes, for pages of one folio.</summary>
    static abstract void WrprotectPtes(ulong address, Pte* ptep, ulong count);

    /// <summary>LINUX: ptep_clear_flush_young.</summary>
    static abstract bool PtepClearFlushYoung(ulong address, Pte* ptep);

    /// <summary>LINUX: clear_young_dirty_ptes with both flags.</summary>
    static abstract void ClearYoungDirtyPtes(Pte* ptep, ulong count);

    /// <summary>LINUX: ptep_set_access_flags.</summary>
    static abstract bool PtepSetAccessFlags(ulong address, Pte* ptep, Pte wanted, bool isWrite);

    /// <summary>How many entries, from this one to the end of its block, are sure to be alike. LINUX: pte_batch_hint.</summary>
    /// <param name="ptep">The place.</param>
    /// <param name="pte">What was read there.</param>
    static abstract ulong BatchHint(Pte* ptep, Pte pte);

    /// <summary>How many bytes the mapping that an entry belongs to covers. LINUX: the size that perf_get_pgtable_size reports.</summary>
    static abstract ulong MappedBytes(Pte pte);

    /// <summary>LINUX: flush_tlb_range.</summary>
    static abstract void FlushRange(ulong start, ulong length);
}

/// <summary>Entries that stand for themselves: x86, and arm64 without the contiguous hint.</summary>
/// <typeparam name="TArch">The architecture.</typeparam>
/// <typeparam name="TReader">How an entry is read without the page-table lock.</typeparam>
/// <typeparam name="TFlush">How it flushes.</typeparam>
/// <typeparam name="TAccessFlags">How a fault makes an entry more permissive.</typeparam>
public readonly unsafe struct SinglePtes<TArch, TReader, TFlush, TAccessFlags> : IPtes
    where TArch : IArch
    where TReader : IEntryReader
    where TFlush : ITlbFlush
    where TAccessFlags : IAccessFlags
{
    /// <inheritdoc/>
    public static Pte PtepGet(Pte* ptep) => new(TArch.ReadRaw((ulong*)ptep));

    /// <inheritdoc/>
    public static PteReading ReadLockless(ulong* entry) => TReader.Read(entry);

    /// <inheritdoc/>
    public static void SetPte(ulong address, Pte* ptep, Pte pte) => TArch.Write((ulong*)ptep, pte.Raw);

    /// <inheritdoc/>
    public static void SetPtes(ulong address, Pte* ptep, Pte pte, ulong count)
    {
        for (ulong i = 0; i < count; i++)
        {
            TArch.Write((ulong*)ptep + i, pte.Raw + (i << TArch.PageShift));
        }
    }

    /// <inheritdoc/>
    public static void PteClear(ulong address, Pte* ptep) => TArch.Clear((ulong*)ptep);

    /// <inheritdoc/>
    public static Pte PtepGetAndClear(ulong address, Pte* ptep) => new(TArch.GetAndClear((ulong*)ptep));

    /// <inheritdoc/>
    public static Pte GetAndClearFullPtes(ulong address, Pte* ptep, ulong count)
    {
        ulong first = TArch.GetAndClear((ulong*)ptep);
        ulong flags = TArch.AccessedDirtyFlagsOf(new Pte(first));
        for (ulong i = 1; i < count; i++)
        {
            flags |= TArch.AccessedDirtyFlagsOf(new Pte(TArch.GetAndClear((ulong*)ptep + i)));
        }

        return TArch.Merge(new PteReading(first, flags));
    }

    /// <inheritdoc/>
    public static void WrprotectPtes(ulong address, Pte* ptep, ulong count)
    {
        for (ulong i = 0; i < count; i++)
        {
            TArch.SetWrprotect((ulong*)ptep + i);
        }
    }

    /// <summary>LINUX: ptep_clear_flush_young of x86, which never flushes: a stale young translation only misleads ageing.</summary>
    public static bool PtepClearFlushYoung(ulong address, Pte* ptep) => TArch.TestAndClearYoung((ulong*)ptep);

    /// <inheritdoc/>
    public static void ClearYoungDirtyPtes(Pte* ptep, ulong count)
    {
        for (ulong i = 0; i < count; i++)
        {
            TArch.ClearYoungDirty((ulong*)ptep + i);
        }
    }

    /// <inheritdoc/>
    public static bool PtepSetAccessFlags(ulong address, Pte* ptep, Pte wanted, bool isWrite)
    {
        bool isChanged = TAccessFlags.Set<TArch>((ulong*)ptep, wanted, isWrite);
        if (isChanged && isWrite)
        {
            // A translation that says read-only may be in some TLB and would fault again.
            TFlush.Flush(address, 1UL << TArch.PageShift);
        }

        return isChanged;
    }

    /// <inheritdoc/>
    public static ulong BatchHint(Pte* ptep, Pte pte) => 1;

    /// <inheritdoc/>
    public static ulong MappedBytes(Pte pte) => 1UL << TArch.PageShift;

    /// <inheritdoc/>
    public static void FlushRange(ulong start, ulong length) => TFlush.Flush(start, length);
}

/// <summary>arm64's contiguous layer.</summary>
/// <typeparam name="TBlock">The block.</typeparam>
/// <typeparam name="TReader">How it is read without the page-table lock.</typeparam>
/// <typeparam name="TTest">How set_access_flags decides that there is nothing to do.</typeparam>
public readonly unsafe struct ContiguousPtes<TBlock, TReader, TTest> : IPtes
    where TBlock : IBlockSize
    where TReader : IEntryReader
    where TTest : INothingToDoTest
{
    /// <inheritdoc/>
    public static Pte PtepGet(Pte* ptep) => Contpte<TBlock>.PtepGet(ptep);

    /// <inheritdoc/>
    public static PteReading ReadLockless(ulong* entry) => TReader.Read(entry);

    /// <inheritdoc/>
    public static void SetPte(ulong address, Pte* ptep, Pte pte) => Contpte<TBlock>.SetPte(address, ptep, pte);

    /// <inheritdoc/>
    public static void SetPtes(ulong address, Pte* ptep, Pte pte, ulong count) => Contpte<TBlock>.SetPtes(ptep, pte, count);

    /// <inheritdoc/>
    public static void PteClear(ulong address, Pte* ptep) => Contpte<TBlock>.PteClear(address, ptep);

    /// <inheritdoc/>
    public static Pte PtepGetAndClear(ulong address, Pte* ptep) => Contpte<TBlock>.PtepGetAndClear(address, ptep);

    /// <inheritdoc/>
    public static Pte GetAndClearFullPtes(ulong address, Pte* ptep, ulong count) =>
        Contpte<TBlock>.GetAndClearFullPtes(address, ptep, count);

    /// <inheritdoc/>
    public static void WrprotectPtes(ulong address, Pte* ptep, ulong count) => Contpte<TBlock>.WrprotectPtes(address, ptep, count);

    /// <inheritdoc/>
    public static bool PtepClearFlushYoung(ulong address, Pte* ptep) => Contpte<TBlock>.PtepClearFlushYoung(address, ptep);

    /// <inheritdoc/>
    public static void ClearYoungDirtyPtes(Pte* ptep, ulong count) => Contpte<TBlock>.ClearYoungDirtyPtes(ptep, count);

    /// <inheritdoc/>
    public static bool PtepSetAccessFlags(ulong address, Pte* ptep, Pte wanted, bool isWrite) =>
        Contpte<TBlock>.PtepSetAccessFlags<TTest>(address, ptep, wanted, isWrite);

    /// <inheritdoc/>
    public static ulong BatchHint(Pte* ptep, Pte pte) =>
        Arm64.IsValidCont(pte) ? TBlock.Entries - Contpte<TBlock>.IndexInBlock((ulong*)ptep) : 1;

    /// <inheritdoc/>
    public static ulong MappedBytes(Pte pte) => Arm64.IsValidCont(pte) ? Contpte<TBlock>.LengthBytes : 1UL << TBlock.PageShift;

    /// <inheritdoc/>
    public static void FlushRange(ulong start, ulong length) => Cpu.FlushTlbByBroadcast(start, length);
}
