namespace Tablewalk.Mm;

/// <summary>
/// For scenarios: LINUX: contpte_ptep_get_lockless since v6.17. As <see cref="PreciseRead{TBlock, TTest}"/>, but looks for both flags only until one is found, then for
/// the other, and returns once it has both; the entries after that are not looked at.
/// </summary>
public readonly unsafe struct PreciseReadWithEarlyExit<TBlock> : IEntryReader
    where TBlock : IBlockSize
{
    private const ulong BothFlags = Arm64.AccessFlag | Arm64.SoftwareDirty;
    private const int SoftwareDirtyShift = 55;

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
            bool isOurs = true;
            while (i < TBlock.Entries && flags == 0 && isOurs)
            {
                ulong seen = Cpu.ReadOnce(start + i);
                isOurs = Contpte<TBlock>.WithoutAccessedDirty(seen) == expected + (i << TBlock.PageShift);
                flags = Arm64.AccessedDirtyFlagsOf(new Pte(seen));
                i++;
            }

            // One is found. Dirty counts first, and then accessed is looked for from the same entry on, which is so read once more.
            ulong first = flags & Arm64.SoftwareDirty;
            i -= first >> SoftwareDirtyShift;
            flags = first != 0 ? first : flags;
            while (i < TBlock.Entries && flags != BothFlags && isOurs)
            {
                ulong seen = Cpu.ReadOnce(start + i);
                isOurs = Contpte<TBlock>.WithoutAccessedDirty(seen) == expected + (i << TBlock.PageShift);
                flags |= Arm64.AccessedDirtyFlagsOf(new Pte(seen));
                i++;
            }

            if (isOurs)
            {
                return new PteReading(target, flags);
            }
        }
    }
}

/// <summary>For scenarios: LINUX: contpte_ptep_get since v6.17. As <see cref="GatheredRead{TBlock}"/>, but stops once both flags are found.</summary>
public readonly unsafe struct GatheredReadWithEarlyExit<TBlock> : IEntryReader
    where TBlock : IBlockSize
{
    private const ulong BothFlags = Arm64.AccessFlag | Arm64.SoftwareDirty;
    private const int SoftwareDirtyShift = 55;

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
        ulong i = 0;
        while (i < TBlock.Entries && flags == 0)
        {
            flags = Arm64.AccessedDirtyFlagsOf(new Pte(Cpu.ReadOnce(start + i)));
            i++;
        }

        ulong first = flags & Arm64.SoftwareDirty;
        i -= first >> SoftwareDirtyShift;
        flags = first != 0 ? first : flags;
        while (i < TBlock.Entries && flags != BothFlags)
        {
            flags |= Arm64.AccessedDirtyFlagsOf(new Pte(Cpu.ReadOnce(start + i)));
            i++;
        }

        return new PteReading(target, flags);
    }
}
