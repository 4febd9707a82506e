using Xunit;

namespace Tablewalk.Mm.Tests.SoftwareMmu;

/// <summary>The library face, on every architecture: what it does, and what it says when it is misused.</summary>
[Collection("native")]
public sealed class MmuSpaceTests
{
    private const ulong Address = 0x4000_0000;
    private const ulong Page = 0x1000;
    private const ulong Huge = 0x20_0000;

    public static TheoryData<MmuArchitecture> All => [MmuArchitecture.Arm64, MmuArchitecture.X86_64, MmuArchitecture.X86Pae];

    [Theory]
    [MemberData(nameof(All))]
    public void What_is_stored_is_loaded_by_every_CPU_and_the_TLB_serves_most_of_it(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 16 * Page, MmuAccess.ReadWrite);
        using MmuCpu first = space.CreateCpu();
        using MmuCpu second = space.CreateCpu();
        for (ulong at = 0; at < 16 * Page; at += 8)
        {
            first.Store(Address + at, at);
        }

        for (ulong at = 0; at < 16 * Page; at += 8)
        {
            Assert.Equal(at, second.Load(Address + at));
        }

        Assert.True(first.Hits > 100 * first.Walks, $"{first.Hits} hits, {first.Walks} walks");
        Assert.True(space.TryTranslate(Address + 0x123, out ulong physical) && (physical & 0xFFF) == 0x123);
        Assert.False(space.TryTranslate(Address + (16 * Page), out _));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_populated_range_is_present_and_what_was_there_stays(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 4 * Page, MmuAccess.ReadWrite);
        space.Map(Address + (4 * Page), Page, MmuAccess.Read);
        using MmuCpu cpu = space.CreateCpu();
        cpu.Store(Address + Page, 5);
        space.Populate(Address, 5 * Page);
        for (ulong i = 0; i < 5; i++)
        {
            Assert.True(space.TryTranslate(Address + (i * Page), out _));
            Assert.Equal(i == 1 ? 5UL : 0, cpu.Load(Address + (i * Page)));
        }

