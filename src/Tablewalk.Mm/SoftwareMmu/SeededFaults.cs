namespace Tablewalk.Mm;

/// <summary>
/// One thing that the library's updaters do wrongly on purpose, so that <c>tablewalk stress</c> can be seen to find it. Nothing is wrong by default.
/// </summary>
internal interface ISeededFault
{
    /// <summary>Pages are freed before the flush that covers them.</summary>
    static virtual bool FreesBeforeFlush => false;

    /// <summary>Pages are freed and never flushed.</summary>
    static virtual bool SkipsGatherFlush => false;

    /// <summary>Pages are written to swap while other CPUs may still write to them.</summary>
    static virtual bool SkipsReclaimFlush => false;

    /// <summary>Pages are made clean without telling the second MMU.</summary>
    static virtual bool CleansWithoutNotice => false;

    /// <summary>The second MMU reads the sequence number after it looked for the page.</summary>
    static virtual bool ReadsSequenceLate => false;

    /// <summary>Fork leaves translations that allow writing.</summary>
    static virtual bool SkipsForkFlush => false;

    /// <summary>Taking the write permission away takes dirty with it.</summary>
    static virtual bool WrprotectLosesDirty => false;

    /// <summary>On PAE an entry is set with the low half, and present in it, first.</summary>
    static virtual bool SetsLowHalfFirst => false;

    /// <summary>A contiguous block is split by plain stores after its flags were gathered.</summary>
    static virtual bool SplitsByStore => false;

    /// <summary>An entry is read, and then cleared by a plain store: what hardware sets in between is lost.</summary>
    static virtual bool ClearsByStore => false;

    /// <summary>On arm64 accessed is taken away by a plain store of what was read: dirty that hardware sets in between is lost.</summary>
    static virtual bool AgesByStore => false;

    /// <summary>Whoever changes entries leaves what TLBs have of them.</summary>
    static virtual bool SkipsFlushes => false;

    /// <summary>An address space that was disposed of keeps its top table.</summary>
    static virtual bool KeepsSpaces => false;
}

/// <summary>Nothing is wrong.</summary>
internal readonly struct NoSeededFault : ISeededFault;

internal readonly struct LateGatherFlush : ISeededFault
{
    public static bool FreesBeforeFlush => true;
}

internal readonly struct MissingGatherFlush : ISeededFault
{
    public static bool SkipsGatherFlush => true;
}

internal readonly struct MissingReclaimFlush : ISeededFault
{
    public static bool SkipsReclaimFlush => true;
}

internal readonly struct MissingNotice : ISeededFault
{
    public static bool CleansWithoutNotice => true;
}

internal readonly struct LateSequence : ISeededFault
{
    public static bool ReadsSequenceLate => true;
}

internal readonly struct MissingForkFlush : ISeededFault
{
    public static bool SkipsForkFlush => true;
}

internal readonly struct LostDirty : ISeededFault
{
    public static bool WrprotectLosesDirty => true;
}

/// <summary>A mutation: what <see cref="ISeededFault.SetsLowHalfFirst"/> says.</summary>
internal readonly struct LowHalfFirst : ISeededFault
{
    public static bool SetsLowHalfFirst => true;
}

/// <summary>A mutation: what <see cref="ISeededFault.SplitsByStore"/> says.</summary>
internal readonly struct SplitByStore : ISeededFault
{
    public static bool SplitsByStore => true;
}

/// <summary>A mutation: what <see cref="ISeededFault.ClearsByStore"/> says.</summary>
internal readonly struct ClearByStore : ISeededFault
{
    public static bool ClearsByStore => true;
}

/// <summary>A mutation: what <see cref="ISeededFault.AgesByStore"/> says.</summary>
internal readonly struct AgeByStore : ISeededFault
{
    public static bool AgesByStore => true;
}

/// <summary>A mutation: what <see cref="ISeededFault.SkipsFlushes"/> says.</summary>
internal readonly struct MissingFlushes : ISeededFault
{
    public static bool SkipsFlushes => true;
}

internal readonly struct KeptSpace : ISeededFault
{
    public static bool KeepsSpaces => true;
}

/// <summary>The gather's order as the fault has it.</summary>
internal readonly struct OrderOf<TFault> : IGatherOrder
    where TFault : ISeededFault
{
    public static bool FlushesBefore => FlushThenFree.FlushesBefore && !TFault.FreesBeforeFlush && !TFault.SkipsGatherFlush;

    public static bool FlushesAfter => FlushThenFree.FlushesAfter || TFault.FreesBeforeFlush;

    public static bool WaitsForGracePeriod => FlushThenFree.WaitsForGracePeriod;
}

/// <summary>Reclaim's flush as the fault has it.</summary>
internal readonly struct ReclaimFlushOf<TFault> : IReclaimFlush
    where TFault : ISeededFault
{
    public static bool FlushesEach => FlushOfBatch.FlushesEach;

    public static bool FlushesBatch => FlushOfBatch.FlushesBatch && !TFault.SkipsReclaimFlush;
}

