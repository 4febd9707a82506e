namespace Tablewalk.Mm;

/// <summary>Changing permissions of pages: updater U6. The caller has split huge pages of the range.</summary>
public static unsafe class Protect<TArch, TPtes>
    where TArch : IArch
    where TPtes : IPtes
{
    /// <summary>
    /// Gives the pages of a range the permissions of a region. LINUX: change_pte_range, mm/mprotect.c. The caller holds the regions' lock for writing.
    /// </summary>
    /// <param name="mm">The address space.</param>
    /// <param name="start">The first address, at a page.</param>
    /// <param name="count">How many pages.</param>
    /// <param name="region">What the region allows from now on; <see cref="RegionFlags.None"/> makes every access fault.</param>
    public static void Range(AddressSpace* mm, ulong start, ulong count, RegionFlags region) => Change(mm, start, count, region, isHint: false);

    /// <summary>Makes every access to the pages of a range fault once, to see who uses them. LINUX: change_prot_numa.</summary>
    public static void NumaHint(AddressSpace* mm, ulong start, ulong count) => Change(mm, start, count, RegionFlags.None, isHint: true);

    private static void Change(AddressSpace* mm, ulong start, ulong count, RegionFlags region, bool isHint)
    {
        ulong length = count << TArch.PageShift;
        Notifier.Start(mm, start, length);
        for (ulong i = 0; i < count; i++)
        {
            ulong address = start + (i << TArch.PageShift);
            Pte* ptep = PageTables<TArch>.PteOffsetLockOrNull(mm, address);
            if (ptep != null)
            {
                Reclaim<TArch, TPtes>.FlushBatched(mm);
                ChangeEntry(mm, address, ptep, region, isHint);
                Cpu.SpinUnlock(&mm->PageTableLock);
            }
        }

        TPtes.FlushRange(start, length);
        Notifier.End(mm, start, length);
    }

    private static void ChangeEntry(AddressSpace* mm, ulong address, Pte* ptep, RegionFlags region, bool isHint)
    {
        Pte pte = TPtes.PtepGet(ptep);
        if (!TArch.IsPresent(pte) || (isHint && TArch.IsProtNone(pte)))
        {
            return;
        }

        // Empty in between, so that what hardware sets is either in the old value or not set: LINUX: ptep_modify_prot_start, _commit.
        Pte old = TPtes.PtepGetAndClear(address, ptep);
        bool isReadable = (region & RegionFlags.Read) != RegionFlags.None;
        Pte changed = isReadable ? WithPermissions(mm, old, region) : TArch.Modify(old, TArch.ProtNone);
        TPtes.SetPte(address, ptep, changed);
    }

    private static Pte WithPermissions(AddressSpace* mm, Pte old, RegionFlags region) =>
        FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.WithPermissions(mm, old, region);
}
