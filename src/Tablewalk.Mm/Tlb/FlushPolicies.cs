namespace Tablewalk.Mm;

/// <summary>How TLB entries of a range are invalidated on all CPUs.</summary>
public interface ITlbFlush
{
    /// <summary>Invalidates, and returns when no CPU uses the old translations any more.</summary>
    /// <param name="start">The first address.</param>
    /// <param name="length">In bytes.</param>
    static abstract void Flush(ulong start, ulong length);
}

/// <summary>By IPI, as x86 does: waits for every CPU's interrupts, hence for lockless walks as well.</summary>
public readonly struct FlushByIpi : ITlbFlush
{
    /// <inheritdoc/>
    public static void Flush(ulong start, ulong length) => Cpu.FlushTlbByIpi(start, length);
}

/// <summary>For scenarios: by broadcast, as arm64 does: orders, but waits for no walk in software.</summary>
public readonly struct FlushByBroadcast : ITlbFlush
{
    /// <inheritdoc/>
    public static void Flush(ulong start, ulong length) => Cpu.FlushTlbByBroadcast(start, length);
}

/// <summary>
/// For scenarios: A full barrier without any wait: what software sees of a flush that needs no IPI on x86, such as INVLPGB and TLBSYNC or a hypercall.
/// </summary>
public readonly struct FlushWithoutIpi : ITlbFlush
{
    /// <inheritdoc/>
    public static void Flush(ulong start, ulong length) => Cpu.SmpMb();
}

/// <summary>A mutation: no flush at all.</summary>
public readonly struct NoFlush : ITlbFlush
{
    /// <inheritdoc/>
    public static void Flush(ulong start, ulong length)
    {
    }
}
