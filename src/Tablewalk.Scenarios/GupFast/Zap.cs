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
/// <item>The table is freed after a grace period, which every flush leaves to RCU: the irq-off section holds it back.</item>
/// </list>
/// </remarks>
public static unsafe class Zap<TArch, TFlush, TReference, TRecheck, TSection>
    where TArch : IArch
    where TFlush : ITlbFlush
    where TReference : IFolioReference
    where TRecheck : IRecheck<TArch>
    where TSection : IWalkSection
{
    /// <summary>A is mapped, and the mapping holds the only reference.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = AddressSpace.Create<TArch>(arena, ScenarioLayout.Address);
        arena.UseFolio(ScenarioLayout.PageA, 1, "A");
        *AddressSpace.FirstPte(mm, ScenarioLayout.Address) = TArch.MakeSharedPage(ScenarioLayout.PageA);
        return (nint)mm;
    }

    /// <summary>Pins the page.</summary>
    [Thread("walker")]
    public static ulong Walk(AddressSpace* mm)
    {
        bool pinned = GupFast<TArch, LocklessRead<TArch>, TReference, TRecheck, TSection>.TryGetPage(
            mm, ScenarioLayout.Address, write: false, out _);
        return pinned ? 1UL : 0;
    }

    /// <summary>Unmaps the page and the table.</summary>
    [Thread("zapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Pte* ptep = AddressSpace.FirstPte(mm, ScenarioLayout.Address);
        ulong* pmdp = AddressSpace.FirstPmdEntry(mm, ScenarioLayout.Address);
        bool isFree = Updaters.ZapRangeAndTable<TArch, TFlush, TakenAtOnce>(mm, ScenarioLayout.Address, ptep, 1, pmdp);
        return isFree ? 1UL : 0;
    }

    /// <summary>The page was not both pinned and freed: had the pin come first, the count would not have reached zero.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong pinned, ulong freed) =>
        Cpu.BugOn((pinned & freed) != 0, "no-pin-on-freed-page");
}
