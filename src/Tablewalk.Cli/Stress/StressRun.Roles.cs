using System.Runtime.InteropServices;
using Tablewalk.Mm;

namespace Tablewalk.Cli;

/// <content>What the threads do, each in its own role.</content>
internal sealed partial class StressRun
{
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
            int page = random.Next(2) == 0 ? random.Next(HotPages) : random.Next(48);
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

    // More of the kernel, on the few pages that the guest uses most: short ranges, so that its faults are interfered with again and again.
    private void Churn(MmuCpu cpu, Random random)
    {
        ulong page = StableAddress + ((ulong)random.Next(HotPages) * PageSize);
        for (int i = 0; i < 4; i++)
        {
            CopyDirty(page, PageSize);
        }

        _space.SwapOut(page, PageSize);
        Count("churn");
    }

    private void Collect(ulong start, ulong length)
    {
        CopyDirty(start, length);
        Count("collect-dirty");
    }

    private void CopyDirty(ulong start, ulong length)
    {
        // Collecting and copying is one step: else an older copy could overwrite a newer one.
        lock (_mirror)
        {
            foreach (ulong page in _space.CollectDirty(start, length))
            {
                CopyToMirror(page);
            }
        }
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
