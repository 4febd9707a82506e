using CsCheck;
using Xunit;

namespace Tablewalk.Mm.Tests.Memory;

public sealed unsafe class ArenaTests : IDisposable
{
    private const ulong Address = 0x4021_0000;
    private readonly Arena _arena = new();

    public void Dispose() => _arena.Dispose();

    [Fact]
    public void Every_page_frame_has_a_folio_inside_the_memory_map() =>
        Gen.ULong.Sample(pfn =>
        {
            ulong offset = (ulong)PhysicalMemory.FolioOf(_arena.Base, pfn) - (ulong)_arena.Base;
            return offset >= PhysicalMemory.MemoryMapOffset && offset % 64 == 0
                && offset + 64 <= PhysicalMemory.MemoryMapOffset + PhysicalMemory.MemoryMapLengthBytes;
        });

    [Fact]
    public void Pages_of_a_large_folio_share_it_and_single_pages_do_not()
    {
        ulong large = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage);
        ulong single = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage - 56);
        Assert.True(PhysicalMemory.FolioOf(_arena.Base, large) == PhysicalMemory.FolioOf(_arena.Base, large + 15));
        Assert.False(PhysicalMemory.FolioOf(_arena.Base, large) == PhysicalMemory.FolioOf(_arena.Base, large + 16));
        Assert.False(PhysicalMemory.FolioOf(_arena.Base, single) == PhysicalMemory.FolioOf(_arena.Base, single + 1));
        Assert.False(PhysicalMemory.FolioOf(_arena.Base, single) == PhysicalMemory.FolioOf(_arena.Base, PhysicalMemory.PageFrame(2, PhysicalMemory.FirstLargePage - 56)));
    }

    [Fact]
    public void Physical_and_virtual_addresses_are_inverse()
    {
        byte* place = _arena.Base + 0x12_3456;
        Assert.True(PhysicalMemory.VirtualOf(_arena.Base, PhysicalMemory.PhysicalOf(place)) == place);
    }

    [Fact]
    public void Tables_do_not_depend_on_where_the_arena_lies()
    {
        using Arena other = new();
        AddressSpace.Create<Arm64>(_arena, Address);
        AddressSpace.Create<Arm64>(other, Address);
        Assert.True(new ReadOnlySpan<byte>(_arena.Base, 1 << 20).SequenceEqual(new ReadOnlySpan<byte>(other.Base, 1 << 20)));
    }

    [Fact]
    public void Places_that_nobody_named_have_the_names_of_their_fields()
    {
        AddressSpace* mm = AddressSpace.Create<Arm64>(_arena, Address);
        ulong pfn = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage);
        Folio* folio = _arena.UseFolio(pfn, 3, "A");
        FolioZone* zone = FolioAllocator.Zone(mm, FolioAllocator.SingleZone);
        Gather* gather = (Gather*)(_arena.Base + (8 << PhysicalMemory.PageShift));
        _arena.NameFields(gather, "gather->");

        Assert.Equal("mm->flush_pending", _arena.NameOf((ulong)&mm->FlushPending, 8));
        Assert.Equal("mm->flush_pending.high", _arena.NameOf((ulong)&mm->FlushPending + 4, 4));
        Assert.Equal("gather->table_count", _arena.NameOf((ulong)&gather->TableCount, 8));
        Assert.Equal("zone->first_free", _arena.NameOf((ulong)&zone->FirstFree, 8));
        Assert.Equal("large_zone->lock", _arena.NameOf((ulong)&(zone + 1)->Lock, 8));
        Assert.Equal("A+0.mapcount", _arena.NameOf((ulong)&folio->Mapcount, 8));
        Assert.Equal("A+1[2]", _arena.NameOf((ulong)PhysicalMemory.VirtualOf(mm, (pfn + 1) << PhysicalMemory.PageShift) + 16, 8));
        Assert.Equal("pte[40]", _arena.NameOf((ulong)(AddressSpace.FirstPteTable<Arm64>(mm) + 40), 8));
        Assert.Equal("pte table", _arena.NameOfPage(PhysicalMemory.PhysicalOf(AddressSpace.FirstPteTable<Arm64>(mm)) >> PhysicalMemory.PageShift));
        Assert.Equal("dirty|exclusive", _arena.Describe((ulong)&folio->Flags, 8, Folio.Dirty | Folio.Exclusive));
        Assert.Null(_arena.Describe((ulong)&folio->Flags, 8, 1UL << 40)); // nobody knows that flag
        Assert.Equal("A+0", _arena.Describe((ulong)&zone->FirstFree, 8, pfn));
    }

    [Fact]
    public void Locations_and_values_are_told_in_words()
    {
        AddressSpace* mm = AddressSpace.Create<Arm64>(_arena, Address);
        ulong pfn = PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage);
        Folio* folio = _arena.UseFolio(pfn, 3, "A");
        ulong pte3 = (ulong)(AddressSpace.FirstPte<Arm64>(mm, Address) + 3);

        Assert.Equal("PTE3", _arena.NameOf(pte3, 8));
        Assert.Equal("PTE3.high", _arena.NameOf(pte3 + 4, 4));
        Assert.Equal("A.refcount", _arena.NameOf((ulong)folio, 8));
        Assert.Equal("PMD", _arena.NameOf((ulong)AddressSpace.FirstPmdEntry<Arm64>(mm, Address), 8));
        Assert.Equal("A+3 cont dirty", _arena.Describe(pte3, 8, Arm64.MkDirty(Arm64.MkCont(Arm64.MakeSharedPage(pfn + 3))).Raw));
        Assert.Equal("none", _arena.Describe(pte3, 8, 0));
        Assert.Equal("poison", _arena.Describe(pte3, 8, Cpu.PoisonPattern));
        Assert.Equal("table", _arena.Describe((ulong)AddressSpace.FirstPmdEntry<Arm64>(mm, Address), 8, *AddressSpace.FirstPmdEntry<Arm64>(mm, Address)));
        Assert.True(_arena.TryRead((ulong)folio, 8, out ulong count));
        Assert.Equal(3UL, count);
        Assert.False(_arena.TryRead((ulong)_arena.Base + Arena.LengthBytes, 8, out _));
    }

    [Fact]
    public void Halves_name_every_page_that_they_can_belong_to()
    {
        AddressSpace* mm = AddressSpace.Create<X86Pae>(_arena, Address);
        _arena.UseFolio(PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage - 56), 1, "A");
        _arena.UseFolio(PhysicalMemory.PageFrame(2, PhysicalMemory.FirstLargePage - 56), 1, "B");
        ulong pte = (ulong)AddressSpace.FirstPte<X86Pae>(mm, Address);
        ulong raw = X86Pae.MakeSharedPage(PhysicalMemory.PageFrame(1, PhysicalMemory.FirstLargePage - 56)).Raw;
        Assert.Equal("low of A|B clean", _arena.Describe(pte, 4, (uint)raw));
        Assert.Equal("high of A", _arena.Describe(pte + 4, 4, raw >> 32));
    }

    [Fact]
    public void An_arena_that_is_used_up_says_so()
    {
        Assert.Throws<InvalidOperationException>(() => _arena.AllocatePages((int)PhysicalMemory.FirstLargePage));
    }
}
