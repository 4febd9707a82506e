using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

#pragma warning disable RS0030 // Cpu is the door that the banned members stand behind.

namespace Tablewalk.Mm;

/// <summary>
/// The only door to shared memory and to the hardware: whatever a CPU does that another CPU can see is one of these intrinsics.
/// </summary>
/// <remarks>
/// Each method has two readings. <b>Checked</b>: the event or events that the lifter puts in its place. <b>Native</b>: the .NET operation that
/// runs; it may be stronger than the checked reading, never weaker.
/// </remarks>
public static unsafe partial class Cpu
{
    /// <summary>What <see cref="Poison"/> writes. No architecture takes it for a present entry.</summary>
    public const ulong PoisonPattern = 0xF4EE_D0DE_F4EE_D0DE;

    [ThreadStatic]
    private static ulong t_random;

    /// <summary>LINUX: READ_ONCE. Checked: a load. Native: <see cref="Volatile.Read(ref readonly ulong)"/>, also an acquire.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadOnce(ulong* p) => Volatile.Read(ref *p);

    /// <summary>LINUX: READ_ONCE. Checked: a load. Native: <see cref="Volatile.Read(ref readonly uint)"/>, also an acquire.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ReadOnce(uint* p) => Volatile.Read(ref *p);

    /// <summary>LINUX: smp_load_acquire. Checked: a load-acquire. Native: <see cref="Volatile.Read(ref readonly ulong)"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LoadAcquire(ulong* p) => Volatile.Read(ref *p);

    /// <summary>LINUX: smp_load_acquire. Checked: a load-acquire. Native: <see cref="Volatile.Read(ref readonly uint)"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadAcquire(uint* p) => Volatile.Read(ref *p);

    /// <summary>LINUX: WRITE_ONCE. Checked: a store. Native: <see cref="Volatile.Write(ref ulong, ulong)"/>, also a release.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteOnce(ulong* p, ulong v) => Volatile.Write(ref *p, v);

    /// <summary>LINUX: WRITE_ONCE. Checked: a store. Native: <see cref="Volatile.Write(ref uint, uint)"/>, also a release.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteOnce(uint* p, uint v) => Volatile.Write(ref *p, v);

    /// <summary>LINUX: smp_store_release. Checked: a store-release. Native: <see cref="Volatile.Write(ref ulong, ulong)"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRelease(ulong* p, ulong v) => Volatile.Write(ref *p, v);

    /// <summary>LINUX: smp_store_release. Checked: a store-release. Native: <see cref="Volatile.Write(ref uint, uint)"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRelease(uint* p, uint v) => Volatile.Write(ref *p, v);

    /// <summary>LINUX: smp_mb. Checked: that fence. Native: <see cref="Interlocked.MemoryBarrier"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SmpMb() => Interlocked.MemoryBarrier();

    /// <summary>LINUX: smp_rmb. Checked: that fence. Native: <see cref="Interlocked.MemoryBarrier"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SmpRmb() => Interlocked.MemoryBarrier();

    /// <summary>LINUX: smp_wmb. Checked: that fence. Native: <see cref="Interlocked.MemoryBarrier"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SmpWmb() => Interlocked.MemoryBarrier();

    /// <summary>
    /// LINUX: spin_lock. Checked: a waiting loop around a compare-exchange-acquire of 0 to 1. Native: the same with
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/> and a growing pause.
    /// </summary>
    [Intrinsic]
    public static void SpinLock(ulong* l)
    {
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref *l, 1, 0) != 0)
        {
            spin.SpinOnce();
        }
    }

    /// <summary>LINUX: spin_unlock. Checked: a store-release of 0. Native: <see cref="Volatile.Write(ref ulong, ulong)"/>.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SpinUnlock(ulong* l) => Volatile.Write(ref *l, 0);

    /// <summary>
    /// Marks freed memory. Checked: a store of <see cref="PoisonPattern"/> to every aligned 8-byte word of the range that some thread touches.
    /// Native: those stores to all words, in order.
    /// </summary>
    [Intrinsic]
    public static void Poison(void* p, ulong lengthBytes)
    {
        for (ulong i = 0; i < lengthBytes / sizeof(ulong); i++)
        {
            Volatile.Write(ref ((ulong*)p)[i], PoisonPattern);
        }
    }

    /// <summary>
    /// LINUX: clear_page. Checked: a store of 0 to every aligned 8-byte word of the range that some thread touches. Native: a plain clearing of all bytes:
    /// nobody else has the memory, and publishing it takes a barrier of its own.
    /// </summary>
    [Intrinsic]
    public static void ClearMemory(void* p, ulong lengthBytes) => NativeMemory.Clear(p, (nuint)lengthBytes);

    /// <summary>
    /// LINUX: BUG_ON, but named. Checked: an execution in which <paramref name="condition"/> holds breaks the claim. Native: counted in
    /// <see cref="NativeClaims"/>.
    /// </summary>
    /// <param name="condition">True if the claim is broken.</param>
    /// <param name="claim">The claim's name, a constant.</param>
    [Intrinsic]
    public static void BugOn(bool condition, string claim)
    {
        if (condition)
        {
            NativeClaims.Record(claim);
        }
    }

    /// <summary>
    /// Freedom that a compiler or the hardware has. Checked: every value from 0 to <paramref name="n"/> - 1 is explored. Native: drawn at random.
    /// </summary>
    /// <param name="n">How many choices there are, a constant.</param>
    [Intrinsic]
    public static int Choose(int n)
    {
        // xorshift64, seeded by the thread: Random.Shared would cost more than what it decides about.
        ulong x = t_random;
        if (x == 0)
        {
            x = ((ulong)Environment.CurrentManagedThreadId * 0x9E37_79B9_7F4A_7C15) | 1;
        }

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        t_random = x;
        return (int)((x >> 32) % (ulong)n);
    }

    /// <summary>Makes this thread's <see cref="Choose"/> begin anew, so that the lifted code can be run with the draws of the native one.</summary>
    /// <param name="seed">Not zero.</param>
    internal static void SeedChoices(ulong seed) => t_random = seed;
}
