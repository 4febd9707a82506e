using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>User code accesses pages whose entries are changed, moved or swapped out meanwhile.</summary>
internal static class Changing
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "mmu/protect",
            "user code stores to a page that mprotect makes read-only",
            MemoryManagement.Architectures,
            [new("flush", ["arch", "none"])],
            ["no-store-after-protect"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstProtect<,,>), selection, "no-store-after-protect",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, MemoryManagement.Flushes(selection)))),
        new(
            "mmu/protect-dirty",
            "user code stores to a clean page whose permissions mprotect sets anew",
            MemoryManagement.WordArchitectures,
            [new("clear", ["exchange", "store"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstReprotect<,,>), selection, "no-write-lost", MemoryManagement.HardwareOf(selection), ClearingOf(selection))),
        new(
            "mmu/clear-young",
            "user code stores to a clean page while it is aged",
            MemoryManagement.Architectures,
            [new("clear", ["exchange", "store"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstAging<,,>), selection, "no-write-lost", MemoryManagement.HardwareOf(selection), Catalog.Value(selection, "clear") switch
                {
                    "exchange" => MemoryManagement.PtesOf(selection, flushes: true),
                    "store" => MemoryManagement.FaultyPtesOf(MemoryManagement.PtesOf(selection, flushes: true), typeof(AgeByStore)),
                    _ => throw Catalog.Unknown(selection, "clear"),
                })),
        new(
            "mmu/drop-free",
            "user code stores to a clean page of MADV_FREE while reclaim drops it",
            MemoryManagement.WordArchitectures,
            [new("clear", ["exchange", "store"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstDrop<,,>), selection, "no-write-lost", MemoryManagement.HardwareOf(selection), ClearingOf(selection))),
        new(
            "mmu/swap-out",
            "user code stores to two pages that are swapped out in one batch",
            MemoryManagement.WordArchitectures,
            [new("flush", ["batch", "each", "none"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstSwapOut<,,,>), selection, "no-write-lost",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, flushes: true), Catalog.Value(selection, "flush") switch
                {
                    "batch" => typeof(FlushOfBatch),
                    "each" => typeof(FlushOfEach),
                    "none" => typeof(NoReclaimFlush),
                    _ => throw Catalog.Unknown(selection, "flush"),
                })),
        new(
            "mmu/unmap-range",
            "user code stores to the last page of a range of two tables that is unmapped and freed",
            MemoryManagement.WordArchitectures,
            [new("flush", ["before-free", "after-free", "none"])],
            ["no-store-to-freed-page"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstUnmapOfTables<,,,>), selection, "no-store-to-freed-page",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, flushes: true), MemoryManagement.GatherOrderOf(selection))),
        new(
            "mmu/move",
            "user code stores to a page that is moved by mremap, and unmapped at its new place",
            MemoryManagement.WordArchitectures,
            [new("flush", ["under-lock", "late"])],
            ["no-store-to-freed-page"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstMove<,,,>), selection, "no-store-to-freed-page",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, flushes: true), MoveFlushOf(selection))),
        new(
            "mmu/move-table",
            "user code stores to a page whose table is moved whole by mremap, and which is unmapped at its new place",
            MemoryManagement.WordArchitectures,
            [new("flush", ["under-lock", "late"])],
            ["no-store-to-freed-page"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstMoveOfTable<,,,>), selection, "no-store-to-freed-page",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, flushes: true), MoveFlushOf(selection))),
    ];

    internal static Type ClearingOf(ScenarioSelection selection) => Catalog.Value(selection, "clear") switch
    {
        "exchange" => MemoryManagement.PtesOf(selection, flushes: true),
        "store" => MemoryManagement.FaultyPtesOf(MemoryManagement.PtesOf(selection, flushes: true), typeof(ClearByStore)),
        _ => throw Catalog.Unknown(selection, "clear"),
    };

    private static Type MoveFlushOf(ScenarioSelection selection) => Catalog.Value(selection, "flush") switch
    {
        "under-lock" => typeof(FlushUnderLock),
        "late" => typeof(FlushAfterMove),
        _ => throw Catalog.Unknown(selection, "flush"),
    };
}

