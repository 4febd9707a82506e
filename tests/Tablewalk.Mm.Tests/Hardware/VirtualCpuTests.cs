using Xunit;

namespace Tablewalk.Mm.Tests.Hardware;

public sealed class WalksOfArm64 : VirtualCpuTests<
    Arm64, ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>, Arm64HardwareWalk<ThroughTarget>>;

public sealed class WalksOfArm64Of16K : VirtualCpuTests<
    Arm64<Granule16K>, ContiguousPtes<Block128Of16K, PreciseRead<Block128Of16K, FullGatherTest>, EachEntryTest>, Arm64HardwareWalk<ThroughTarget>>;

public sealed class WalksOfArm64WithoutHardwareFlags : VirtualCpuTests<
    Arm64, ContiguousPtes<Block16, PreciseRead<Block16, FullGatherTest>, EachEntryTest>, Arm64SoftwareFlagsWalk>;

public sealed class WalksOfX86_64 : VirtualCpuTests<X86_64, SinglePtes<X86_64, LocklessRead<X86_64>, FlushByIpi, ArchAccessFlags>, X86HardwareWalk>;

public sealed class WalksOfX86Pae : VirtualCpuTests<X86Pae, SinglePtes<X86Pae, LocklessRead<X86Pae>, FlushByIpi, ArchAccessFlags>, X86HardwareWalk>;

