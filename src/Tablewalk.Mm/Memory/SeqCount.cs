namespace Tablewalk.Mm;

/// <summary>A sequence counter: odd while somebody changes what it guards. LINUX: seqcount_t. Writers exclude each other by a lock.</summary>
public static unsafe class SeqCount
{
    /// <summary>LINUX: raw_read_seqcount. May be odd.</summary>
    public static ulong Read(ulong* count)
    {
        ulong seen = Cpu.ReadOnce(count);

        // ORDER: load-load; pairs with the barrier in WriteEnd: what is read after an even count is not older than the change that made it even.
        Cpu.SmpRmb();
        return seen;
    }

    /// <summary>LINUX: read_seqcount_retry. Whether a change began or ended since <paramref name="seen"/> was read.</summary>
    public static bool IsRetry(ulong* count, ulong seen)
    {
        // ORDER: load-load; pairs with the barrier in WriteBegin: who has read a part of the change sees the count that announced it.
        Cpu.SmpRmb();
        return Cpu.ReadOnce(count) != seen;
    }

    /// <summary>LINUX: raw_write_seqcount_begin. Orders no later load: see D4.</summary>
    public static void WriteBegin(ulong* count)
    {
        Cpu.WriteOnce(count, Cpu.ReadOnce(count) + 1);

        // ORDER: store-store; pairs with the barrier in IsRetry.
        Cpu.SmpWmb();
    }

    /// <summary>LINUX: raw_write_seqcount_end.</summary>
    public static void WriteEnd(ulong* count)
    {
        // ORDER: store-store; pairs with the barrier in Read.
        Cpu.SmpWmb();
        Cpu.WriteOnce(count, Cpu.ReadOnce(count) + 1);
    }
}
