using System.Collections.Concurrent;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>What finds the frame of a page in a <see cref="TranslationRace"/>. A struct, so that its look-up is inlined into the loop that is measured.</summary>
internal interface IRival
{
    /// <summary>Finds the frame of a page.</summary>
    bool TryFind(int page, out ulong frame);

    /// <summary>Maps pages, or takes them away if the frame is 0.</summary>
    void Set(int first, int count, ulong frame);
}

/// <summary>This library. Which frame a page gets is its own affair.</summary>
internal readonly struct PageTablesRival(MmuSpace space, ulong start) : IRival
{
    public bool TryFind(int page, out ulong frame) => space.TryTranslate(start + ((ulong)page << PhysicalMemory.PageShift), out frame);

    public void Set(int first, int count, ulong frame)
    {
        ulong address = start + ((ulong)first << PhysicalMemory.PageShift);
        ulong length = (ulong)count << PhysicalMemory.PageShift;
        if (frame == 0)
        {
            space.Unmap(address, length);
        }
        else
        {
            space.Map(address, length, MmuAccess.ReadWrite);
            space.Populate(address, length);
        }
    }
}

/// <summary>Readers without locks as well.</summary>
internal readonly struct DictionaryRival(ConcurrentDictionary<ulong, ulong> frames) : IRival
{
    public bool TryFind(int page, out ulong frame) => frames.TryGetValue((ulong)page, out frame);

    public void Set(int first, int count, ulong frame)
    {
        for (int page = first; page < first + count; page++)
        {
            if (frame == 0)
            {
                frames.TryRemove((ulong)page, out _);
            }
            else
            {
                frames[(ulong)page] = frame;
            }
        }
    }
}

/// <summary>A tree of two levels; a change takes the lock once.</summary>
internal readonly struct RadixTreeRival(ReaderWriterLockSlim gate, ulong[]?[] top) : IRival
{
    internal const int LeafEntries = 512;

    public bool TryFind(int page, out ulong frame)
    {
        gate.EnterReadLock();
        frame = top[page / LeafEntries] is { } leaf ? leaf[page % LeafEntries] : 0;
        gate.ExitReadLock();
        return frame != 0;
    }

    public void Set(int first, int count, ulong frame)
    {
        gate.EnterWriteLock();
        for (int page = first; page < first + count; page++)
        {
            (top[page / LeafEntries] ??= new ulong[LeafEntries])[page % LeafEntries] = frame;
        }

        gate.ExitWriteLock();
    }
}

/// <summary>The simplest; a change takes the lock once.</summary>
internal readonly struct LockedArrayRival(Lock gate, ulong[] frames) : IRival
{
    public bool TryFind(int page, out ulong frame)
    {
        lock (gate)
        {
            frame = frames[page];
        }

        return frame != 0;
    }

    public void Set(int first, int count, ulong frame)
    {
        lock (gate)
        {
            frames.AsSpan(first, count).Fill(frame);
        }
    }
}
