namespace Tablewalk.Mm;

/// <summary>
/// arm64's contiguous layer: aligned blocks of entries that map consecutive pages of one folio may carry the contiguous hint. LINUX:
/// arch/arm64/mm/contpte.c. All but the lockless getters run under the page-table lock.
/// </summary>
/// <remarks>
/// Hardware may put accessed or dirty into any entry of a block, so a block has one logical accessed and one logical dirty, the OR over its
/// entries. The hint stays inside this layer: setters take entries without it.
/// </remarks>
/// <typeparam name="TBlock">The block size.</typeparam>
public static unsafe partial class Contpte<TBlock>
    where TBlock : IBlockSize
{
    /// <summary>The first place of the block around a place.</summary>
    public static ulong* BlockStart(ulong* entry) => (ulong*)((ulong)entry & ~((TBlock.Entries * sizeof(ulong)) - 1));

    /// <summary>Which entry of its block a place holds.</summary>
    public static ulong IndexInBlock(ulong* entry) => ((ulong)entry & ((TBlock.Entries * sizeof(ulong)) - 1)) / sizeof(ulong);

    /// <summary>How many bytes a block maps.</summary>
    public static ulong LengthBytes => TBlock.Entries << TBlock.PageShift;

    private static ulong PagesOfBlock => TBlock.Entries << (TBlock.PageShift - PhysicalMemory.PageShift);

    /// <summary>An entry made old and clean: equal for all entries of a block but for the page frame.</summary>
    public static ulong WithoutAccessedDirty(ulong raw) => Arm64.MkOld(Arm64.MkClean(new Pte(raw))).Raw;

    /// <summary>LINUX: ptep_get. Exact under the page-table lock.</summary>
    public static Pte PtepGet(Pte* ptep) => Arm64.Merge(GatheredRead<TBlock>.Read((ulong*)ptep));

    /// <summary>LINUX: ptep_get_lockless as of v6.9.</summary>
    public static Pte PtepGetLockless(Pte* ptep) => Arm64.Merge(PreciseRead<TBlock, FullGatherTest>.Read((ulong*)ptep));

    /// <summary>LINUX: ptep_get_lockless since v6.17.</summary>
    public static Pte PtepGetLocklessWithEarlyExit(Pte* ptep) => Arm64.Merge(PreciseReadWithEarlyExit<TBlock>.Read((ulong*)ptep));

    /// <summary>LINUX: ptep_get since v6.17. Exact under the page-table lock.</summary>
    public static Pte PtepGetWithEarlyExit(Pte* ptep) => Arm64.Merge(GatheredReadWithEarlyExit<TBlock>.Read((ulong*)ptep));

    /// <summary>The RFC's ptep_get_lockless_norecency.</summary>
    public static Pte PtepGetLocklessNorecency(Pte* ptep) => NorecencyRead.Read((ulong*)ptep).Target;

    /// <summary>The ptep_get_gup_fast of the thread.</summary>
    public static Pte PtepGetGupFast(Pte* ptep) => GupFastRead.Read((ulong*)ptep).Target;

    /// <summary>
    /// LINUX: set_ptes for one entry: splits the block that the place was part of, stores, and folds if that completed a block.
    /// </summary>
    public static void SetPte(ulong address, Pte* ptep, Pte pte)
    {
        TryUnfold(address, ptep);
        Cpu.WriteOnce((ulong*)ptep, Arm64.MkNonCont(pte).Raw);
        if (IndexInBlock((ulong*)ptep) == TBlock.Entries - 1)
        {
            TryFold(address, ptep, pte);
        }
    }

    /// <summary>
    /// LINUX: set_ptes for several entries, none of them present. Blocks that are covered and whose pages are aligned get the contiguous hint.
    /// </summary>
    /// <param name="ptep">The first place.</param>
    /// <param name="pte">The first entry; the next ones map the next pages with the same flags.</param>
    /// <param name="count">How many.</param>
    public static void SetPtes(Pte* ptep, Pte pte, ulong count)
    {
        ulong* entry = (ulong*)ptep;
        ulong done = 0;
        ulong raw = Arm64.MkNonCont(pte).Raw;
        while (done < count)
        {
            ulong left = TBlock.Entries - IndexInBlock(entry + done);
            ulong now = left < count - done ? left : count - done;
            bool aligned = now == TBlock.Entries && FrameIndex(new Pte(raw)) == 0;
            ulong hint = aligned ? Arm64.Cont : 0;
            for (ulong i = 0; i < now; i++)
            {
                Cpu.WriteOnce(entry + done + i, (raw | hint) + (i << TBlock.PageShift));
            }

            raw += now << TBlock.PageShift;
            done += now;
        }
    }

    /// <summary>LINUX: pte_clear.</summary>
    public static void PteClear(ulong address, Pte* ptep)
    {
        TryUnfold(address, ptep);
        Arm64.Clear((ulong*)ptep);
    }

    /// <summary>LINUX: ptep_get_and_clear. Splits the block first, so the entry has the block's flags.</summary>
    public static Pte PtepGetAndClear(ulong address, Pte* ptep)
    {
        TryUnfold(address, ptep);
        return new Pte(Arm64.GetAndClear((ulong*)ptep));
    }

    /// <summary>LINUX: get_and_clear_full_ptes. Clears whole blocks entry by entry without splitting them.</summary>
    /// <returns>The first entry, with accessed and dirty of all of them.</returns>
    public static Pte GetAndClearFullPtes(Pte* ptep, ulong count)
    {
        ulong* entry = (ulong*)ptep;
        ulong first = Arm64.GetAndClear(entry);
        ulong flags = Arm64.AccessedDirtyFlagsOf(new Pte(first));
        for (ulong i = 1; i < count; i++)
        {
            flags |= Arm64.AccessedDirtyFlagsOf(new Pte(Arm64.GetAndClear(entry + i)));
        }

        return Arm64.Merge(new PteReading(first, flags));
    }

    /// <summary>LINUX: contpte_try_unfold. Splits the block around a place into single entries, if it is one.</summary>
    public static void TryUnfold(ulong address, Pte* ptep)
    {
        ulong raw = Cpu.ReadOnce((ulong*)ptep);
        if (Arm64.IsValidCont(new Pte(raw)))
        {
            Convert(address, (ulong*)ptep, Arm64.MkNonCont(new Pte(raw)));
        }
    }

    /// <summary>
    /// LINUX: contpte_try_fold. Makes a block of single entries, if they are aligned, map one folio in order, and agree in everything but
    /// accessed and dirty.
    /// </summary>
    public static void TryFold(ulong address, Pte* ptep, Pte pte)
    {
        ulong* entry = (ulong*)ptep;
        ulong index = IndexInBlock(entry);
        bool mayFold = Arm64.IsValid(pte) && !Arm64.IsSpecial(pte) && !Arm64.IsValidCont(pte)
            && FrameIndex(pte) == index && PhysicalMemory.FolioPagesOf(Arm64.PfnOf(pte)) >= PagesOfBlock;
        if (!mayFold)
        {
            return;
        }

        ulong* start = entry - index;
        ulong expected = WithoutAccessedDirty(pte.Raw) - (index << TBlock.PageShift);
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            if (WithoutAccessedDirty(Cpu.ReadOnce(start + i)) != expected + (i << TBlock.PageShift))
            {
                return;
            }
        }

        Convert(address, entry, Arm64.MkCont(pte));
    }

    /// <summary>LINUX: contpte_convert. Rewrites a block with or without the hint, by break before make.</summary>
    /// <param name="address">The address that the place maps.</param>
    /// <param name="entry">A place in the block.</param>
    /// <param name="pte">The entry for that place; the others map the pages around it.</param>
    private static void Convert(ulong address, ulong* entry, Pte pte)
    {
        ulong* start = BlockStart(entry);
        ulong length = LengthBytes;
        ulong flags = 0;
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            flags |= Arm64.AccessedDirtyFlagsOf(new Pte(Arm64.GetAndClear(start + i)));
        }

        if (TBlock.NeedsBreakBeforeMake)
        {
            // ORDER: full; whoever sees an entry written below, or one written after this method, comes after all entries were gone. A walker that
            // reads the target twice around a full barrier relies on it.
            // TEST: A_relaxed_reference_lets_another_folios_dirty_pass_on_arm64.
            Cpu.FlushTlbByBroadcast(address & ~(length - 1), length);
        }

        ulong first = Arm64.Merge(new PteReading(pte.Raw, flags)).Raw - (IndexInBlock(entry) << TBlock.PageShift);
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            Cpu.WriteOnce(start + i, first + (i << TBlock.PageShift));
        }
    }

    // Which page of an aligned run of as many pages as a block has an entry maps.
    private static ulong FrameIndex(Pte pte) => ((pte.Raw & Arm64.AddressMask) >> TBlock.PageShift) & (TBlock.Entries - 1);
}
