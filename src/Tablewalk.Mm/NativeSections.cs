using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

#pragma warning disable RS0030 // This is the native half of Cpu.

namespace Tablewalk.Mm;

/// <summary>
/// Irq-off and RCU read sections of native threads, and the waits for them. This is the native half of <see cref="Cpu"/> and no door
/// of its own.
/// </summary>
/// <remarks>
/// Each thread owns one slot, a cache line with three counters, one a kind of section; a counter is odd while its owner is
/// inside. The third kind is an access by a <see cref="VirtualCpu"/>: short, and never nested. The protocol:
/// <list type="number">
/// <item>Entering makes the counter odd, then reads tables. No fence stands between: entering must stay cheap.</item>
/// <item>A waiter first has its own stores done and every other CPU drained by a process-wide barrier. Either that barrier
/// comes after the entry's store, and then the waiter sees the odd counter; or before it, and then everything that the
/// section reads comes after the waiter's stores.</item>
/// <item>The waiter waits until each counter that it saw odd has changed. A section entered later does not matter, by 2.</item>
/// <item>Leaving makes the counter even with a release store, so what the section did comes before what the waiter does next.</item>
/// </list>
/// </remarks>
internal static unsafe class NativeSections
{
    private const int SlotCount = 1024;
    private const int WordsPerSlot = 8;
    private const int IrqWord = 0;
    private const int RcuWord = 1;
    private const int IrqDepthWord = 2;
    private const int RcuDepthWord = 3;
    private const int AccessWord = 4;

    private static readonly ulong* s_slots = AllocateSlots();
    private static readonly bool[] s_taken = new bool[SlotCount];
    private static readonly Lock s_gate = new();

    // Slots beyond were never taken. A thread raises it before its first section, so 2 holds for it as for the section's counter.
    private static int s_slotsUsed;

    private static bool s_hasAccesses;

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
            slot = TakeSlot();
        }

        int word = irq ? IrqWord : RcuWord;
        if (slot[word + IrqDepthWord]++ == 0)
        {
            Volatile.Write(ref slot[word], slot[word] + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Leave(bool irq)
    {
        ulong* slot = t_slot;
        int word = irq ? IrqWord : RcuWord;
        if (slot != null && --slot[word + IrqDepthWord] == 0)
        {
            Volatile.Write(ref slot[word], slot[word] + 1);
        }
    }

    /// <summary>Whether any thread ever made an access; the barrier is <see cref="ExpectAccesses"/>'s.</summary>
    internal static bool HasAccesses => Volatile.Read(ref s_hasAccesses);

    /// <summary>To be called before the first access: who changed tables and then sees none, changed them before what the access reads.</summary>
    internal static void ExpectAccesses()
    {
        if (!s_hasAccesses)
        {
            Volatile.Write(ref s_hasAccesses, value: true);
            Interlocked.MemoryBarrier();
        }
    }

    internal static void EnterAccessWithoutTlb()
    {
        ExpectAccesses();
        EnterAccess();
    }

    internal static void LeaveAccess() => LeaveAccess(t_slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* EnterAccess()
    {
        ulong* slot = t_slot;
        if (slot == null)
        {
            slot = TakeSlot();
        }

        Volatile.Write(ref slot[AccessWord], slot[AccessWord] + 1);
        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void LeaveAccess(ulong* slot) => Volatile.Write(ref slot[AccessWord], slot[AccessWord] + 1);

    /// <summary>Waits for all sections of other threads that are open now, of the kinds that are asked for.</summary>
    internal static void WaitForOthers(bool irq, bool rcu, bool access)
    {
        Interlocked.MemoryBarrierProcessWide();
        int used = Volatile.Read(ref s_slotsUsed);
        for (int i = 0; i < used; i++)
        {
            ulong* slot = s_slots + (i * WordsPerSlot);
            if (slot != t_slot)
            {
                if (irq)
                {
                    WaitWhileUnchanged(slot + IrqWord);
                }

                if (rcu)
                {
                    WaitWhileUnchanged(slot + RcuWord);
                }

                if (access)
                {
                    WaitWhileUnchanged(slot + AccessWord);
                }
            }
        }

        Interlocked.MemoryBarrier();
    }

    private static void WaitWhileUnchanged(ulong* counter)
    {
        ulong seen = Volatile.Read(ref *counter);
        if ((seen & 1) == 0)
        {
            return;
        }

        SpinWait spin = default;
        while (Volatile.Read(ref *counter) == seen)
        {
            spin.SpinOnce();
        }
    }

    private static ulong* AllocateSlots()
    {
        nuint length = SlotCount * WordsPerSlot * sizeof(ulong);
        void* slots = NativeMemory.AlignedAlloc(length, 64);
        NativeMemory.Clear(slots, length);
        return (ulong*)slots;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong* TakeSlot()
    {
        lock (s_gate)
        {
            int index = Array.IndexOf(s_taken, value: false);
            if (index < 0)
            {
                throw new InvalidOperationException($"more than {SlotCount} threads are inside Cpu sections");
            }

            s_taken[index] = true;
            Volatile.Write(ref s_slotsUsed, Math.Max(s_slotsUsed, index + 1));
            t_owner = new SlotOwner(index);
            t_slot = s_slots + (index * WordsPerSlot);
            return t_slot;
        }
    }

    /// <summary>Gives a slot back once its thread is gone; reachable from that thread alone.</summary>
    private sealed class SlotOwner(int index)
    {
#pragma warning disable MA0055 // A thread's end can be seen in no other way.
        ~SlotOwner()
#pragma warning restore MA0055
        {
            lock (s_gate)
            {
                s_taken[index] = false;
            }
        }
    }
}
