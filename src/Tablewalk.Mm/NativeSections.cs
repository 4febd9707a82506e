using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

#pragma warning disable RS0030 // This is the native half of Cpu.

namespace Tablewalk.Mm;

/// <summary>
/// Irq-off and RCU read sections of native threads, accesses of virtual CPUs, and the waits for them. This is the native half of <see cref="Cpu"/> and
/// no door of its own.
/// </summary>
/// <remarks>
/// Each thread owns one slot with a word for irq-off and one for RCU sections; each <see cref="VirtualCpu"/> owns one with a word for its accesses, which are
/// short and never nest. A word is the number of the period in which its section began, with the depth of nesting in its low bits; outside, the depth is zero.
/// The protocol, which is that of liburcu's readers without a fence:
/// <list type="number">
/// <item>Entering reads the number of the present period and stores it, then reads tables. No fence stands between: entering must stay cheap. Nor does it compute
/// with what the section before has stored: then one section would have to wait for another.</item>
/// <item>A waiter, its own stores done, begins a new period, and runs a process-wide barrier. Either that comes after the entry's store, and then the waiter sees
/// the section; or before it, and then everything that the section reads comes after the waiter's stores.</item>
/// <item>The waiter waits until each word is outside, or of the new period. Who entered in the new period has seen it begin, and so the stores before that.</item>
/// <item>Leaving is a release store, so what the section did comes before what the waiter does next.</item>
/// </list>
/// <para><b>Source.</b> Desnoyers, McKenney, Stern, Dagenais, Walpole, "User-Level Implementations of Read-Copy Update", IEEE TPDS 23(2), 2012.</para>
/// </remarks>
internal static unsafe class NativeSections
{
    private const int SlotCount = 1024;
    private const int WordsPerSlot = 16; // two cache lines: they are fetched in pairs
    private const int IrqWord = 0;
    private const int RcuWord = 1;
    private const int AccessWord = 2;
    private const ulong DepthMask = 0xFFFF;
    private const ulong OnePeriod = DepthMask + 1;

    // The slots, and before them, by itself in as much room, the number of the present period with a depth of one.
    private static readonly ulong* s_period = AllocateSlots();
    private static readonly ulong* s_slots = s_period + WordsPerSlot;
    private static readonly bool[] s_taken = new bool[SlotCount];
    private static readonly Lock s_gate = new();

    // Slots beyond were never taken. An owner raises it before its first section, so 2 holds for it as for the section's word.
    private static int s_slotsUsed;

    private static bool s_hasThreadAccesses;

    [ThreadStatic]
    private static ulong* t_slot;

    [ThreadStatic]
    private static SlotOwner? t_owner;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Enter(bool irq)
    {
        ulong* slot = t_slot;
        if (slot == null)
        {
            slot = TakeThreadSlot();
        }

        slot += irq ? IrqWord : RcuWord;
        ulong word = *slot;
        Volatile.Write(ref *slot, (word & DepthMask) == 0 ? Volatile.Read(ref *s_period) : word + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Leave(bool irq)
    {
        ulong* slot = t_slot;
        if (slot != null)
        {
            slot += irq ? IrqWord : RcuWord;
            Volatile.Write(ref *slot, *slot - 1);
        }
    }

    /// <summary>Whether any thread ever made an access without a virtual CPU. ORDER: store-load; the reader has a barrier before it, as <see cref="EnterAccess()"/> has.</summary>
    internal static bool HasThreadAccesses => Volatile.Read(ref s_hasThreadAccesses);

    /// <summary>An access of this thread begins, without a TLB.</summary>
    internal static void EnterAccess()
    {
        if (!s_hasThreadAccesses)
        {
            // Who changed tables and then sees none, changed them before what the access reads.
            Volatile.Write(ref s_hasThreadAccesses, value: true);
            Interlocked.MemoryBarrier();
        }

        EnterAccess(t_slot == null ? TakeThreadSlot() : t_slot);
    }

    /// <summary>It ends.</summary>
    internal static void LeaveAccess() => LeaveAccess(t_slot);

    /// <summary>An access begins. It does not wait for anything before <see cref="LeaveAccess(ulong*)"/>.</summary>
    /// <param name="slot">The virtual CPU's, from <see cref="TakeSlot"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void EnterAccess(ulong* slot) => Volatile.Write(ref slot[AccessWord], Volatile.Read(ref *s_period));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void LeaveAccess(ulong* slot) => Volatile.Write(ref slot[AccessWord], 0);

    /// <summary>Waits for all sections of other threads, and accesses, that are open now, of the kinds that are asked for.</summary>
    internal static void WaitForOthers(bool irq, bool rcu, bool access)
    {
        ulong period = Interlocked.Add(ref *s_period, OnePeriod);
        Interlocked.MemoryBarrierProcessWide();
        int used = Volatile.Read(ref s_slotsUsed);
        for (int i = 0; i < used; i++)
        {
            ulong* slot = s_slots + (i * WordsPerSlot);
            if (slot != t_slot)
            {
                if (irq)
                {
                    WaitForOlder(slot + IrqWord, period);
                }

                if (rcu)
                {
                    WaitForOlder(slot + RcuWord, period);
                }

                if (access)
                {
                    WaitForOlder(slot + AccessWord, period);
                }
            }
        }

        Interlocked.MemoryBarrier();
    }

    /// <summary>A slot for a virtual CPU.</summary>
    internal static ulong* TakeSlot()
    {
        lock (s_gate)
        {
            int index = Array.IndexOf(s_taken, value: false);
            if (index < 0)
            {
                throw new InvalidOperationException($"there are more than {SlotCount} virtual CPUs and threads inside Cpu sections");
            }

            s_taken[index] = true;
            Volatile.Write(ref s_slotsUsed, Math.Max(s_slotsUsed, index + 1));
            return s_slots + (index * WordsPerSlot);
        }
    }

    /// <summary>Gives a slot back that nobody is inside of.</summary>
    internal static void GiveSlot(ulong* slot)
    {
        lock (s_gate)
        {
            s_taken[(slot - s_slots) / WordsPerSlot] = false;
        }
    }

    private static void WaitForOlder(ulong* word, ulong period)
    {
        SpinWait spin = default;
        ulong seen = Volatile.Read(ref *word);
        while ((seen & DepthMask) != 0 && (seen & ~DepthMask) < (period & ~DepthMask))
        {
            spin.SpinOnce();
            seen = Volatile.Read(ref *word);
        }
    }

    private static ulong* AllocateSlots()
    {
        nuint length = (SlotCount + 1) * WordsPerSlot * sizeof(ulong);
        void* words = NativeMemory.AlignedAlloc(length, WordsPerSlot * sizeof(ulong));
        NativeMemory.Clear(words, length);
        *(ulong*)words = OnePeriod + 1;
        return (ulong*)words;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong* TakeThreadSlot()
    {
        ulong* slot = TakeSlot();
        t_owner = new SlotOwner(slot);
        t_slot = slot;
        return slot;
    }

    /// <summary>Gives a slot back once its thread is gone; reachable from that thread alone.</summary>
    private sealed class SlotOwner(ulong* slot)
    {
        private readonly ulong* _slot = slot;

#pragma warning disable MA0055 // A thread's end can be seen in no other way.
        ~SlotOwner() => GiveSlot(_slot);
#pragma warning restore MA0055
    }
}
