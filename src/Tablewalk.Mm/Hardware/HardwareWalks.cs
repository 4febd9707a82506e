namespace Tablewalk.Mm;

/// <summary>
/// What an MMU does with the entry that maps an address when it walks there: looks whether it allows the access, and sets accessed and dirty. It has no part in
/// program order and takes no lock: an atomic update, or a fault.
/// </summary>
public unsafe interface IHardwareWalk
{
    /// <summary>Uses an entry.</summary>
    /// <param name="entry">The place: a lowest-level entry, or an upper one that maps memory itself.</param>
    /// <param name="raw">What the walk read there.</param>
    /// <param name="page">The page whose address is translated.</param>
    /// <param name="isWrite">Whether the access is a write.</param>
    /// <param name="mayStore">Whether later writes may go through this translation without looking at the entry again.</param>
    /// <returns>False if the access faults. Also if the entry changed meanwhile: the fault is then spurious.</returns>
    static abstract bool TryUse<TArch>(ulong* entry, ulong raw, ulong page, bool isWrite, out bool mayStore)
        where TArch : IArch;
}

/// <summary>x86: sets accessed whenever it uses an entry, and dirty at a write, by a locked update that looks at the whole entry again.</summary>
public readonly unsafe struct X86HardwareWalk : IHardwareWalk
{
    /// <inheritdoc/>
    public static bool TryUse<TArch>(ulong* entry, ulong raw, ulong page, bool isWrite, out bool mayStore)
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

/// <summary>Which entry of a contiguous block gets the flag.</summary>
public unsafe interface IFlagPlacement
{
    /// <summary>An entry of the block that the target is in, and what a walk reads there.</summary>
    /// <returns>Null if the target changed meanwhile.</returns>
    static abstract ulong* Choose(ulong* target, ulong raw, ulong page, out ulong chosen);
}

/// <summary>The one that the access went through.</summary>
public readonly unsafe struct FlagOnTarget : IFlagPlacement
{
    /// <inheritdoc/>
    public static ulong* Choose(ulong* target, ulong raw, ulong page, out ulong chosen)
    {
        chosen = raw;
        return target;
    }
}

/// <summary>Any: the architecture does not say which (T80).</summary>
public readonly unsafe struct FlagOnAnyEntry<TBlock> : IFlagPlacement
    where TBlock : IBlockSize
{
    /// <inheritdoc/>
    public static ulong* Choose(ulong* target, ulong raw, ulong page, out ulong chosen)
    {
        chosen = raw;
        if (!Arm64.IsValidCont(new Pte(raw)))
        {
            return target;
        }

        ulong index = (ulong)Cpu.Choose((int)TBlock.Entries);
        ulong* entry = Contpte<TBlock>.BlockStart(target) + index;
        if (entry == target)
        {
            return target;
        }

        ulong expected = Contpte<TBlock>.WithoutAccessedDirty(raw) + ((index - Contpte<TBlock>.IndexInBlock(target)) << TBlock.PageShift);
        ulong found = Cpu.WalkRead(entry, page);
        if (Contpte<TBlock>.WithoutAccessedDirty(found) != expected)
        {
            // The block is no more: it is the target's own flag, if that still maps the page.
            chosen = Cpu.WalkRead(target, page);
            return Contpte<TBlock>.WithoutAccessedDirty(chosen) == Contpte<TBlock>.WithoutAccessedDirty(raw) ? target : null;
        }

        chosen = found;
        return entry;
    }
}

/// <summary>arm64 with hardware management of the access flag and of the dirty state (FEAT_HAFDBS).</summary>
/// <typeparam name="TPlacement">Which entry of a block gets the flag.</typeparam>
public readonly unsafe struct Arm64HardwareWalk<TPlacement> : IHardwareWalk
    where TPlacement : IFlagPlacement
{
    /// <inheritdoc/>
    public static bool TryUse<TArch>(ulong* entry, ulong raw, ulong page, bool isWrite, out bool mayStore)
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
        if (isNeeded)
        {
            ulong* place = TPlacement.Choose(entry, raw, page, out ulong old);
            if (place == null)
            {
                return false;
            }

            if (!TArch.IsAccessPermitted(new Pte(old), isWrite))
            {
                HardwareFault.Take(old);
                return false;
            }

            if (!Cpu.TryHardwareUpdate(place, old, (old & ~remove) | Arm64.AccessFlag))
            {
                return false;
            }
        }

        mayStore = isWrite || Arm64.IsHardwareDirty(pte);
        return true;
    }
}

/// <summary>arm64 without: an old entry and a clean one fault, and software sets the flags.</summary>
public readonly unsafe struct Arm64SoftwareFlagsWalk : IHardwareWalk
{
    /// <inheritdoc/>
    public static bool TryUse<TArch>(ulong* entry, ulong raw, ulong page, bool isWrite, out bool mayStore)
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
