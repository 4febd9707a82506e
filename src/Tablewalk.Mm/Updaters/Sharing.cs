namespace Tablewalk.Mm;

/// <summary>The barrier between clearing an entry and looking for pins.</summary>
public interface IShareBarrier
{
    /// <summary>The barrier.</summary>
    static abstract void Full();
}

/// <summary>A full one.</summary>
public readonly struct FullShareBarrier : IShareBarrier
{
    /// <inheritdoc/>
    public static void Full() => Cpu.SmpMb();
}

/// <summary>A mutation: none.</summary>
public readonly struct NoShareBarrier : IShareBarrier
{
    /// <inheritdoc/>
    public static void Full()
    {
    }
}

/// <summary>
/// Making an exclusive anonymous page shared while GUP-fast may pin it. LINUX: folio_try_share_anon_rmap_pte, include/linux/rmap.h, which tells the protocol.
/// </summary>
/// <remarks>
/// A1 the caller clears the entry. A2 barrier; if the page may be pinned, back off. A3 clear exclusive. A4 barrier; the caller writes the entry again, never
/// writable, or a swap entry. The walker's half is told at <see cref="GupFast{TArch, TReader, TReference, TRecheck, TSection}"/>.
/// </remarks>
public static unsafe class Sharing
{
    /// <summary>Makes the page shared, if nobody may have it pinned. Under the page-table lock, the entry cleared.</summary>
    public static bool TryShare<TBarrier>(void* anchor, ulong pfn)
        where TBarrier : IShareBarrier
    {
        Folio* page = PhysicalMemory.PageOf(anchor, pfn);
        if ((Cpu.ReadOnce(&page->Flags) & Folio.Exclusive) == 0)
        {
            return true;
        }

        // ORDER: full; pairs with the barrier after the pin: the walker's second look sees the entry cleared, or the pin is seen here.
        // TEST: A_pin_and_a_share_do_not_both_succeed.
        TBarrier.Full();
        if (MayBePinned(anchor, pfn))
        {
            return false;
        }

        Cpu.FetchAndRelaxed(&page->Flags, ~Folio.Exclusive);

        // ORDER: full; pairs with the load barrier before exclusive is read in MustUnshare: who sees the entry that is written next sees the flag gone.
        Cpu.SmpMb();
        return true;
    }

    /// <summary>LINUX: folio_maybe_dma_pinned. Many plain references to a single page may look like pins.</summary>
    public static bool MayBePinned(void* anchor, ulong pfn)
    {
        Folio* folio = PhysicalMemory.FolioOf(anchor, pfn);
        return PhysicalMemory.FolioPagesOf(pfn) > 1 ? Cpu.ReadOnce(&folio->Pincount) != 0 : Cpu.ReadOnce(&folio->Refcount) >= Folio.PinBias;
    }
}
