using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// User code stores to the last page of a contiguous block of folio A while the block is split and a page of B takes the place of its first. The hardware may use
/// the translation, and set dirty, in any entry of the block (T80, T81).
/// </summary>
/// <remarks>
/// Dirty is set in one piece with the walk, so it is in the entry when that is cleared, and goes from there to all that are written again; or the walk finds no
/// block any more. Both with break before make and, where the CPU allows it (FEAT_BBM level 2), without its flush: a TLB entry of the block that outlives it maps
/// the same pages.
/// </remarks>
public static unsafe class StoreAgainstUnfold<TBlock, TExchange>
    where TBlock : IBlockSize
    where TExchange : IBlockSplit
{
    private static ulong LastAddress => ScenarioLayout.Address + ((TBlock.Entries - 1) << PhysicalMemory.PageShift);

    /// <summary>A block of A, clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ContpteUnfold<GupFastRead, FullReference, TBlock>.Setup(arena, isDirty: false);

    /// <summary>Stores to the last page.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm)
    {
        return Cpu.UserStore<Arm64, Arm64HardwareWalk<ThroughAnyEntry<TBlock>>>(mm, LastAddress, UserAccess.OfUser) ? 1UL : 0;
    }

    /// <summary>Maps a page of B in the place of the first.</summary>
    [Thread("mapper")]
    public static ulong Map(AddressSpace* mm)
    {
        Pte* ptep = AddressSpace.FirstPte(mm, ScenarioLayout.Address);
        Cpu.SpinLock(&mm->PageTableLock);
        TExchange.Split<TBlock>(ScenarioLayout.Address, ptep);
        ContpteUnfold<GupFastRead, FullReference, TBlock>.ReplaceFirstPage(ptep);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return 0;
    }

    /// <summary>A store is in its page, whose entry is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong mapped)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)(AddressSpace.FirstPte(mm, ScenarioLayout.Address) + (TBlock.Entries - 1))));
        bool isThere = Cpu.ReadOnce(UserAccess.Word(mm, ScenarioLayout.LargeFolioA + TBlock.Entries - 1)) == UserAccess.OfUser;
        Cpu.BugOn((stored != 0) & !(isThere & Arm64.IsDirty(pte)), "no-write-lost");
    }
}

/// <summary>User code stores to the first page of the block, which is taken away: what its taker copied must be all.</summary>
public static unsafe class StoreAgainstTaking<TBlock, TFlush>
    where TBlock : IBlockSize
    where TFlush : ITlbFlush
{
    /// <summary>A block of A, clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ContpteUnfold<GupFastRead, FullReference, TBlock>.Setup(arena, isDirty: false);

    /// <summary>Stores to the first page.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm)
    {
        return Cpu.UserStore<Arm64, Arm64HardwareWalk<ThroughAnyEntry<TBlock>>>(mm, ScenarioLayout.Address, UserAccess.OfUser) ? 1UL : 0;
    }

    /// <summary>Takes the page out of the block and copies it.</summary>
    [Thread("taker")]
    public static ulong Take(AddressSpace* mm)
    {
        Cpu.SpinLock(&mm->PageTableLock);
        Contpte<TBlock>.PtepGetAndClear(ScenarioLayout.Address, AddressSpace.FirstPte(mm, ScenarioLayout.Address));
        TFlush.Flush(ScenarioLayout.Address, PhysicalMemory.PageSize);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return Cpu.ReadOnce(UserAccess.Word(mm, ScenarioLayout.LargeFolioA));
    }

    /// <summary>The copy is the page.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong copy) =>
        Cpu.BugOn(Cpu.ReadOnce(UserAccess.Word(mm, ScenarioLayout.LargeFolioA)) != copy, "no-store-to-taken-page");
}

/// <summary>How a block is split before one of its entries is changed.</summary>
public unsafe interface IBlockSplit
{
    /// <summary>Splits it.</summary>
    static abstract void Split<TBlock>(ulong address, Pte* ptep)
        where TBlock : IBlockSize;
}

/// <summary>As the block's layer does: exchanges, which lose nothing.</summary>
public readonly unsafe struct SplitByExchange : IBlockSplit
{
    /// <inheritdoc/>
    public static void Split<TBlock>(ulong address, Pte* ptep)
        where TBlock : IBlockSize => Contpte<TBlock>.TryUnfold(address, ptep);
}

/// <summary>A mutation: the flags are gathered first, then plain stores take the hint away.</summary>
public readonly unsafe struct SplitByStore : IBlockSplit
{
    /// <inheritdoc/>
    public static void Split<TBlock>(ulong address, Pte* ptep)
        where TBlock : IBlockSize
    {
        Pte pte = Contpte<TBlock>.PtepGet(ptep);
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            Cpu.WriteOnce((ulong*)ptep + i, Arm64.MkNonCont(pte).Raw + (i << TBlock.PageShift));
        }
    }
}
