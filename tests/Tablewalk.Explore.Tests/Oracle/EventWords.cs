using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Oracle;

/// <summary>The cat sets of events, by what makes them.</summary>
internal static class EventWords
{
    internal static string[] Of(LoadOrder order) => order switch
    {
        LoadOrder.Once => [],
        LoadOrder.Acquire => ["A"],
        LoadOrder.AcquirePc => ["Q"],
        LoadOrder.AcquireRelease => ["A", "L"],
        LoadOrder.Walk => ["Imp", "TTD"],
        _ => throw new NotSupportedException(order.ToString()),
    };

    internal static string[] Of(StoreOrder order) => order switch
    {
        StoreOrder.Once => [],
        StoreOrder.Release => ["L"],
        StoreOrder.AcquireRelease => ["A", "L"],
        StoreOrder.HardwareUpdate => ["Imp", "TTD", "RMW"],
        _ => throw new NotSupportedException(order.ToString()),
    };

    internal static string[] Of(MmuFault fault) => ["FAULT", "MMU", "EXC-ENTRY", fault switch
    {
        MmuFault.Translation => "Translation",
        MmuFault.AccessFlag => "AccessFlag",
        MmuFault.Permission => "Permission",
        _ => throw new NotSupportedException(fault.ToString()),
    }];

    internal static string[] Of(FenceKind kind) => kind switch
    {
        FenceKind.SmpMb => ["F", "DMB.SY", "MFENCE", "Fence.rw.rw"],
        FenceKind.SmpRmb => ["F", "DMB.LD", "Fence.r.r"],
        FenceKind.SmpWmb => ["F", "DMB.ST", "Fence.w.w"],
        FenceKind.DmbSy => ["F", "DMB.SY", "MFENCE"],
        FenceKind.DmbLd => ["F", "DMB.LD"],
        FenceKind.DmbSt => ["F", "DMB.ST"],
        FenceKind.DsbSy => ["F", "DSB.SY", "MFENCE"],
        FenceKind.DsbLd => ["F", "DSB.LD"],
        FenceKind.DsbSt => ["F", "DSB.ST"],
        FenceKind.Isb => ["F", "ISB"],
        FenceKind.MFence => ["F", "MFENCE"],
        FenceKind.FenceRR => ["F", "Fence.r.r"],
        FenceKind.FenceRW => ["F", "Fence.r.w"],
        FenceKind.FenceRM => ["F", "Fence.r.rw"],
        FenceKind.FenceWR => ["F", "Fence.w.r"],
        FenceKind.FenceWW => ["F", "Fence.w.w"],
        FenceKind.FenceWM => ["F", "Fence.w.rw"],
        FenceKind.FenceMR => ["F", "Fence.rw.r"],
        FenceKind.FenceMW => ["F", "Fence.rw.w"],
        FenceKind.FenceMM => ["F", "Fence.rw.rw"],
        FenceKind.FenceTso => ["F", "Fence.tso"],
        FenceKind.FenceI => ["F", "Fence.i"],
        FenceKind.SFence => ["F", "SFENCE"],
        FenceKind.LFence => ["F", "LFENCE"],
        _ => throw new NotSupportedException(kind.ToString()),
    };
}
