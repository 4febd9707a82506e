using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Tablewalk.Mm;

namespace Tablewalk.Cli;

/// <summary>What a stress run found.</summary>
/// <param name="Operations">Operations done, by kind.</param>
/// <param name="Violations">What was violated; empty if nothing was.</param>
/// <param name="Elapsed">How long it ran.</param>
internal sealed record StressResult(ImmutableSortedDictionary<string, long> Operations, ImmutableArray<string> Violations, TimeSpan Elapsed);

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
/// <item>all ends, and nothing leaks (F3, F4).</item>
/// </list>
/// A seed gives each thread its sequence of operations; how they interleave is the machine's.
/// </remarks>
internal sealed class StressRun : IDisposable
{
    internal const ulong StableAddress = 0x4000_0000;
    internal const int StablePages = 1024;
    internal const ulong PageSize = 0x1000;
    private const ulong SlotsAddress = 0x6000_0000;
    private const int SlotPages = 8;
    private const int Users = 2;
    private const int SecondWord = 3;
    private const int PinWord = 4;
    private const int TagWord = 6;
    private const int ScribbleWord = 7;
    private static readonly TimeSpan s_longestStep = TimeSpan.FromSeconds(30);

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
        Action<MmuCpu, Random>[] roles = [(cpu, random) => UseMemory(0, cpu, random), (cpu, random) => UseMemory(1, cpu, random), UseSecond, Pin, Manage];
        Thread[] threads = [.. roles.Select((role, index) => new Thread(() => Work(role, index)) { IsBackground = true })];
        Array.ForEach(threads, static thread => thread.Start());
        long last = 0;
        TimeSpan lastStep = TimeSpan.Zero;
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

        return new StressResult(_operations.ToImmutableSortedDictionary(StringComparer.Ordinal), [.. _violations.Distinct(StringComparer.Ordinal)], elapsed);
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

    private static ulong WordOf(int page, int word) => StableAddress + ((ulong)page * PageSize) + ((ulong)word * 8);

    // A user program: words of its own in stable pages, a slot that it maps and unmaps, and slots of others that it has no business in.
    private void UseMemory(int user, MmuCpu cpu, Random random)
    {
        for (int i = 0; i < 32; i++)
        {
            int page = random.Next(4) == 0 ? random.Next(StablePages) : random.Next(32);
            ulong expected = _done[user][page];
            ulong found = cpu.Load(WordOf(page, user));
            Expect(found == expected, () => $"lost write: word {user} of page {page} is {found}, expected {expected}");
            Expect(cpu.Load(WordOf(page, ScribbleWord)) == 0, () => $"stray write: word {ScribbleWord} of page {page} is not zero");
            Volatile.Write(ref _begun[user][page], expected + 1);
            cpu.Store(WordOf(page, user), expected + 1);
            Volatile.Write(ref _done[user][page], expected + 1);
        }

        Count("load-store");
        UseOwnSlot(user, cpu, random);
        Scribble(1 - user, cpu, random);
    }

    private void UseOwnSlot(int user, MmuCpu cpu, Random random)
    {
        ulong slot = SlotOf(user);
        _space.Map(slot, SlotPages * PageSize, MmuAccess.ReadWrite);
        for (int i = 0; i < SlotPages; i++)
        {
            ulong page = slot + ((ulong)i * PageSize);
            ulong tag = cpu.Load(page + (TagWord * 8));
            Expect(tag == 0, () => $"stale contents: a new page at 0x{page:x} has tag 0x{tag:x}");
            cpu.Store(page + (TagWord * 8), page | 1);
        }

        Thread.SpinWait(random.Next(2000));
        for (int i = 0; i < SlotPages; i++)
        {
            ulong page = slot + ((ulong)i * PageSize);
            ulong tag = cpu.Load(page + (TagWord * 8));
            ulong scribble = cpu.Load(page + (ScribbleWord * 8));
            Expect(tag == (page | 1), () => $"lost write: the tag of 0x{page:x} is 0x{tag:x}");
            Expect(scribble == 0 || scribble == (page | 2), () => $"stray write: 0x{page:x} was written to as 0x{scribble:x}");
        }

        _space.Unmap(slot, SlotPages * PageSize);
        ulong gone = slot + ((ulong)random.Next(SlotPages) * PageSize);
        Expect(!TryLoad(cpu, gone, out _), () => $"stale translation: 0x{gone:x} can be read after its unmap");
        Count("map-unmap");
    }

    private void Scribble(int other, MmuCpu cpu, Random random)
    {
        ulong page = SlotOf(other) + ((ulong)random.Next(SlotPages) * PageSize);
        for (int i = 0; i < 64; i++)
        {
            try
            {
                cpu.Store(page + (ScribbleWord * 8), page | 2);
            }
            catch (MmuFaultException)
            {
                return; // not mapped just now
            }

            if (TryLoad(cpu, page + (TagWord * 8), out ulong tag))
            {
                Expect(tag == 0 || tag == (page | 1), () => $"stale translation: the tag at 0x{page:x} reads 0x{tag:x}");
            }
        }

        Count("scribble");
    }

