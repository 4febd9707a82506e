namespace Tablewalk.Mm;

/// <summary>This part: what is done to several entries at once, without splitting the blocks that are covered whole.</summary>
/// <remarks>
/// Between the first and the last entry that such a method changes, a block's entries differ in more than accessed and dirty. ARM: the clarification
/// D21194 has the CPU use one of the values until the flush. Software that reads without the lock starts over meanwhile.
/// </remarks>
public static unsafe partial class Contpte<TBlock>
    where TBlock : IBlockSize
{
    /// <summary>LINUX: contpte_try_unfold_partial. Splits the first and the last block of a range, if they stick out of it.</summary>
    public static void TryUnfoldPartial(ulong address, Pte* ptep, ulong count)
    {
        ulong* first = (ulong*)ptep;
        if (IndexInBlock(first) != 0 || count < TBlock.Entries)
        {
            TryUnfold(address, ptep);
        }

        ulong* last = first + count - 1;
        if (IndexInBlock(last) != TBlock.Entries - 1)
        {
            TryUnfold(address + ((count - 1) << TBlock.PageShift), (Pte*)last);
        }
    }

    /// <summary>LINUX: clear_full_ptes.</summary>
    public static void ClearFullPtes(ulong address, Pte* ptep, ulong count)
    {
        TryUnfoldPartial(address, ptep, count);
        for (ulong i = 0; i < count; i++)
        {
            Arm64.GetAndClear((ulong*)ptep + i);
        }
    }

    /// <summary>LINUX: get_and_clear_full_ptes.</summary>
    /// <returns>The first entry, with accessed and dirty of all of them.</returns>
    public static Pte GetAndClearFullPtes(ulong address, Pte* ptep, ulong count)
    {
        TryUnfoldPartial(address, ptep, count);
        return GetAndClearFullPtes(ptep, count);
    }

    /// <summary>LINUX: wrprotect_ptes. The flush is the caller's: until then a page of a block may be written or not.</summary>
    public static void WrprotectPtes(ulong address, Pte* ptep, ulong count)
    {
        TryUnfoldPartial(address, ptep, count);
        for (ulong i = 0; i < count; i++)
        {
            Arm64.SetWrprotect((ulong*)ptep + i);
        }
    }

    /// <summary>LINUX: contpte_ptep_test_and_clear_young. Clears accessed in all entries of the block, since any may have it.</summary>
    /// <returns>Whether any had it.</returns>
    public static bool PtepTestAndClearYoung(Pte* ptep)
    {
        ulong* entry = (ulong*)ptep;
        if (!Arm64.IsValidCont(new Pte(Cpu.ReadOnce(entry))))
        {
            return Arm64.TestAndClearYoung(entry);
        }

        ulong* start = BlockStart(entry);
        bool wasYoung = false;
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            wasYoung |= Arm64.TestAndClearYoung(start + i);
        }

        return wasYoung;
    }

    /// <summary>LINUX: contpte_ptep_clear_flush_young. Nobody waits for the flush to end: a stale young translation only misleads ageing.</summary>
    public static bool PtepClearFlushYoung(ulong address, Pte* ptep)
    {
        bool isBlock = Arm64.IsValidCont(new Pte(Cpu.ReadOnce((ulong*)ptep)));
        bool wasYoung = PtepTestAndClearYoung(ptep);
        if (wasYoung)
        {
            ulong length = isBlock ? LengthBytes : 1UL << TBlock.PageShift;
            Cpu.FlushTlbByBroadcastNoSync(address & ~(length - 1), length);
        }

        return wasYoung;
    }

    /// <summary>
    /// LINUX: contpte_clear_young_dirty_ptes. Widens the range to whole blocks, since any entry of a block may have the flags.
    /// </summary>
    public static void ClearYoungDirtyPtes(Pte* ptep, ulong count)
    {
        ulong* first = (ulong*)ptep;
        ulong* last = first + count - 1;
        if (Arm64.IsValidCont(new Pte(Cpu.ReadOnce(first))))
        {
            first = BlockStart(first);
        }

        if (Arm64.IsValidCont(new Pte(Cpu.ReadOnce(last))))
        {
            last = BlockStart(last) + TBlock.Entries - 1;
        }

        for (ulong* entry = first; entry <= last; entry++)
        {
            Arm64.ClearYoungDirty(entry);
        }
    }

    /// <summary>
    /// LINUX: contpte_ptep_set_access_flags. If the write permission stays, every entry of the block gets the flags, since a CPU or device that looks at
    /// one entry alone must find them; if it changes, the block is split first.
    /// </summary>
    /// <typeparam name="TTest">How it is decided that there is nothing to do.</typeparam>
    /// <returns>Whether anything was changed.</returns>
    public static bool PtepSetAccessFlags<TTest>(ulong address, Pte* ptep, Pte wanted, bool isWrite)
        where TTest : INothingToDoTest
    {
        ulong* entry = (ulong*)ptep;
        Pte old = new(Cpu.ReadOnce(entry));
        if (!Arm64.IsValidCont(old))
        {
            bool isChanged = Arm64.SetAccessFlags(entry, Arm64.MkNonCont(wanted), isWrite);
            FlushIfWrite(address, 1UL << TBlock.PageShift, isChanged && isWrite);
            return isChanged;
        }

        if (TTest.IsNothingToDo<TBlock>(entry, Arm64.MkCont(wanted)))
        {
            return false;
        }

        if (Arm64.IsWritable(old) != Arm64.IsWritable(wanted))
        {
            TryUnfold(address, ptep);
            bool isChanged = Arm64.SetAccessFlags(entry, Arm64.MkNonCont(wanted), isWrite);
            FlushIfWrite(address, 1UL << TBlock.PageShift, isChanged && isWrite);
            return isChanged;
        }

        ulong* start = BlockStart(entry);
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            Arm64.SetAccessFlags(start + i, Arm64.MkCont(wanted), isWrite);
        }

        FlushIfWrite(address & ~(LengthBytes - 1), LengthBytes, isWrite);
        return true;
    }

    // A translation that says read-only may be in some TLB and would fault again.
    private static void FlushIfWrite(ulong start, ulong length, bool isNeeded)
    {
        if (isNeeded)
        {
            Cpu.FlushTlbByBroadcast(start, length);
        }
    }
}

