using System.Runtime.InteropServices;

namespace Tablewalk.Mm;

/// <summary>
/// Pages and tables that were unmapped and not freed yet, because some CPU may still translate to them. LINUX: struct mmu_gather, mm/mmu_gather.c.
/// </summary>
/// <remarks>
/// <para>It fills a page that one thread owns; the fields are reached through <see cref="Cpu"/> like all memory. Mutable, do not copy: it is a place.</para>
/// The rule: memory is freed only after the flush that covers it, tables only after a grace period besides, for which <see cref="DeferredFrees"/> waits. If several threads gather in one address space
/// at a time, each flushes everything, since it may have found entries that another one cleared and has not flushed yet.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = (int)PhysicalMemory.PageSize)]
public unsafe struct Gather
{
    /// <summary>How many page frame numbers are in the list.</summary>
    public ulong Count;

    /// <summary>How many of them are tables; they come last and only when all else was flushed.</summary>
    public ulong TableCount;

    /// <summary>The first address that was unmapped.</summary>
    public ulong Start;

    /// <summary>The end of what was unmapped; 0 if nothing was.</summary>
    public ulong End;

    /// <summary>How many page frame numbers fit. LINUX: MAX_GATHER_BATCH.</summary>
    public const ulong Capacity = 480;

    private const ulong HeaderWords = 16;

    /// <summary>The place of the page frame number at an index.</summary>
    public static ulong* PfnAt(Gather* gather, ulong index) => (ulong*)gather + HeaderWords + index;
}

/// <summary>In which order a gather flushes and frees.</summary>
public interface IGatherOrder
{
    /// <summary>Whether the flush comes before the pages are freed.</summary>
    static abstract bool FlushesBefore { get; }

    /// <summary>Whether it comes after.</summary>
    static abstract bool FlushesAfter { get; }

    /// <summary>Whether tables wait for a grace period.</summary>
    static abstract bool WaitsForGracePeriod { get; }

    /// <summary>Whether it flushes everything if others gather in the same address space.</summary>
    static virtual bool FlushesForOthers => true;
}

/// <summary>Flush, then free; tables after a grace period.</summary>
public readonly struct FlushThenFree : IGatherOrder
{
    /// <inheritdoc/>
    public static bool FlushesBefore => true;

    /// <inheritdoc/>
    public static bool FlushesAfter => false;

    /// <inheritdoc/>
    public static bool WaitsForGracePeriod => true;
}

/// <summary>A mutation: the flush comes late.</summary>
public readonly struct FreeThenFlush : IGatherOrder
{
    /// <inheritdoc/>
    public static bool FlushesBefore => false;

    /// <inheritdoc/>
    public static bool FlushesAfter => true;

    /// <inheritdoc/>
    public static bool WaitsForGracePeriod => true;
}

/// <summary>A mutation: no flush.</summary>
public readonly struct FreeWithoutFlush : IGatherOrder
{
    /// <inheritdoc/>
    public static bool FlushesBefore => false;

    /// <inheritdoc/>
    public static bool FlushesAfter => false;

    /// <inheritdoc/>
    public static bool WaitsForGracePeriod => true;
}

/// <summary>A mutation: tables are freed without a grace period.</summary>
public readonly struct FreeTablesAtOnce : IGatherOrder
{
    /// <inheritdoc/>
    public static bool FlushesBefore => true;

    /// <inheritdoc/>
    public static bool FlushesAfter => false;

    /// <inheritdoc/>
    public static bool WaitsForGracePeriod => false;
}

/// <summary>A mutation: what others have cleared and not flushed yet is left to them. LINUX: before v4.14 had mm_tlb_flush_nested.</summary>
public readonly struct FlushOwnOnly : IGatherOrder
{
    /// <inheritdoc/>
    public static bool FlushesBefore => true;

    /// <inheritdoc/>
    public static bool FlushesAfter => false;

    /// <inheritdoc/>
    public static bool WaitsForGracePeriod => true;

    /// <inheritdoc/>
    public static bool FlushesForOthers => false;
}