/// <summary>When mprotect has returned nobody stores any more: what it sees of the page stays.</summary>
public static unsafe class StoreAgainstProtect<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped, writable and dirty.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)UserAccess.Setup<TArch>(
        arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive);

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Makes the page read-only, and looks at it.</summary>
    [Thread("mprotect")]
    public static ulong Protect(AddressSpace* mm)
    {
        Protect<TArch, TPtes>.Range(mm, ScenarioLayout.Address, 1, RegionFlags.Read);
        return Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA));
    }

    /// <summary>What was seen is still there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong seen) =>
        Cpu.BugOn(Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != seen, "no-store-after-protect");
}

/// <summary>Dirty that the hardware sets while the permissions are changed is in the entry in the end.</summary>
public static unsafe class StoreAgainstReprotect<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped, writable and clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)UserAccess.Setup<TArch>(
        arena, TArch.MakeSharedPage(ScenarioLayout.PageA), Folio.Anonymous | Folio.Exclusive);

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Sets the permissions that there were.</summary>
    [Thread("mprotect")]
    public static ulong Protect(AddressSpace* mm)
    {
        Protect<TArch, TPtes>.Range(mm, ScenarioLayout.Address, 1, RegionFlags.Read | RegionFlags.Write);
        return 0;
    }

    /// <summary>If something was stored, the entry is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong isProtected) => UserAccess.CheckDirty<TArch>(mm, stored);
}

/// <summary>Dirty that the hardware sets while accessed is taken away stays.</summary>
public static unsafe class StoreAgainstAging<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped, writable and clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) => StoreAgainstReprotect<TArch, THardware, TPtes>.Setup(arena);

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Ages the page.</summary>
    [Thread("ageing")]
    public static ulong Age(AddressSpace* mm) => Cleaning<TArch, TPtes, WithNotice>.ClearYoung(mm, ScenarioLayout.Address) ? 1UL : 0;

    /// <summary>If something was stored, the entry is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong wasYoung) => UserAccess.CheckDirty<TArch>(mm, stored);
}

/// <summary>A page that was stored to before its entry went is kept.</summary>
public static unsafe class StoreAgainstDrop<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped, clean and may be dropped.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)UserAccess.Setup<TArch>(
        arena, TArch.MakeSharedPage(ScenarioLayout.PageA), Folio.Anonymous | Folio.Exclusive | Folio.LazyFree | Folio.Referenced);

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Drops the page.</summary>
    [Thread("reclaim")]
    public static ulong Drop(AddressSpace* mm) => Reclaim<TArch, TPtes>.TryDropLazyFree<FullShareBarrier>(mm, ScenarioLayout.Address) ? 1UL : 0;

    /// <summary>The page was not both stored to and dropped.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong dropped) => Cpu.BugOn((stored & dropped) != 0, "no-write-lost");
}

/// <summary>Pages are written to swap when no CPU stores to them any more: one flush for the batch, before the first is copied.</summary>
public static unsafe class StoreAgainstSwapOut<TArch, THardware, TPtes, TFlush>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TFlush : IReclaimFlush
{
    /// <summary>A and its neighbour are mapped, writable and dirty; there are two slots.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        const ulong flags = Folio.Anonymous | Folio.Exclusive | Folio.Referenced;
        SwapArea.Initialize(arena, 2);
        AddressSpace* mm = UserAccess.Setup<TArch>(arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), flags);
        ScenarioSpace.MapPage<TArch>(arena, mm, 1, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA + 1)), flags, "other");
        return (nint)mm;
    }

    /// <summary>Stores to A.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Swaps both out.</summary>
    [Thread("reclaim")]
    public static ulong SwapOut(AddressSpace* mm) => Reclaim<TArch, TPtes>.SwapOut<FirstWordCopy, FullShareBarrier, TFlush>(
        mm, ScenarioLayout.Address, 2, ScenarioSpace.Scratch(mm, 1));

    /// <summary>What was stored is in the slot.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong swapped) =>
        Cpu.BugOn((stored != 0) & (swapped == 2) & (Cpu.ReadOnce((ulong*)SwapArea.PageOf(mm, 1)) != UserAccess.OfUser), "no-write-lost");
}

