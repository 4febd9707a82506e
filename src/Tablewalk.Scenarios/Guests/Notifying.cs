using System.Collections.Immutable;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>A guest's fault against each updater that tells the second MMU: N1. With the sequence number read late, the fault misses it.</summary>
internal static class Notifying
{
    internal static ImmutableArray<ScenarioDescription> All =>
    [
        new(
            "kvm/store",
            "a guest adds to a word through the second MMU while dirty is collected",
            MemoryManagement.WordArchitectures,
            [new("notice", ["with", "without"])],
            ["no-write-lost"],
            static selection => MemoryManagement.Close(
                typeof(GuestStoreAgainstCollect<,,>), selection, "no-write-lost", MemoryManagement.PtesOf(selection, flushes: true), MemoryManagement.NoticeOf(selection))),
        Of("kvm/protect", "a guest faults a page in to write to it while mprotect takes the permission away", typeof(GuestFaultAgainstProtect<,,>)),
        Of("kvm/fork", "a guest faults a page in to write to it while fork shares it with a child", typeof(GuestFaultAgainstFork<,,>)),
        Of("kvm/move", "a guest faults a page in while mremap moves it to another address", typeof(GuestFaultAgainstMove<,,>)),
        Of("kvm/swap-out", "a guest faults a page in while it is swapped out", typeof(GuestFaultAgainstSwapOut<,,>)),
        Of("kvm/copy", "a guest faults a shared page in while a write fault replaces it by a copy", typeof(GuestFaultAgainstCopy<,,>)),
        Of("kvm/hint", "a guest faults a page in while it is made to fault, to see who uses it", typeof(GuestFaultAgainstHint<,,>)),
        Of("kvm/advise-free", "a guest faults a page in while MADV_FREE makes it clean", typeof(GuestFaultAgainstMadviseFree<,,>)),
        Of("kvm/collapse", "a guest faults a page in while its table is collapsed to a huge page", typeof(GuestFaultAgainstCollapse<,,>)),
    ];

    private static ScenarioDescription Of(string name, string summary, Type scenario) => new(
        name,
        summary,
        MemoryManagement.WordArchitectures,
        [new("sequence", ["first", "late"])],
        ["no-entry-after-invalidation"],
        selection => MemoryManagement.Close(
            scenario, selection, "no-entry-after-invalidation", MemoryManagement.PtesOf(selection, flushes: true), MemoryManagement.SequenceOf(selection)));
}

/// <summary>A guest's store comes before the page is copied, or it faults: the notice takes the second MMU's entry away and waits for who uses it.</summary>
public static unsafe class GuestStoreAgainstCollect<TArch, TPtes, TNotice>
    where TArch : IArch
    where TPtes : IPtes
    where TNotice : INotice
{
    /// <summary>A is mapped, and the second MMU has a writable entry for it.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = GuestSetup.Of<TArch>(arena);
        PhysicalMemory.FolioOf(mm, ScenarioLayout.PageA)->Flags |= Folio.Dirty;
        *GuestSetup.EntryOf(mm) = Spte.Make(ScenarioLayout.PageA, isWritable: true);
        arena.Name(ScenarioSpace.Word(mm, ScenarioLayout.PageA), sizeof(ulong), "A[0]");
        return (nint)mm;
    }

    /// <summary>Loads, and stores one more.</summary>
    [Thread("guest")]
    public static ulong Add(AddressSpace* mm) =>
        GuestAccess.TryLoad(GuestSetup.MmuOf(mm), ScenarioLayout.Address, out ulong value)
        && GuestAccess.TryStore(GuestSetup.MmuOf(mm), ScenarioLayout.Address, value + 1) ? 1UL : 0;

    /// <summary>Collects dirty, and copies the page.</summary>
    [Thread("collector")]
    public static ulong Collect(AddressSpace* mm) => CollectAgainstStore<TArch, X86HardwareWalk, TPtes, TNotice>.Collect(mm);

    /// <summary>The copy is the page, or the page is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong added, ulong copy) => CollectAgainstStore<TArch, X86HardwareWalk, TPtes, TNotice>.Check(mm, added, copy);
}

