using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Tablewalk.Mm;

namespace Tablewalk.Cli;

/// <summary>What a stress run found.</summary>
/// <param name="Operations">Operations done, by kind.</param>
/// <param name="Violations">What was violated; empty if nothing was.</param>
/// <param name="Elapsed">How long it ran.</param>
/// <param name="MemoryAtStart">The memory in use after a warm-up; null if the run ended before.</param>
/// <param name="MemoryAtEnd">The memory in use when it was looked at last.</param>
internal sealed record StressResult(
    ImmutableSortedDictionary<string, long> Operations, ImmutableArray<string> Violations, TimeSpan Elapsed, MemoryUse? MemoryAtStart, MemoryUse? MemoryAtEnd);

/// <summary>Random operations of many threads on one address space, and what must hold whatever they do.</summary>
/// <remarks>
/// Every word has one writer, so each writer knows what it must find, across swap, copies, huge pages and forks. What is checked:
/// <list type="bullet">
/// <item>no write is lost, and none appears elsewhere: own words hold what was last stored (F2, gather rule, N1);</item>
/// <item>after an unmap, an access faults, and a new mapping is zero; a word names the page it is in (no stale translation, gather rule);</item>
/// <item>pinned pages are this address space's as long as they are pinned (G1, G5);</item>
/// <item>a fork does not change afterwards (stale writable translations, copy on write);</item>
/// <item>copies made from collected dirty pages are equal to the memory when all stand still (no lost dirty, K1);</item>
/// <item>tables are not freed under a walk, nothing is freed twice or while mapped (G3, G4): the claims in the code;</item>
/// <item>all ends, and nothing leaks (F3, F4);</item>
/// <item>the memory in use stays what it was after a warm-up, as <see cref="MemoryUse"/> has it.</item>
/// </list>
/// A seed gives each thread its sequence of operations; how they interleave is the machine's.
/// </remarks>
internal sealed partial class StressRun : IDisposable
{
    internal const ulong StableAddress = 0x4000_0000;
    internal const int StablePages = 1024;
    internal const ulong PageSize = 0x1000;
    private const ulong SlotsAddress = 0x6000_0000;
    private const int SlotPages = 8;
    private const int HotPages = 4;
    private const int SecondWord = 3;
    private const int PinWord = 4;
    private const int TagWord = 6;
    private const int ScribbleWord = 7;
    private static readonly TimeSpan s_longestStep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestWarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(2);

    private readonly MmuMachine _machine;
    private readonly MmuSpace _space;
    private readonly MmuSecond _second;
    private readonly int _seed;
    private readonly byte[] _mirror = new byte[StablePages * (int)PageSize];
    private readonly ulong[][] _begun = [new ulong[StablePages], new ulong[StablePages]];
    private readonly ulong[][] _done = [new ulong[StablePages], new ulong[StablePages]];
    private readonly ReaderWriterLockSlim _standstill = new();
    private readonly ConcurrentDictionary<string, long> _operations = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly int _pagesAtStart;
    private MemoryUse? _memoryAtStart;
    private MemoryUse? _memoryAtEnd;
    private volatile bool _isStopped;

    internal StressRun(MmuArchitecture architecture, int seed, string? fault)
    {
        _seed = seed;
        NativeClaims.Reset();
        _machine = StressFaults.Create(architecture, new MmuOptions { Pages = 6144, SwapPages = 256 }, fault);
        _pagesAtStart = _machine.UsedPages;
        _space = _machine.CreateSpace();
        _space.Map(StableAddress, StablePages * PageSize, MmuAccess.ReadWrite);
        _second = _space.AttachSecond(StableAddress, StablePages * PageSize);
    }

