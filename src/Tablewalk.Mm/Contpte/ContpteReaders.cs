namespace Tablewalk.Mm;

/// <summary>What of a block's entry is compared before its accessed and dirty count.</summary>
public interface IGatherTest
{
    /// <summary>The bits compared.</summary>
    static abstract ulong ComparedBits { get; }
}

/// <summary>Everything: valid, contiguous, the page frame expected, the same protection.</summary>
public readonly struct FullGatherTest : IGatherTest
{
    /// <inheritdoc/>
    public static ulong ComparedBits => ulong.MaxValue;
}

/// <summary>A mutation: everything but the page frame, which is wrong as soon as the block is mapped to another folio.</summary>
public readonly struct GatherTestWithoutPageFrame : IGatherTest
{
    /// <inheritdoc/>
    public static ulong ComparedBits => ~Arm64.AddressMask;
}

/// <summary>
/// LINUX: contpte_ptep_get_lockless as of v6.9. The entry, and accessed and dirty of the block as its entries show them one after
/// another; an entry counts only if it still belongs to the block that the entry asked for belongs to, else everything starts over.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>The result without accessed and dirty is one atomic value of the entry.</item>
/// <item>A flag is in the result only if an entry had it that was then valid, contiguous and mapped the same folio at the right
/// distance with the same protection. A block lies in one folio, so the flag is the folio's.</item>
/// <item>No flag is missed that was set throughout: the block's entries are all looked at while each is still part of it.</item>
/// <item>No barrier stands inside; 2 and 3 hold for each entry by itself, so the order of the loads does not matter.</item>
/// </list>
/// </remarks>
public readonly unsafe struct PreciseRead<TBlock, TTest> : IEntryReader
    where TBlock : IBlockSize
    where TTest : IGatherTest
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry)
    {
        ulong target = Cpu.ReadOnce(entry);
        if (!Arm64.IsValidCont(new Pte(target)))
        {
            return new PteReading(target, 0);
        }

        ulong* start = Contpte<TBlock>.BlockStart(entry);
        while (true)
        {
            target = Cpu.ReadOnce(entry);
            if (!Arm64.IsValidCont(new Pte(target)))
            {
                return new PteReading(target, 0);
            }

            ulong expected = Contpte<TBlock>.WithoutAccessedDirty(target) - (Contpte<TBlock>.IndexInBlock(entry) << TBlock.PageShift);
            ulong flags = 0;
            ulong i = 0;
            while (i < TBlock.Entries)
            {
                ulong seen = Cpu.ReadOnce(start + i);
                ulong difference = Contpte<TBlock>.WithoutAccessedDirty(seen) ^ (expected + (i << TBlock.PageShift));
                if ((difference & TTest.ComparedBits) != 0)
                {
                    break;
                }

                flags |= Arm64.AccessedDirtyFlagsOf(new Pte(seen));
                i++;
            }

            if (i == TBlock.Entries)
            {
                return new PteReading(target, flags);
            }
        }
    }
}

/// <summary>
/// LINUX: contpte_ptep_get. Gathers the flags of the block without looking whether its entries still belong together: right under the
/// page-table lock, and in question without it.
/// </summary>
public readonly unsafe struct GatheredRead<TBlock> : IEntryReader
    where TBlock : IBlockSize
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry)
    {
        ulong target = Cpu.ReadOnce(entry);
        if (!Arm64.IsValidCont(new Pte(target)))
        {
            return new PteReading(target, 0);
        }

        ulong* start = Contpte<TBlock>.BlockStart(entry);
        ulong flags = 0;
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            flags |= Arm64.AccessedDirtyFlagsOf(new Pte(Cpu.ReadOnce(start + i)));
        }

        return new PteReading(target, flags);
    }
}

/// <summary>
/// For scenarios: The RFC's ptep_get_lockless_norecency: the entry alone, its accessed and dirty forced to none, so that two results compare equal whatever happened
/// to those flags. Nobody may take them for an answer.
/// </summary>
public readonly unsafe struct NorecencyRead : IEntryReader
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry)
    {
        // An entry that is not valid keeps its bits: in a swap entry those positions mean other things.
        ulong target = Cpu.ReadOnce(entry);
        ulong valid = 0 - (target & Arm64.Valid);
        ulong cleaned = Arm64.MkOld(Arm64.MkClean(new Pte(target))).Raw;
        return new PteReading((cleaned & valid) | (target & ~valid), 0);
    }
}

/// <summary>For scenarios: the ptep_get_gup_fast that the thread proposes: on arm64 the raw entry, whatever the block around it says.</summary>
public readonly unsafe struct GupFastRead : IEntryReader
{
    /// <inheritdoc/>
    public static PteReading Read(ulong* entry) => new(Cpu.ReadOnce(entry), 0);
}
