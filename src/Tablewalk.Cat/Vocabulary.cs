namespace Tablewalk.Cat;

/// <summary>
/// The sets that the engine gives for every execution; the cat name of each is in <see cref="Vocabulary"/>. <c>_</c> (all events), <c>M</c>
/// and <c>emptyset</c> are not among them: the language and the prelude define those.
/// </summary>
public enum BaseSet
{
    /// <summary>Reads.</summary>
    R,

    /// <summary>Writes, the initial ones included.</summary>
    W,

    /// <summary>Fences of every kind.</summary>
    F,

    /// <summary>Initial writes.</summary>
    IW,

    /// <summary>Reads with acquire ordering (Arm LDAR and the read of an acquiring atomic). May be joined late.</summary>
    A,

    /// <summary>Reads with the weaker acquire ordering of Arm LDAPR. May be joined late.</summary>
    Q,

    /// <summary>Writes with release ordering. May be joined late.</summary>
    L,

    /// <summary>Exclusive accesses (load-exclusive, store-exclusive). May be joined late.</summary>
    X,

    /// <summary>Accesses of single-instruction atomics. May be joined late.</summary>
    Amo,

    /// <summary>The read and the write of a read-modify-write that succeeded. May be joined late.</summary>
    Rmw,

    /// <summary>Full barriers of Arm, and smp_mb.</summary>
    DmbSy,

    /// <summary>Load barriers of Arm, and smp_rmb.</summary>
    DmbLd,

    /// <summary>Store barriers of Arm, and smp_wmb.</summary>
    DmbSt,

    /// <summary>Arm DSB SY.</summary>
    DsbSy,

    /// <summary>Arm DSB LD.</summary>
    DsbLd,

    /// <summary>Arm DSB ST.</summary>
    DsbSt,

    /// <summary>Arm ISB.</summary>
    Isb,

    /// <summary>x86 MFENCE, and smp_mb.</summary>
    MFence,

    /// <summary>TLB invalidation by broadcast.</summary>
    Tlbi,

    /// <summary>Entries of irq-off sections.</summary>
    IrqSave,

    /// <summary>Ends of irq-off sections.</summary>
    IrqRestore,

    /// <summary>Entries of RCU read sections.</summary>
    RcuLock,

    /// <summary>Ends of RCU read sections.</summary>
    RcuUnlock,

    /// <summary>Waits for an IPI to all other CPUs.</summary>
    Ipi,

    /// <summary>Waits for a grace period.</summary>
    Gp,

    /// <summary>Reads of atomics whose old value nobody gets (Arm ST&lt;op&gt;, and LD&lt;op&gt; and SWP to the zero register).</summary>
    NoRet,

    /// <summary>x86 SFENCE.</summary>
    SFence,

    /// <summary>x86 LFENCE.</summary>
    LFence,

    /// <summary>RISC-V fences of reads before reads, and smp_rmb.</summary>
    FenceRR,

    /// <summary>RISC-V fences of reads before writes.</summary>
    FenceRW,

    /// <summary>RISC-V fences of reads before both.</summary>
    FenceRM,

    /// <summary>RISC-V fences of writes before reads.</summary>
    FenceWR,

    /// <summary>RISC-V fences of writes before writes, and smp_wmb.</summary>
    FenceWW,

    /// <summary>RISC-V fences of writes before both.</summary>
    FenceWM,

    /// <summary>RISC-V fences of both before reads.</summary>
    FenceMR,

    /// <summary>RISC-V fences of both before writes.</summary>
    FenceMW,

    /// <summary>RISC-V fences of both before both, and smp_mb.</summary>
    FenceMM,

    /// <summary>RISC-V FENCE.TSO.</summary>
    FenceTso,

    /// <summary>RISC-V FENCE.I.</summary>
    FenceI,

    /// <summary>Accesses whose address is no multiple of their size.</summary>
    Unaligned,

    /// <summary>Accesses that no instruction asks for: the MMU's reads and updates of translation-table entries.</summary>
    Imp,

    /// <summary>The MMU's accesses to translation-table entries.</summary>
    Ttd,

    /// <summary>Faults.</summary>
    Fault,

    /// <summary>Faults that the MMU finds.</summary>
    Mmu,

    /// <summary>Exceptions being entered.</summary>
    ExceptionEntry,

    /// <summary>MMU faults for want of a valid entry.</summary>
    Translation,

    /// <summary>MMU faults for want of the access flag.</summary>
    AccessFlag,

    /// <summary>MMU faults for want of a permission.</summary>
    Permission,
}

/// <summary>
/// The relations that the engine gives for every execution. <c>id</c> needs no giving, <c>ext</c> is everything that is not <c>int</c>, and
/// <c>fr</c>, <c>rfe</c> and kin are defined by the prelude.
/// </summary>
public enum BaseRelation
{
    /// <summary>Program order; transitive. Fixed once both events exist.</summary>
    Po,

    /// <summary>Reads-from: a write to the reads that return its value. Grows.</summary>
    Rf,

    /// <summary>Coherence order of the writes to one location; transitive. Grows.</summary>
    Co,

    /// <summary>Address dependency, through registers. Fixed once both events exist.</summary>
    Addr,

    /// <summary>Data dependency, through registers. Fixed once both events exist.</summary>
    Data,

    /// <summary>Control dependency, to every later event. Fixed once both events exist.</summary>
    Ctrl,

    /// <summary>The read to the write of a successful read-modify-write. Grows.</summary>
    Rmw,

