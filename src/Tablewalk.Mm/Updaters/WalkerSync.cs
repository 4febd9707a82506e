namespace Tablewalk.Mm;

/// <summary>Whether collapse waits for walkers before it trusts reference counts.</summary>
public interface IWalkerSync
{
    /// <summary>Returns when no walker uses what was unlinked before.</summary>
    static abstract void Sync();
}

/// <summary>LINUX: tlb_remove_table_sync_one.</summary>
public readonly struct SyncByIpi : IWalkerSync
{
    /// <inheritdoc/>
    public static void Sync() => Cpu.SyncLocklessWalkers();
}

/// <summary>For scenarios: no wait: the walker's own re-check of the PMD is all there is.</summary>
public readonly struct NoWalkerSync : IWalkerSync
{
    /// <inheritdoc/>
    public static void Sync()
    {
    }
}
