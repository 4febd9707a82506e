namespace Tablewalk.Mm;

/// <summary>
/// An MMU's walk for one access: from the top table down to the entry that maps the address, which says whether the access is allowed and gets its flags set.
/// </summary>
/// <remarks>
/// What is lifted is what runs: <see cref="VirtualCpu"/> walks by this code when its TLB does not serve an access, and <see cref="Cpu.UserLoad"/> each time.
/// What a TLB or a walk cache adds for the checker is the model's to say: a walk may find what was there earlier. Upper entries get no accessed flag.
/// </remarks>
public static unsafe class MmuWalk<TArch, THardware>
    where TArch : IArch
    where THardware : IHardwareWalk
{
    /// <summary>Translates the address of an aligned word.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">The address.</param>
    /// <param name="isWrite">Whether the access is a write.</param>
    /// <param name="word">The place of the word.</param>
    /// <returns>False if the access faults.</returns>
    [Mmu]
    public static bool TryTranslate(AddressSpace* mm, ulong address, bool isWrite, out ulong* word)
    {
        word = null;
        if (!TryFindLeaf(mm, address, out ulong* leaf, out int shift) || !TryUseLeaf(leaf, shift, address, isWrite, out ulong page, out _))
        {
            return false;
        }

        word = (ulong*)PhysicalMemory.VirtualOf(mm, page + (address & (PhysicalMemory.PageSize - 1) & ~7UL));
        return true;
    }

    /// <summary>Finds the entry that maps an address, at the lowest level or above, and how many bits of the address it maps.</summary>
    /// <returns>False if there is none: a fault.</returns>
    [Mmu]
    internal static bool TryFindLeaf(AddressSpace* mm, ulong address, out ulong* leaf, out int shift)
    {
        ulong page = address & ~(PhysicalMemory.PageSize - 1);
        shift = TArch.PageShift;
        leaf = PageTables<TArch>.PgdOffset(mm, address);
        Pmd upper = new(Cpu.WalkRead(leaf, page));
        if (TArch.HasPud && TArch.IsTable(upper))
        {
            leaf = PageTables<TArch>.EntryIn(mm, upper, address, TArch.PudShift);
            upper = new Pmd(Cpu.WalkRead(leaf, page));
            if (TArch.IsLeaf(upper))
            {
                shift = TArch.PudShift;
                return true;
            }
        }

        if (!TArch.IsTable(upper))
        {
            Cpu.TakeFault(MmuFault.Translation, upper.Raw);
            return false;
        }

        leaf = PageTables<TArch>.EntryIn(mm, upper, address, TArch.PmdShift);
        Pmd pmd = new(Cpu.WalkRead(leaf, page));
        if (TArch.IsLeaf(pmd))
        {
            shift = TArch.PmdShift;
            return true;
        }

        if (!TArch.IsTable(pmd))
        {
            Cpu.TakeFault(MmuFault.Translation, pmd.Raw);
            return false;
        }

        leaf = PageTables<TArch>.EntryIn(mm, pmd, address, TArch.PageShift);
        return true;
    }

    /// <summary>Reads the entry that maps an address and uses it for an access.</summary>
    /// <param name="leaf">The place of the entry.</param>
    /// <param name="shift">How many bits of the address it maps.</param>
    /// <param name="address">The address.</param>
    /// <param name="isWrite">Whether the access is a write.</param>
    /// <param name="physical">The physical address of the page, of <see cref="PhysicalMemory.PageSize"/>.</param>
    /// <param name="mayStore">Whether later writes may go through this translation without looking at the entry again.</param>
    /// <returns>False if the access faults.</returns>
    [Mmu]
    internal static bool TryUseLeaf(ulong* leaf, int shift, ulong address, bool isWrite, out ulong physical, out bool mayStore)
    {
        ulong page = address & ~(PhysicalMemory.PageSize - 1);
        ulong* used = THardware.Read(leaf, page, out ulong raw);
        ulong distance = (ulong)(leaf - used) << TArch.PageShift;
        physical = (TArch.PfnOf(new Pte(raw)) << PhysicalMemory.PageShift) + distance + (page & ((1UL << shift) - 1));
        return THardware.TryUse<TArch>(used, raw, isWrite, out mayStore);
    }
}