/// <summary>When mprotect has returned, no entry of the second MMU allows writing.</summary>
public static unsafe class GuestFaultAgainstProtect<TArch, TPtes, TSequence>
    where TArch : IArch
    where TPtes : IPtes
    where TSequence : ISequenceRead
{
    /// <summary>A is mapped writable; the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)GuestSetup.Of<TArch>(arena);

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<TArch, WritableRule, TSequence>(mm, isWrite: true);

    /// <summary>Makes the page read-only.</summary>
    [Thread("mprotect")]
    public static ulong Protect(AddressSpace* mm)
    {
        Protect<TArch, TPtes>.Range(mm, ScenarioLayout.Address, 1, RegionFlags.Read);
        return 0;
    }

    /// <summary>No writable entry is left.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong isProtected) =>
        Cpu.BugOn((Cpu.ReadOnce(GuestSetup.EntryOf(mm)) & Spte.Writable) != 0, "no-entry-after-invalidation");
}

/// <summary>When fork has returned, no entry of the second MMU allows writing to what is shared now.</summary>
public static unsafe class GuestFaultAgainstFork<TArch, TPtes, TSequence>
    where TArch : IArch
    where TPtes : IPtes
    where TSequence : ISequenceRead
{
    /// <summary>As for <see cref="PinAgainstFork{TArch, TPtes, TBarrier}"/>, and the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = (AddressSpace*)PinAgainstFork<TArch, TPtes, FullyOrderedFork>.Setup(arena);
        GuestSetup.Attach(arena, mm);
        return (nint)mm;
    }

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<TArch, WritableRule, TSequence>(mm, isWrite: true);

    /// <summary>Shares the page.</summary>
    [Thread("fork")]
    public static ulong Copy(AddressSpace* mm) => PinAgainstFork<TArch, TPtes, FullyOrderedFork>.Copy(mm);

    /// <summary>No writable entry is left.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong copied) =>
        Cpu.BugOn((copied != 0) & ((Cpu.ReadOnce(GuestSetup.EntryOf(mm)) & Spte.Writable) != 0), "no-entry-after-invalidation");
}

/// <summary>When mremap has returned, the second MMU has no entry for the old address.</summary>
public static unsafe class GuestFaultAgainstMove<TArch, TPtes, TSequence>
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

    /// <summary>Moves the page.</summary>
    [Thread("mremap")]
    public static ulong Move(AddressSpace* mm) => Move<TArch, TPtes, FlushUnderLock>.Range(
        mm, ScenarioLayout.Address, ScenarioLayout.Address + PhysicalMemory.PageSize, PhysicalMemory.PageSize);

    /// <summary>No entry is left.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong moved) => GuestSetup.CheckNoEntry(mm);
}

/// <summary>When an access is to fault, the second MMU has no entry either.</summary>
public static unsafe class GuestFaultAgainstHint<TArch, TPtes, TSequence>
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

    /// <summary>Takes the permissions away.</summary>
    [Thread("hinter")]
    public static ulong Hint(AddressSpace* mm)
    {
        Protect<TArch, TPtes>.NumaHint(mm, ScenarioLayout.Address, 1);
        return 0;
    }

    /// <summary>No entry is left.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong hinted) => GuestSetup.CheckNoEntry(mm);
}

/// <summary>When the page is clean, the second MMU has no entry through which it could be written to untold.</summary>
public static unsafe class GuestFaultAgainstMadviseFree<TArch, TPtes, TSequence>
    where TArch : IArch
    where TPtes : IPtes
    where TSequence : ISequenceRead
{
    /// <summary>A is mapped; the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena) => (nint)GuestSetup.Of<TArch>(arena);

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<TArch, DirtyWritableRule, TSequence>(mm, isWrite: true);

    /// <summary>Makes the page clean.</summary>
    [Thread("madvise")]
    public static ulong Advise(AddressSpace* mm)
    {
        Cleaning<TArch, TPtes, WithNotice>.MadviseFree(mm, ScenarioLayout.Address, 1);
        return 0;
    }

    /// <summary>No entry is left.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong advised) => GuestSetup.CheckNoEntry(mm);
}

