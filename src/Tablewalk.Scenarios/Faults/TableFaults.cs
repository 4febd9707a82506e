using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>Faults that make tables, and faults on entries that map more than a page or deny an access they allow.</summary>
internal static class TableFaults
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "fault/table",
            "two CPUs install a table where there is none",
            MemoryManagement.Architectures,
            [new("compare", ["exact", "none"])],
            ["one-table-is-used"],
            static selection => MemoryManagement.Close(typeof(TwoTables<,>), selection, "one-table-is-used", PageFaults.ComparatorOf(selection))),
        new(
            "fault/huge",
            "a write fault on a huge page that is split meanwhile",
            MemoryManagement.WordArchitectures,
            [new("compare", ["exact", "none"])],
            ["dirty-is-kept"],
            static selection => MemoryManagement.Close(
                typeof(FaultAgainstSplit<,,>), selection, "dirty-is-kept", MemoryManagement.PtesOf(selection, flushes: true), PageFaults.ComparatorOf(selection))),
        new(
            "fault/block-flags",
            "CPUs without hardware accessed and dirty access a page of a contiguous block whose flags are in another entry",
            ["arm64"],
            [new("test", ["each", "gathered"]), new("block", ["4", "2"])],
            ["entry-allows-access"],
            InstantiateBlock),
        new(
            "mmu/numa-hint",
            "user code stores to a clean page that is made to fault, to see who uses it",
            MemoryManagement.WordArchitectures,
            [new("clear", ["exchange", "store"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstHint<,,>), selection, "no-write-lost", MemoryManagement.HardwareOf(selection), Changing.ClearingOf(selection))),
    ];

    private static Type InstantiateBlock(ScenarioSelection selection)
    {
        Type test = Catalog.Value(selection, "test") switch
        {
            "each" => typeof(EachEntryTest),
            "gathered" => typeof(GatheredTest),
            _ => throw Catalog.Unknown(selection, "test"),
        };
        return selection.Claim == "entry-allows-access"
            ? typeof(FaultsOnBlock<,>).MakeGenericType(Catalog.BlockOf(selection), test)
            : throw Catalog.UnknownClaim(selection);
    }
}

/// <summary>Both allocate a table; one of them finds the entry taken, gives its own back, and goes on with the other's.</summary>
public static unsafe class TwoTables<TArch, TComparator>
    where TArch : IArch
    where TComparator : IPteComparator
{
    private static ulong Address => ScenarioLayout.Address + PageTables<TArch>.PmdSize;

    /// <summary>There is no table for the address; there are two pages.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.Create<TArch>(arena, freePages: 2);
        arena.Name(PageTables<TArch>.PmdOffsetOrNull(mm, Address), sizeof(ulong), "PMD'");
        return (nint)mm;
    }

    /// <summary>Installs one.</summary>
    /// <returns>The table that it goes on with.</returns>
    [Thread("faulter")]
    public static ulong Install(AddressSpace* mm)
    {
        ulong* pmdp = PageTables<TArch>.PmdAllocOrNull(mm, Address);
        PageTables<TArch>.TryInstallTable<TComparator>(mm, pmdp);
        return TArch.ReadLockless(pmdp);
    }

    /// <summary>Installs one too.</summary>
    [Thread("faulter too")]
    public static ulong InstallToo(AddressSpace* mm) => Install(mm);

    /// <summary>Both go on with the same, and no other is in use besides those there were.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong one, ulong other)
    {
        ulong tables = TArch.HasPud ? 3UL : 2;
        bool isOne = Cpu.ReadOnce(&FolioAllocator.Zone(mm, FolioAllocator.SingleZone)->UsedCount) == tables + 1;
        Cpu.BugOn(!isOne | (one != other), "one-table-is-used");
    }
}

/// <summary>The fault sets flags in the PMD entry only if that still maps the huge page; if it was split, it goes by the page's own entry.</summary>
public static unsafe class FaultAgainstSplit<TArch, TPtes, TComparator>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
{
    /// <summary>A huge page is mapped, writable and clean; there is a page for the table.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)HugeSetup.Of<TArch>(arena, freePages: 1);

    /// <summary>Writes.</summary>
    [Thread("writer")]
    public static ulong Write(AddressSpace* mm) => TwoFaults<SmallTables<TArch>, TPtes, TComparator>.Fault(mm, isWrite: true);

    /// <summary>Splits.</summary>
    [Thread("splitter")]
    public static ulong Split(AddressSpace* mm) =>
        HugePages<SmallTables<TArch>, TPtes, FirstWordCopy, SyncByIpi>.TrySplit(mm, ScenarioLayout.Address) ? 1UL : 0;

