using System.Runtime.CompilerServices;

#pragma warning disable RS0030 // Cpu is the door that the banned members stand behind.

namespace Tablewalk.Mm;

/// <content>User code and its MMU: accesses, and the blocks that a walk is made of.</content>
public static unsafe partial class Cpu
{
    [ThreadStatic]
    private static bool t_isUpdateLost;

    /// <summary>
    /// A read of a translation-table entry by the MMU. Checked: a walk, which may find what a TLB has kept. Native: <see cref="Volatile.Read(ref readonly ulong)"/>.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="page">The page whose address is translated; an invalidation of it concerns this walk.</param>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong WalkRead(ulong* entry, ulong page) => Volatile.Read(ref *entry);

    /// <summary>
    /// The MMU sets flags in the entry that it read last. Checked: a store in one piece with that walk; it always takes place, as where it could not, that is an
    /// execution in which the walk found something else. Native: <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>.
    /// </summary>
    /// <returns>False if the entry changed meanwhile: see <see cref="WalksAgain"/>.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryHardwareUpdate(ulong* entry, ulong walked, ulong wanted)
    {
        bool isDone = Interlocked.CompareExchange(ref *entry, wanted, walked) == walked;
        t_isUpdateLost |= !isDone;
        return isDone;
    }

    /// <summary>
    /// Whether the MMU is to walk again since an entry changed between its walk and the flags that it wanted to set: hardware does not fault for that. Checked: never, as there
    /// <see cref="TryHardwareUpdate"/> always takes place. Native: whether one of this thread did not since this was last asked.
    /// TEST: What_the_hardware_could_not_set_it_walks_for_again.
    /// </summary>
    [Intrinsic]
    public static bool WalksAgain()
    {
        bool walksAgain = t_isUpdateLost;
        t_isUpdateLost = false;
        return walksAgain;
    }

    /// <summary>The MMU refuses an access. Checked: a fault, which enters an exception. Native: nothing, the access says that it was refused.</summary>
    /// <param name="kind">Why.</param>
    /// <param name="walked">The entry that refuses it.</param>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TakeFault(MmuFault kind, ulong walked)
    {
    }

    /// <summary>
    /// The kernel is left for user code. Checked: an exception return, which is a context synchronization event as an ISB is (ARM: DDI 0487, D1.4; with FEAT_ExS
    /// software may turn that off); on x86 it orders nothing. Native: nothing.
    /// </summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReturnToUser()
    {
    }

    /// <summary>An access through the MMU begins. Checked: nothing. Native: flushes wait for its end.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EnterAccess() => NativeSections.EnterAccess();

    /// <summary>The access ends. Checked: nothing. Native: see <see cref="EnterAccess"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LeaveAccess() => NativeSections.LeaveAccess();

    /// <summary>
    /// A load by user code through the MMU: walks, sets accessed, may fault. Checked: the walk's reads may be what a TLB has kept, as far as the model allows.
    /// Native: a CPU without a TLB; <see cref="VirtualCpu"/> is one with.
    /// </summary>
    /// <param name="mm">The address space that the CPU runs in.</param>
    /// <param name="address">The address of an aligned word.</param>
    /// <param name="value">The word; 0 if the access faults.</param>
    /// <returns>False if it faults: the handler is to make the entry, and the access is tried again.</returns>
    [Mmu]
    public static bool UserLoad<TArch, THardware>(AddressSpace* mm, ulong address, out ulong value)
        where TArch : IArch
        where THardware : IHardwareWalk
    {
        EnterAccess();
        bool isAllowed;
        ulong* word;
        do
        {
            isAllowed = MmuWalk<TArch, THardware>.TryTranslate(mm, address, isWrite: false, out word);
        }
        while (!isAllowed && WalksAgain());

        value = isAllowed ? ReadOnce(word) : 0;
        LeaveAccess();
        return isAllowed;
    }

    /// <summary>A store by user code through the MMU; see <see cref="UserLoad"/>. A walk for it sets dirty.</summary>
    /// <returns>False if it faults.</returns>
    [Mmu]
    public static bool UserStore<TArch, THardware>(AddressSpace* mm, ulong address, ulong value)
        where TArch : IArch
        where THardware : IHardwareWalk
    {
        EnterAccess();
        bool isAllowed;
        ulong* word;
        do
        {
            isAllowed = MmuWalk<TArch, THardware>.TryTranslate(mm, address, isWrite: true, out word);
        }
        while (!isAllowed && WalksAgain());

        if (isAllowed)
        {
            WriteOnce(word, value);
        }

        LeaveAccess();
        return isAllowed;
    }
}
