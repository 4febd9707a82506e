using Xunit;

namespace Tablewalk.Mm.Tests.Faults;

public sealed class FaultsOnArm64 : FaultHandlerTests<Arm64, ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>, ExactComparison>;

public sealed class FaultsOnArm64Blind : FaultHandlerTests<Arm64, ContiguousPtes<Block16, GatheredRead<Block16>, EachEntryTest>, BlindComparison>;

public sealed class FaultsOnArm64Of16K
    : FaultHandlerTests<Arm64<Granule16K>, ContiguousPtes<Block128Of16K, PreciseRead<Block128Of16K, FullGatherTest>, EachEntryTest>, ExactComparison>;

public sealed class FaultsOnArm64Of64K
    : FaultHandlerTests<Arm64<Granule64K>, ContiguousPtes<Block32Of64K, PreciseRead<Block32Of64K, FullGatherTest>, EachEntryTest>, ExactComparison>;

public sealed class FaultsOnX86_64 : FaultHandlerTests<X86_64, SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>, ExactComparison>;

public sealed class FaultsOnX86Pae : FaultHandlerTests<X86Pae, SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, ArchAccessFlags>, ExactComparison>;

/// <summary>The fault handler with nobody else around: what each path leaves behind.</summary>
[Collection("native")]
public abstract unsafe class FaultHandlerTests<TArch, TPtes, TComparator> : IDisposable
    where TArch : IArch
    where TPtes : IPtes
    where TComparator : IPteComparator
{
    private const RegionFlags ReadWrite = RegionFlags.Read | RegionFlags.Write;
    private const ulong Address = 0x4020_0000;
    private readonly Machine<TArch> _machine = new();

    public void Dispose()
    {
        _machine.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_missing_page_is_mapped_zeroed_young_and_as_writable_as_the_region()
    {
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: false));
        Pte pte = *_machine.PtepOf(Address);
        Assert.True(TArch.IsYoung(pte) && TArch.IsWritable(pte) && !TArch.IsDirty(pte));
        Assert.Equal(0UL, *_machine.ContentsAt(Address));
        Assert.Equal((1UL, 1UL), (_machine.PageAt(Address)->Refcount, _machine.PageAt(Address)->Mapcount));

        Assert.Equal(FaultResult.Done, Fault(Address + PageTables<TArch>.PageSize, isWrite: true));
        Assert.True(TArch.IsDirty(*_machine.PtepOf(Address + PageTables<TArch>.PageSize)));
        Assert.Equal(FaultResult.Done, Handle(Address + (2 * PageTables<TArch>.PageSize), isWrite: false, RegionFlags.Read));
        Assert.False(TArch.IsWritable(*_machine.PtepOf(Address + (2 * PageTables<TArch>.PageSize))));
    }

    [Fact]
    public void An_access_that_the_region_does_not_allow_changes_nothing()
    {
        Assert.Equal(FaultResult.BadAccess, Handle(Address, isWrite: true, RegionFlags.Read));
        Assert.Equal(FaultResult.BadAccess, Handle(Address, isWrite: false, RegionFlags.None));
        Assert.Equal(0UL, _machine.UsedPages);
    }

    [Fact] // F3, on CPUs without hardware accessed and dirty
    public void A_second_fault_adds_the_flags_and_a_third_finds_nothing_to_do()
    {
        Fault(Address, isWrite: false);
        *_machine.PtepOf(Address) = TArch.MkOld(*_machine.PtepOf(Address));
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: true));
        Pte after = *_machine.PtepOf(Address);
        Assert.True(TArch.IsYoung(after) && TArch.IsDirty(after));
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: true));
        Assert.Equal(after, *_machine.PtepOf(Address));
    }

    [Fact]
    public void A_write_to_an_exclusive_page_reuses_it()
    {
        Fault(Address, isWrite: true);
        *_machine.PtepOf(Address) = TArch.WrProtect(*_machine.PtepOf(Address));
        ulong pfn = TArch.PfnOf(*_machine.PtepOf(Address));
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: true));
        Assert.Equal(pfn, TArch.PfnOf(*_machine.PtepOf(Address)));
        Assert.True(TArch.IsWritable(*_machine.PtepOf(Address)));
    }

    [Fact]
    public void A_write_to_the_last_reference_reuses_it_and_makes_it_exclusive()
    {
        Fault(Address, isWrite: true);
        *_machine.PtepOf(Address) = TArch.WrProtect(*_machine.PtepOf(Address));
        _machine.PageAt(Address)->Flags &= ~Folio.Exclusive;
        ulong pfn = TArch.PfnOf(*_machine.PtepOf(Address));
        Fault(Address, isWrite: true);
        bool isReused = TArch.PfnOf(*_machine.PtepOf(Address)) == pfn;
        Assert.True(isReused);
        Assert.NotEqual(0UL, _machine.PageAt(Address)->Flags & Folio.Exclusive);
    }

    [Fact]
    public void A_write_to_a_shared_page_copies_it_and_leaves_the_old_one_to_the_others()
    {
        Fault(Address, isWrite: true);
        *_machine.ContentsAt(Address) = 42;
        *_machine.PtepOf(Address) = TArch.WrProtect(*_machine.PtepOf(Address));
        Folio* old = _machine.PageAt(Address);
        old->Flags &= ~Folio.Exclusive;
        old->Refcount = 2;
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: true));
        Assert.False(old == _machine.PageAt(Address));
        Assert.Equal(42UL, *_machine.ContentsAt(Address));
        Assert.Equal((1UL, 0UL), (old->Refcount, old->Mapcount));
        Assert.True(TArch.IsWritable(*_machine.PtepOf(Address)) && TArch.IsDirty(*_machine.PtepOf(Address)));
    }

    [Fact]
    public void A_NUMA_hint_gives_the_permissions_back()
    {
        Fault(Address, isWrite: true);
        Pte before = *_machine.PtepOf(Address);
        *_machine.PtepOf(Address) = TArch.Modify(before, TArch.ProtNone);
        Assert.True(TArch.IsProtNone(*_machine.PtepOf(Address)) && TArch.IsPresent(*_machine.PtepOf(Address)));
        Assert.True(TArch.IsDirty(*_machine.PtepOf(Address)));
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: false));
        Pte after = *_machine.PtepOf(Address);
        Assert.True(TArch.IsAccessPermitted(after, write: true) && TArch.IsDirty(after));
        Assert.Equal(TArch.PfnOf(before), TArch.PfnOf(after));
    }

    [Fact]
    public void A_page_comes_back_from_swap_with_its_contents_and_the_slot_is_free()
    {
        ulong slot = SwapArea.TryAllocate(_machine.Mm);
        *(ulong*)SwapArea.PageOf(_machine.Mm, slot) = 77;
        SwapArea.End(_machine.Mm, slot, 0);
        Fault(Address + PageTables<TArch>.PageSize, isWrite: false);
        *_machine.PtepOf(Address) = SwapEntry.Make<TArch>(slot, isExclusive: true);
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: false));
        Assert.Equal(77UL, *_machine.ContentsAt(Address));
        Assert.True(TArch.IsDirty(*_machine.PtepOf(Address)));
        Assert.Equal(slot, SwapArea.TryAllocate(_machine.Mm));
    }

    [Fact]
    public void A_swap_entry_that_nobody_made_is_tried_again_and_not_followed()
    {
        Fault(Address, isWrite: false);
        foreach (ulong slot in (ulong[])[5, 4000])
        {
            *_machine.PtepOf(Address + PageTables<TArch>.PageSize) = SwapEntry.Make<TArch>(slot, isExclusive: false);
            Assert.Equal(FaultResult.Retry, Fault(Address + PageTables<TArch>.PageSize, isWrite: false));
        }
    }

    [Fact]
    public void Collapse_brings_in_what_is_out_and_leaves_the_rest()
    {
        Fault(Address, isWrite: true);
        for (int i = 1; i < 4; i++)
        {
            ulong slot = SwapArea.TryAllocate(_machine.Mm);
            SwapArea.End(_machine.Mm, slot, 0);
            *_machine.PtepOf(Machine<TArch>.At(i)) = SwapEntry.Make<TArch>(slot, isExclusive: false);
        }

        Pte first = *_machine.PtepOf(Address);
        Assert.Equal(3UL, CollapseSwapIn<TArch, TPtes, TComparator, WholePageCopy, RawRead<TArch>>.BringIn(_machine.Mm, Address, 8, ReadWrite));
        Assert.Equal(first, *_machine.PtepOf(Address));
        Assert.Equal(4UL + 1 + (TArch.HasPud ? 2UL : 1), _machine.UsedPages);
    }

    [Fact] // F4
    public void Running_out_of_memory_gives_everything_back()
    {
        Fault(Address, isWrite: false);
        FolioZone* zone = FolioAllocator.Zone(_machine.Mm, PageTables<TArch>.PageZone);
        (ulong end, ulong used) = (zone->EndFresh, zone->UsedCount);
        zone->EndFresh = zone->NextFresh;
        Assert.Equal(FaultResult.OutOfMemory, Fault(Address + PageTables<TArch>.PageSize, isWrite: false));
        _machine.PageAt(Address)->Flags = Folio.Anonymous;
        _machine.PageAt(Address)->Refcount = 2;
        *_machine.PtepOf(Address) = TArch.WrProtect(*_machine.PtepOf(Address));
        Assert.Equal(FaultResult.OutOfMemory, Fault(Address, isWrite: true));
        Assert.Equal((used, 2UL), (zone->UsedCount, _machine.PageAt(Address)->Refcount));
        zone->EndFresh = end;
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: true));
    }

    [Fact]
    public void A_huge_page_takes_flags_and_refuses_what_it_does_not_allow()
    {
        ulong* pmdp = PageTables<TArch>.PmdAllocOrNull(_machine.Mm, Address);
        Pte page = TArch.MkOld(TArch.MakeSharedPage(PhysicalMemory.PageFrame(1, PhysicalMemory.FirstHugePage)));
        *pmdp = TArch.MakeLeaf(page).Raw;
        Assert.Equal(FaultResult.Done, Fault(Address, isWrite: true));
        Assert.True(TArch.IsDirty(new Pte(*pmdp)) && TArch.IsYoung(new Pte(*pmdp)) && TArch.IsLeaf(new Pmd(*pmdp)));
        *pmdp = TArch.MakeLeaf(TArch.WrProtect(page)).Raw;
        Assert.Equal(FaultResult.BadAccess, Fault(Address, isWrite: true));
    }

    private FaultResult Fault(ulong address, bool isWrite) => Handle(address, isWrite, ReadWrite);

    private FaultResult Handle(ulong address, bool isWrite, RegionFlags region) =>
        FaultHandler<TArch, TPtes, TComparator, WholePageCopy>.Handle(_machine.Mm, address, isWrite, region);
}
