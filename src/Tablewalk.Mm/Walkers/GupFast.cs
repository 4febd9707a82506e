namespace Tablewalk.Mm;

/// <summary>What a caller of GUP-fast wants. LINUX: FOLL_WRITE, FOLL_PIN.</summary>
[Flags]
public enum GupFlags
{
    /// <summary>A reference, to read.</summary>
    None = 0,

    /// <summary>The page will be written to.</summary>
    Write = 1,

    /// <summary>A pin: the page's contents will be used, so it must stay this address space's page for as long.</summary>
    Pin = 2,
}

/// <summary>
/// Takes references or pins on the pages that addresses map without taking a lock, at all levels. LINUX: gup_fast_fallback without the fall back,
/// gup_fast_pgd_range and below, mm/gup.c.
/// </summary>
/// <remarks>
/// Why a success can be trusted, and where each step stands:
/// <list type="number">
/// <item>Tables do not go away during the walk: they are freed after a grace period or an IPI, and <typeparamref name="TSection"/> holds those back.</item>
/// <item>The next table is found from the local copy of the upper entry. Another table may be there by now; the old one is still readable by 1.</item>
/// <item>The page that the PTE names may be free by now and belong to somebody else. So the reference is taken only if there is one already, and</item>
/// <item>then, in that order, the entries are read again. The updater clears the entry, flushes, and only then drops the reference of the mapping: if
/// the entry is still there, the count had not reached zero, and now it cannot.</item>
/// <item>A PTE that still says the same is not enough if its table was unlinked, so the PMD is read again too.</item>
/// </list>
/// Every failure gives back what it took and means: go the slow way.
/// <para>The protocol of a pin, against fork and whoever else makes an anonymous page shared (G5):</para>
/// <list type="number">
/// <item>The counter that fork makes odd is read first; odd refuses.</item>
/// <item>The entry is read (B1). If a write is wanted and it does not allow one: refused (B2).</item>
/// <item>The reference is taken, a full barrier follows (B3), and the entry is read again (B4).</item>
/// <item>If it allows no write, the page must be exclusive, read after a load barrier (B5).</item>
/// <item>The counter is read again; if it moved, everything is given back.</item>
/// </list>
/// Folios never split and there are no secret or file-backed folios that forbid it, so steps 5 and 7 of the kernel's walk have nothing to do.
/// </remarks>
/// <typeparam name="TArch">The architecture.</typeparam>
/// <typeparam name="TReader">How the PTE is read first.</typeparam>
/// <typeparam name="TReference">How the reference is taken.</typeparam>
/// <typeparam name="TRecheck">How entries are read again.</typeparam>
/// <typeparam name="TSection">What the walk runs in.</typeparam>
public static unsafe class GupFast<TArch, TReader, TReference, TRecheck, TSection>
    where TArch : IArch
    where TReader : IEntryReader
    where TReference : IFolioReference
    where TRecheck : IRecheck<TArch>
    where TSection : IWalkSection
{
    /// <summary>Takes references or pins on consecutive pages.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">The address of the first page.</param>
    /// <param name="count">How many pages.</param>
    /// <param name="flags">What for.</param>
    /// <param name="pfns">Where the page frames found go, one for each.</param>
    /// <returns>How many pages, from the first on; for the others the slow way must be gone.</returns>
    public static ulong GetPages(AddressSpace* mm, ulong address, ulong count, GupFlags flags, ulong* pfns)
    {
        ulong seq = 0;
        if ((flags & GupFlags.Pin) != GupFlags.None)
        {
            Cpu.WriteOnce(&mm->HasPinned, 1UL);
            seq = SeqCount.Read(&mm->WriteProtectSeq);
            if ((seq & 1) != 0)
            {
                return 0;
            }
        }

        TSection.Enter();
        ulong done = 0;
        bool isStopped = false;
        ulong used = 0;
        while (done < count && !isStopped)
        {
            done += WalkRange(mm, address + (done << TArch.PageShift), count - done, flags, pfns + done, ref isStopped, ref used);
        }

        TSection.Leave();
        if ((flags & GupFlags.Pin) != GupFlags.None && SeqCount.IsRetry(&mm->WriteProtectSeq, seq))
        {
            for (ulong i = 0; i < done; i++)
            {
                PutPages(mm, Cpu.ReadOnce(pfns + i), 1, flags);
            }

            return 0;
        }

        return done;
    }

    /// <summary>Takes a reference on one page, and tells by which entry it was found.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="address">The address.</param>
    /// <param name="isWrite">Whether the page will be written to.</param>
    /// <param name="pfn">The page.</param>
    /// <param name="used">The entry, with accessed and dirty as the reader gives them; of a PMD or PUD that maps memory itself, that one with the page put in.</param>
    /// <returns>False if the slow way must be gone.</returns>
    public static bool TryGetOne(AddressSpace* mm, ulong address, bool isWrite, out ulong pfn, out Pte used)
    {
        TSection.Enter();
        bool isStopped = false;
        ulong raw = 0;
        bool isFound = WalkRange(mm, address, 1, isWrite ? GupFlags.Write : GupFlags.None, null, ref isStopped, ref raw) != 0;
        TSection.Leave();
        used = new Pte(raw);
        pfn = TArch.PfnOf(used);
        return isFound;
    }

    /// <summary>Gives back what <see cref="GetPages"/> took. LINUX: put_page, unpin_user_page.</summary>
    public static void PutPages(AddressSpace* mm, ulong pfn, ulong count, GupFlags flags)
    {
        if ((flags & GupFlags.Pin) != GupFlags.None && PhysicalMemory.FolioPagesOf(pfn) > 1)
        {
            Cpu.FetchAdd(&PhysicalMemory.FolioOf(mm, pfn)->Pincount, 0 - count);
        }

        FolioAllocator.Put(mm, pfn, count * ReferencesOf(pfn, flags));
    }

    /// <summary>Gives back a page that was pinned to be written to, and may have been until now. LINUX: unpin_user_pages_dirty_lock.</summary>
    public static void UnpinDirty(AddressSpace* mm, ulong pfn)
    {
        // ORDER: full; pairs with the update that takes the flag in Cleaning.CollectDirty: who takes it sees what was written before.
        Cpu.FetchOr(&PhysicalMemory.PageOf(mm, pfn)->Flags, Folio.Dirty);
        PutPages(mm, pfn, 1, GupFlags.Pin);
    }

    // From the top down to one table or leaf, and there as far as it goes.
    private static ulong WalkRange(AddressSpace* mm, ulong address, ulong count, GupFlags flags, ulong* pfns, ref bool isStopped, ref ulong used)
    {
        Pmd upper = new(TArch.ReadLockless(PageTables<TArch>.PgdOffset(mm, address)));
        if (TArch.HasPud && TArch.IsTable(upper))
        {
            ulong* pudp = PageTables<TArch>.EntryIn(mm, upper, address, TArch.PudShift);
            upper = new Pmd(TArch.ReadLockless(pudp));
            if (TArch.IsLeaf(upper))
            {
                return PinLeaf(mm, pudp, upper, address, TArch.PudShift, count, flags, pfns, ref isStopped, ref used);
            }
        }

        if (!TArch.IsTable(upper))
        {
            isStopped = true;
            return 0;
        }

        ulong* pmdp = PageTables<TArch>.EntryIn(mm, upper, address, TArch.PmdShift);
        Pmd pmd = new(TArch.ReadLockless(pmdp));
        if (TArch.IsLeaf(pmd))
        {
            return PinLeaf(mm, pmdp, pmd, address, TArch.PmdShift, count, flags, pfns, ref isStopped, ref used);
        }

        ulong done = 0;
        if (TArch.IsTable(pmd))
        {
            ulong left = TArch.PtrsPerTable - ((address >> TArch.PageShift) & (TArch.PtrsPerTable - 1));
            ulong wanted = count < left ? count : left;
            ulong* ptep = PageTables<TArch>.EntryIn(mm, pmd, address, TArch.PageShift);
            while (done < wanted && TryPinEntry(mm, pmdp, pmd, ptep + done, flags, pfns == null ? null : pfns + done, ref used))
            {
                done++;
            }

            isStopped = done < wanted;
            return done;
        }

        isStopped = true;
        return 0;
    }

    private static bool TryPinEntry(AddressSpace* mm, ulong* pmdp, Pmd pmd, ulong* ptep, GupFlags flags, ulong* pfns, ref ulong used)
    {
        PteReading first = TReader.Read(ptep);
        Cpu.BugOn((uint)first.TargetRaw == (uint)(Cpu.PoisonPattern & uint.MaxValue), "no-freed-table-read");

        // Permissions and page frame are not gathered: the entry's own value decides.
        Pte target = first.Target;
        ulong pfn = TArch.PfnOf(target);
        bool isAllowed = TArch.IsAccessPermitted(target, (flags & GupFlags.Write) != GupFlags.None) && !TArch.IsSpecial(target);
        if (!isAllowed || !TryGrab(mm, pfn, 1, flags))
        {
            return false;
        }

        if (!TRecheck.IsUnchanged(pmdp, pmd, ptep, first) || MustUnshare(mm, target, pfn, flags))
        {
            PutPages(mm, pfn, 1, flags);
            return false;
        }

        MarkReferenced(mm, pfn);
        used = TArch.Merge(first).Raw;
        if (pfns != null)
        {
            Cpu.WriteOnce(pfns, pfn);
        }

        return true;
    }

    private static ulong PinLeaf(
        AddressSpace* mm, ulong* entry, Pmd leaf, ulong address, int shift, ulong count, GupFlags flags, ulong* pfns, ref bool isStopped, ref ulong used)
    {
        Pte target = new(leaf.Raw);
        ulong left = ((1UL << shift) - (address & ((1UL << shift) - 1))) >> TArch.PageShift;
        ulong wanted = count < left ? count : left;
        ulong pfn = TArch.PfnOf(target) + ((address & ((1UL << shift) - 1)) >> PhysicalMemory.PageShift);
        isStopped = true;
        bool isAllowed = TArch.IsAccessPermitted(target, (flags & GupFlags.Write) != GupFlags.None) && !TArch.IsSpecial(target);
        if (!isAllowed || !TryGrab(mm, pfn, wanted, flags))
        {
            return 0;
        }

        if (!TRecheck.IsLeafUnchanged(entry, leaf) || MustUnshare(mm, target, pfn, flags))
        {
            PutPages(mm, pfn, wanted, flags);
            return 0;
        }

        MarkReferenced(mm, pfn);
        used = leaf.Raw + (address & ((1UL << shift) - 1) & ~(PageTables<TArch>.PageSize - 1));
        for (ulong i = 0; i < wanted && pfns != null; i++)
        {
            Cpu.WriteOnce(pfns + i, pfn + (i << (TArch.PageShift - PhysicalMemory.PageShift)));
        }

        isStopped = false;
        return wanted;
    }

    /// <summary>LINUX: try_grab_folio_fast.</summary>
    private static bool TryGrab(AddressSpace* mm, ulong pfn, ulong count, GupFlags flags)
    {
        Folio* folio = PhysicalMemory.FolioOf(mm, pfn);
        if (!TReference.TryAdd(folio, count * ReferencesOf(pfn, flags)))
        {
            return false;
        }

        if ((flags & GupFlags.Pin) != GupFlags.None)
        {
            if (PhysicalMemory.FolioPagesOf(pfn) > 1)
            {
                Cpu.FetchAddRelaxed(&folio->Pincount, count);
            }

            // ORDER: full; pairs with the barrier between clearing an entry and looking for pins in Sharing.TryShare: B3 and A1 to A2.
            // TEST: A_pin_and_a_share_do_not_both_succeed.
            Cpu.SmpMb();
        }

        return true;
    }

    private static ulong ReferencesOf(ulong pfn, GupFlags flags) =>
        (flags & GupFlags.Pin) != GupFlags.None && PhysicalMemory.FolioPagesOf(pfn) == 1 ? Folio.PinBias : 1;

    /// <summary>LINUX: gup_must_unshare.</summary>
    private static bool MustUnshare(AddressSpace* mm, Pte target, ulong pfn, GupFlags flags)
    {
        if ((flags & GupFlags.Pin) == GupFlags.None || TArch.IsWritable(target))
        {
            return false;
        }

        // ORDER: load-load; pairs with the barrier between clearing exclusive and writing the entry again in Sharing.TryShare: A3 to A4.
        Cpu.SmpRmb();
        ulong pageFlags = Cpu.ReadOnce(&PhysicalMemory.PageOf(mm, pfn)->Flags);
        return (pageFlags & (Folio.Anonymous | Folio.Exclusive)) == Folio.Anonymous;
    }

    private static void MarkReferenced(AddressSpace* mm, ulong pfn)
    {
        Folio* folio = PhysicalMemory.FolioOf(mm, pfn);
        if ((Cpu.ReadOnce(&folio->Flags) & Folio.Referenced) == 0)
        {
            Cpu.FetchOrRelaxed(&folio->Flags, Folio.Referenced);
        }
    }
}
