using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// GUP-fast pins a page to read it, while reclaim makes it shared and puts a swap entry in its place. A pin on a page that became shared would not see what this
/// address space writes later: G5.
/// </summary>
/// <remarks>
/// Clear the entry, barrier, look for pins; pin, barrier, look at the entry: one side must see the other. Without reclaim's barrier arm64 lets both miss, unless
/// the flush of each page stands there; x86's exchange is a barrier of its own.
/// </remarks>
public static unsafe class PinAgainstSwapOut<TArch, TPtes, TBarrier, TFlush>
    where TArch : IArch
    where TPtes : IPtes
    where TBarrier : IShareBarrier
    where TFlush : IReclaimFlush
{
    /// <summary>A is mapped writable and exclusive; there is one swap slot.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        SwapArea.Initialize(arena, 1);
        return (nint)ScenarioSpace.WithPageA<TArch>(
            arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive | Folio.Referenced);
    }

    /// <summary>Pins the page.</summary>
    [Thread("walker")]
    public static ulong Pin(AddressSpace* mm) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckPte<TArch, LocklessRead<TArch>>, IrqOffSection>.GetPages(
            mm, ScenarioLayout.Address, 1, GupFlags.Pin, ScenarioSpace.Scratch(mm, 0));

    /// <summary>Swaps it out.</summary>
    [Thread("reclaim")]
    public static ulong SwapOut(AddressSpace* mm) =>
        Reclaim<TArch, TPtes>.SwapOut<FirstWordCopy, TBarrier, TFlush>(mm, ScenarioLayout.Address, 1, ScenarioSpace.Scratch(mm, 1));

    /// <summary>The page is not both pinned and swapped out.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong swapped) => Cpu.BugOn((pinned & swapped) != 0, "no-pin-on-shared-page");
}

/// <summary>GUP-fast takes a reference to write to a page of MADV_FREE, while reclaim drops it.</summary>
/// <remarks>The same shape: clear the entry, barrier, read the count; add to the count, fully ordered, read the entry.</remarks>
public static unsafe class ReferenceAgainstDrop<TArch, TPtes, TBarrier, TReference>
    where TArch : IArch
    where TPtes : IPtes
    where TBarrier : IShareBarrier
    where TReference : IFolioReference
{
    /// <summary>A is mapped, clean and may be dropped.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.WithPageA<TArch>(
        arena, TArch.MakeSharedPage(ScenarioLayout.PageA), Folio.Anonymous | Folio.Exclusive | Folio.LazyFree | Folio.Referenced);

    /// <summary>Takes a reference.</summary>
    [Thread("walker")]
    public static ulong Get(AddressSpace* mm) =>
        GupFast<TArch, LocklessRead<TArch>, TReference, RecheckPte<TArch, LocklessRead<TArch>>, IrqOffSection>.TryGetOne(
            mm, ScenarioLayout.Address, isWrite: true, out _, out _) ? 1UL : 0;

    /// <summary>Drops the page.</summary>
    [Thread("reclaim")]
    public static ulong Drop(AddressSpace* mm) => Reclaim<TArch, TPtes>.TryDropLazyFree<TBarrier>(mm, ScenarioLayout.Address) ? 1UL : 0;

    /// <summary>The page is not both referenced and dropped.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong got, ulong dropped) => Cpu.BugOn((got & dropped) != 0, "no-reference-on-dropped-page");
}

/// <summary>GUP-fast pins a page to write to it, while fork makes it shared with a child. D4.</summary>
/// <remarks>
/// Fork makes the counter odd and reads the pins; GUP-fast pins and reads the counter. Fork's lock is an acquire: on arm64 its load of the count may be
/// satisfied before the counter's store is seen.
/// </remarks>
public static unsafe class PinAgainstFork<TArch, TPtes, TBarrier>
    where TArch : IArch
    where TPtes : IPtes
    where TBarrier : IForkBarrier
{
    /// <summary>A is mapped writable and exclusive; something was pinned before. The child has tables and no page; there is one for a copy.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ChildSpace.Create<TArch>(arena, static (arena, tables) => (nint)ScenarioSpace.WithPageA<TArch>(
        arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive | Folio.Referenced, tables + 1));

    /// <summary>Pins the page.</summary>
    [Thread("walker")]
    public static ulong Pin(AddressSpace* mm) =>
        GupFast<TArch, LocklessRead<TArch>, FullReference, RecheckPte<TArch, LocklessRead<TArch>>, IrqOffSection>.GetPages(
            mm, ScenarioLayout.Address, 1, GupFlags.Pin | GupFlags.Write, ScenarioSpace.Scratch(mm, 0));

    /// <summary>Shares it with the child.</summary>
    [Thread("fork")]
    public static ulong Copy(AddressSpace* mm) => ChildSpace.Fork<TArch, TPtes, TBarrier>(mm, PhysicalMemory.PageSize);

    /// <summary>A pinned page is exclusive.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong copied)
    {
        ulong flags = Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, ScenarioLayout.PageA)->Flags);
        Cpu.BugOn((pinned != 0) & ((flags & Folio.Exclusive) == 0), "no-pin-on-shared-page");
    }
}

/// <summary>The size of a mapping is looked up, without any lock, while its table is unlinked and freed.</summary>
public static unsafe class WalkAgainstFreeTables<TArch, TPtes, TOrder, TSection>
    where TArch : IArch
    where TPtes : IPtes
    where TOrder : IGatherOrder
    where TSection : IWalkSection
{
    /// <summary>A table in which nothing is mapped.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.Create<TArch>(arena);

    /// <summary>Looks.</summary>
    [Thread("walker")]
    public static ulong Look(AddressSpace* mm) => PageSizeWalk<TArch, TPtes, LocklessRead<TArch>, TSection>.SizeOf(mm, ScenarioLayout.Address);

    /// <summary>Frees.</summary>
    [Thread("unmapper")]
    public static ulong Free(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, TOrder>.RangeAndTables(
            mm, ScenarioLayout.Address, PhysicalMemory.PageSize, 0, ulong.MaxValue, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 1;
    }

    /// <summary>Waits for the grace period.</summary>
    [Thread("rcu")]
    public static ulong FreeDeferred(AddressSpace* mm) => DeferredFrees.Free(mm);
}