/// <summary>A virtual CPU: what its walks set, what its TLB keeps, and that a flush ends both.</summary>
[Collection("native")]
public abstract unsafe class VirtualCpuTests<TArch, TPtes, THardware> : IDisposable
    where TArch : IArch
    where TPtes : IPtes
    where THardware : IHardwareWalk
{
    private const ulong Address = Machine<TArch>.Address;
    private readonly Machine<TArch> _machine = new();
    private readonly VirtualCpu _cpu;

    protected VirtualCpuTests() => _cpu = new VirtualCpu(_machine.Mm);

    private static bool HasHardwareFlags => typeof(THardware) != typeof(Arm64SoftwareFlagsWalk);

    public void Dispose()
    {
        _cpu.Dispose();
        _machine.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_walk_sets_accessed_and_a_write_sets_dirty_or_they_fault()
    {
        Assert.False(Load(out _));
        Fault(isWrite: false);
        Pte* ptep = _machine.PtepOf(Address);
        *ptep = TArch.MkOld(*ptep);
        Assert.Equal(HasHardwareFlags, Load(out _));
        Assert.Equal(HasHardwareFlags, TArch.IsYoung(*ptep));
        Assert.False(TArch.IsDirty(*ptep));
        Assert.Equal(HasHardwareFlags, Store(5));
        Assert.Equal(HasHardwareFlags, TArch.IsDirty(*ptep));
        Fault(isWrite: true);
        Assert.True(Store(6) && Load(out ulong value) && value == 6);
    }

    [Fact]
    public void A_translation_is_kept_until_the_flush()
    {
        Fault(isWrite: true);
        Assert.True(Store(5));
        Pte old = TPtes.PtepGetAndClear(Address, _machine.PtepOf(Address));
        Assert.True(Load(out ulong value) && value == 5);
        Assert.True(Store(6));
        TPtes.FlushRange(Address, PageTables<TArch>.PageSize);
        Assert.False(Load(out _) || Store(7));
        TPtes.SetPte(Address, _machine.PtepOf(Address), old);
        Assert.True(Load(out value) && value == 6);
    }

    [Fact] // what deferred flushes of reclaim rely on
    public void A_clean_translation_does_not_become_dirty_once_the_entry_is_gone()
    {
        Fault(isWrite: false);
        Assert.True(Load(out _));
        TPtes.PtepGetAndClear(Address, _machine.PtepOf(Address));
        Assert.True(Load(out _));
        Assert.False(Store(7));
    }

    [Fact]
    public void A_read_only_page_faults_on_write()
    {
        Fault(isWrite: true);
        *_machine.PtepOf(Address) = TArch.WrProtect(*_machine.PtepOf(Address));
        Assert.False(Store(1));
        Assert.True(Load(out _));
    }

    [Theory]
    [InlineData(1, 0UL, 4096UL, true)]
    [InlineData(1, 1UL << 30, 4096UL, false)] // another page
    [InlineData(8, 1UL << 30, 4096UL, false)]
    [InlineData(9, 1UL << 30, 4096UL, true)] // more than are remembered
    [InlineData(1, 1UL << 30, 34UL * 4096, true)] // more pages than are dropped one by one
    public void A_flush_drops_its_range_or_everything(int count, ulong distance, ulong length, bool isDropped)
    {
        Fault(isWrite: true);
        Assert.True(Store(1));
        long walks = _cpu.Walks;
        for (int i = 0; i < count; i++)
        {
            TPtes.FlushRange(Address + distance, length);
        }

        Assert.True(Store(2));
        Assert.Equal(isDropped, _cpu.Walks > walks);
    }

    [Fact]
    public void Only_the_first_flush_after_an_access_interrupts_a_virtual_CPU()
    {
        Fault(isWrite: true);
        for (int i = 1; i <= 3; i++)
        {
            Assert.True(Store((ulong)i));
            long before = _cpu.Interruptions;
            for (int j = 0; j < 20; j++)
            {
                TPtes.FlushRange(Address + ((ulong)j << 30), PageTables<TArch>.PageSize);
            }

            Assert.Equal(before + 1, _cpu.Interruptions);
        }
    }

    [Fact]
    public void A_virtual_CPU_that_slept_takes_what_was_flushed_meanwhile()
    {
        Fault(isWrite: true);
        Assert.True(Store(5));
        TPtes.FlushRange(Address + (1UL << 30), PageTables<TArch>.PageSize);
        TPtes.PtepGetAndClear(Address, _machine.PtepOf(Address));
        TPtes.FlushRange(Address, PageTables<TArch>.PageSize);
        Assert.False(Load(out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)] // so long between accesses that it falls asleep
    public void A_flush_returns_only_when_no_access_uses_the_old_page(int pause)
    {
        long late = StoresToFreedPage(2000, pause, static () => TPtes.FlushRange(Address, PageTables<TArch>.PageSize), out long interruptions);
        Assert.Equal(0, late);
        Assert.InRange(interruptions, 1, 2001);
    }

    [Fact] // the control
    public void Without_a_flush_stores_to_the_old_page_are_seen() =>
        Assert.NotEqual(0, StoresToFreedPage(2_000_000, pause: 0, static () => { }, out _));

    private long StoresToFreedPage(int rounds, int pause, Action flush, out long interruptions)
    {
        Fault(isWrite: true);
        long before = _cpu.Interruptions;
        Pte* ptep = _machine.PtepOf(Address);
        Pte mapped = *ptep;
        ulong* contents = _machine.ContentsAt(Address);
        bool stop = false;
        long stores = 0;
        Thread user = new(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                Volatile.Write(ref stores, stores + (_cpu.TryStore<TArch, THardware>(Address, 1) ? 1 : 0));
                Thread.SpinWait(pause);
            }
        });
        user.Start();
        long late = 0;
        for (int i = 0; i < rounds && late == 0; i++)
        {
            TPtes.PtepGetAndClear(Address, ptep);
            flush();
            Cpu.WriteOnce(contents, 2UL); // freed and given away
            Thread.SpinWait(20);
            late += Cpu.ReadOnce(contents) != 2 ? 1 : 0;
            TPtes.SetPte(Address, ptep, mapped);
            Thread.SpinWait(20);
        }

        SpinWait.SpinUntil(() => Volatile.Read(ref stores) > 0);
        Volatile.Write(ref stop, true);
        user.Join();
        interruptions = _cpu.Interruptions - before;
        return late;
    }

    [Fact]
    public void Another_address_space_is_another_memory()
    {
        Fault(isWrite: true);
        Assert.True(Store(5));
        _cpu.Switch(_machine.Child);
        Assert.False(Load(out _));
        _cpu.Switch(_machine.Mm);
        Assert.True(Load(out ulong value) && value == 5);
    }

    private bool Load(out ulong value) => _cpu.TryLoad<TArch, THardware>(Address, out value);

    private bool Store(ulong value) => _cpu.TryStore<TArch, THardware>(Address, value);

    private void Fault(bool isWrite) => Assert.Equal(
        FaultResult.Done,
        FaultHandler<TArch, TPtes, ExactComparison, WholePageCopy>.Handle(_machine.Mm, Address, isWrite, RegionFlags.Read | RegionFlags.Write));
}
