using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>The child that fork makes, with tables and nothing in them: before its parent, so that the parent's place tells the child's.</summary>
internal static unsafe class ChildSpace
{
    // Its own page and that of its top table, and the parent's scratch pages behind it.
    private const ulong Distance = 2 + 2;

    /// <summary>Makes a parent and its child.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="createParent">Makes the parent, with free pages for as many tables as it is told, for the child; something was pinned in it before.</param>
    internal static AddressSpace* Create<TArch>(Arena arena, Func<Arena, ulong, nint> createParent)
        where TArch : IArch
    {
        AddressSpace* child = AddressSpace.CreateEmpty<TArch>(arena);
        AddressSpace* mm = (AddressSpace*)createParent(arena, TArch.HasPud ? 3UL : 2);
        PageTables<TArch>.TryInstallTable(child, PageTables<TArch>.PmdAllocOrNull(child, ScenarioLayout.Address));
        mm->HasPinned = 1;
        arena.NameFields(child, "child->");
        arena.Name(&child->PageTableLock, sizeof(ulong), "child's page-table lock");
        return mm;
    }

    /// <summary>Shares the first pages with the child.</summary>
    /// <returns>Whether memory sufficed.</returns>
    internal static ulong Fork<TArch, TPtes, TBarrier>(AddressSpace* mm, ulong length)
        where TArch : IArch
        where TPtes : IPtes
        where TBarrier : IForkBarrier
    {
        AddressSpace* child = (AddressSpace*)((byte*)mm - (Distance * PhysicalMemory.PageSize));
        return Fork<TArch, TPtes, FirstWordCopy, TBarrier>.TryCopyRange(
            mm, child, ScenarioLayout.Address, length, RegionFlags.Read | RegionFlags.Write) ? 1UL : 0;
    }
}