/// <summary>Two tables are emptied under one gather: the flush comes before the first page is freed.</summary>
public static unsafe class StoreAgainstUnmapOfTables<TArch, THardware, TPtes, TOrder>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    private static ulong SecondTable => ScenarioLayout.Address + PageTables<SmallTables<TArch>>.PmdSize;

    /// <summary>A is mapped by the second of two tables, and a neighbour by the last entry of the first.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        const ulong flags = Folio.Anonymous | Folio.Exclusive | Folio.Referenced;
        AddressSpace* mm = ScenarioSpace.Create<SmallTables<TArch>>(arena, freePages: 1);
        ScenarioSpace.MapPage<SmallTables<TArch>>(arena, mm, 1, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA + 1)), flags, "other");
        ScenarioSpace.MapPageElsewhere<SmallTables<TArch>>(arena, mm, SecondTable, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), flags, "A");
        arena.Name(ScenarioSpace.Word(mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return (nint)mm;
    }

    /// <summary>Stores to A.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<SmallTables<TArch>, THardware>(mm, SecondTable);

    /// <summary>Unmaps both.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<SmallTables<TArch>, TPtes, TOrder>.Range(
            mm, SecondTable - PhysicalMemory.PageSize, 2 * PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>Takes the page once it is free, and writes to it.</summary>
    [Thread("new owner")]
    public static ulong Own(AddressSpace* mm) => UserAccess.OwnA(mm);

    /// <summary>What the new owner wrote is there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong unmapped, ulong owned) => UserAccess.CheckOwned(mm, owned);
}

/// <summary>
/// A page is moved, and somebody who does not ask for the regions' lock unmaps it at its new place, flushes there, and frees it. A translation of the old place
/// must be gone by then: CVE-2018-18281.
/// </summary>
public static unsafe class StoreAgainstMove<TArch, THardware, TPtes, TFlush>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TFlush : IMoveFlush
{
    private const ulong NewAddress = ScenarioLayout.Address + PhysicalMemory.PageSize;

    /// <summary>A is mapped, writable and dirty.</summary>
    [Setup]
    public static nint Setup(Arena arena) => StoreAgainstProtect<TArch, THardware, TPtes>.Setup(arena);

    /// <summary>Stores to the old place.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Moves the page.</summary>
    [Thread("mremap")]
    public static ulong Move(AddressSpace* mm) => Move<TArch, TPtes, TFlush>.Range(mm, ScenarioLayout.Address, NewAddress, PhysicalMemory.PageSize);

    /// <summary>Unmaps what is at the new place, takes the page if it is free by then, and writes to it. LINUX: truncation does so.</summary>
    [Thread("truncate")]
    public static ulong Truncate(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, FlushThenFree>.Range(mm, NewAddress, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return UserAccess.OwnA(mm);
    }

    /// <summary>What the new owner wrote is there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong moved, ulong owned) => UserAccess.CheckOwned(mm, owned);
}

/// <summary>The same with a whole table: the PMD entry goes, and with it what walk caches have of it.</summary>
public static unsafe class StoreAgainstMoveOfTable<TArch, THardware, TPtes, TFlush>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TFlush : IMoveFlush
{
    private static ulong NewAddress => ScenarioLayout.Address + PageTables<SmallTables<TArch>>.PmdSize;

    /// <summary>A is mapped, writable and dirty; nothing is at the next PMD entry.</summary>
    [Setup]
    public static nint Setup(Arena arena) => StoreAgainstProtect<SmallTables<TArch>, THardware, TPtes>.Setup(arena);

    /// <summary>Stores to the old place.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<SmallTables<TArch>, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Moves the table.</summary>
    [Thread("mremap")]
    public static ulong Move(AddressSpace* mm) => Move<SmallTables<TArch>, TPtes, TFlush>.Range(
        mm, ScenarioLayout.Address, NewAddress, PageTables<SmallTables<TArch>>.PmdSize);

    /// <summary>Unmaps what is at the new place, takes the page if it is free by then, and writes to it.</summary>
    [Thread("truncate")]
    public static ulong Truncate(AddressSpace* mm)
    {
        Unmap<SmallTables<TArch>, TPtes, FlushThenFree>.Range(mm, NewAddress, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return UserAccess.OwnA(mm);
    }

    /// <summary>What the new owner wrote is there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong moved, ulong owned) => UserAccess.CheckOwned(mm, owned);
}