/// <summary>What is done with a gather. LINUX: tlb_gather_mmu, __tlb_remove_folio_pages, tlb_flush_mmu, tlb_finish_mmu.</summary>
public static unsafe class Gathers<TPtes, TOrder>
    where TPtes : IPtes
    where TOrder : IGatherOrder
{
    /// <summary>Begins.</summary>
    public static void Begin(Gather* gather, AddressSpace* mm)
    {
        Cpu.FetchAdd(&mm->FlushPending, 1UL);
        Reset(gather);
    }

    /// <summary>Puts an unmapped page in.</summary>
    /// <returns>Whether it was the last that fits, so that <see cref="Flush"/> is due, without the page-table lock.</returns>
    public static bool AddPage(Gather* gather, ulong pfn, ulong address, ulong length)
    {
        ulong count = Cpu.ReadOnce(&gather->Count);
        Cpu.WriteOnce(Gather.PfnAt(gather, count), pfn);
        Cpu.WriteOnce(&gather->Count, count + 1);
        Widen(gather, address, length);
        return count + 1 == Gather.Capacity;
    }

    /// <summary>Puts an unlinked table in, after all its pages. LINUX: tlb_remove_table.</summary>
    public static bool AddTable(Gather* gather, ulong pfn, ulong address, ulong length)
    {
        Cpu.WriteOnce(&gather->TableCount, Cpu.ReadOnce(&gather->TableCount) + 1);
        return AddPage(gather, pfn, address, length);
    }

    /// <summary>Remembers that a range was unmapped.</summary>
    public static void Widen(Gather* gather, ulong address, ulong length)
    {
        ulong start = Cpu.ReadOnce(&gather->Start);
        ulong end = Cpu.ReadOnce(&gather->End);
        Cpu.WriteOnce(&gather->Start, end == 0 || address < start ? address : start);
        Cpu.WriteOnce(&gather->End, address + length > end ? address + length : end);
    }

    /// <summary>Flushes now what was unmapped so far, for pages that must not be written to from here on. LINUX: tlb_flush_mmu_tlbonly.</summary>
    public static void FlushOnly(Gather* gather)
    {
        ulong end = Cpu.ReadOnce(&gather->End);
        if (end != 0)
        {
            ulong start = Cpu.ReadOnce(&gather->Start);
            TPtes.FlushRange(start, end - start);
        }
    }

    /// <summary>Flushes and frees. LINUX: tlb_flush_mmu.</summary>
    public static void Flush(Gather* gather, AddressSpace* mm)
    {
        if (TOrder.FlushesBefore)
        {
            FlushOnly(gather);
        }

        ulong count = Cpu.ReadOnce(&gather->Count);
        ulong tables = Cpu.ReadOnce(&gather->TableCount);
        PutAll(gather, mm, 0, count - tables);
        if (tables != 0)
        {
            FreeTables(gather, mm, count - tables, count);
        }

        if (TOrder.FlushesAfter)
        {
            FlushOnly(gather);
        }

        Reset(gather);
    }

    /// <summary>The end.</summary>
    public static void Finish(Gather* gather, AddressSpace* mm)
    {
        if (TOrder.FlushesForOthers && Cpu.ReadOnce(&mm->FlushPending) > 1)
        {
            // LINUX: mm_tlb_flush_nested. What others cleared looks unmapped to us; nobody may rely on that before it is flushed.
            Cpu.WriteOnce(&gather->Start, 0UL);
            Cpu.WriteOnce(&gather->End, ulong.MaxValue);
        }

        Flush(gather, mm);
        Cpu.FetchAdd(&mm->FlushPending, ulong.MaxValue);
    }

    // LINUX: tlb_remove_table_free.
    private static void FreeTables(Gather* gather, AddressSpace* mm, ulong from, ulong end)
    {
        if (!TOrder.WaitsForGracePeriod)
        {
            PutAll(gather, mm, from, end);
            return;
        }

        for (ulong i = from + 1; i < end; i++)
        {
            Cpu.WriteOnce(DeferredFrees.Next(mm, Cpu.ReadOnce(Gather.PfnAt(gather, i - 1))), Cpu.ReadOnce(Gather.PfnAt(gather, i)));
        }

        DeferredFrees.Push(mm, Cpu.ReadOnce(Gather.PfnAt(gather, from)), Cpu.ReadOnce(Gather.PfnAt(gather, end - 1)));
    }

    private static void PutAll(Gather* gather, AddressSpace* mm, ulong from, ulong end)
    {
        for (ulong i = from; i < end; i++)
        {
            FolioAllocator.Put(mm, Cpu.ReadOnce(Gather.PfnAt(gather, i)), 1);
        }
    }

    private static void Reset(Gather* gather)
    {
        Cpu.WriteOnce(&gather->Count, 0UL);
        Cpu.WriteOnce(&gather->TableCount, 0UL);
        Cpu.WriteOnce(&gather->Start, 0UL);
        Cpu.WriteOnce(&gather->End, 0UL);
    }
}
