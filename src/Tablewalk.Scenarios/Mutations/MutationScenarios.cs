using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>A whole block is unmapped and another folio, dirty, is moved to its place, where it is a block with the same protection.</summary>
/// <remarks>Only the page frame tells the two blocks apart: this is what the gather's page-frame test is for.</remarks>
public static unsafe class ContpteRemap<TReader, TRecheck, TBlock>
    where TReader : IEntryReader
    where TRecheck : IRecheck<Arm64>
    where TBlock : IBlockSize
{
    private static ulong Length => TBlock.Entries << PhysicalMemory.PageShift;

    /// <summary>A block of A, clean and also somebody else's, so that it stays; and behind it one of B, dirty.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.WithBlockOfA<TBlock>(arena, Arm64.MakeSharedPage(ScenarioLayout.LargeFolioA), isDirty: false);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.LargeFolioA)->Refcount++;
        Folio* folio = arena.UseFolio(ScenarioLayout.LargeFolioB, TBlock.Entries, "B");
        folio->Mapcount = TBlock.Entries;
        folio->Flags = Folio.Anonymous | Folio.Exclusive | Folio.Referenced;
        Pte* ptep = AddressSpace.FirstPte<Arm64>(mm, ScenarioLayout.Address) + TBlock.Entries;
        Contpte<TBlock>.SetPtes(ptep, Arm64.MkDirty(Arm64.MakeSharedPage(ScenarioLayout.LargeFolioB)), TBlock.Entries);
        return (nint)mm;
    }

    /// <summary>Takes a reference on the last page of the block.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        bool isPinned = GupFast<Arm64, TReader, FullReference, TRecheck, IrqOffSection>.TryGetOne(
            mm, ScenarioLayout.Address + Length - PhysicalMemory.PageSize, isWrite: false, out ulong pfn, out Pte used);
        if (!isPinned)
        {
            return 0;
        }

        Cpu.BugOn((pfn < ScenarioLayout.LargeFolioB) & Arm64.IsDirty(used), "no-false-positive-dirty");
        return 1;
    }

    /// <summary>Moves the block of B to the place of the block of A.</summary>
    [Thread("mapper")]
    public static ulong Remap(AddressSpace* mm)
    {
        Unmap<Arm64, ContiguousPtes<TBlock, TReader, EachEntryTest>, FlushThenFree>.Range(
            mm, ScenarioLayout.Address, Length, (Gather*)ScenarioSpace.Scratch(mm, 0));
        Move<Arm64, ContiguousPtes<TBlock, TReader, EachEntryTest>, FlushUnderLock>.Range(
            mm, ScenarioLayout.Address + Length, ScenarioLayout.Address, Length);
        return 0;
    }
}

/// <summary>As <see cref="PaeRemap{TPtes, TRecheck}"/>, but B stays mapped: here the plain re-check is enough.</summary>
public static unsafe class PaeRemapOnce<TPtes, TRecheck>
    where TPtes : IPtes
    where TRecheck : IRecheck<X86Pae>
{
    /// <summary>A is mapped; B is the next page to be allocated.</summary>
    [Setup]
    public static nint Setup(Arena arena) => PaeRemap<TPtes, TRecheck>.Setup(arena);

    /// <summary>Takes a reference on the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) => PaeRemap<TPtes, TRecheck>.Walk(mm);

    /// <summary>Maps B in the place of A.</summary>
    [Thread("mapper")]
    public static ulong Remap(AddressSpace* mm)
    {
        PaeRemap<TPtes, TRecheck>.MapOtherPage(mm);
        return 0;
    }
}

/// <summary>As <see cref="Zap{TArch, TPtes, TReference, TRecheck, TSection}"/>, but about the new owner's reference.</summary>
/// <remarks>
/// A walker that adds to the count of a free page and takes that back after its re-check failed has meanwhile lost its addition to the new owner's store:
/// what it takes back is the owner's.
/// </remarks>
public static unsafe class ZapOwner<TArch, TPtes, TReference, TRecheck, TSection>
    where TArch : IArch
    where TPtes : IPtes
    where TReference : IFolioReference
    where TRecheck : IRecheck<TArch>
    where TSection : IWalkSection
{
    /// <summary>A is mapped, and the mapping holds the only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena) => Zap<TArch, TPtes, TReference, TRecheck, TSection>.Setup(arena);

    /// <summary>Pins the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) => Zap<TArch, TPtes, TReference, TRecheck, TSection>.Walk(mm);

    /// <summary>Unmaps the page and the table.</summary>
    [Thread("zapper")]
    public static ulong Unmap(AddressSpace* mm) => Zap<TArch, TPtes, TReference, TRecheck, TSection>.Unmap(mm);

    /// <summary>If the page was freed, its new owner's reference is still there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong owned)
    {
        if (owned != 0)
        {
            ulong count = Cpu.ReadOnce(&PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Refcount);
            Cpu.BugOn(count == 0, "owner-keeps-its-reference");
        }
    }
}
