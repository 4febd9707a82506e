using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>What the scenarios about accesses of user code share: page A is mapped, and its first word is accessed through the MMU.</summary>
internal static unsafe class UserAccess
{
    /// <summary>What a new owner of the page writes there.</summary>
    internal const ulong OfNewOwner = 7;

    /// <summary>What user code writes.</summary>
    internal const ulong OfUser = 1;

    internal static AddressSpace* Setup<TArch>(Arena arena, Pte entry, ulong flags)
        where TArch : IArch
    {
        AddressSpace* mm = ScenarioSpace.WithPageA<TArch>(arena, entry, flags);
        arena.Name(ScenarioSpace.Word(mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return mm;
    }

    /// <summary>A store by user code.</summary>
    /// <returns>Whether it did not fault.</returns>
    internal static ulong Store<TArch, THardware>(AddressSpace* mm, ulong address)
        where TArch : IArch
        where THardware : IHardwareWalk => Cpu.UserStore<TArch, THardware>(mm, address, OfUser) ? 1UL : 0;

    /// <summary>Takes page A if it is free, and writes to it.</summary>
    internal static ulong OwnA(AddressSpace* mm) =>
        OwnAndWrite(mm, ScenarioLayout.PageA, ScenarioSpace.Word(mm, ScenarioLayout.PageA), OfNewOwner);

    /// <summary>What the new owner of page A wrote is there.</summary>
    internal static void CheckOwned(AddressSpace* mm, ulong owned) =>
        Cpu.BugOn((owned != 0) & (Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != OfNewOwner), "no-store-to-freed-page");

    /// <summary>If something was stored, the first entry is dirty.</summary>
    internal static void CheckDirty<TArch>(AddressSpace* mm, ulong stored)
        where TArch : IArch
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        Cpu.BugOn((stored != 0) & !TArch.IsDirty(pte), "no-write-lost");
    }

    /// <summary>Takes a page if it is the one that was freed last, and writes there.</summary>
    internal static ulong OwnAndWrite(AddressSpace* mm, ulong pfn, ulong* place, ulong value)
    {
        if (FolioAllocator.TryAllocate(mm, FolioAllocator.SingleZone) != pfn)
        {
            return 0;
        }

        Cpu.WriteOnce(place, value);
        return 1;
    }
}

/// <summary>User code stores to a page while it is unmapped and freed; a new owner writes there at once.</summary>
/// <remarks>
/// The entry is cleared, but a TLB may still have it, dirty as it was: such a store asks nobody. The flush waits for it. Freed before the flush, the
/// page gets the store after its new owner's. Under sc there is no TLB, and the flush is not missed.
/// </remarks>
public static unsafe class StoreAgainstUnmap<TArch, THardware, TPtes, TOrder>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    /// <summary>A is mapped, writable and dirty.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)UserAccess.Setup<TArch>(
        arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive);

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Unmaps the page.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, TOrder>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>Takes the page once it is free, and writes to it.</summary>
    [Thread("new owner")]
    public static ulong Own(AddressSpace* mm) => UserAccess.OwnA(mm);

    /// <summary>What the new owner wrote is there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong unmapped, ulong owned) => UserAccess.CheckOwned(mm, owned);
}

/// <summary>User code loads from a page while it is unmapped and freed; a new owner writes there at once.</summary>
public static unsafe class LoadAgainstUnmap<TArch, THardware, TPtes, TOrder>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    /// <summary>A is mapped.</summary>
    [Setup]
    public static nint Setup(Arena arena) => StoreAgainstUnmap<TArch, THardware, TPtes, TOrder>.Setup(arena);

    /// <summary>Loads.</summary>
    [Thread("user")]
    public static ulong Load(AddressSpace* mm)
    {
        bool isAllowed = Cpu.UserLoad<TArch, THardware>(mm, ScenarioLayout.Address, out ulong value);
        Cpu.BugOn(isAllowed && value == UserAccess.OfNewOwner, "no-load-from-freed-page");
        return value;
    }

    /// <summary>Unmaps the page.</summary>
    [Thread("unmapper")]
    public static ulong Unmap(AddressSpace* mm) => StoreAgainstUnmap<TArch, THardware, TPtes, TOrder>.Unmap(mm);

    /// <summary>Takes the page once it is free, and writes to it.</summary>
    [Thread("new owner")]
    public static ulong Own(AddressSpace* mm) => StoreAgainstUnmap<TArch, THardware, TPtes, TOrder>.Own(mm);
}

