using Tablewalk.Declare;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios.Tests.Unmapping;

/// <summary>A page is unmapped and freed while one CPU's write faults on it and another pins it by GUP-fast. Whatever the fault allocates may be the same page again.</summary>
/// <remarks>
/// The page is mapped old and clean, and has contents of its own. Freed, it is poisoned; taken by the fault, it is zero. So what a pin or a mapping got from the
/// entry that was there first, and what the page holds, say whether it was free meanwhile.
/// </remarks>
public static unsafe class UnmapFaultAndPin<TArch, TFlush, TComparator, TRecheck>
    where TArch : IArch
    where TFlush : ITlbFlush
    where TComparator : IPteComparator
    where TRecheck : IRecheck<TArch>
{
    internal const ulong Address = 0x4021_0000;
    internal const ulong Contents = 5;
    internal const ulong PageA = (PhysicalMemory.MappedBank << PhysicalMemory.BankShift) | (PhysicalMemory.FirstLargePage - 56);

    /// <summary>A is mapped; there is one more page.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        arena.AllocatePages();
        AddressSpace* mm = AddressSpace.Create<TArch>(arena, Address, freePages: 1);
        Folio* folio = arena.UseFolio(PageA, 1, "A");
        folio->Mapcount = 1;
        folio->Flags = Folio.Anonymous | Folio.Exclusive | Folio.Referenced;
        *Word(mm) = Contents;
        *AddressSpace.FirstPte<TArch>(mm, Address) = TArch.MkOld(TArch.MakeSharedPage(PageA));
        return (nint)mm;
    }

    /// <summary>Unmaps the page.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<TArch, SinglePtes<TArch, LocklessRead<TArch>, TFlush, GenericAccessFlags>, FlushThenFree>.Range(
            mm, Address, PhysicalMemory.PageSize, (Gather*)((byte*)mm - PhysicalMemory.PageSize));
        return 0;
    }

    /// <summary>Makes the entry such that a write succeeds.</summary>
    [Thread("faulter")]
    public static ulong Fault(AddressSpace* mm) =>
        (ulong)FaultHandler<TArch, SinglePtes<TArch, LocklessRead<TArch>, TFlush, GenericAccessFlags>, TComparator, FirstWordCopy>.Handle(
            mm, Address, isWrite: true, RegionFlags.Read | RegionFlags.Write);

    /// <summary>Pins what is mapped.</summary>
    /// <returns>The entry that it was found by; 0 if none was.</returns>
    [Thread("walker")]
    public static ulong Pin(AddressSpace* mm)
    {
        bool isPinned = GupFast<TArch, LocklessRead<TArch>, FullReference, TRecheck, IrqOffSection>.TryGetOne(mm, Address, isWrite: false, out _, out Pte used);
        return isPinned ? used.Raw : 0;
    }

    /// <summary>What is mapped or pinned was not freed.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong unmapped, ulong result, ulong used)
    {
        ulong contents = Cpu.ReadOnce(Word(mm));
        Pte pinned = new(used);
        bool isPinOfA = (used != 0) & (TArch.PfnOf(pinned) == PageA);
        bool isGone = contents == Cpu.PoisonPattern | ((contents != Contents) & !TArch.IsYoung(pinned));
        Cpu.BugOn(isPinOfA & isGone, "no-pin-on-freed-page");

        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, Address)));
        bool isMappedA = (pte.Raw != 0) & (TArch.PfnOf(pte) == PageA);
        Cpu.BugOn(isMappedA & (contents == Cpu.PoisonPattern), "no-mapping-of-freed-page");
    }

    internal static ulong* Word(AddressSpace* mm) => (ulong*)PhysicalMemory.VirtualOf(mm, PageA << PhysicalMemory.PageShift);
}

/// <summary>The same with the access that faults: a load by user code, which may go by what a TLB has.</summary>
public static unsafe class UnmapAccessAndPin<TArch, THardware, TFlush, TRecheck>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TFlush : ITlbFlush
    where TRecheck : IRecheck<TArch>
{
    /// <summary>A is mapped; there is one more page.</summary>
    [Setup]
    public static nint Setup(Arena arena) => UnmapFaultAndPin<TArch, TFlush, ExactComparison, TRecheck>.Setup(arena);

    /// <summary>Unmaps the page.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm) => UnmapFaultAndPin<TArch, TFlush, ExactComparison, TRecheck>.Unmap(mm);

    /// <summary>Loads from the page, and has it made present if that faults.</summary>
    [Thread("user")]
    public static ulong Load(AddressSpace* mm)
    {
        bool isAllowed = Cpu.UserLoad<TArch, THardware>(mm, UnmapFaultAndPin<TArch, TFlush, ExactComparison, TRecheck>.Address, out ulong value);
        Cpu.BugOn(isAllowed & (value == Cpu.PoisonPattern), "no-load-from-freed-page");
        return isAllowed ? (ulong)FaultResult.Done : UnmapFaultAndPin<TArch, TFlush, ExactComparison, TRecheck>.Fault(mm);
    }

    /// <summary>Pins what is mapped.</summary>
    [Thread("walker")]
    public static ulong Pin(AddressSpace* mm) => UnmapFaultAndPin<TArch, TFlush, ExactComparison, TRecheck>.Pin(mm);

    /// <summary>What is mapped or pinned was not freed.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong unmapped, ulong result, ulong used) =>
        UnmapFaultAndPin<TArch, TFlush, ExactComparison, TRecheck>.Check(mm, unmapped, result, used);
}
