using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// A guest's fault installs a page in the second MMU while the page is unmapped from the first: invariant N1. An entry that is left when both are done maps a page
/// that is no longer the address space's.
/// </summary>
/// <remarks>
/// With the sequence number read first, an invalidation that the fault did not see in the first MMU either is in progress when the entry is installed, or
/// has ended since. Read late, it may have come and gone between the page and the number.
/// </remarks>
public static unsafe class GuestFaultAgainstUnmap<TArch, TPtes, TSequence>
    where TArch : IArch
    where TPtes : IPtes
    where TSequence : ISequenceRead
{
    /// <summary>A is mapped; the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)GuestSetup.Of<TArch>(arena);

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<TArch, WritableRule, TSequence>(mm, isWrite: false);

    /// <summary>Unmaps the page.</summary>
    [Thread("unmapper")]
    public static ulong Zap(AddressSpace* mm)
    {
        Unmap<TArch, TPtes, FlushThenFree>.Range(mm, ScenarioLayout.Address, PhysicalMemory.PageSize, (Gather*)ScenarioSpace.Scratch(mm, 0));
        return 1;
    }

    /// <summary>No entry is left.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong zapped) => GuestSetup.CheckNoEntry(mm);
}

/// <summary>
/// A guest's write fault against the cleaning of the page, under the rule that a writable entry needs a dirty one in the first MMU: invariant K1, T62, T63.
/// </summary>
public static unsafe class GuestFaultAgainstClean<TArch, TPtes, TNotice>
    where TArch : IArch
    where TPtes : IPtes
    where TNotice : INotice
{
    /// <summary>A is mapped writable and dirty; the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)GuestSetup.Of<TArch>(arena);

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<TArch, DirtyWritableRule, SequenceFirst>(mm, isWrite: true);

    /// <summary>Cleans the page.</summary>
    [Thread("writeback")]
    public static ulong Clean(AddressSpace* mm) => Cleaning<TArch, TPtes, TNotice>.MkClean(mm, ScenarioLayout.Address) ? 1UL : 0;

    /// <summary>If the guest may write, the first MMU's entry is writable and dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong cleaned)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        bool mayWrite = (Cpu.ReadOnce(GuestSetup.EntryOf(mm)) & Spte.Writable) != 0;
        Cpu.BugOn(mayWrite & !(TArch.IsWritable(pte) & TArch.IsDirty(pte)), "writable-needs-dirty");
    }
}

/// <summary>An address space with a second MMU over its first page.</summary>
internal static unsafe class GuestSetup
{
    /// <summary>A is mapped writable and dirty; the second MMU has no entry.</summary>
    internal static AddressSpace* Of<TArch>(Arena arena)
        where TArch : IArch
    {
        AddressSpace* mm = ScenarioSpace.WithPageA<TArch>(
            arena, TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA)), Folio.Anonymous | Folio.Exclusive | Folio.Referenced);
        Attach(arena, mm);
        return mm;
    }

    /// <summary>A second MMU over the first page; it has no entry.</summary>
    internal static void Attach(Arena arena, AddressSpace* mm)
    {
        SecondaryMmu* mmu = SecondaryMmu.AttachOrNull(mm, ScenarioLayout.Address, 1);
        arena.NameFields(mmu, "kvm->");
        arena.Name(&mmu->Lock, sizeof(ulong), "mmu_lock");
        arena.Name(&mmu->InProgress, sizeof(ulong), "mmu_invalidate_in_progress");
        arena.Name(&mmu->Sequence, sizeof(ulong), "mmu_invalidate_seq");
        ulong* entry = SecondaryMmu.EntryOf(mmu, ScenarioLayout.Address);
        arena.Name(entry, sizeof(ulong), "SPTE");
        arena.Describe(entry, sizeof(ulong), (_, _, value) =>
            (value & Spte.Present) == 0 ? "none" : arena.NameOfPage(Spte.PfnOf(value)) + ((value & Spte.Writable) != 0 ? " writable" : " read-only"));
    }

    internal static ulong Fault<TArch, TRule, TSequence>(AddressSpace* mm, bool isWrite)
        where TArch : IArch
        where TRule : IWritableRule
        where TSequence : ISequenceRead
    {
        FaultResult result = SecondaryFault<TArch, LocklessRead<TArch>, RecheckPte<TArch, LocklessRead<TArch>>, TRule, TSequence>.Handle(
            mm, MmuOf(mm), ScenarioLayout.Address, isWrite);
        return result == FaultResult.Done ? 1UL : 0;
    }

    /// <summary>The second MMU has no entry.</summary>
    internal static void CheckNoEntry(AddressSpace* mm) => Cpu.BugOn(Cpu.ReadOnce(EntryOf(mm)) != 0, "no-entry-after-invalidation");

    internal static ulong* EntryOf(AddressSpace* mm) => SecondaryMmu.EntryOf(MmuOf(mm), ScenarioLayout.Address);

    internal static SecondaryMmu* MmuOf(AddressSpace* mm) => (SecondaryMmu*)PhysicalMemory.VirtualOf(mm, Cpu.ReadOnce(&mm->SecondaryMmu));
}
