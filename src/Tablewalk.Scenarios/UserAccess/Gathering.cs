using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>What is gathered and collected: dirty, pages of files, several tables, and what two gathers find of each other.</summary>
internal static class Gathering
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "mmu/collect-dirty",
            "user code stores to a page while dirty is collected",
            MemoryManagement.WordArchitectures,
            [new("flush", ["arch", "none"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(CollectAgainstStore<,,,>), selection, "no-write-lost",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, MemoryManagement.Flushes(selection)), typeof(WithNotice))),
        new(
            "mmu/unmap-shared",
            "user code stores to a page of a file that is unmapped, and written out once nobody maps it",
            MemoryManagement.WordArchitectures,
            [new("flush", ["arch", "none"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstUnmapOfFile<,,>), selection, "no-write-lost",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, MemoryManagement.Flushes(selection)))),
        new(
            "mmu/discard-twice",
            "user code stores to a page that two threads discard",
            MemoryManagement.WordArchitectures,
            [new("flush", ["everything", "own"])],
            ["no-store-after-discard"],
            static selection => MemoryManagement.Close(
                typeof(StoreAgainstTwoDiscards<,,,>), selection, "no-store-after-discard",
                MemoryManagement.HardwareOf(selection), MemoryManagement.PtesOf(selection, flushes: true), Catalog.Value(selection, "flush") switch
                {
                    "everything" => typeof(FlushThenFree),
                    "own" => typeof(FlushOwnOnly),
                    _ => throw Catalog.Unknown(selection, "flush"),
                })),
        new(
            "walk/free-tables",
            "the size of a mapping is looked up while its table and the one before are freed together",
            MemoryManagement.WordArchitectures,
            [new("free", ["grace-period", "at-once"])],
            ["no-freed-table-read"],
            static selection => MemoryManagement.Close(
                typeof(WalkAgainstFreeOfTwoTables<,,>), selection, "no-freed-table-read",
                MemoryManagement.PtesOf(selection, flushes: true), MemoryManagement.TableFreeOf(selection))),
        new(
            "walk/translate",
            "an address is translated while its table is unlinked and freed",
            MemoryManagement.Architectures,
            [new("section", ["irq-off", "rcu", "none"])],
            ["no-freed-table-read"],
            static selection => MemoryManagement.Close(
                typeof(TranslateAgainstFreeTables<,,>), selection, "no-freed-table-read",
                MemoryManagement.PtesOf(selection, flushes: true), MemoryManagement.SectionOf(selection))),
    ];
}

/// <summary>Dirty is collected from the entry and from the page's flag, and the page copied, as live migration does.</summary>
public static unsafe class CollectAgainstStore<TArch, THardware, TPtes, TNotice>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TNotice : INotice
{
    /// <summary>A is mapped, writable and dirty.</summary>
    [Setup]
    public static nint Setup(Arena arena) => StoreAgainstProtect<TArch, THardware, TPtes>.Setup(arena);

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Collects, and copies the page.</summary>
    [Thread("collector")]
    public static ulong Collect(AddressSpace* mm)
    {
        Cleaning<TArch, TPtes, TNotice>.CollectDirty(mm, ScenarioLayout.Address);
        return Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA));
    }

    /// <summary>The copy is the page, or the page is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong copy)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        bool isDirty = TArch.IsDirty(pte) | ((Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, ScenarioLayout.PageA)->Flags) & Folio.Dirty) != 0);
        Cpu.BugOn((Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != copy) & !isDirty, "no-write-lost");
    }
}

/// <summary>Who finds a file's page unmapped may take it for written to no more: the flush comes before the count of mappings says so.</summary>
public static unsafe class StoreAgainstUnmapOfFile<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped, writable and dirty, and its file holds it too.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = UserAccess.Setup<TArch>(arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Referenced);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Refcount = 2;
        return (nint)mm;
    }

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Unmaps the page.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, FlushThenFree>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>Writes the page out if it is dirty and nobody maps it.</summary>
    /// <returns>Whether it did, and what it wrote, less one.</returns>
    [Thread("writeback")]
    public static ulong WriteOut(AddressSpace* mm)
    {
        Folio* folio = PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA);
        return Cpu.LoadAcquire(&folio->Mapcount) == 0 && (Cpu.FetchAnd(&folio->Flags, ~Folio.Dirty) & Folio.Dirty) != 0
            ? 1 + Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) : 0;
    }

    /// <summary>What was written out is what is there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong unmapped, ulong written) =>
        Cpu.BugOn((written != 0) & (1 + Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != written), "no-write-lost");
}