    /// <summary>It is split, and if the write got its permission, the page's entry is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong written, ulong split)
    {
        Pmd pmd = new(Cpu.ReadOnce(AddressSpace.FirstPmdEntry<SmallTables<TArch>>(mm, ScenarioLayout.Address)));
        bool isDirty = TArch.IsTable(pmd)
            && TArch.IsDirty(new Pte(Cpu.ReadOnce(PageTables<SmallTables<TArch>>.EntryIn(mm, pmd, ScenarioLayout.Address, TArch.PageShift))));
        Cpu.BugOn(!TArch.IsTable(pmd) | ((written != 0) & !isDirty), "dirty-is-kept");
    }
}

/// <summary>
/// The first entry of a block is young and dirty, others lack one or both: a CPU that looks at its own entry alone faults, and the fault must set the flags there.
/// T94: where the handler asks the gathered value, it finds nothing to do, for ever.
/// </summary>
public static unsafe class FaultsOnBlock<TBlock, TTest>
    where TBlock : IBlockSize
    where TTest : INothingToDoTest
{
    private const ulong OldEntry = 1;

    private static ulong CleanEntry => TBlock.Entries - 1;

    /// <summary>A block of A, writable: its first entry is young and dirty, the second old and clean, the others young and clean.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.WithBlockOfA<TBlock>(arena, Arm64.MakeSharedPage(ScenarioLayout.LargeFolioA), isDirty: true);
        Pte* old = AddressSpace.FirstPte<Arm64>(mm, ScenarioLayout.Address) + OldEntry;
        *old = Arm64.MkOld(*old);
        return (nint)mm;
    }

    /// <summary>Stores to the last page, whose entry is clean.</summary>
    [Thread("writer")]
    public static ulong Store(AddressSpace* mm)
    {
        bool isDone = Cpu.UserStore<Arm64, Arm64SoftwareFlagsWalk>(mm, AddressOf(CleanEntry), UserAccess.OfUser);
        if (!isDone)
        {
            Fault(mm, CleanEntry, isWrite: true);
        }

        return isDone ? 1UL : 0;
    }

    /// <summary>Loads from the second page, whose entry is old.</summary>
    [Thread("reader")]
    public static ulong Load(AddressSpace* mm)
    {
        bool isDone = Cpu.UserLoad<Arm64, Arm64SoftwareFlagsWalk>(mm, AddressOf(OldEntry), out ulong value);
        if (!isDone)
        {
            Fault(mm, OldEntry, isWrite: false);
        }

        return value;
    }

    // Not the access again: a walk may still be one from before, so one more fault is nobody's mistake. But the entry must have what the access needs.
    private static void Fault(AddressSpace* mm, ulong entry, bool isWrite)
    {
        FaultResult result = FaultHandler<Arm64, ContiguousPtes<TBlock, PreciseRead<TBlock, FullGatherTest>, TTest>, ExactComparison, FirstWordCopy>.Handle(
            mm, AddressOf(entry), isWrite, RegionFlags.Read | RegionFlags.Write);
        Pte own = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<Arm64>(mm, ScenarioLayout.Address) + entry));
        bool isAllowed = Arm64.IsYoung(own) & (!isWrite | Arm64.IsHardwareDirty(own));
        Cpu.BugOn((result == FaultResult.Done) & !isAllowed, "entry-allows-access");
    }

    private static ulong AddressOf(ulong entry) => ScenarioLayout.Address + (entry << PhysicalMemory.PageShift);
}

/// <summary>A page that is made to fault keeps dirty, both when its permissions go and when the fault gives them back.</summary>
public static unsafe class StoreAgainstHint<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped, writable and clean; behind its table there is none.</summary>
    [Setup]
    public static nint Setup(Arena arena) => StoreAgainstReprotect<SmallTables<TArch>, THardware, TPtes>.Setup(arena);

    /// <summary>Stores, if need be after a fault.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm)
    {
        ulong isDone = UserAccess.Store<SmallTables<TArch>, THardware>(mm, ScenarioLayout.Address);
        if (isDone == 0)
        {
            TwoMissingFaults<SmallTables<TArch>, TPtes, ExactComparison>.Fault(mm, isWrite: true);
            Cpu.ReturnToUser();
            isDone = UserAccess.Store<SmallTables<TArch>, THardware>(mm, ScenarioLayout.Address);
        }

        return isDone;
    }

    /// <summary>Takes the permissions away, in a range that ends where there is no table.</summary>
    [Thread("hinter")]
    public static ulong Hint(AddressSpace* mm)
    {
        Protect<SmallTables<TArch>, TPtes>.NumaHint(mm, ScenarioLayout.Address, SmallTables<TArch>.PtrsPerTable + 1);
        return 0;
    }

    /// <summary>If something was stored, the entry is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong hinted) => UserAccess.CheckDirty<SmallTables<TArch>>(mm, stored);
}