    /// <summary>That part of rmw which is one instruction. Grows.</summary>
    Amo,

    /// <summary>That part of rmw which is a pair of exclusives. Grows.</summary>
    Lxsx,

    /// <summary>Same location; symmetric. Fixed once both events exist.</summary>
    Loc,

    /// <summary>Same thread; symmetric. Fixed once both events exist.</summary>
    Int,

    /// <summary>Same access, split into parts; symmetric, and reflexive without being told so. Fixed once both events exist.</summary>
    Si,

    /// <summary>Decided order between a wait (IPI, grace period) and a section edge of another thread. Grows.</summary>
    WaitOrder,

    /// <summary>Address dependency that picks between values: through the condition of a CSEL. Fixed once both events exist.</summary>
    PickAddr,

    /// <summary>Data dependency that picks between values. Fixed once both events exist.</summary>
    PickData,

    /// <summary>Control dependency that picks between values. Fixed once both events exist.</summary>
    PickCtrl,

    /// <summary>Decided order between a TLB invalidation and a walk's read in its scope, whichever way. Grows.</summary>
    TlbiAfter,
}

/// <summary>How events on one location see each other.</summary>
public enum Communication
{
    /// <summary>A write to a read that returns its value.</summary>
    Rf,

    /// <summary>A write to a later one.</summary>
    Co,

    /// <summary>A read to a write that overwrites what it read.</summary>
    Fr,
}

/// <summary>The cat names of the base sets and relations, and what an evaluator may rely on about how each grows.</summary>
public static class Vocabulary
{
    private static readonly string[] s_sets =
    [
        "R", "W", "F", "IW", "A", "Q", "L", "X", "AMO", "RMW", "DMB.SY", "DMB.LD", "DMB.ST", "DSB.SY", "DSB.LD", "DSB.ST", "ISB", "MFENCE",
        "TLBI", "IRQ-SAVE", "IRQ-RESTORE", "RCU-LOCK", "RCU-UNLOCK", "IPI", "GP", "NoRet", "SFENCE", "LFENCE", "Fence.r.r", "Fence.r.w",
        "Fence.r.rw", "Fence.w.r", "Fence.w.w", "Fence.w.rw", "Fence.rw.r", "Fence.rw.w", "Fence.rw.rw", "Fence.tso", "Fence.i",
        "Unaligned", "Imp", "TTD", "FAULT", "MMU", "EXC-ENTRY", "Translation", "AccessFlag", "Permission",
    ];

    private static readonly string[] s_relations =
    [
        "po", "rf", "co", "addr", "data", "ctrl", "rmw", "amo", "lxsx", "loc", "int", "si", "wait-order", "pick-addr", "pick-data", "pick-ctrl",
        "TLBI-after",
    ];

    /// <summary>How many base sets there are.</summary>
    public static int SetCount => s_sets.Length;

    /// <summary>How many base relations there are.</summary>
    public static int RelationCount => s_relations.Length;

    /// <summary>The names of all sets, then those of all relations.</summary>
    internal static IEnumerable<string> Names => s_sets.Concat(s_relations);

    /// <summary>The set of a name in a cat file; null if there is none.</summary>
    internal static BaseSet? SetOrNull(string name) => Array.IndexOf(s_sets, name) is >= 0 and var set ? (BaseSet)set : null;

    /// <summary>The relation of a name in a cat file; null if there is none.</summary>
    internal static BaseRelation? RelationOrNull(string name) => Array.IndexOf(s_relations, name) is >= 0 and var relation ? (BaseRelation)relation : null;

    /// <summary>The name of the set in a cat file.</summary>
    public static string CatName(this BaseSet set) => s_sets[(int)set];

    /// <summary>The name of the relation in a cat file.</summary>
    public static string CatName(this BaseRelation relation) => s_relations[(int)relation];

    /// <summary>The set as a bit of a mask, for <see cref="IncrementalEvaluation.AddEvent(ulong)"/>.</summary>
    public static ulong Bit(this BaseSet set) => 1UL << (int)set;

    /// <summary>Whether an event may join the set after it was added, once a read-modify-write turned out to succeed.</summary>
    public static bool MayBeJoinedLate(this BaseSet set) =>
        set is BaseSet.A or BaseSet.Q or BaseSet.L or BaseSet.X or BaseSet.Amo or BaseSet.Rmw;

    /// <summary>Whether the relation between two events is fixed from the moment when both exist.</summary>
    public static bool IsPairStable(this BaseRelation relation) => relation is
        BaseRelation.Po or BaseRelation.Addr or BaseRelation.Data or BaseRelation.Ctrl or BaseRelation.Loc or BaseRelation.Int or BaseRelation.Si or
        BaseRelation.PickAddr or BaseRelation.PickData or BaseRelation.PickCtrl;

    /// <summary>Whether the relation only leads from events added earlier to events added later.</summary>
    internal static bool IsForward(this BaseRelation relation) => relation is
        BaseRelation.Po or BaseRelation.Addr or BaseRelation.Data or BaseRelation.Ctrl or
        BaseRelation.Rmw or BaseRelation.Amo or BaseRelation.Lxsx or BaseRelation.PickAddr or BaseRelation.PickData or BaseRelation.PickCtrl;

    /// <summary>Whether the relation holds both ways or not at all.</summary>
    internal static bool IsSymmetric(this BaseRelation relation) => relation is BaseRelation.Loc or BaseRelation.Int or BaseRelation.Si;
}
