namespace Tablewalk.Mm;

/// <summary>When an entry of a second MMU may be writable.</summary>
public interface IWritableRule
{
    /// <summary>Whether the first MMU's entry lets it be.</summary>
    static abstract bool MayWrite<TArch>(Pte pte)
        where TArch : IArch;
}

/// <summary>The first MMU's entry is writable. LINUX: KVM today.</summary>
public readonly struct WritableRule : IWritableRule
{
    /// <inheritdoc/>
    public static bool MayWrite<TArch>(Pte pte)
        where TArch : IArch => TArch.IsWritable(pte);
}

/// <summary>For scenarios: it is writable and dirty, so that nothing has to be told back: the idea of T62. A false-positive dirty then loses data (T64).</summary>
public readonly struct DirtyWritableRule : IWritableRule
{
    /// <inheritdoc/>
    public static bool MayWrite<TArch>(Pte pte)
        where TArch : IArch => TArch.IsWritable(pte) && TArch.IsDirty(pte);
}

/// <summary>When a fault of a second MMU reads the sequence number.</summary>
public interface ISequenceRead
{
    /// <summary>Whether before it looks for the page.</summary>
    static abstract bool IsFirst { get; }
}

/// <summary>Before.</summary>
public readonly struct SequenceFirst : ISequenceRead
{
    /// <inheritdoc/>
    public static bool IsFirst => true;
}

/// <summary>A mutation: after.</summary>
public readonly struct SequenceLate : ISequenceRead
{
    /// <inheritdoc/>
    public static bool IsFirst => false;
}

/// <summary>
/// A fault of a guest: finds the page in the first MMU and installs it in the second. LINUX: kvm_mmu_faultin_pfn, hva_to_pfn, direct_page_fault.
/// </summary>
/// <typeparam name="TArch">The architecture of the first MMU.</typeparam>
/// <typeparam name="TReader">How GUP-fast reads its entries.</typeparam>
/// <typeparam name="TRecheck">How it re-checks.</typeparam>
/// <typeparam name="TRule">When the second MMU's entry may be writable.</typeparam>
/// <typeparam name="TSequence">When the sequence number is read.</typeparam>
public static unsafe class SecondaryFault<TArch, TReader, TRecheck, TRule, TSequence>
    where TArch : IArch
    where TReader : IEntryReader
    where TRecheck : IRecheck<TArch>
    where TRule : IWritableRule
    where TSequence : ISequenceRead
{
    /// <summary>Installs the page for an address, if the first MMU has it and nothing interferes.</summary>
    /// <param name="mm">The address space that is mirrored.</param>
    /// <param name="mmu">The second MMU.</param>
    /// <param name="address">An address in the mirrored range.</param>
    /// <param name="isWrite">Whether the guest writes.</param>
    /// <returns>
    /// <see cref="FaultResult.Done"/>; <see cref="FaultResult.Retry"/> if an invalidation interfered; <see cref="FaultResult.BadAccess"/> if the
    /// first MMU must fault first, with the same access.
    /// </returns>
    public static FaultResult Handle(AddressSpace* mm, SecondaryMmu* mmu, ulong address, bool isWrite)
    {
        ulong sequence = 0;
        if (TSequence.IsFirst)
        {
            sequence = Cpu.ReadOnce(&mmu->Sequence);

            // ORDER: load-load; pairs with the order of InvalidateStart and InvalidateEnd by the lock: the page is looked for after the number was read.
            // TEST: A_sequence_number_read_late_is_caught.
            Cpu.SmpRmb();
        }

        if (!GupFast<TArch, TReader, FullReference, TRecheck, IrqOffSection>.TryGetOne(mm, address, isWrite, out ulong pfn, out Pte pte))
        {
            return FaultResult.BadAccess;
        }

        if (isWrite && !TRule.MayWrite<TArch>(pte))
        {
            FolioAllocator.Put(mm, pfn, 1);
            return FaultResult.BadAccess;
        }

        if (!TSequence.IsFirst)
        {
            sequence = Cpu.ReadOnce(&mmu->Sequence);
        }

        Cpu.SpinLock(&mmu->Lock);
        bool isRetry = SecondaryMmu.IsRetry(mmu, sequence, address);
        if (!isRetry)
        {
            ulong page = pfn + ((address & (PageTables<TArch>.PageSize - 1)) >> PhysicalMemory.PageShift);
            if (isWrite)
            {
                // Marked before the guest can write: whoever cleans the page afterwards takes the entry away first.
                Cpu.FetchOr(&PhysicalMemory.PageOf(mm, page)->Flags, Folio.Dirty);
            }

            Cpu.WriteOnce(SecondaryMmu.EntryOf(mmu, address), Spte.Make(page, isWrite));
        }

        Cpu.SpinUnlock(&mmu->Lock);
        FolioAllocator.Put(mm, pfn, 1);
        return isRetry ? FaultResult.Retry : FaultResult.Done;
    }
}

/// <summary>What a guest's CPU does with the second MMU: one access, during which it takes no IPI.</summary>
public static unsafe class GuestAccess
{
    /// <summary>Loads a word.</summary>
    /// <returns>False if the guest faults.</returns>
    public static bool TryLoad(SecondaryMmu* mmu, ulong address, out ulong value)
    {
        Cpu.LocalIrqSave();
        ulong spte = Cpu.ReadOnce(SecondaryMmu.EntryOf(mmu, address));
        bool isPresent = (spte & Spte.Present) != 0;
        value = isPresent ? Cpu.ReadOnce(PlaceOf(mmu, spte, address)) : 0;
        Cpu.LocalIrqRestore();
        return isPresent;
    }

    /// <summary>Stores a word.</summary>
    /// <returns>False if the guest faults.</returns>
    public static bool TryStore(SecondaryMmu* mmu, ulong address, ulong value)
    {
        Cpu.LocalIrqSave();
        ulong spte = Cpu.ReadOnce(SecondaryMmu.EntryOf(mmu, address));
        bool isWritable = (spte & Spte.Writable) != 0;
        if (isWritable)
        {
            Cpu.WriteOnce(PlaceOf(mmu, spte, address), value);
        }

        Cpu.LocalIrqRestore();
        return isWritable;
    }

    private static ulong* PlaceOf(SecondaryMmu* mmu, ulong spte, ulong address) => (ulong*)PhysicalMemory.VirtualOf(
        mmu, (Spte.PfnOf(spte) << PhysicalMemory.PageShift) | (address & (PhysicalMemory.PageSize - 1) & ~7UL));
}
