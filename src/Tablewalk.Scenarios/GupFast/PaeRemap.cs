using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// A page is cleared, another one whose entry has the same low half is set in its place, and cleared again, while GUP-fast pins what it finds there.
/// </summary>
/// <remarks>
/// Which page may be pinned that never was mapped: the one with the low half of both and the high half of a cleared entry.
/// <list type="bullet">
/// <item>The first read, low, high, low, returns it if its low halves are A's and B's and its high half was read in between.</item>
/// <item>With no re-check that is the answer.</item>
/// <item>ptep_get, two plain loads, may read B's low half and, after the second clear, a high half of zero: the torn value again, a false match.</item>
/// <item>ptep_get_lockless looks at the low half once more, and that is zero by then. For another torn value a third page would have to come.</item>
/// <item>With a flush by IPI, an irq-off section sees the first page and its clearing, or the second page and its clearing, never both pages.</item>
/// </list>
/// The second clear matters: after a single remap the torn first read has already seen the low half of B, hence B's high half is in memory and no
/// re-check can see zero. Then the false match of ptep_get can only be with A's whole value, whose high half was read while A was mapped
/// and referenced: staleness, as with any read. <c>PaeRemapOnce</c> in the mutations shows it.
/// </remarks>
public static unsafe class PaeRemap<TPtes, TRecheck>
    where TPtes : IPtes
    where TRecheck : IRecheck<X86Pae>
{
    /// <summary>A is mapped and also somebody else's, so it stays; B is the next page to be allocated; the page that a torn entry names is somebody's.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.WithPageA<X86Pae>(
            arena, X86Pae.MakeSharedPage(ScenarioLayout.PageA), Folio.Anonymous | Folio.Exclusive | Folio.Referenced);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Refcount = 2;
        arena.UseFolio(ScenarioLayout.PageB, 0, "B");
        FolioAllocator.Zone(mm, FolioAllocator.SingleZone)->FirstFree = ScenarioLayout.PageB;
        arena.UseFolio(ScenarioLayout.TornPage, 1, "torn");
        return (nint)mm;
    }

    /// <summary>Takes a reference on the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        bool isPinned = GupFast<X86Pae, LocklessRead<X86Pae>, FullReference, TRecheck, IrqOffSection>.TryGetOne(
            mm, ScenarioLayout.Address, isWrite: false, out ulong pfn, out _);
        if (!isPinned)
        {
            return 0;
        }

        Cpu.BugOn((pfn != ScenarioLayout.PageA) & (pfn != ScenarioLayout.PageB), "pinned-page-was-mapped");
        return 1;
    }

    /// <summary>Maps B in the place of A, and then nothing.</summary>
    [Thread("mapper")]
    public static ulong Remap(AddressSpace* mm)
    {
        MapOtherPage(mm);
        UnmapPage(mm);
        return 0;
    }

    internal static void MapOtherPage(AddressSpace* mm)
    {
        UnmapPage(mm);
        FaultHandler<X86Pae, TPtes, ExactComparison, FirstWordCopy>.Handle(
            mm, ScenarioLayout.Address, isWrite: false, RegionFlags.Read | RegionFlags.Write);
    }

    private static void UnmapPage(AddressSpace* mm) => Unmap<X86Pae, TPtes, FlushThenFree>.Range(
        mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
}
