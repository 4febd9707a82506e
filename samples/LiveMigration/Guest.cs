using Tablewalk.Mm;

namespace Tablewalk.Samples;

/// <summary>A small guest: virtual CPUs that count in the words of a shared memory, most often in a few hot pages.</summary>
internal sealed class Guest : IDisposable
{
    private const ulong HotPages = 16;
    private readonly MmuSpace _memory;
    private readonly ulong _address;
    private readonly ulong _pages;
    private readonly Thread[] _threads;
    private volatile bool _isStopped;

    internal Guest(MmuSpace memory, ulong address, ulong pages, int cpus)
    {
        (_memory, _address, _pages) = (memory, address, pages);
        _threads = [.. Enumerable.Range(0, cpus).Select(index => new Thread(() => Run(index)))];
        Array.ForEach(_threads, static thread => thread.Start());
    }

    /// <summary>Stops all CPUs: nothing is written any more when this returns.</summary>
    internal void Stop()
    {
        _isStopped = true;
        Array.ForEach(_threads, static thread => thread.Join());
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    // Each CPU has the words of its own index in every page, so the sums below need no atomic update.
    private void Run(int index)
    {
        using MmuCpu cpu = _memory.CreateCpu();
        Random random = new(index);
        while (!_isStopped)
        {
            ulong range = random.Next(100) < 99 ? HotPages : _pages;
            ulong page = (ulong)random.NextInt64((long)range);
            ulong place = _address + (page * (ulong)MmuMachine.PageSize) + ((ulong)index * 8);
            cpu.Store(place, cpu.Load(place) + 1);
            Thread.SpinWait(50);
        }
    }
}
