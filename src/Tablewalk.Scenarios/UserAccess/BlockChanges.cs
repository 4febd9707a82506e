using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>A contiguous block is folded and unfolded by each of those who change entries, while user code stores to it.</summary>
internal static class BlockChanges
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "mmu/block",
            "user code stores to a contiguous block that is changed page by page",
            ["arm64"],
            [new("by", ["protect", "hint", "clean", "move", "age", "fork"]), new("change", ["exchange", "store"]), new("block", ["2", "4"])],
            ["no-write-lost"],
            Instantiate),
    ];

    private static Type Instantiate(ScenarioSelection selection)
    {
        Type block = Catalog.BlockOf(selection);
        Type ptes = typeof(ContiguousPtes<,,>).MakeGenericType(block, typeof(PreciseRead<,>).MakeGenericType(block, typeof(FullGatherTest)), typeof(EachEntryTest));
        (Type change, Type fault) = Catalog.Value(selection, "by") switch
        {
            "protect" => (typeof(ProtectBlock<,>), typeof(ClearByStore)),
            "hint" => (typeof(HintBlock<,>), typeof(ClearByStore)),
            "clean" => (typeof(CleanBlock<,>), typeof(ClearByStore)),
            "move" => (typeof(MoveBlock<,>), typeof(ClearByStore)),
            "age" => (typeof(AgeBlock<,>), typeof(AgeByStore)),
            "fork" => (typeof(ForkBlock<,>), typeof(LostDirty)),
            _ => throw Catalog.Unknown(selection, "by"),
        };
        ptes = Catalog.Value(selection, "change") switch
        {
            "exchange" => ptes,
            "store" => MemoryManagement.FaultyPtesOf(ptes, fault),
            _ => throw Catalog.Unknown(selection, "change"),
        };
        return selection.Claim == "no-write-lost"
            ? typeof(StoreAgainstBlockChange<,>).MakeGenericType(block, change.MakeGenericType(block, ptes))
            : throw Catalog.UnknownClaim(selection);
    }
}

/// <summary>Who changes a block.</summary>
public unsafe interface IBlockChange
{
    /// <summary>Does it.</summary>
    /// <returns>Whether it tells its caller that the block was dirty.</returns>
    static abstract bool Change(AddressSpace* mm);
}

/// <summary>mprotect, to the permissions there were: the block is unfolded at its first page and folded at its last.</summary>
public readonly unsafe struct ProtectBlock<TBlock, TPtes> : IBlockChange
    where TBlock : IBlockSize
    where TPtes : IPtes
{
    /// <inheritdoc/>
    public static bool Change(AddressSpace* mm)
    {
        Protect<Arm64, TPtes>.Range(mm, ScenarioLayout.Address, TBlock.Entries, RegionFlags.Read | RegionFlags.Write);
        return false;
    }
}

/// <summary>Hints for NUMA faults.</summary>
public readonly unsafe struct HintBlock<TBlock, TPtes> : IBlockChange
    where TBlock : IBlockSize
    where TPtes : IPtes
{
    /// <inheritdoc/>
    public static bool Change(AddressSpace* mm)
    {
        Protect<Arm64, TPtes>.NumaHint(mm, ScenarioLayout.Address, TBlock.Entries);
        return false;
    }
}

/// <summary>Making each page clean.</summary>
public readonly unsafe struct CleanBlock<TBlock, TPtes> : IBlockChange
    where TBlock : IBlockSize
    where TPtes : IPtes
{
    /// <inheritdoc/>
    public static bool Change(AddressSpace* mm)
    {
        bool wasDirty = false;
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            wasDirty |= Cleaning<Arm64, TPtes, WithNotice>.MkClean(mm, ScenarioLayout.Address + (i << PhysicalMemory.PageShift));
        }

        return wasDirty;
    }
}

/// <summary>mremap to the place behind, where the block is folded again.</summary>
public readonly unsafe struct MoveBlock<TBlock, TPtes> : IBlockChange
    where TBlock : IBlockSize
    where TPtes : IPtes
{
    /// <inheritdoc/>
    public static bool Change(AddressSpace* mm)
    {
        Move<Arm64, TPtes, FlushUnderLock>.Range(
            mm, ScenarioLayout.Address, ScenarioLayout.Address + Contpte<TBlock>.LengthBytes, Contpte<TBlock>.LengthBytes);
        return false;
    }
}

/// <summary>Ageing: the block stays folded.</summary>
public readonly unsafe struct AgeBlock<TBlock, TPtes> : IBlockChange
    where TBlock : IBlockSize
    where TPtes : IPtes
{
    /// <inheritdoc/>
    public static bool Change(AddressSpace* mm)
    {
        Cleaning<Arm64, TPtes, WithNotice>.ClearYoung(mm, ScenarioLayout.Address);
        return false;
    }
}

/// <summary>fork of the first page, which unfolds the block.</summary>
public readonly unsafe struct ForkBlock<TBlock, TPtes> : IBlockChange
    where TBlock : IBlockSize
    where TPtes : IPtes
{
    /// <inheritdoc/>
    public static bool Change(AddressSpace* mm)
    {
        ChildSpace.Fork<Arm64, TPtes, FullyOrderedFork>(mm, PhysicalMemory.PageSize);
        return false;
    }
}

/// <summary>Dirty that hardware sets in any entry of the block, for a store to any page of it, is not lost.</summary>
public static unsafe class StoreAgainstBlockChange<TBlock, TChange>
    where TBlock : IBlockSize
    where TChange : IBlockChange
{
    /// <summary>A block of A, writable, exclusive and clean. There is a child with tables, for fork.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ChildSpace.Create<Arm64>(arena, static (arena, tables) => (nint)ScenarioSpace.WithBlockOfA<TBlock>(
            arena, Arm64.MakeSharedPage(ScenarioLayout.LargeFolioA), isDirty: false, tables));
        for (ulong i = 0; i < TBlock.Entries; i++)
        {
            PhysicalMemory.PageOf(mm, ScenarioLayout.LargeFolioA + i)->Flags |= Folio.Anonymous | Folio.Exclusive;
        }

        return (nint)mm;
    }

    /// <summary>Stores to the first page.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<Arm64, Arm64HardwareWalk<ThroughAnyEntry<TBlock>>>(mm, ScenarioLayout.Address);

    /// <summary>Changes the block.</summary>
    [Thread("changer")]
    public static ulong Change(AddressSpace* mm) => TChange.Change(mm) ? 1UL : 0;

    /// <summary>If something was stored, the page is dirty where it is mapped, or whoever made it clean was told.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong told)
    {
        Pte* place = AddressSpace.FirstPte<Arm64>(mm, ScenarioLayout.Address);
        bool isDirty = Arm64.IsDirty(Contpte<TBlock>.PtepGet(place)) | Arm64.IsDirty(Contpte<TBlock>.PtepGet(place + TBlock.Entries));
        Cpu.BugOn((stored != 0) & (told == 0) & !isDirty, "no-write-lost");
    }
}
