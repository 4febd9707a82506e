namespace Tablewalk.Ir;

/// <summary>The size of an access, in bytes.</summary>
public enum AccessSize
{
    /// <summary>One byte.</summary>
    Byte = 1,

    /// <summary>Two bytes.</summary>
    Half = 2,

    /// <summary>Four bytes.</summary>
    Word = 4,

    /// <summary>Eight bytes.</summary>
    Double = 8,
}

/// <summary>The ordering of a load.</summary>
public enum LoadOrder
{
    /// <summary>READ_ONCE: a plain load of the hardware.</summary>
    Once,

    /// <summary>smp_load_acquire; LDAR on arm64 (cat's <c>A</c>).</summary>
    Acquire,

    /// <summary>LDAPR on arm64 (cat's <c>Q</c>).</summary>
    AcquirePc,

    /// <summary>RISC-V's lr.aq.rl: an acquire that is a release as well (cat's <c>A</c> and <c>L</c>).</summary>
    AcquireRelease,

    /// <summary>No load of the program: the MMU reads a translation-table entry (cat's <c>Imp</c> and <c>TTD</c>).</summary>
    Walk,
}

/// <summary>The ordering of a store.</summary>
public enum StoreOrder
{
    /// <summary>WRITE_ONCE: a plain store of the hardware.</summary>
    Once,

    /// <summary>smp_store_release; STLR on arm64 (cat's <c>L</c>).</summary>
    Release,

    /// <summary>RISC-V's sc.aq.rl: a release that is an acquire as well (cat's <c>A</c> and <c>L</c>).</summary>
    AcquireRelease,

    /// <summary>No store of the program: the MMU updates the entry that it read last, in one piece with that read (cat's <c>Imp</c> and <c>TTD</c>).</summary>
    HardwareUpdate,
}

/// <summary>What an atomic read-modify-write writes, given the old value and its operand.</summary>
public enum AtomicOperation
{
    /// <summary>The operand.</summary>
    Exchange,

    /// <summary>Old plus operand.</summary>
    Add,

    /// <summary>Old or operand.</summary>
    Or,

    /// <summary>Old and operand.</summary>
    And,

    /// <summary>Old exclusive-or operand.</summary>
    Xor,

    /// <summary>Old and the complement of the operand: Arm's LDCLR.</summary>
    Clear,

    /// <summary>The greater one, as signed numbers of the access's size.</summary>
    MaxSigned,

    /// <summary>The lesser one, as signed numbers of the access's size.</summary>
    MinSigned,

    /// <summary>The greater one, as unsigned numbers of the access's size.</summary>
    MaxUnsigned,

    /// <summary>The lesser one, as unsigned numbers of the access's size.</summary>
    MinUnsigned,

    /// <summary>The operand, if old equals what was expected.</summary>
    CompareExchange,
}

/// <summary>The ordering of an atomic read-modify-write.</summary>
public enum AtomicOrder
{
    /// <summary>None.</summary>
    Relaxed,

    /// <summary>The read is an acquire.</summary>
    Acquire,

    /// <summary>The write is a release.</summary>
    Release,

    /// <summary>Fully ordered, as the kernel's value-returning atomics are when they succeed.</summary>
    Full,
}

/// <summary>The fences, the kernel's own and those of single architectures.</summary>
public enum FenceKind
{
    /// <summary>smp_mb.</summary>
    SmpMb,

    /// <summary>smp_rmb.</summary>
    SmpRmb,

    /// <summary>smp_wmb.</summary>
    SmpWmb,

    /// <summary>Arm DMB SY.</summary>
    DmbSy,

    /// <summary>Arm DMB LD.</summary>
    DmbLd,

    /// <summary>Arm DMB ST.</summary>
    DmbSt,

    /// <summary>Arm DSB SY or ISH.</summary>
    DsbSy,

    /// <summary>Arm DSB LD.</summary>
    DsbLd,

    /// <summary>Arm DSB ST.</summary>
    DsbSt,

    /// <summary>Arm ISB.</summary>
    Isb,

    /// <summary>x86 MFENCE.</summary>
    MFence,

    /// <summary>x86 SFENCE.</summary>
    SFence,

    /// <summary>x86 LFENCE.</summary>
    LFence,

    /// <summary>RISC-V FENCE R,R.</summary>
    FenceRR,

    /// <summary>RISC-V FENCE R,W.</summary>
    FenceRW,

    /// <summary>RISC-V FENCE R,RW.</summary>
    FenceRM,

    /// <summary>RISC-V FENCE W,R.</summary>
    FenceWR,

    /// <summary>RISC-V FENCE W,W.</summary>
    FenceWW,

    /// <summary>RISC-V FENCE W,RW.</summary>
    FenceWM,

    /// <summary>RISC-V FENCE RW,R.</summary>
    FenceMR,

    /// <summary>RISC-V FENCE RW,W.</summary>
    FenceMW,

    /// <summary>RISC-V FENCE RW,RW.</summary>
    FenceMM,

    /// <summary>RISC-V FENCE.TSO.</summary>
    FenceTso,

    /// <summary>RISC-V FENCE.I.</summary>
    FenceI,
}

/// <summary>Why the MMU refuses an access. ARM: DDI 0487, D8.15, in the order of their priority.</summary>
public enum MmuFault
{
    /// <summary>The entry is not valid.</summary>
    Translation,

    /// <summary>The entry was never accessed, and the hardware does not note that by itself.</summary>
    AccessFlag,

    /// <summary>The entry does not permit the access.</summary>
    Permission,
}

/// <summary>A section of code that a <see cref="Wait"/> waits for.</summary>
public enum SectionKind
{
    /// <summary>Interrupts are off: neither an IPI nor an RCU grace period gets past.</summary>
    IrqOff,

    /// <summary>Inside rcu_read_lock: an RCU grace period does not get past.</summary>
    RcuRead,
}

/// <summary>What a <see cref="Wait"/> waits for.</summary>
public enum WaitKind
{
    /// <summary>An IPI to all other CPUs whose handlers have run: waits for their irq-off sections.</summary>
    Ipi,

    /// <summary>An RCU grace period: waits for irq-off sections and RCU read sections.</summary>
    GracePeriod,
}
