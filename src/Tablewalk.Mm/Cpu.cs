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

    /// <summary>
    /// LINUX: cmpxchg. Checked: an atomic compare-exchange fully ordered; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchg(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_acquire. Checked: an atomic compare-exchange with acquire; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchgAcquire(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_release. Checked: an atomic compare-exchange with release; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchgRelease(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_relaxed. Checked: an atomic compare-exchange without ordering; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref ulong, ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CmpXchgRelaxed(ulong* p, ulong expected, ulong desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg. Checked: an atomic compare-exchange fully ordered; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchg(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_acquire. Checked: an atomic compare-exchange with acquire; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchgAcquire(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_release. Checked: an atomic compare-exchange with release; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchgRelease(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: cmpxchg_relaxed. Checked: an atomic compare-exchange without ordering; a failed one orders nothing. Native:
    /// <see cref="Interlocked.CompareExchange(ref uint, uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value, equal to <paramref name="expected"/> if the exchange took place.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CmpXchgRelaxed(uint* p, uint expected, uint desired) => Interlocked.CompareExchange(ref *p, desired, expected);

    /// <summary>
    /// LINUX: xchg. Checked: an atomic exchange fully ordered. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Xchg(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_acquire. Checked: an atomic exchange with acquire. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong XchgAcquire(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_release. Checked: an atomic exchange with release. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong XchgRelease(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_relaxed. Checked: an atomic exchange without ordering. Native: <see cref="Interlocked.Exchange(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong XchgRelaxed(ulong* p, ulong v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg. Checked: an atomic exchange fully ordered. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Xchg(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_acquire. Checked: an atomic exchange with acquire. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint XchgAcquire(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_release. Checked: an atomic exchange with release. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint XchgRelease(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: xchg_relaxed. Checked: an atomic exchange without ordering. Native: <see cref="Interlocked.Exchange(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint XchgRelaxed(uint* p, uint v) => Interlocked.Exchange(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_add. Checked: an atomic addition fully ordered. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAdd(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_acquire. Checked: an atomic addition with acquire. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAddAcquire(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_release. Checked: an atomic addition with release. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAddRelease(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_relaxed. Checked: an atomic addition without ordering. Native: <see cref="Interlocked.Add(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAddRelaxed(ulong* p, ulong v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add. Checked: an atomic addition fully ordered. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAdd(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_acquire. Checked: an atomic addition with acquire. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAddAcquire(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_release. Checked: an atomic addition with release. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAddRelease(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_add_relaxed. Checked: an atomic addition without ordering. Native: <see cref="Interlocked.Add(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAddRelaxed(uint* p, uint v) => unchecked(Interlocked.Add(ref *p, v) - v);

    /// <summary>
    /// LINUX: atomic_fetch_or. Checked: an atomic or fully ordered. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOr(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_acquire. Checked: an atomic or with acquire. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOrAcquire(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_release. Checked: an atomic or with release. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOrRelease(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_relaxed. Checked: an atomic or without ordering. Native: <see cref="Interlocked.Or(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchOrRelaxed(ulong* p, ulong v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or. Checked: an atomic or fully ordered. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOr(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_acquire. Checked: an atomic or with acquire. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOrAcquire(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_release. Checked: an atomic or with release. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOrRelease(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_or_relaxed. Checked: an atomic or without ordering. Native: <see cref="Interlocked.Or(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchOrRelaxed(uint* p, uint v) => Interlocked.Or(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and. Checked: an atomic and fully ordered. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAnd(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_acquire. Checked: an atomic and with acquire. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAndAcquire(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_release. Checked: an atomic and with release. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAndRelease(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_relaxed. Checked: an atomic and without ordering. Native: <see cref="Interlocked.And(ref ulong, ulong)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FetchAndRelaxed(ulong* p, ulong v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and. Checked: an atomic and fully ordered. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAnd(uint* p, uint v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_acquire. Checked: an atomic and with acquire. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAndAcquire(uint* p, uint v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_release. Checked: an atomic and with release. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAndRelease(uint* p, uint v) => Interlocked.And(ref *p, v);

    /// <summary>
    /// LINUX: atomic_fetch_and_relaxed. Checked: an atomic and without ordering. Native: <see cref="Interlocked.And(ref uint, uint)"/>, a full barrier.
    /// </summary>
    /// <returns>The old value.</returns>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FetchAndRelaxed(uint* p, uint v) => Interlocked.And(ref *p, v);

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
    /// LINUX: local_irq_save. Checked: an irq-off section begins. Native: the thread's slot says so; sections nest. A native thread
    /// stays preemptible, so only the waits see the section, which is all that the code over it relies on.
    /// </summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LocalIrqSave() => NativeSections.Enter(irq: true);

    /// <summary>LINUX: local_irq_restore. Checked: the irq-off section ends. Native: the thread's slot says so.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LocalIrqRestore() => NativeSections.Leave(irq: true);

    /// <summary>LINUX: rcu_read_lock. Checked: an RCU read section begins. Native: the thread's slot says so.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RcuReadLock() => NativeSections.Enter(irq: false);

    /// <summary>LINUX: rcu_read_unlock. Checked: the RCU read section ends. Native: the thread's slot says so.</summary>
    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RcuReadUnlock() => NativeSections.Leave(irq: false);

    /// <summary>
    /// LINUX: synchronize_rcu. Checked: waits for a grace period, a full barrier. Native: a process-wide barrier, then waits until every other
    /// thread has left the irq-off or RCU read section that it was in.
    /// </summary>
    [Intrinsic]
    public static void SynchronizeRcu() => NativeSections.WaitForOthers(irq: true, rcu: true, access: false);

    /// <summary>
    /// LINUX: tlb_remove_table_sync_one. Checked: an IPI to all other CPUs and the wait for its handlers, hence for their irq-off sections; a full
    /// barrier. Native: a process-wide barrier, then waits until every other thread has left the irq-off section that it was in.
    /// </summary>
    [Intrinsic]
    public static void SyncLocklessWalkers() => NativeSections.WaitForOthers(irq: true, rcu: false, access: false);

    /// <summary>
    /// LINUX: flush_tlb_range where it sends IPIs (x86). Checked: a TLB invalidation on every CPU, in the handler of an IPI that is waited for as in
    /// <see cref="SyncLocklessWalkers"/>. Native: posts the range to every
    /// <see cref="VirtualCpu"/>, whatever address space it runs in, then as there, and waits for accesses of virtual CPUs as well.
    /// </summary>
    [Intrinsic]
    public static void FlushTlbByIpi(ulong start, ulong length) => VirtualCpu.Flush(start, length, irq: true);

    /// <summary>
    /// LINUX: flush_tlb_range where the hardware broadcasts (arm64). Checked: DSB ISHST, TLBI, DSB ISH; waits for no code of other
    /// CPUs. Native: posts the range to each virtual CPU, and if one of them is awake, waits for accesses that are under way; a full barrier.
    /// </summary>
    [Intrinsic]
    public static void FlushTlbByBroadcast(ulong start, ulong length) => VirtualCpu.Flush(start, length, irq: false);

    /// <summary>
    /// LINUX: flush_tlb_fix_spurious_fault, local_flush_tlb_page_nonotify (arm64), flush_tlb_one_user (x86). Checked: DSB NSHST, TLBI for this CPU or INVLPG, DSB NSH; it waits for
    /// nobody else. Native: posts the range to every virtual CPU, so to this thread's.
    /// </summary>
    [Intrinsic]
    public static void FlushTlbLocal(ulong start, ulong length)
    {
        VirtualCpu.FlushWithoutWait(start, length);
        Interlocked.MemoryBarrier();
    }

    /// <summary>
    /// LINUX: __flush_tlb_page_nosync (arm64). Checked: DSB ISHST, TLBI, and no wait for its end. Native: posts the range to each
    /// virtual CPU.
    /// </summary>
    [Intrinsic]
    public static void FlushTlbByBroadcastNoSync(ulong start, ulong length) => VirtualCpu.FlushWithoutWait(start, length);

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
