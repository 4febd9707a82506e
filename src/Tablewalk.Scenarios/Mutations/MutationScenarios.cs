using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>A whole block is unmapped and another folio, dirty, takes its place as a block with the same protection.</summary>
/// <remarks>Only the page frame tells the two blocks apart: this is what the gather's page-frame test is for.</remarks>
public static unsafe class ContpteRemap<TReader, TReference, TRecheck, TBlock>
    where TReader : IEntryReader
    where TReference : IFolioReference
    where TRecheck : IRecheck<Arm64>
    where TBlock : IBlockSize
{
    /// <summary>A block of A, clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ContpteUnfold<TReader, TReference, TBlock>.Setup(arena, isDirty: false);

    /// <summary>Pins the last page of the block.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        ulong address = ScenarioLayout.Address + ((TBlock.Entries - 1) << PhysicalMemory.PageShift);
        bool pinned = GupFast<Arm64, TReader, TReference, TRecheck, IrqOffSection>.TryGetPage(mm, address, write: false, out ulong used);
        if (!pinned)
        {
            return 0;
        }

        bool isA = Arm64.PfnOf(new Pte(used)) < ScenarioLayout.LargeFolioB;
        Cpu.BugOn(isA & Arm64.IsDirty(new Pte(used)), "no-false-positive-dirty");
        return 1;
    }

    /// <summary>Maps a block of B, dirty, in the place of the block of A.</summary>
    [Thread("mapper")]
    public static ulong Map(AddressSpace* mm)
    {
        Pte* ptep = AddressSpace.FirstPte(mm, ScenarioLayout.Address);
        Cpu.SpinLock(&mm->PageTableLock);
        Contpte<TBlock>.GetAndClearFullPtes(ptep, TBlock.Entries);
        Cpu.FlushTlbByBroadcast(ScenarioLayout.Address, TBlock.Entries << PhysicalMemory.PageShift);
        Contpte<TBlock>.SetPtes(ptep, Arm64.MkDirty(Arm64.MakeSharedPage(ScenarioLayout.LargeFolioB)), TBlock.Entries);
        Cpu.SpinUnlock(&mm->PageTableLock);
        return 0;
    }
}

/// <summary>As <see cref="PaeRemap{TFlush, TRecheck, TSetter}"/>, but B stays mapped: here the plain re-check is enough.</summary>
public static unsafe class PaeRemapOnce<TFlush, TRecheck, TSetter>
    where TFlush : ITlbFlush
    where TRecheck : IRecheck<X86Pae>
    where TSetter : IEntrySetter
{
    /// <summary>A is mapped; B and the page that a torn entry names belong to somebody.</summary>
    [Setup]
    public static nint Setup(Arena arena) => PaeRemap<TFlush, TRecheck, TSetter>.Setup(arena);

    /// <summary>Pins the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) => PaeRemap<TFlush, TRecheck, TSetter>.Walk(mm);

    /// <summary>Maps B in the place of A.</summary>
    [Thread("mapper")]
    public static ulong Remap(AddressSpace* mm)
    {
        PaeRemap<TFlush, TRecheck, TSetter>.MapOtherPage(mm);
        return 0;
    }
}

/// <summary>As <see cref="Zap{TArch, TFlush, TReference, TRecheck, TSection}"/>, but about the new owner's reference.</summary>
/// <remarks>
/// A walker that adds to the count of a free page and takes that back after its re-check failed has meanwhile lost its addition to the new owner's store:
/// what it takes back is the owner's.
/// </remarks>
public static unsafe class ZapOwner<TArch, TFlush, TReference, TRecheck, TSection>
    where TArch : IArch
    where TFlush : ITlbFlush
    where TReference : IFolioReference
    where TRecheck : IRecheck<TArch>
    where TSection : IWalkSection
{
    /// <summary>A is mapped, and the mapping holds the only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena) => Zap<TArch, TFlush, TReference, TRecheck, TSection>.Setup(arena);

    /// <summary>Pins the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) => Zap<TArch, TFlush, TReference, TRecheck, TSection>.Walk(mm);

    /// <summary>Unmaps the page and the table.</summary>
    [Thread("zapper")]
    public static ulong Unmap(AddressSpace* mm) => Zap<TArch, TFlush, TReference, TRecheck, TSection>.Unmap(mm);

    /// <summary>If the page was freed, its new owner's reference is still there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong freed)
    {
        if (freed != 0)
        {
            ulong count = Cpu.ReadOnce(&PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Refcount);
            Cpu.BugOn(count == 0, "owner-keeps-its-reference");
        }
    }
}

/// <summary>A table is unlinked and a page taken out of it for a huge page, while GUP-fast pins that page through the table.</summary>
public static unsafe class CollapseAgainstWalk<TSync, TReference, TRecheck>
    where TSync : IWalkerSync
    where TReference : IFolioReference
    where TRecheck : IRecheck<Arm64>
{
    /// <summary>A is mapped, and the mapping holds the only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena) =>
        Zap<Arm64, FlushByBroadcast, TReference, TRecheck, IrqOffSection>.Setup(arena);

    /// <summary>Pins the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) =>
        Zap<Arm64, FlushByBroadcast, TReference, TRecheck, IrqOffSection>.Walk(mm);

    /// <summary>Takes the page if nobody has it pinned.</summary>
    [Thread("khugepaged")]
    public static ulong Take(AddressSpace* mm)
    {
        ulong* pmdp = AddressSpace.FirstPmdEntry(mm, ScenarioLayout.Address);
        Pte* ptep = AddressSpace.FirstPte(mm, ScenarioLayout.Address);
        return Collapse.TryTakePage<Arm64, FlushByBroadcast, TSync>(mm, ScenarioLayout.Address, pmdp, ptep) ? 1UL : 0;
    }

    /// <summary>The page was not both pinned and taken.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong taken) =>
        Cpu.BugOn((pinned & taken) != 0, "no-pin-on-taken-page");
}
