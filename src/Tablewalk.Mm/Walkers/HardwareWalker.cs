namespace Tablewalk.Mm;

/// <summary>What the MMU itself does to entries.</summary>
public static unsafe class HardwareWalker
{
    /// <summary>
    /// A write by user code to a page, as arm64's hardware dirty management does it: if the entry maps that page, writable and
    /// clean, it becomes dirty, unless it changes meanwhile. ARM: D8.5, hardware management of the dirty state.
    /// </summary>
    /// <returns>Whether the entry was made dirty.</returns>
    public static bool TryMakeDirty(Pte* ptep, ulong pfn)
    {
        ulong raw = Cpu.ReadOnce((ulong*)ptep);
        const ulong suitable = Arm64.Valid | Arm64.WriteBit | Arm64.ReadOnly | Arm64.AddressMask;
        ulong wanted = Arm64.Valid | Arm64.WriteBit | Arm64.ReadOnly | (pfn << PhysicalMemory.PageShift);
        if ((raw & suitable) != wanted)
        {
            return false;
        }

        return Cpu.CmpXchgRelaxed((ulong*)ptep, raw, raw & ~Arm64.ReadOnly) == raw;
    }
}
