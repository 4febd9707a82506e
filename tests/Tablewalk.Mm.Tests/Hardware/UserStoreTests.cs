using System.Diagnostics;
using Xunit;

namespace Tablewalk.Mm.Tests.Hardware;

/// <summary>Accesses by user code on a CPU without a TLB.</summary>
public sealed unsafe class UserStoreTests
{
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(0.5); // without the second walk dozens of stores fault

    [Fact] // found by `stress --outcomes mmu/madvise-free`
    public void What_the_hardware_could_not_set_it_walks_for_again()
    {
        using var machine = new Machine<Arm64>();
        FaultHandler<Arm64, SinglePtes<Arm64, LocklessRead<Arm64>, FlushByBroadcast, ArchAccessFlags>, ExactComparison, FirstWordCopy>.Handle(
            machine.Mm, Machine<Arm64>.Address, isWrite: true, RegionFlags.Read | RegionFlags.Write);
        nint ptep = (nint)machine.PtepOf(Machine<Arm64>.Address);
        Pte clean = Arm64.MkClean(*(Pte*)ptep);
        using var isDone = new CancellationTokenSource();
        var aging = new Thread(() => Age(ptep, clean, isDone.Token));
        aging.Start();
        int faults = 0;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < s_length;)
        {
            faults += Cpu.UserStore<Arm64, Arm64HardwareWalk<ThroughTarget>>(machine.Mm, Machine<Arm64>.Address, 1) ? 0 : 1;
        }

        isDone.Cancel();
        aging.Join();
        Assert.Equal(0, faults); // it was mapped and writable all the time
    }

    // Another kind of clean each time, so that the walk's entry is not there any more.
    private static void Age(nint ptep, Pte clean, CancellationToken isDone)
    {
        for (int i = 0; !isDone.IsCancellationRequested; i++)
        {
            Cpu.WriteOnce((ulong*)ptep, i % 2 == 0 ? clean.Raw : Arm64.MkOld(clean).Raw);
        }
    }
}