    private static bool TryLoad(MmuCpu cpu, ulong address, out ulong value)
    {
        try
        {
            value = cpu.Load(address);
            return true;
        }
        catch (MmuFaultException)
        {
            value = 0;
            return false;
        }
    }

    private static ulong SlotOf(int user) => SlotsAddress + ((ulong)user * 0x40_0000);

    // A guest: words of its own, written through the second MMU.
    private void UseSecond(MmuCpu cpu, Random random)
    {
        for (int i = 0; i < 64; i++)
        {
            int page = random.Next(48);
            ulong place = WordOf(page, SecondWord);
            ulong value = _second.Load(place) + 1;
            _second.Store(place, value);
            ulong first = cpu.Load(place);
            Expect(first == value, () => $"second MMU: page {page} holds {first} for the first, {value} for the second");
        }

        Count("second-mmu");
    }

    // A device: words of its own, written through pins.
    private void Pin(MmuCpu cpu, Random random)
    {
        int page = random.Next(StablePages - 2);
        using MmuPins pins = _space.Pin(StableAddress + ((ulong)page * PageSize), 2, isWrite: true);
        for (int i = 0; i < 2; i++)
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(pins[i]);
            ulong value = words[PinWord] + 1;
            Volatile.Write(ref words[PinWord], value);
            Thread.SpinWait(random.Next(500));
            ulong found = cpu.Load(WordOf(page + i, PinWord));
            Expect(found == value, () => $"pin: page {page} holds {found}, the pinned page {value}");
        }

        Count("pin");
    }

    // The kernel: what moves pages about under everybody else.
    private void Manage(MmuCpu cpu, Random random)
    {
        ulong start = StableAddress + ((ulong)random.Next(StablePages - 64) * PageSize);
        switch (random.Next(24))
        {
            case < 8:
                _space.SwapOut(random.Next(2) == 0 ? StableAddress : start, (ulong)random.Next(1, 32) * PageSize);
                Count("swap-out");
                break;
            case < 16:
                Collect(random.Next(2) == 0 ? StableAddress : start, 48 * PageSize);
                break;
            case < 18:
                _space.Collapse(StableAddress, StablePages * PageSize);
                Count("collapse");
                break;
            case < 20:
                CheckFork(random);
                break;
            case < 21:
                Check(CompareAtStandstill);
                break;
            default:
                _space.TryTranslate(start, out _);
                Count("translate");
                break;
        }
    }

    private void Collect(ulong start, ulong length)
    {
        foreach (ulong page in _space.CollectDirty(start, length))
        {
            CopyToMirror(page);
        }

        Count("collect-dirty");
    }

    private void CopyToMirror(ulong page)
    {
        using MmuPins pins = _space.Pin(page, 1, isWrite: false);
        pins[0].CopyTo(_mirror.AsSpan((int)(page - StableAddress), (int)PageSize));
    }

    private void CheckFork(Random random)
    {
        int[] pages = [.. Enumerable.Range(0, 8).Select(_ => random.Next(32))];
        ulong[] least = [.. pages.Select(page => Volatile.Read(ref _done[0][page]))];
        using MmuSpace child = _space.Fork();
        using MmuCpu cpu = child.CreateCpu();
        ulong[] most = [.. pages.Select(page => Volatile.Read(ref _begun[0][page]))];
        for (int i = 0; i < pages.Length; i++)
        {
            int page = pages[i];
            ulong first = cpu.Load(WordOf(page, 0));
            Expect(first >= least[i] && first <= most[i], () => $"fork: page {page} of the child holds {first}, expected {least[i]} to {most[i]}");
            Thread.SpinWait(3000);
            ulong second = cpu.Load(WordOf(page, 0));
            Expect(first == second, () => $"fork: page {page} of the child changed from {first} to {second}");
        }

        Count("fork");
    }

    private void CompareAtStandstill()
    {
        _standstill.ExitReadLock();
        _standstill.EnterWriteLock();
        try
        {
            CompareMirror();
        }
        finally
        {
            _standstill.ExitWriteLock();
            _standstill.EnterReadLock();
        }
    }

    private void CompareMirror()
    {
        Collect(StableAddress, StablePages * PageSize);
        byte[] page = new byte[PageSize];
        for (int i = 0; i < StablePages; i++)
        {
            using (MmuPins pins = _space.Pin(StableAddress + ((ulong)i * PageSize), 1, isWrite: false))
            {
                pins[0].CopyTo(page);
            }

            int at = page.AsSpan().CommonPrefixLength(_mirror.AsSpan(i * (int)PageSize, (int)PageSize));
            Expect(at == (int)PageSize, () => $"lost dirty: page {i} differs from its copy in word {at / 8}");
        }

        Count("compare");
    }
}