/// <summary>User code stores to a page while it is made clean to be written out.</summary>
/// <remarks>A store comes before the copy, or its entry says dirty again. The flush makes it so: after it no store goes by the dirty entry that a TLB had.</remarks>
public static unsafe class StoreAgainstMkClean<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped, writable and dirty.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)UserAccess.Setup<TArch>(arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), 0);

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Makes the page clean and copies it.</summary>
    [Thread("writeback")]
    public static ulong WriteOut(AddressSpace* mm)
    {
        Cleaning<TArch, TPtes, WithoutNotice>.MkClean(mm, ScenarioLayout.Address);
        return Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA));
    }

    /// <summary>The copy is the page, or the page is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong copy)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        bool differs = Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != copy;
        Cpu.BugOn(differs & !TArch.IsDirty(pte), "no-write-lost");
    }
}

/// <summary>User code of the parent stores to a page while fork shares it with a child.</summary>
/// <remarks>
/// Fork takes write permission away without a flush of its own for each page, so stores go on by what TLBs have; when it returns they must not, as the child
/// then has what was there. A store that comes too late faults, and the page is copied for it.
/// </remarks>
public static unsafe class StoreAgainstFork<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>As for <see cref="PinAgainstFork{TArch, TPtes, TBarrier}"/>: A is mapped writable and exclusive.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        nint mm = PinAgainstFork<TArch, TPtes, FullyOrderedFork>.Setup(arena);
        arena.Name(ScenarioSpace.Word((AddressSpace*)mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return mm;
    }

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Shares the page with the child, which reads it.</summary>
    [Thread("fork")]
    public static ulong Copy(AddressSpace* mm)
    {
        PinAgainstFork<TArch, TPtes, FullyOrderedFork>.Copy(mm);
        return Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA));
    }

    /// <summary>What the child read is still there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong seen) =>
        Cpu.BugOn(Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != seen, "no-store-to-shared-page");
}

/// <summary>The same for a whole table, in which one page is mapped and another one is out.</summary>
public static unsafe class StoreAgainstForkOfTable<TArch, THardware, TPtes>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
{
    /// <summary>A is mapped writable and exclusive; the other entry names a slot.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        SwapArea.Initialize(arena, 1);
        AddressSpace* mm = ChildSpace.Create<SmallTables<TArch>>(arena, static (arena, tables) => (nint)ScenarioSpace.WithPageA<SmallTables<TArch>>(
            arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive | Folio.Referenced, tables));
        mm->HasPinned = 0;
        ulong slot = SwapArea.TryAllocate(mm);
        SwapArea.End(mm, slot, 0);
        AddressSpace.FirstPte<SmallTables<TArch>>(mm, ScenarioLayout.Address)[1] = SwapEntry.Make<TArch>(slot, isExclusive: true);
        arena.Name(ScenarioSpace.Word(mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return (nint)mm;
    }

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<SmallTables<TArch>, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Shares the table's pages with the child, which reads the first.</summary>
    [Thread("fork")]
    public static ulong Copy(AddressSpace* mm)
    {
        ChildSpace.Fork<SmallTables<TArch>, TPtes, FullyOrderedFork>(mm, PageTables<SmallTables<TArch>>.PmdSize);
        return Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA));
    }

    /// <summary>What the child read is still there.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong seen) => StoreAgainstFork<TArch, THardware, TPtes>.Check(mm, stored, seen);
}

/// <summary>The way back from the kernel to user code.</summary>
public interface IReturnToUser
{
    /// <summary>Returns.</summary>
    static abstract void Return();
}

/// <summary>As it is: on arm64 it synchronizes the context.</summary>
public readonly struct SynchronizingReturn : IReturnToUser
{
    /// <inheritdoc/>
    public static void Return() => Cpu.ReturnToUser();
}

