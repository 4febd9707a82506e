using Xunit;

namespace Tablewalk.Mm.Tests.SoftwareMmu;

/// <summary>Moving memory, dropping it, and seeing who uses it, on every architecture.</summary>
[Collection("native")]
public sealed class MmuSpaceUsageTests
{
    private const ulong Address = 0x4000_0000;
    private const ulong Page = 0x1000;
    private const ulong Huge = 0x20_0000;

    public static TheoryData<MmuArchitecture> All => [MmuArchitecture.Arm64, MmuArchitecture.X86_64, MmuArchitecture.X86Pae];

    [Theory]
    [MemberData(nameof(All))]
    public void Moved_memory_is_at_its_new_place_alone(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 20 * Page, MmuAccess.ReadWrite);
        space.Map(Address + (20 * Page), 4 * Page, MmuAccess.Read);
        using MmuCpu cpu = space.CreateCpu();
        for (ulong i = 0; i < 20; i++)
        {
            cpu.Store(Address + (i * Page), i + 1);
        }

        Assert.Equal(2, space.SwapOut(Address + (5 * Page), 2 * Page));
        ulong to = Address + Huge + (3 * Page);
        space.Move(Address + (2 * Page), to, 20 * Page);
        for (ulong i = 2; i < 20; i++)
        {
            Assert.Equal(i + 1, cpu.Load(to + ((i - 2) * Page)));
            Assert.Throws<MmuFaultException>(() => cpu.Load(Address + (i * Page)));
        }

        Assert.Equal(1UL, cpu.Load(Address));
        Assert.Throws<MmuFaultException>(() => cpu.Store(to + (18 * Page), 1));
        Assert.Equal(0UL, cpu.Load(Address + (22 * Page)));
        cpu.Store(to, 7);
        Assert.Equal(7UL, cpu.Load(to));
        Assert.Throws<ArgumentException>(() => space.Move(Address, to, Page));
        Assert.Throws<ArgumentException>(() => space.Move(Address + (3 * Page), Address + (8 * Huge), Page));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Whole_tables_and_huge_pages_move_without_a_copy_of_their_entries(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 2 * Huge, MmuAccess.ReadWrite);
        space.Map(Address + (4 * Huge), Page, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        for (ulong at = 0; at < Huge + Page; at += Page)
        {
            cpu.Store(Address + at, at + 1);
        }

        cpu.Store(Address + (4 * Huge), 5);
        Assert.Equal(1, space.Collapse(Address, Huge));
        int used = machine.UsedPages;
        space.Move(Address, Address + (8 * Huge), 2 * Huge);
        Assert.Equal(used, machine.UsedPages);
        Assert.Equal((int)Huge, space.PageSizeAt(Address + (8 * Huge)));
        Assert.Equal(0, space.PageSizeAt(Address));
        for (ulong at = 0; at < Huge + Page; at += Page)
        {
            Assert.Equal(at + 1, cpu.Load(Address + (8 * Huge) + at));
        }

        // Not to the place of a huge page: it is split.
        space.Move(Address + (8 * Huge), Address + Page, Huge);
        Assert.Equal((int)Page, space.PageSizeAt(Address + Page));
        Assert.Equal(Huge - Page + 1, cpu.Load(Address + Huge));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Discarded_memory_is_zero_and_its_pages_are_free(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 4 * Page, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        cpu.Store(Address, 1);
        cpu.Store(Address + Page, 2);
        int used = machine.UsedPages;
        space.Discard(Address, Page);
        Assert.Equal(used - 1, machine.UsedPages);
        Assert.Equal(0UL, cpu.Load(Address));
        Assert.Equal(2UL, cpu.Load(Address + Page));
        Assert.Throws<ArgumentException>(() => space.Discard(Address + (3 * Page), 2 * Page));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Memory_that_need_not_be_kept_is_dropped_unless_it_is_written_to(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 4 * Page, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        for (ulong i = 0; i < 4; i++)
        {
            cpu.Store(Address + (i * Page), i + 1);
        }

        Assert.Equal(0, space.DropFree(Address, 4 * Page));
        space.AdviseFree(Address, 3 * Page);
        cpu.Store(Address + Page, 9);
        using MmuPins pins = space.Pin(Address + (2 * Page), 1, isWrite: false);
        Assert.Equal(1, space.DropFree(Address, 4 * Page));
        Assert.Equal([0UL, 9, 3, 4], Enumerable.Range(0, 4).Select(i => cpu.Load(Address + ((ulong)i * Page))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Pages_that_were_used_are_told_once(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 4 * Page, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        for (ulong i = 0; i < 4; i++)
        {
            cpu.Store(Address + (i * Page), i + 1);
        }

        Assert.Equal([Address, Address + Page, Address + (2 * Page), Address + (3 * Page)], space.CollectYoung(Address, 4 * Page));
        using MmuCpu fresh = space.CreateCpu();
        fresh.Load(Address + (2 * Page));
        Assert.Equal([Address + (2 * Page)], space.CollectYoung(Address, 4 * Page));
        Assert.Empty(space.CollectYoung(Address, 4 * Page));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_hinted_page_is_what_it_was_after_one_fault(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 2 * Page, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        cpu.Store(Address, 1);
        space.HintFaults(Address, 2 * Page);
        Assert.False(space.TryTranslate(Address, out _));
        Assert.Equal(1UL, cpu.Load(Address));
        Assert.True(space.TryTranslate(Address, out _));
        cpu.Store(Address, 2);
        Assert.Equal(2UL, cpu.Load(Address));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_collapse_brings_in_what_is_out(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, Huge, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        for (ulong at = 0; at < Huge; at += Page)
        {
            cpu.Store(Address + at, at + 1);
        }

        Assert.Equal(8, space.SwapOut(Address + (4 * Page), 8 * Page));
        Assert.Equal(1, space.Collapse(Address, Huge));
        Assert.Equal((5 * Page) + 1, cpu.Load(Address + (5 * Page)));
    }
}