/// <summary>When a page was swapped out, the second MMU has no entry for it.</summary>
public static unsafe class GuestFaultAgainstSwapOut<TArch, TPtes, TSequence>
    where TArch : IArch
    where TPtes : IPtes
    where TSequence : ISequenceRead
{
    /// <summary>A is mapped, and there is a slot; the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        SwapArea.Initialize(arena, 1);
        return (nint)GuestSetup.Of<TArch>(arena);
    }

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<TArch, WritableRule, TSequence>(mm, isWrite: false);

    /// <summary>Swaps it out.</summary>
    [Thread("reclaim")]
    public static ulong SwapOut(AddressSpace* mm) => Reclaim<TArch, TPtes>.SwapOut<FirstWordCopy, FullShareBarrier, FlushOfBatch>(
        mm, ScenarioLayout.Address, 1, ScenarioSpace.Scratch(mm, 1));

    /// <summary>No entry is left.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong swapped) =>
        Cpu.BugOn((swapped != 0) & (Cpu.ReadOnce(GuestSetup.EntryOf(mm)) != 0), "no-entry-after-invalidation");
}

/// <summary>When a copy has taken a page's place, the second MMU has no entry for the old one.</summary>
public static unsafe class GuestFaultAgainstCopy<TArch, TPtes, TSequence>
    where TArch : IArch
    where TPtes : IPtes
    where TSequence : ISequenceRead
{
    /// <summary>A is mapped read-only and shared with somebody; there is a page for the copy; the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = (AddressSpace*)LoadAgainstCopy<TArch, X86HardwareWalk, TPtes, FirstWordCopy>.Setup(arena);
        GuestSetup.Attach(arena, mm);
        return (nint)mm;
    }

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<TArch, WritableRule, TSequence>(mm, isWrite: false);

    /// <summary>Writes.</summary>
    [Thread("writer")]
    public static ulong Write(AddressSpace* mm) => TwoMissingFaults<TArch, TPtes, ExactComparison>.Fault(mm, isWrite: true);

    /// <summary>An entry that is left maps no other page than the first MMU's.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong result)
    {
        ulong spte = Cpu.ReadOnce(GuestSetup.EntryOf(mm));
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        Cpu.BugOn((spte != 0) & (Spte.PfnOf(spte) != TArch.PfnOf(pte)), "no-entry-after-invalidation");
    }
}

/// <summary>When a huge page has taken a table's place, the second MMU has no entry for a small one.</summary>
public static unsafe class GuestFaultAgainstCollapse<TArch, TPtes, TSequence>
    where TArch : IArch
    where TPtes : IPtes
    where TSequence : ISequenceRead
{
    /// <summary>A and another page are all that a table maps; the second MMU has no entry.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = CollapseSetup.Of<TArch>(arena, freeLargeFolios: 2);
        GuestSetup.Attach(arena, mm);
        return (nint)mm;
    }

    /// <summary>Faults.</summary>
    [Thread("guest")]
    public static ulong Fault(AddressSpace* mm) => GuestSetup.Fault<SmallTables<TArch>, WritableRule, TSequence>(mm, isWrite: false);

    /// <summary>Puts a huge page in the place of the table.</summary>
    [Thread("khugepaged")]
    public static ulong Collapse(AddressSpace* mm) => CollapseSetup.Collapse<TArch, TPtes, SyncByIpi>(mm);

    /// <summary>No entry maps the page that was taken.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong faulted, ulong taken)
    {
        ulong spte = Cpu.ReadOnce(GuestSetup.EntryOf(mm));
        Cpu.BugOn((taken != 0) & (spte != 0) & (Spte.PfnOf(spte) == ScenarioLayout.PageA), "no-entry-after-invalidation");
    }
}
