namespace Tablewalk.Mm.Tests;

/// <summary>An arena with an address space, free memory and a swap area.</summary>
internal sealed unsafe class Machine<TArch> : IDisposable
    where TArch : IArch
{
    internal const ulong Address = 0x4020_0000;
    private readonly Arena _arena = new();

    internal Machine(bool hasSecondary = false)
    {
        Mm = AddressSpace.CreateEmpty<TArch>(_arena);
        Child = AddressSpace.CreateEmpty<TArch>(_arena);
        Words = (ulong*)_arena.AllocatePages();
        SwapArea.Initialize(_arena, 32);
        FolioAllocator.Initialize(_arena);
        Secondary = hasSecondary ? SecondaryMmu.AttachOrNull(Mm, Address, 64) : null;
    }

    internal AddressSpace* Mm { get; }

    internal AddressSpace* Child { get; }

    internal SecondaryMmu* Secondary { get; }

    internal ulong* Words { get; }

    /// <summary>Once deferred frees are done.</summary>
    internal ulong UsedPages
    {
        get
        {
            DeferredFrees.Free(Mm);
            return FolioAllocator.Zone(Mm, PageTables<TArch>.PageZone)->UsedCount;
        }
    }

    internal static ulong At(int page) => Address + ((ulong)page << TArch.PageShift);

    public void Dispose() => _arena.Dispose();

    internal Pte* PtepOf(ulong address) => PtepOf(Mm, address);

    internal static Pte* PtepOf(AddressSpace* mm, ulong address)
    {
        ulong* pmdp = PageTables<TArch>.PmdOffsetOrNull(mm, address);
        return (Pte*)PageTables<TArch>.EntryIn(mm, new Pmd(*pmdp), address, TArch.PageShift);
    }

    internal Folio* PageAt(ulong address) => PhysicalMemory.PageOf(Mm, TArch.PfnOf(*PtepOf(address)));

    internal ulong* ContentsAt(ulong address) => ContentsAt(Mm, address);

    internal static ulong* ContentsAt(AddressSpace* mm, ulong address) =>
        (ulong*)PhysicalMemory.VirtualOf(mm, TArch.PfnOf(*PtepOf(mm, address)) << PhysicalMemory.PageShift);
}
