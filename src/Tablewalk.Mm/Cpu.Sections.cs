using System.Runtime.CompilerServices;

#pragma warning disable RS0030 // Cpu is the door that the banned members stand behind.

namespace Tablewalk.Mm;

/// <content>Sections, the waits for those of others, and TLB flushes, which are such waits where they send IPIs.</content>
public static unsafe partial class Cpu
{
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
}
