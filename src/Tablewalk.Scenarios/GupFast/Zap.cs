using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>A page is unmapped and freed, and its table with it, while GUP-fast pins the page. A new owner takes the page at once.</summary>
/// <remarks>
/// A pin on the freed page is one that was taken after the new owner's reference made the count nonzero again, through an entry read before.
/// <list type="bullet">
/// <item>Flush by broadcast waits for nobody, so without a re-check such a pin stays. With one, the full reference comes before it and the clear before
/// the count's way to zero: the entry is seen cleared.</item>
/// <item>A relaxed reference leaves the second load of the entry free to be satisfied before the first look at the count, when the page was
/// still mapped. Only a model that reorders loads, arm64's, has such executions; on x86 loads stay in order and the exchange is locked.</item>
/// <item>Flush by IPI holds even with no re-check: the walk's irq-off section is over before the flush ends, and then its reference was taken while the
/// mapping still held its own; or it begins after the clear and sees that.</item>
/// <item>The table is freed after a grace period, for which a thread of its own waits: the irq-off section holds it back.</item>
/// </list>
/// </remarks>
public static unsafe class Zap<TArch, TPtes, TReference, TRecheck, TSection>
    where TArch : IArch
    where TPtes : IPtes
    where TReference : IFolioReference
    where TRecheck : IRecheck<TArch>
    where TSection : IWalkSection
{
    /// <summary>A is mapped, and the mapping holds the only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)ScenarioSpace.WithPageA<TArch>(
        arena, TArch.MakeSharedPage(ScenarioLayout.PageA), Folio.Anonymous | Folio.Exclusive | Folio.Referenced);

    /// <summary>Takes a reference on the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) =>
        GupFast<TArch, LocklessRead<TArch>, TReference, TRecheck, TSection>.TryGetOne(mm, ScenarioLayout.Address, isWrite: false, out _, out _) ? 1UL : 0;

    /// <summary>Unmaps the page and the table, and takes the page for itself if it is free by then.</summary>
    [Thread("zapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        UnmapWithTable(mm);
        return FolioAllocator.TryAllocate(mm, FolioAllocator.SingleZone) == ScenarioLayout.PageA ? 1UL : 0;
    }

    /// <summary>The page was not both pinned and freed: had the reference come first, the count would not have reached zero.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong owned) => Cpu.BugOn((pinned & owned) != 0, "no-pin-on-freed-page");

    internal static void UnmapWithTable(AddressSpace* mm) =>
        Unmap<TArch, TPtes, FlushThenFree>.RangeAndTables(
            mm, ScenarioLayout.Address, PhysicalMemory.PageSize, 0, ulong.MaxValue, (Gather*)ScenarioSpace.Scratch(mm, 0));
}

/// <summary>The same, but about the table: whoever still walks it reads entries, and no poison.</summary>
public static unsafe class ZapTable<TArch, TPtes, TReference, TRecheck, TSection>
    where TArch : IArch
    where TPtes : IPtes
    where TReference : IFolioReference
    where TRecheck : IRecheck<TArch>
    where TSection : IWalkSection
{
    /// <summary>A is mapped, and the mapping holds the only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena) => Zap<TArch, TPtes, TReference, TRecheck, TSection>.Setup(arena);

    /// <summary>Takes a reference on the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm) => Zap<TArch, TPtes, TReference, TRecheck, TSection>.Walk(mm);

    /// <summary>Unmaps the page and the table.</summary>
    [Thread("zapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Zap<TArch, TPtes, TReference, TRecheck, TSection>.UnmapWithTable(mm);
        return 0;
    }

    /// <summary>Frees the table.</summary>
    [Thread("rcu")]
    public static ulong FreeDeferred(AddressSpace* mm) => DeferredFrees.Free(mm);
}
