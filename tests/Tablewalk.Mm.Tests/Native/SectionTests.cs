using Xunit;

namespace Tablewalk.Mm.Tests.Native;

/// <summary>The waits against the sections they wait for, on real threads.</summary>
[Collection("native")]
public sealed unsafe class SectionTests
{
    [Theory]
    [InlineData(true, false, true)]  // an IPI waits for irq-off
    [InlineData(false, false, false)] // but not for RCU readers
    [InlineData(true, true, true)]   // a grace period waits for both
    [InlineData(false, true, true)]
    public void A_wait_lasts_as_long_as_the_sections_it_waits_for(bool irqOff, bool gracePeriod, bool waits)
    {
        using ManualResetEventSlim inside = new();
        using ManualResetEventSlim leave = new();
        using ManualResetEventSlim waited = new();
        Thread reader = new(() =>
        {
            Enter(irqOff);
            inside.Set();
            leave.Wait(TestContext.Current.CancellationToken);
            Leave(irqOff);
        });
        Thread waiter = new(() =>
        {
            Wait(gracePeriod);
            waited.Set();
        });

        reader.Start();
        inside.Wait(TestContext.Current.CancellationToken);
        waiter.Start();
        Assert.Equal(!waits, waited.Wait(waits ? 100 : 20_000, TestContext.Current.CancellationToken));
        leave.Set();
        Assert.True(waited.Wait(20_000, TestContext.Current.CancellationToken));
        reader.Join();
        waiter.Join();
    }

    [Fact]
    public void A_section_does_not_wait_for_itself_and_nests()
    {
        Cpu.LocalIrqSave();
        Cpu.LocalIrqSave();
        Cpu.LocalIrqRestore();
        Cpu.SyncLocklessWalkers();
        Cpu.SynchronizeRcu();
        Cpu.LocalIrqRestore();
        Cpu.FlushTlbByIpi(0, 4096);
    }

    [Fact]
    public void A_page_is_not_poisoned_under_a_reader_that_entered_before()
    {
        using Arena arena = new();
        ulong* first = (ulong*)arena.AllocatePages();
        ulong* second = (ulong*)arena.AllocatePages();
        ulong* current = arena.Allocate<ulong>();
        Cpu.WriteOnce(current, (ulong)first);
        bool stop = false;
        long poisoned = 0;
        Thread reader = new(() =>
        {
            while (!stop)
            {
                Cpu.LocalIrqSave();
                ulong* page = (ulong*)Cpu.ReadOnce(current);
                poisoned += Cpu.ReadOnce(page) == Cpu.PoisonPattern ? 1 : 0;
                Cpu.LocalIrqRestore();
            }
        });
        reader.Start();
        for (int i = 0; i < 2000; i++)
        {
            ulong* old = i % 2 == 0 ? first : second;
            Cpu.WriteOnce(i % 2 == 0 ? second : first, 0UL);
            Cpu.WriteOnce(current, (ulong)(i % 2 == 0 ? second : first));
            Cpu.SyncLocklessWalkers();
            Cpu.Poison(old, 64);
        }

        stop = true;
        reader.Join();
        Assert.Equal(0, poisoned);
    }

    [Fact]
    public void The_lock_excludes()
    {
        using Arena arena = new();
        ulong* word = arena.Allocate<ulong>();
        long count = 0;
        Thread[] workers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                Cpu.SpinLock(word);
                count++;
                Cpu.SpinUnlock(word);
            }
        }))];
        Array.ForEach(workers, static worker => worker.Start());
        Array.ForEach(workers, static worker => worker.Join());
        Assert.Equal(60_000, count);
    }

    [Fact]
    public void Choices_stay_in_range_and_all_come_up()
    {
        int[] seen = new int[3];
        for (int i = 0; i < 1000; i++)
        {
            seen[Cpu.Choose(3)]++;
        }

        Assert.DoesNotContain(0, seen);
    }

    [Fact]
    public void Atomics_return_the_old_value()
    {
        using Arena arena = new();
        ulong* p = arena.Allocate<ulong>();
        Assert.Equal(0UL, Cpu.FetchAdd(p, 5UL));
        Assert.Equal(5UL, Cpu.FetchAdd(p, ulong.MaxValue));
        Assert.Equal(4UL, Cpu.CmpXchg(p, 3, 9));
        Assert.Equal(4UL, Cpu.CmpXchgRelaxed(p, 4UL, 6));
        Assert.Equal(6UL, Cpu.FetchOr(p, 1UL));
        Assert.Equal(7UL, Cpu.FetchAnd(p, 2UL));
        Assert.Equal(2UL, Cpu.Xchg(p, 8UL));
        Assert.Equal(8UL, Cpu.LoadAcquire(p));
    }

    private static void Enter(bool irqOff)
    {
        if (irqOff)
        {
            Cpu.LocalIrqSave();
        }
        else
        {
            Cpu.RcuReadLock();
        }
    }

    private static void Leave(bool irqOff)
    {
        if (irqOff)
        {
            Cpu.LocalIrqRestore();
        }
        else
        {
            Cpu.RcuReadUnlock();
        }
    }

    private static void Wait(bool gracePeriod)
    {
        if (gracePeriod)
        {
            Cpu.SynchronizeRcu();
        }
        else
        {
            Cpu.SyncLocklessWalkers();
        }
    }
}