/// <summary>
/// The second finds the entry empty and has nothing to flush of its own; but when it has returned nobody may store to the page any more. LINUX: mm_tlb_flush_nested.
/// </summary>
public static unsafe class StoreAgainstTwoDiscards<TArch, THardware, TPtes, TOrder>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    /// <summary>A is mapped, writable and dirty, and also somebody else's, so it stays.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = (AddressSpace*)StoreAgainstProtect<TArch, THardware, TPtes>.Setup(arena);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Refcount = 2;
        return (nint)mm;
    }

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Discards.</summary>
    [Thread("discarder")]
    public static ulong Discard(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, TOrder>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>Discards, and looks at the page.</summary>
    [Thread("discarder too")]
    public static ulong DiscardAndLook(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, TOrder>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 1));
        return Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA));
    }

    /// <summary>What was seen is still there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong discarded, ulong seen) =>
        Cpu.BugOn(Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != seen, "no-store-after-discard");
}

/// <summary>Two tables go into one batch; a walk of the second holds both back.</summary>
public static unsafe class WalkAgainstFreeOfTwoTables<TArch, TPtes, TOrder>
    where TArch : IArch
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    private static ulong SecondTable => ScenarioLayout.Address + PageTables<SmallTables<TArch>>.PmdSize;

    /// <summary>Two tables in which nothing is mapped.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.Create<SmallTables<TArch>>(arena, freePages: 1);
        PageTables<SmallTables<TArch>>.TryInstallTable(mm, PageTables<SmallTables<TArch>>.PmdAllocOrNull(mm, SecondTable));
        return (nint)mm;
    }

    /// <summary>Looks.</summary>
    [Thread("walker")]
    public static ulong Look(AddressSpace* mm) => PageSizeWalk<SmallTables<TArch>, TPtes, LocklessRead<TArch>, RcuReadSection>.SizeOf(mm, SecondTable);

    /// <summary>Frees both.</summary>
    [Thread("unmapper")]
    public static ulong Free(AddressSpace* mm)
    {
        Unmap<SmallTables<TArch>, TPtes, TOrder>.RangeAndTables(
            mm, ScenarioLayout.Address, 2 * PageTables<SmallTables<TArch>>.PmdSize, 0, ulong.MaxValue, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 1;
    }

    /// <summary>Waits for the grace period.</summary>
    [Thread("rcu")]
    public static ulong FreeDeferred(AddressSpace* mm) => DeferredFrees.Free(mm);
}

/// <summary>A translation takes no reference, but it must not read a table that was freed.</summary>
public static unsafe class TranslateAgainstFreeTables<TArch, TPtes, TSection>
    where TArch : IArch
    where TPtes : IPtes
    where TSection : IWalkSection
{
    /// <summary>A table in which nothing is mapped.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.Create<TArch>(arena);

    /// <summary>Translates.</summary>
    [Thread("walker")]
    public static ulong Translate(AddressSpace* mm)
    {
        Pte pte = LocklessWalk<TArch>.Lookup<TSection>(mm, ScenarioLayout.Address);
        Cpu.BugOn((uint)pte.Raw == (uint)(Cpu.PoisonPattern & uint.MaxValue), "no-freed-table-read");
        return TArch.IsPresent(pte) ? 1UL : 0;
    }

    /// <summary>Frees the table.</summary>
    [Thread("unmapper")]
    public static ulong Free(AddressSpace* mm) => WalkAgainstFreeTables<TArch, TPtes, FlushThenFree, TSection>.Free(mm);

    /// <summary>Waits for the grace period.</summary>
    [Thread("rcu")]
    public static ulong FreeDeferred(AddressSpace* mm) => DeferredFrees.Free(mm);
}
