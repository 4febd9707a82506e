using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>
/// A page is mapped old and clean; one CPU's read fault and another's write fault both get to its entry. The lost dirty bit of T23.
/// </summary>
/// <remarks>
/// The three functions of T33: the getter (read), the comparator (compare) and ptep_set_access_flags (helper).
/// <list type="bullet">
/// <item>compare=exact: the read fault sees under the lock that the write fault made the entry dirty, and backs out.</item>
/// <item>compare=blind, helper=arch on arm64: the entry differs, but the helper only adds. x86's stores on write faults alone.</item>
/// <item>compare=blind, helper=generic: the read fault stores what it read, young; dirty is gone.</item>
/// <item>read=norecency, compare=exact: what was read never equals what is there, and the fault retries for ever (fault-ends).</item>
/// </list>
/// </remarks>
public static unsafe class TwoFaults<TArch, TPtes, TComparator>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
{
    /// <summary>A is mapped, old and clean.</summary>
    [Setup]
    public static nint Setup(Arena arena) =>
        (nint)ScenarioSpace.WithPageA<TArch>(arena, TArch.MkOld(TArch.MakeSharedPage(ScenarioLayout.PageA)), 0);

    /// <summary>Reads the page.</summary>
    [Thread("reader")]
    public static ulong Read(AddressSpace* mm) => Fault(mm, isWrite: false);

    /// <summary>Writes to it.</summary>
    [Thread("writer")]
    public static ulong Write(AddressSpace* mm) => Fault(mm, isWrite: true);

    /// <summary>If the write got its permission, the entry is dirty.</summary>
    [Final]
    public static void Check(AddressSpace* mm, ulong read, ulong written)
    {
        Pte pte = new(Cpu.ReadOnce((ulong*)AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address)));
        Cpu.BugOn((written != 0) & !TArch.IsDirty(pte), "dirty-is-kept");
    }

    internal static ulong Fault(AddressSpace* mm, bool isWrite)
    {
        FaultResult result = FaultHandler<TArch, TPtes, TComparator, FirstWordCopy>.Handle(
            mm, ScenarioLayout.Address, isWrite, RegionFlags.Read | RegionFlags.Write);
        return result == FaultResult.Done ? 1UL : 0;
    }
}

/// <summary>As <see cref="TwoFaults{TArch, TPtes, TComparator}"/> with nobody else around: F3, a fault on an entry that nobody changes ends.</summary>
public static unsafe class OneFault<TArch, TPtes, TComparator>
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
{
    /// <summary>A is mapped, young and dirty: the CPU faulted on a translation from before.</summary>
    [Setup]
    public static nint Setup(Arena arena)
    {
        AddressSpace* mm = (AddressSpace*)TwoFaults<TArch, TPtes, TComparator>.Setup(arena);
        *AddressSpace.FirstPte<TArch>(mm, ScenarioLayout.Address) = TArch.MkDirty(TArch.MakeSharedPage(ScenarioLayout.PageA));
        return (nint)mm;
    }

    /// <summary>Writes to the page.</summary>
    [Thread("writer")]
    public static ulong Write(AddressSpace* mm)
    {
        ulong isDone = TwoFaults<TArch, TPtes, TComparator>.Fault(mm, isWrite: true);
        Cpu.BugOn(isDone == 0, "fault-ends");
        return isDone;
    }
}
