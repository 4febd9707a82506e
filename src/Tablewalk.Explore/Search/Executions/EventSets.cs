using Tablewalk.Cat;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Executions;

/// <summary>Which of a model's base sets an event belongs to. The kernel's fences are in the sets of every architecture's fence that implements them.</summary>
internal static class EventSets
{
    public static readonly ulong InitialWrite = Of(BaseSet.W, BaseSet.IW);

    public static readonly ulong Atomic = Of(BaseSet.Amo, BaseSet.Rmw);

    public static ulong Of(params ReadOnlySpan<BaseSet> sets)
    {
        var mask = 0UL;
        foreach (var set in sets)
        {
            mask |= 1UL << (int)set;
        }

        return mask;
    }

    public static ulong Read(LoadOrder order, bool isExclusive) => Of(BaseSet.R) | (isExclusive ? Of(BaseSet.X) : 0) | order switch
    {
        LoadOrder.Acquire => Of(BaseSet.A),
        LoadOrder.AcquirePc => Of(BaseSet.Q),
        LoadOrder.AcquireRelease => Of(BaseSet.A, BaseSet.L),
        LoadOrder.Walk => Of(BaseSet.Imp, BaseSet.Ttd),
        _ => 0,
    };

    public static ulong Write(StoreOrder order) => Of(BaseSet.W) | order switch
    {
        StoreOrder.Release => Of(BaseSet.L),
        StoreOrder.AcquireRelease => Of(BaseSet.A, BaseSet.L),
        StoreOrder.HardwareUpdate => Of(BaseSet.Imp, BaseSet.Ttd, BaseSet.Rmw),
        _ => 0,
    };

    /// <summary>What ordering adds to the read of an atomic update that writes.</summary>
    public static ulong UpdateRead(AtomicOrder order) => Atomic | (order is AtomicOrder.Acquire or AtomicOrder.Full ? Of(BaseSet.A) : 0);

    public static ulong UpdateWrite(AtomicOrder order) =>
        Of(BaseSet.W) | Atomic | (order is AtomicOrder.Release or AtomicOrder.Full ? Of(BaseSet.L) : 0);

    public static ulong Fence(FenceKind kind) => Of(BaseSet.F) | kind switch
    {
        FenceKind.SmpMb => Of(BaseSet.DmbSy, BaseSet.MFence, BaseSet.FenceMM),
        FenceKind.SmpRmb => Of(BaseSet.DmbLd, BaseSet.FenceRR),
        FenceKind.SmpWmb => Of(BaseSet.DmbSt, BaseSet.FenceWW),
        FenceKind.DmbLd => Of(BaseSet.DmbLd),
        FenceKind.DmbSt => Of(BaseSet.DmbSt),
        FenceKind.DmbSy => Of(BaseSet.DmbSy, BaseSet.MFence),
        FenceKind.DsbSy => Of(BaseSet.DsbSy, BaseSet.MFence),
        FenceKind.DsbLd => Of(BaseSet.DsbLd),
        FenceKind.DsbSt => Of(BaseSet.DsbSt),
        FenceKind.Isb => Of(BaseSet.Isb),
        FenceKind.MFence => Of(BaseSet.MFence),
        FenceKind.SFence => Of(BaseSet.SFence),
        FenceKind.LFence => Of(BaseSet.LFence),
        FenceKind.FenceRR => Of(BaseSet.FenceRR),
        FenceKind.FenceRW => Of(BaseSet.FenceRW),
        FenceKind.FenceRM => Of(BaseSet.FenceRM),
        FenceKind.FenceWR => Of(BaseSet.FenceWR),
        FenceKind.FenceWW => Of(BaseSet.FenceWW),
        FenceKind.FenceWM => Of(BaseSet.FenceWM),
        FenceKind.FenceMR => Of(BaseSet.FenceMR),
        FenceKind.FenceMW => Of(BaseSet.FenceMW),
        FenceKind.FenceMM => Of(BaseSet.FenceMM),
        FenceKind.FenceTso => Of(BaseSet.FenceTso),
        FenceKind.FenceI => Of(BaseSet.FenceI),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown fence"),
    };

    /// <summary>An MMU fault enters an exception.</summary>
    public static ulong Fault(MmuFault kind) => Of(BaseSet.Fault, BaseSet.Mmu, BaseSet.ExceptionEntry) | kind switch
    {
        MmuFault.Translation => Of(BaseSet.Translation),
        MmuFault.AccessFlag => Of(BaseSet.AccessFlag),
        _ => Of(BaseSet.Permission),
    };

    public static ulong Section(SectionKind kind, bool isEntry) => (kind, isEntry) switch
    {
        (SectionKind.IrqOff, true) => Of(BaseSet.IrqSave),
        (SectionKind.IrqOff, false) => Of(BaseSet.IrqRestore),
        (_, true) => Of(BaseSet.RcuLock),
        _ => Of(BaseSet.RcuUnlock),
    };

    public static ulong Wait(WaitKind kind) => Of(kind == WaitKind.Ipi ? BaseSet.Ipi : BaseSet.Gp);
}