/// <summary>A mutation: an exception return that synchronizes nothing, as FEAT_ExS allows (SCTLR_EL1.EOS = 0).</summary>
public readonly struct PlainReturn : IReturnToUser
{
    /// <inheritdoc/>
    public static void Return()
    {
    }
}

/// <summary>MADV_FREE takes dirty away while another thread stores; then its caller stores. D10.</summary>
/// <remarks>
/// On arm64 accessed and dirty go by a plain store, which may undo what the hardware set for the other thread's store: that one is concurrent, and may be
/// dropped. The caller's own comes after the flush and finds a clean entry in memory, so it sets dirty again; without the flush it may go by what the TLB has.
/// The flush alone does not do on arm64: the walk may have been made before, unless the way back to user code synchronizes the context.
/// </remarks>
public static unsafe class StoreAfterMadviseFree<TArch, THardware, TPtes, TReturn>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TReturn : IReturnToUser
{
    /// <summary>A is mapped, writable and dirty.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)UserAccess.Setup<TArch>(
        arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive);

    /// <summary>Calls madvise, then stores.</summary>
    [Thread("caller")]
    public static ulong Call(AddressSpace* mm)
    {
        Cleaning<TArch, TPtes, WithoutNotice>.MadviseFree(mm, ScenarioLayout.Address, 1);
        TReturn.Return();
        return Cpu.UserStore<TArch, THardware>(mm, ScenarioLayout.Address, UserAccess.OfUser) ? 1UL : 0;
    }

    /// <summary>Stores at any time.</summary>
    [Thread("other")]
    public static ulong Store(AddressSpace* mm)
    {
        return Cpu.UserStore<TArch, THardware>(mm, ScenarioLayout.Address, 0) ? 1UL : 0;
    }

    /// <summary>The page is dirty, so reclaim keeps it.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong other)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        Cpu.BugOn((stored != 0) & !TArch.IsDirty(pte), "later-write-is-kept");
    }
}

/// <summary>User code stores while the table that its page is mapped by is unlinked and freed; a new owner writes an entry of his choice there.</summary>
/// <remarks>
/// A walk cache may have the upper entry. The flush waits for such a walk; RCU does not come into it, as the hardware takes no section. x86 tells the CPUs that
/// tables go away by the same flush.
/// </remarks>
public static unsafe class StoreAgainstFreeTables<TArch, THardware, TPtes, TOrder>
    where TArch : IArch
    where THardware : IHardwareWalk
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    /// <summary>A table in which nothing is mapped; A is somebody else's.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = ScenarioSpace.Create<TArch>(arena);
        arena.UseFolio(ScenarioLayout.PageA, 1, "A");
        arena.Name(ScenarioSpace.Word(mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return (nint)mm;
    }

    /// <summary>Stores.</summary>
    [Thread("user")]
    public static ulong Store(AddressSpace* mm) => UserAccess.Store<TArch, THardware>(mm, ScenarioLayout.Address);

    /// <summary>Frees the table.</summary>
    [Thread("unmapper")]
    public static ulong Free(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, TOrder>.RangeAndTables(
            mm, ScenarioLayout.Address, PhysicalMemory.PageSize, 0, ulong.MaxValue, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 0;
    }

    /// <summary>Frees it once a grace period is over.</summary>
    [Thread("rcu")]
    public static ulong FreeDeferred(AddressSpace* mm) => DeferredFrees.Free(mm);

    /// <summary>Takes the table's page once it is free, and writes there what would be an entry that maps A.</summary>
    [Thread("new owner")]
    public static ulong Own(AddressSpace* mm)
    {
        ulong table = PhysicalMemory.PhysicalOf(AddressSpace.FirstPteTable<TArch>(mm)) >> PhysicalMemory.PageShift;
        Pte forged = TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA));
        return UserAccess.OwnAndWrite(mm, table, (ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address), forged.Raw);
    }

    /// <summary>A is as it was.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong stored, ulong unlinked, ulong freed, ulong owned) =>
        Cpu.BugOn(Cpu.ReadOnce(ScenarioSpace.Word(mm, ScenarioLayout.PageA)) != 0, "no-store-through-freed-table");
}
