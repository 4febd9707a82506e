using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>arm64 with larger pages.</summary>
internal static class Granules
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "mmu/granule",
            "user code stores to a page of a larger granule that is unmapped, freed and given to a new owner",
            ["arm64"],
            [new("granule", ["16K", "64K"]), new("flush", ["before-free", "after-free", "none"])],
            ["no-store-to-freed-page"],
            Instantiate),
    ];

    private static Type Instantiate(ScenarioSelection selection)
    {
        (Type arch, Type ptes) = Catalog.Value(selection, "granule") switch
        {
            "16K" => (typeof(Arm64<Granule16K>), typeof(ContiguousPtes<Block128Of16K, PreciseRead<Block128Of16K, FullGatherTest>, EachEntryTest>)),
            "64K" => (typeof(Arm64<Granule64K>), typeof(ContiguousPtes<Block32Of64K, PreciseRead<Block32Of64K, FullGatherTest>, EachEntryTest>)),
            _ => throw Catalog.Unknown(selection, "granule"),
        };
        return selection.Claim == "no-store-to-freed-page"
            ? typeof(StoreAgainstUnmapOfLargePage<,,>).MakeGenericType(arch, ptes, MemoryManagement.GatherOrderOf(selection))
            : throw Catalog.UnknownClaim(selection);
    }
}

/// <summary>As <see cref="StoreAgainstUnmap{TArch, THardware, TPtes, TOrder}"/>; a page is a part of a large folio.</summary>
public static unsafe class StoreAgainstUnmapOfLargePage<TArch, TPtes, TOrder>
    where TArch : IArch
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    // Tables are large folios too, and there are two.
    private const ulong Tables = 2;
    private const ulong PageA = ScenarioLayout.LargeFolioA + (Tables * PhysicalMemory.LargeFolioPages);

    /// <summary>A's first page of the granule's size is mapped, writable and dirty, and the mapping holds the folio's only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        arena.AllocatePages(1); // for the gather
        AddressSpace* mm = AddressSpace.CreateEmpty<TArch>(arena);
        FolioAllocator.Initialize(arena, 1, Tables + 1);
        ulong* pmdp = PageTables<TArch>.PmdAllocOrNull(mm, ScenarioLayout.Address);
        PageTables<TArch>.TryInstallTable(mm, pmdp);
        ScenarioSpace.TakeLargeFolioA(arena, mm, 1, Folio.Anonymous | Folio.Exclusive | Folio.Referenced);
        ulong* ptep = PageTables<TArch>.EntryIn(mm, new Pmd(*pmdp), ScenarioLayout.Address, TArch.PageShift);
        *ptep = TArch.MkDirty(TArch.MakeSharedPage(PageA)).Raw;
        arena.Name(ptep, sizeof(ulong), "PTE");
        arena.Name(ScenarioSpace.Word(mm, PageA), sizeof(ulong), "A[0]");
        return (nint)mm;
    }

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, Arm64HardwareWalk<ThroughTarget>>(mm, ScenarioLayout.Address);

    /// <summary>Unmaps the page.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, TOrder>.Range(mm, ScenarioLayout.Address, PageTables<TArch>.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>Takes the folio once it is free, and writes to it.</summary>
    [Thread("new owner")]
    public static ulong Own(AddressSpace* mm)
    {
        if (FolioAllocator.TryAllocate(mm, FolioAllocator.LargeZone) != PageA)
        {
            return 0;
        }

        Cpu.WriteOnce(ScenarioSpace.Word(mm, PageA), UserAccess.OfNewOwner);
        return 1;
    }

    /// <summary>What the new owner wrote is there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong unmapped, ulong owned) =>
        Cpu.BugOn((owned != 0) & (Cpu.ReadOnce(ScenarioSpace.Word(mm, PageA)) != UserAccess.OfNewOwner), "no-store-to-freed-page");
}
