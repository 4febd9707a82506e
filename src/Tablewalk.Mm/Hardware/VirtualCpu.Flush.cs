#pragma warning disable RS0030 // This is the native half of Cpu.FlushTlbByIpi and Cpu.FlushTlbByBroadcast.

namespace Tablewalk.Mm;

/// <content>Invalidation on all virtual CPUs.</content>
public sealed unsafe partial class VirtualCpu
{
    private const int FewCpus = 32;

    // Under the gate of requests. Some request was untaken when a process-wide barrier and the wait for accesses were over: no access is under way, and
    // the next one begins with taking it. LINUX: a CPU in lazy TLB mode, which no flush interrupts.
    private bool _isAsleep;

    /// <summary>Flushes that found the virtual CPU awake, and so interrupted the machine's CPUs and waited.</summary>
    public long Interruptions { get; private set; }

    /// <summary>Invalidates a range on every virtual CPU, and returns when no access goes through an old translation any more; a full barrier.</summary>
    /// <param name="start">The first address.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="irq">Whether to wait for irq-off sections as well.</param>
    internal static void Flush(ulong start, ulong length, bool irq)
    {
        // ORDER: store-load; pairs with the barrier of a new virtual CPU, and of a thread's first access without one: we see it, or its first walk sees the
        // changed tables.
        Interlocked.MemoryBarrier();
        VirtualCpu[] all = Volatile.Read(ref s_all);
        Span<ulong> requests = all.Length <= FewCpus ? stackalloc ulong[FewCpus] : new ulong[all.Length];
        bool isAnyAwake = NativeSections.HasThreadAccesses;
        for (int i = 0; i < all.Length; i++)
        {
            requests[i] = all[i].Post(start, length, out bool isAwake);
            isAnyAwake |= isAwake;
        }

        if (!isAnyAwake && !irq)
        {
            return;
        }

        NativeSections.WaitForOthers(irq, rcu: false, access: isAnyAwake);
        for (int i = 0; i < all.Length; i++)
        {
            all[i].SleepUnlessTaken(requests[i]);
        }
    }

    /// <summary>Asks every virtual CPU to invalidate a range, and does not wait.</summary>
    internal static void FlushWithoutWait(ulong start, ulong length)
    {
        foreach (VirtualCpu cpu in Volatile.Read(ref s_all))
        {
            cpu.Post(start, length, out _);
        }
    }

    // Returns the number of the request.
    private ulong Post(ulong start, ulong length, out bool isAwake)
    {
        lock (_requestGate)
        {
            _ranges[_requested % RangeCount] = (start, length);
            Volatile.Write(ref _requested, _requested + 1);
            isAwake = !_isAsleep;
            Interruptions += isAwake ? 1 : 0;
            return _requested;
        }
    }

    // After the wait. If this very request is untaken, no access has begun since the barrier; any other one may have been posted under an access.
    private void SleepUnlessTaken(ulong request)
    {
        lock (_requestGate)
        {
            _isAsleep |= _done < request;
        }
    }
}
