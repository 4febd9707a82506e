using System.Runtime.CompilerServices;

namespace Tablewalk.Mm;

/// <summary>Finding entries, and making the tables that are missing. LINUX: pgd_offset to pte_offset_map_lock, pmd_install.</summary>
/// <remarks>
/// Whoever changes an entry of any level holds the page-table lock. Whoever reads one without it is inside an irq-off or RCU read section, so tables
/// that are unlinked meanwhile stay readable.
/// </remarks>
public static unsafe class PageTables<TArch>
    where TArch : IArch
{
    private const int EntryShift = 3;
    private const byte EntryShiftIsOfWords = 1 << EntryShift == sizeof(ulong) ? 1 : -1; // error CS0031 if it stops

    /// <summary>Bytes that a page maps.</summary>
    public static ulong PageSize => 1UL << TArch.PageShift;

    /// <summary>Bytes that a PMD entry maps.</summary>
    public static ulong PmdSize => 1UL << TArch.PmdShift;

    /// <summary>Where the zone is that pages and tables of this granule come from.</summary>
    public static ulong PageZone => TArch.PageShift == PhysicalMemory.PageShift ? FolioAllocator.SingleZone : FolioAllocator.LargeZone;

    /// <summary>Where the folios are that a PMD entry maps.</summary>
    public static ulong LeafZone =>
        PmdSize <= PhysicalMemory.LargeFolioPages << PhysicalMemory.PageShift ? FolioAllocator.LargeZone : FolioAllocator.HugeZone;

    /// <summary>The place in the top table for an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* PgdOffset(AddressSpace* mm, ulong address) =>
        (ulong*)((ulong)AddressSpace.Pgd(mm) + OffsetOf(address, TArch.PgdShift, TArch.PtrsPerPgd));

    /// <summary>The place for an address in the table that an upper entry points to: the local copy of the entry counts, it is not read again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* EntryIn(void* anchor, Pmd upper, ulong address, int shift)
    {
        // SAFETY: the index is below the entries of a table, the place of a table is masked into the arena, and tables are aligned pages.
        // What does not depend on the entry is added up first: then the way from an entry to the next is one mask, and the addition is the load's own.
        ulong place = PhysicalMemory.BaseOf(anchor) + OffsetOf(address, shift, TArch.PtrsPerTable);
        return (ulong*)(place + (TArch.TableAddressOf(upper) & (PhysicalMemory.ArenaLengthBytes - 1)));
    }

    /// <summary>The PMD entry for an address, if its table is there.</summary>
    /// <returns>Null if it is not.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* PmdOffsetOrNull(AddressSpace* mm, ulong address)
    {
        Pmd upper = new(TArch.ReadLockless(PgdOffset(mm, address)));
        if (TArch.HasPud && TArch.IsTable(upper))
        {
            upper = new Pmd(TArch.ReadLockless(EntryIn(mm, upper, address, TArch.PudShift)));
        }

        return TArch.IsTable(upper) ? EntryIn(mm, upper, address, TArch.PmdShift) : null;
    }

    /// <summary>The PMD entry for an address, with the tables above made. LINUX: pud_alloc, pmd_alloc.</summary>
    /// <returns>Null if there is no memory, or a PUD entry maps memory itself.</returns>
    public static ulong* PmdAllocOrNull(AddressSpace* mm, ulong address)
    {
        ulong* upperp = PgdOffset(mm, address);
        if (!TryInstallTable(mm, upperp))
        {
            return null;
        }

        if (TArch.HasPud)
        {
            upperp = EntryIn(mm, new Pmd(TArch.ReadLockless(upperp)), address, TArch.PudShift);
            if (!TryInstallTable(mm, upperp))
            {
                return null;
            }
        }

        return EntryIn(mm, new Pmd(TArch.ReadLockless(upperp)), address, TArch.PmdShift);
    }

    /// <summary>Makes an upper entry point to a new table if it is empty. LINUX: pmd_install and kin.</summary>
    /// <returns>False if there is no memory or the entry maps memory itself.</returns>
    public static bool TryInstallTable(AddressSpace* mm, ulong* upperp) => TryInstallTable<ExactComparison>(mm, upperp);

    /// <summary>The same.</summary>
    /// <typeparam name="TComparator">How it is decided under the lock that the entry still is empty.</typeparam>
    public static bool TryInstallTable<TComparator>(AddressSpace* mm, ulong* upperp)
        where TComparator : IPteComparator
    {
        Pmd upper = new(TArch.ReadLockless(upperp));
        if (upper.Raw != 0)
        {
            return TArch.IsTable(upper);
        }

        ulong table = FolioAllocator.TryAllocateZeroed(mm, PageZone);
        if (table == 0)
        {
            return false;
        }

        Cpu.SpinLock(&mm->PageTableLock);
        upper = new Pmd(TArch.ReadRaw(upperp));
        bool isOurs = TComparator.IsSame<TArch>(new Pte(upper.Raw), default);
        if (isOurs)
        {
            upper = TArch.MakeTable(table << PhysicalMemory.PageShift);

            // ORDER: store-store; pairs with the address dependency in EntryIn: who sees the entry sees a table that is all zero.
            Cpu.SmpWmb();
            TArch.WriteUpper(upperp, upper.Raw);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        if (!isOurs)
        {
            FolioAllocator.Put(mm, table, 1);
        }

        return TArch.IsTable(upper);
    }

    /// <summary>
    /// Takes the page-table lock and finds the entry for an address. LINUX: pte_offset_map_lock, with its look at the PMD entry under the lock.
    /// </summary>
    /// <returns>Null, and no lock, if there is no lowest table.</returns>
    public static Pte* PteOffsetLockOrNull(AddressSpace* mm, ulong address)
    {
        Cpu.SpinLock(&mm->PageTableLock);
        ulong* pmdp = PmdOffsetOrNull(mm, address);
        Pmd pmd = pmdp == null ? default : new Pmd(TArch.ReadLockless(pmdp));
        if (TArch.IsTable(pmd))
        {
            return (Pte*)EntryIn(mm, pmd, address, TArch.PageShift);
        }

        Cpu.SpinUnlock(&mm->PageTableLock);
        return null;
    }

    // Of an entry in its table, in bytes: shifted to its place at once, since a load with a scaled index takes longer.
    private static ulong OffsetOf(ulong address, int shift, ulong entries) => (address >> (shift - EntryShift)) & ((entries - 1) << EntryShift);
}