    /// <summary>Runs for a time, or until something is violated.</summary>
    internal StressResult Run(TimeSpan length, Action<long, TimeSpan> onProgress, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        Action<MmuCpu, Random>[] roles = [(cpu, random) => UseMemory(0, cpu, random), (cpu, random) => UseMemory(1, cpu, random), UseSecond, Pin, Manage, Churn];
        Thread[] threads = [.. roles.Select((role, index) => new Thread(() => Work(role, index)) { IsBackground = true })];
        Array.ForEach(threads, static thread => thread.Start());
        long last = 0;
        TimeSpan lastStep = TimeSpan.Zero;
        TimeSpan nextLook = TimeSpan.FromTicks(Math.Min(length.Ticks / 4, s_longestWarmUp.Ticks));
        while (watch.Elapsed < length && !_isStopped && !cancellation.IsCancellationRequested)
        {
            Thread.Sleep(200);
            long operations = _operations.Values.Sum();
            onProgress(operations, watch.Elapsed);
            (last, lastStep) = operations != last ? (operations, watch.Elapsed) : (last, lastStep);
            if (watch.Elapsed - lastStep > s_longestStep)
            {
                Violate($"progress: nothing was done for {s_longestStep.TotalSeconds:0} s");
            }

            if (watch.Elapsed >= nextLook && !_isStopped)
            {
                Check(LookAtMemory);
                nextLook = watch.Elapsed + s_betweenLooks;
            }
        }

        _isStopped = true;
        bool haveEnded = threads.Aggregate(true, (all, thread) => thread.Join(s_longestStep) && all);
        if (!haveEnded)
        {
            Violate("progress: a thread does not end");
        }

        return Finish(haveEnded, watch.Elapsed);
    }

    /// <inheritdoc/>
    public void Dispose() => _standstill.Dispose();

    private StressResult Finish(bool haveEnded, TimeSpan elapsed)
    {
        if (haveEnded && _violations.IsEmpty)
        {
            Check(CompareMirror);
            Check(() =>
            {
                _space.Dispose();
                _machine.ThrowIfLeaking();
            });
            if (_machine.UsedPages != _pagesAtStart)
            {
                Violate($"leak: {_machine.UsedPages} pages are in use, {_pagesAtStart} were");
            }

            _machine.Dispose();
        }

        foreach ((string claim, long count) in NativeClaims.Broken)
        {
            Violate($"{claim}: {count:N0} times");
        }

        return new StressResult(_operations.ToImmutableSortedDictionary(StringComparer.Ordinal), [.. _violations.Distinct(StringComparer.Ordinal)], elapsed, _memoryAtStart, _memoryAtEnd);
    }

    // All stand still and all stable pages are present, so what is in use depends on nothing that is under way.
    private void LookAtMemory()
    {
        _standstill.EnterWriteLock();
        try
        {
            CompareMirror();
            MemoryUse now = MemoryUse.Of(_machine);
            _memoryAtStart ??= now;
            _memoryAtEnd = now;
            if (now.GrowthOrNull(_memoryAtStart) is { } growth)
            {
                Violate(growth);
            }
        }
        finally
        {
            _standstill.ExitWriteLock();
        }
    }

    private void Work(Action<MmuCpu, Random> role, int index) => Check(() =>
    {
        using MmuCpu cpu = _space.CreateCpu();
        Random random = new((_seed * 31) + index);
        while (!_isStopped)
        {
            _standstill.EnterReadLock();
            try
            {
                for (int i = 0; i < 16 && !_isStopped; i++)
                {
                    role(cpu, random);
                }
            }
            finally
            {
                _standstill.ExitReadLock();
            }
        }
    });

    private void Check(Action action)
    {
        try
        {
            action();
        }
        catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
        {
            Violate($"{unexpected.GetType().Name}: {unexpected.Message}");
        }
    }

    private void Violate(string what)
    {
        _violations.Enqueue(what);
        _isStopped = true;
    }

    private void Expect(bool holds, Func<string> what)
    {
        if (!holds)
        {
            Violate(what());
        }
    }

    private void Count(string kind) => _operations.AddOrUpdate(kind, 1, static (_, count) => count + 1);
}