        int used = machine.UsedPages;
        space.Populate(Address, 5 * Page);
        Assert.Equal(used, machine.UsedPages);
        Assert.Throws<MmuFaultException>(() => space.Populate(Address + (4 * Page), 2 * Page));
        Assert.Throws<ArgumentException>(() => space.Populate(Address + 1, Page));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Unmapped_memory_is_gone_for_every_CPU_at_once(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 4 * Page, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        cpu.Store(Address, 1);
        cpu.Store(Address + Page, 2);
        space.Unmap(Address, Page);
        Assert.Throws<MmuFaultException>(() => cpu.Load(Address));
        Assert.Equal(2UL, cpu.Load(Address + Page));
        space.Map(Address, Page, MmuAccess.Read);
        Assert.Equal(0UL, cpu.Load(Address));
        Assert.Contains("allows reading only", Assert.Throws<MmuFaultException>(() => cpu.Store(Address, 1)).Message, StringComparison.Ordinal);
        space.Protect(Address, 2 * Page, MmuAccess.ReadWrite);
        cpu.Store(Address, 3);
        space.Protect(Address, 4 * Page, MmuAccess.None);
        Assert.Contains("allows no access", Assert.Throws<MmuFaultException>(() => cpu.Load(Address)).Message, StringComparison.Ordinal);
        space.Protect(Address, 4 * Page, MmuAccess.ReadWrite);
        Assert.Equal((3UL, 2UL), (cpu.Load(Address), cpu.Load(Address + Page)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_fork_sees_what_was_and_not_what_comes(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace parent = machine.CreateSpace();
        parent.Map(Address, Huge, MmuAccess.ReadWrite);
        using MmuCpu cpu = parent.CreateCpu();
        cpu.Store(Address, 1);
        cpu.Store(Address + Page, 2);
        Assert.Equal(1, parent.SwapOut(Address + Page, Page));
        using MmuPins pins = parent.Pin(Address + (2 * Page), 1, isWrite: true);
        pins[0][0] = 7;
        using MmuSpace child = parent.Fork();
        using MmuCpu childCpu = child.CreateCpu();
        cpu.Store(Address, 10);
        cpu.Store(Address + Page, 20);
        pins[0][0] = 70;
        Assert.Equal((1UL, 2UL, 7UL), (childCpu.Load(Address), childCpu.Load(Address + Page), childCpu.Load(Address + (2 * Page))));
        Assert.Equal(70UL, cpu.Load(Address + (2 * Page)));
        childCpu.Store(Address, 100);
        Assert.Equal(10UL, cpu.Load(Address));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Dirty_pages_are_those_written_since_the_last_time(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 2 * Huge, MmuAccess.ReadWrite);
        MmuSecond second = space.AttachSecond(Address, Huge);
        using MmuCpu cpu = space.CreateCpu();
        cpu.Store(Address, 1);
        cpu.Load(Address + Page);
        cpu.Store(Address + Huge, 1);
        Assert.Equal([Address, Address + Huge], space.CollectDirty(Address, 2 * Huge));
        Assert.Empty(space.CollectDirty(Address, 2 * Huge));
        cpu.Store(Address, 2);
        second.Store(Address + Page, 3);
        Assert.Equal([Address, Address + Page], space.CollectDirty(Address, 2 * Huge));
        second.Store(Address + Page, 4);
        Assert.Equal(4UL, cpu.Load(Address + Page));
        Assert.Equal([Address + Page], space.CollectDirty(Address, 2 * Huge));
        cpu.Store(Address, 5);
        Assert.Equal(1, space.SwapOut(Address, Page));
        Assert.Equal([Address], space.CollectDirty(Address, 2 * Huge));
        Assert.Equal(5UL, second.Load(Address));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Huge_pages_come_and_go_unnoticed(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        using MmuSpace space = machine.CreateSpace();
        space.Map(Address, 2 * Huge, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        for (ulong at = 0; at < Huge; at += Page)
        {
            cpu.Store(Address + at, at);
        }

        Assert.Equal(1, space.Collapse(Address, 2 * Huge));
        Assert.Equal(0x5000UL, cpu.Load(Address + 0x5000));
        cpu.Store(Address + 0x5000, 6);
        using MmuPins pins = space.Pin(Address + 0x5000, 2, isWrite: true);
        Assert.Equal(6, pins[0][0]);
        space.Unmap(Address, Page);
        Assert.Equal(6UL, cpu.Load(Address + 0x5000));
        Assert.Throws<MmuFaultException>(() => cpu.Load(Address));
        space.Unmap(Address, Huge);
        pins.Release();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_leaks(MmuArchitecture architecture)
    {
        using MmuMachine machine = MmuMachine.Create(architecture);
        MmuSpace space = machine.CreateSpace();
        space.Map(Address, 4 * Huge, MmuAccess.ReadWrite);
        space.AttachSecond(Address, Huge).Store(Address, 1);
        using (MmuCpu cpu = space.CreateCpu())
        {
            for (ulong at = 0; at < 2 * Huge; at += Page)
            {
                cpu.Store(Address + at, at);
            }

            space.SwapOut(Address + Page, 8 * Page);
            space.Collapse(Address, 4 * Huge);
        }

        MmuSpace child = space.Fork();
        MmuPins pins = child.Pin(Address, 3, isWrite: true);
        Assert.Contains("2 address spaces and 3 pinned pages", Assert.Throws<InvalidOperationException>(machine.ThrowIfLeaking).Message, StringComparison.Ordinal);
        pins.Release();
        child.Dispose();
        space.Dispose();
        machine.ThrowIfLeaking();
    }

    [Fact]
    public void Misuse_is_told_what_is_wrong()
    {
        using MmuMachine machine = MmuMachine.Create(MmuArchitecture.X86_64, new MmuOptions { Pages = 40 });
        MmuSpace space = machine.CreateSpace();
        space.Map(Address, 2 * Page, MmuAccess.ReadWrite);
        using MmuCpu cpu = space.CreateCpu();
        Says<ArgumentException>("expected multiples of the page size 0x1000", () => space.Map(Address + 1, Page, MmuAccess.Read));
        Says<ArgumentException>("0x40001000 to 0x40003000 overlaps the region 0x40000000 to 0x40002000", () => space.Map(Address + Page, 2 * Page, MmuAccess.Read));
        Says<ArgumentException>("the address space ends at 0x800000000000", () => space.Map(1UL << 47, Page, MmuAccess.Read));
        Says<ArgumentException>("length", () => space.Map(Address + (4 * Page), 0, MmuAccess.Read));
        Says<ArgumentException>("0x40002000 is not mapped", () => space.Protect(Address, 4 * Page, MmuAccess.Read));
        Says<ArgumentException>("expected a multiple of 8", () => cpu.Load(Address + 4));
        Says<MmuFaultException>("read from 0x50000000: the address is not mapped", () => cpu.Load(0x5000_0000));
        Says<MmuFaultException>("write to 0x800000000000: the address space ends", () => cpu.Store(1UL << 47, 1));

        MmuPins pins = space.Pin(Address, 2, isWrite: true);
        Says<ArgumentOutOfRangeException>("page", () => _ = pins[2].Length);
        Says<MmuFaultException>("not mapped", () => space.Pin(Address + Page, 2, isWrite: true));
        pins.Release();
        Says<InvalidOperationException>("the 2 pages pinned at 0x40000000 were released before", pins.Release);
        Says<ObjectDisposedException>("MmuPins", () => _ = pins[0].Length);

        space.Map(Address + Huge, 64 * Page, MmuAccess.ReadWrite);
        Says<MmuMemoryException>("no page is free: 40 are in use", () =>
        {
            for (ulong at = 0; at < 64 * Page; at += Page)
            {
                cpu.Store(Address + Huge + at, 1);
            }
        });

        MmuSecond second = space.AttachSecond(Address, Page);
        Says<ArgumentOutOfRangeException>("the second MMU mirrors 0x40000000 to 0x40001000", () => second.Load(Address + Page));
        Says<InvalidOperationException>("has a second MMU already", () => space.AttachSecond(Address, Page));
        space.Dispose();
        space.Dispose();
        Says<ObjectDisposedException>("MmuSpace", () => space.Map(Address, Page, MmuAccess.Read));
        Says<ArgumentOutOfRangeException>("Pages", () => MmuMachine.Create(MmuArchitecture.Arm64, new MmuOptions { Pages = 0 }));
    }

    private static void Says<TException>(string words, Action misuse)
        where TException : Exception => Assert.Contains(words, Assert.ThrowsAny<TException>(misuse).Message, StringComparison.Ordinal);
}