/// <summary>The sequence number's place as the fault has it.</summary>
internal readonly struct SequenceOf<TFault> : ISequenceRead
    where TFault : ISeededFault
{
    public static bool IsFirst => SequenceFirst.IsFirst && !TFault.ReadsSequenceLate;
}

/// <summary>Fork as the fault has it.</summary>
internal readonly struct ForkOf<TFault> : IForkBarrier
    where TFault : ISeededFault
{
    public static bool FlushesAtEnd => !TFault.SkipsForkFlush;

    public static void AfterBegin() => FullyOrderedFork.AfterBegin();
}

/// <summary>The notice as the fault has it.</summary>
internal readonly unsafe struct NoticeOf<TFault> : INotice
    where TFault : ISeededFault
{
    public static void Start(AddressSpace* mm, ulong start, ulong length)
    {
        if (!TFault.CleansWithoutNotice)
        {
            WithNotice.Start(mm, start, length);
        }
    }

    public static void End(AddressSpace* mm, ulong start, ulong length)
    {
        if (!TFault.CleansWithoutNotice)
        {
            WithNotice.End(mm, start, length);
        }
    }
}

/// <summary>The operations on entries as the fault has them.</summary>
internal readonly unsafe struct FaultyPtes<TPtes, TFault> : IPtes
    where TPtes : IPtes
    where TFault : ISeededFault
{
    /// <inheritdoc/>
    public static Pte PtepGet(Pte* ptep) => TPtes.PtepGet(ptep);

    /// <inheritdoc/>
    public static PteReading ReadLockless(ulong* entry) => TPtes.ReadLockless(entry);

    /// <inheritdoc/>
    public static void SetPte(ulong address, Pte* ptep, Pte pte)
    {
        if (TFault.SetsLowHalfFirst)
        {
            Cpu.WriteOnce(X86Pae.LowHalf((ulong*)ptep), (uint)pte.Raw);
            Cpu.SmpWmb();
            Cpu.WriteOnce(X86Pae.HighHalf((ulong*)ptep), (uint)(pte.Raw >> 32));
        }
        else
        {
            TPtes.SetPte(address, ptep, pte);
        }
    }

    /// <inheritdoc/>
    public static void SetPtes(ulong address, Pte* ptep, Pte pte, ulong count) => TPtes.SetPtes(address, ptep, pte, count);

    /// <inheritdoc/>
    public static void PteClear(ulong address, Pte* ptep) => TPtes.PteClear(address, ptep);

    /// <inheritdoc/>
    public static Pte PtepGetAndClear(ulong address, Pte* ptep)
    {
        if (!TFault.ClearsByStore)
        {
            return TPtes.PtepGetAndClear(address, ptep);
        }

        Pte pte = TPtes.PtepGet(ptep);
        TPtes.PteClear(address, ptep);
        return pte;
    }

    /// <inheritdoc/>
    public static Pte GetAndClearFullPtes(ulong address, Pte* ptep, ulong count)
    {
        if (TFault.SplitsByStore)
        {
            Pte pte = TPtes.PtepGet(ptep);
            ulong entries = TPtes.BatchHint(ptep, pte);
            for (ulong i = 0; i < entries; i++)
            {
                Cpu.WriteOnce((ulong*)ptep + i, Arm64.MkNonCont(pte).Raw + (i << PhysicalMemory.PageShift));
            }
        }

        return TPtes.GetAndClearFullPtes(address, ptep, count);
    }

    /// <inheritdoc/>
    public static void WrprotectPtes(ulong address, Pte* ptep, ulong count)
    {
        if (TFault.WrprotectLosesDirty)
        {
            TPtes.ClearYoungDirtyPtes(ptep, count);
        }

        TPtes.WrprotectPtes(address, ptep, count);
    }

    /// <inheritdoc/>
    public static bool PtepClearFlushYoung(ulong address, Pte* ptep)
    {
        if (!TFault.AgesByStore)
        {
            return TPtes.PtepClearFlushYoung(address, ptep);
        }

        Pte pte = TPtes.PtepGet(ptep);
        TPtes.SetPte(address, ptep, Arm64.MkOld(pte));
        return Arm64.IsYoung(pte);
    }

    /// <inheritdoc/>
    public static void ClearYoungDirtyPtes(Pte* ptep, ulong count) => TPtes.ClearYoungDirtyPtes(ptep, count);

    /// <inheritdoc/>
    public static bool PtepSetAccessFlags(ulong address, Pte* ptep, Pte wanted, bool isWrite) => TPtes.PtepSetAccessFlags(address, ptep, wanted, isWrite);

    /// <inheritdoc/>
    public static ulong BatchHint(Pte* ptep, Pte pte) => TPtes.BatchHint(ptep, pte);

    /// <inheritdoc/>
    public static ulong MappedBytes(Pte pte) => TPtes.MappedBytes(pte);

    /// <inheritdoc/>
    public static void FlushRange(ulong start, ulong length)
    {
        if (!TFault.SkipsFlushes)
        {
            TPtes.FlushRange(start, length);
        }
    }
}