/// <summary>How set_access_flags decides that a folded block has all flags already (T94).</summary>
public unsafe interface INothingToDoTest
{
    /// <summary>Whether it has.</summary>
    /// <param name="entry">An entry of a folded block.</param>
    /// <param name="wanted">What the entry should say, with the contiguous hint.</param>
    static abstract bool IsNothingToDo<TBlock>(ulong* entry, Pte wanted)
        where TBlock : IBlockSize;
}

/// <summary>No entry lacks a flag. LINUX: since the fix of March 2026.</summary>
public readonly unsafe struct EachEntryTest : INothingToDoTest
{
    private const ulong Compared = Arm64.AccessFlag | Arm64.SoftwareDirty | Arm64.WriteBit | Arm64.ReadOnly;

    /// <inheritdoc/>
    public static bool IsNothingToDo<TBlock>(ulong* entry, Pte wanted)
        where TBlock : IBlockSize
    {
        ulong* start = Contpte<TBlock>.BlockStart(entry);
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            if (((Cpu.ReadOnce(start + i) ^ wanted.Raw) & Compared) != 0)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>
/// For scenarios: The gathered value has all flags. LINUX: v6.9. Wrong where something looks at single entries, as a CPU without hardware dirty management or a device does:
/// it faults for ever on an entry that lacks a flag which another entry has.
/// </summary>
public readonly unsafe struct GatheredTest : INothingToDoTest
{
    /// <inheritdoc/>
    public static bool IsNothingToDo<TBlock>(ulong* entry, Pte wanted)
        where TBlock : IBlockSize => Contpte<TBlock>.PtepGet((Pte*)entry).Raw == wanted.Raw;
}
