using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// User code stores to the last page of a contiguous block of folio A while the first page is unmapped, and the block split for it. The hardware may use the
/// translation, and set dirty, in any entry of the block (T80, T81).
/// </summary>
/// <remarks>
/// Dirty is set in one piece with the walk, so it is in the entry when that is cleared, and goes from there to all that are written again; or the walk finds no
/// block any more. Both with break before make and, where the CPU allows it (FEAT_BBM level 2), without its flush: a TLB entry of the block that outlives it maps
/// the same pages.
/// </remarks>
public static unsafe class StoreAgainstUnfold<TBlock, TPtes>
    where TBlock : IBlockSize
    where TPtes : IPtes
{
    private static ulong LastAddress => ScenarioLayout.Address + ((TBlock.Entries - 1) << PhysicalMemory.PageShift);

    /// <summary>A block of A, clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.WithBlockOfA<TBlock>(
        arena, Arm64.MakeSharedPage(ScenarioLayout.LargeFolioA), isDirty: false);

    /// <summary>Stores to the last page.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm)
    {
        return Cpu.UserStore<Arm64, Arm64HardwareWalk<ThroughAnyEntry<TBlock>>>(mm, LastAddress, UserAccess.OfUser) ? 1UL : 0;
    }

    /// <summary>Unmaps the first page.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<Arm64, TPtes, FlushThenFree>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>A store is in its page, whose entry is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong unmapped)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)(AddressSpace.FirstPte<Arm64>(mm, ScenarioLayout.Address) + (TBlock.Entries - 1))));
        bool isThere = Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.LargeFolioA + TBlock.Entries - 1)) == UserAccess.OfUser;
        Cpu.BugOn((stored != 0) & !(isThere & Arm64.IsDirty(pte)), "no-write-lost");
    }
}

/// <summary>User code stores to the first page of the block, which is taken away: what its taker copied must be all.</summary>
public static unsafe class StoreAgainstTaking<TBlock, TPtes, TOrder>
    where TBlock : IBlockSize
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    /// <summary>A block of A, clean; the taker has a reference.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        nint mm = StoreAgainstUnfold<TBlock, TPtes>.Setup(arena);
        PhysicalMemory.FolioOf((void*)mm, ScenarioLayout.LargeFolioA)->Refcount++;
        return mm;
    }

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
        Unmap<Arm64, TPtes, TOrder>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.LargeFolioA));
    }

    /// <summary>The copy is the page.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong copy) =>
        Cpu.BugOn(Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.LargeFolioA)) != copy, "no-store-to-taken-page");
}
