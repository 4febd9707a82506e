namespace Tablewalk.Mm;

/// <summary>
/// What an MMU does with the entry that maps an address when it walks there: looks whether it allows the access, and sets accessed and dirty. It has no part in
/// program order and takes no lock: an atomic update, or a fault.
/// </summary>
public unsafe interface IHardwareWalk
{
    /// <summary>Reads the entry that maps an address, in one load: hardware walks do not tear, on PAE neither.</summary>
    /// <param name="leaf">The place.</param>
    /// <param name="page">The page whose address is translated.</param>
    /// <param name="raw">What was read.</param>
    /// <returns>The entry that serves the access: that one, or another of its contiguous block.</returns>
    static virtual ulong* Read(ulong* leaf, ulong page, out ulong raw)
    {
        raw = Cpu.WalkRead(leaf, page);
        return leaf;
    }

    /// <summary>Uses an entry.</summary>
    /// <param name="entry">The place: a lowest-level entry, or an upper one that maps memory itself.</param>
    /// <param name="raw">What the walk read there.</param>
    /// <param name="isWrite">Whether the access is a write.</param>
    /// <param name="mayStore">Whether later writes may go through this translation without looking at the entry again.</param>
    /// <returns>False if the access faults. Also if the entry changed meanwhile: the fault is then spurious.</returns>
    static abstract bool TryUse<TArch>(ulong* entry, ulong raw, bool isWrite, out bool mayStore)
        where TArch : IArch;
}

/// <summary>x86: sets accessed whenever it uses an entry, and dirty at a write, by a locked update that looks at the whole entry again.</summary>
public readonly unsafe struct X86HardwareWalk : IHardwareWalk
{
    /// <inheritdoc/>
    public static bool TryUse<TArch>(ulong* entry, ulong raw, bool isWrite, out bool mayStore)
        where TArch : IArch
    {
        mayStore = false;
        if (!TArch.IsAccessPermitted(new Pte(raw), isWrite))
        {
            HardwareFault.Take(raw);
            return false;
        }

        ulong wanted = raw | X86Bits.Accessed | (isWrite ? X86Bits.Dirty : 0);
        if (wanted != raw && !Cpu.TryHardwareUpdate(entry, raw, wanted))
        {
            return false;
        }

        mayStore = (wanted & (X86Bits.ReadWrite | X86Bits.Dirty)) == (X86Bits.ReadWrite | X86Bits.Dirty);
        return true;
    }
}

/// <summary>Which entry of a contiguous block serves an access, and gets its flags: one TLB entry may stand for all, and any of them may have filled it.</summary>
public unsafe interface IBlockTranslation
{
    /// <summary>Reads.</summary>
    /// <param name="target">The entry that maps the address.</param>
    /// <param name="page">The page whose address is translated.</param>
    /// <param name="raw">What was read last, and there.</param>
    /// <returns>The entry that serves the access.</returns>
    static abstract ulong* Read(ulong* target, ulong page, out ulong raw);
}

/// <summary>For scenarios: the one that maps the address.</summary>
public readonly unsafe struct ThroughTarget : IBlockTranslation
{
    /// <inheritdoc/>
    public static ulong* Read(ulong* target, ulong page, out ulong raw)
    {
        raw = Cpu.WalkRead(target, page);
        return target;
    }
}

/// <summary>Any of the block: the architecture does not say which (T80, T81).</summary>
public readonly unsafe struct ThroughAnyEntry<TBlock> : IBlockTranslation
    where TBlock : IBlockSize
{
    /// <inheritdoc/>
    public static ulong* Read(ulong* target, ulong page, out ulong raw)
    {
        raw = Cpu.WalkRead(target, page);
        if (!Arm64.IsValidCont(new Pte(raw)))
        {
            return target;
        }

        ulong* entry = Contpte<TBlock>.BlockStart(target) + Cpu.Choose((int)TBlock.Entries);
        if (entry == target)
        {
            return target;
        }

        raw = Cpu.WalkRead(entry, page);
        if (Arm64.IsValidCont(new Pte(raw)))
        {
            return entry;
        }

        raw = Cpu.WalkRead(target, page);
        return target;
    }
}

/// <summary>arm64 with hardware management of the access flag and of the dirty state (FEAT_HAFDBS).</summary>
/// <typeparam name="TTranslation">Which entry of a block serves an access.</typeparam>
public readonly unsafe struct Arm64HardwareWalk<TTranslation> : IHardwareWalk
    where TTranslation : IBlockTranslation
{
    /// <inheritdoc/>
    public static ulong* Read(ulong* leaf, ulong page, out ulong raw) => TTranslation.Read(leaf, page, out raw);

    /// <inheritdoc/>
    public static bool TryUse<TArch>(ulong* entry, ulong raw, bool isWrite, out bool mayStore)
        where TArch : IArch
    {
        Pte pte = new(raw);
        mayStore = false;
        if (!TArch.IsAccessPermitted(pte, isWrite))
        {
            HardwareFault.Take(raw);
            return false;
        }

        ulong remove = isWrite ? Arm64.ReadOnly : 0;
        bool isNeeded = (raw & Arm64.AccessFlag) == 0 || (raw & remove) != 0;
        if (isNeeded && !Cpu.TryHardwareUpdate(entry, raw, (raw & ~remove) | Arm64.AccessFlag))
        {
            return false;
        }

        mayStore = isWrite || Arm64.IsHardwareDirty(pte);
        return true;
    }
}

/// <summary>For scenarios: arm64 without: an old entry and a clean one fault, and software sets the flags.</summary>
public readonly unsafe struct Arm64SoftwareFlagsWalk : IHardwareWalk
{
    /// <inheritdoc/>
    public static bool TryUse<TArch>(ulong* entry, ulong raw, bool isWrite, out bool mayStore)
        where TArch : IArch
    {
        Pte pte = new(raw);
        mayStore = Arm64.IsHardwareDirty(pte);
        if (!TArch.IsAccessPermitted(pte, isWrite))
        {
            HardwareFault.Take(raw);
            return false;
        }

        if (!Arm64.IsYoung(pte))
        {
            Cpu.TakeFault(MmuFault.AccessFlag, raw);
            return false;
        }

        if (isWrite && !mayStore)
        {
            Cpu.TakeFault(MmuFault.Permission, raw);
            return false;
        }

        return true;
    }
}

/// <summary>The fault of an access that an entry refuses.</summary>
internal static class HardwareFault
{
    /// <summary>Bit 0 says on arm64 as on x86 whether the MMU may use an entry at all.</summary>
    internal static void Take(ulong raw)
    {
        if ((raw & 1) == 0)
        {
            Cpu.TakeFault(MmuFault.Translation, raw);
        }
        else
        {
            Cpu.TakeFault(MmuFault.Permission, raw);
        }
    }
}
