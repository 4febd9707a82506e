using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>One structure in a <see cref="TranslationRace"/>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Find">Looks so many pages up, on from where it was, and says how many were there.</param>
/// <param name="Has">Whether a page is there.</param>
/// <param name="Map">Maps the range of a number.</param>
/// <param name="Unmap">Takes it away.</param>
public sealed record RaceEntry(string Name, Func<int, int> Find, Func<int, bool> Has, Action<int> Map, Action<int> Unmap)
{
    /// <summary>Maps the range of a number, and takes it away again.</summary>
    public void Change(int range)
    {
        Map(range);
        Unmap(range);
    }
}

/// <summary>
/// One thread translates pages that stay, another maps ranges between them and takes them away: with page tables, and with what one would have in their place. All have
/// the same pages, are asked for them in the same order, and the same ranges come and go.
/// </summary>
/// <remarks>
/// Ranges of <see cref="RangePages"/> pages stay and change by turns, so tables, buckets and cache lines are shared. There is not as much memory as a gigabyte of guest
/// takes, so pages that stay share their frames; a translation costs the same whatever the frame.
/// </remarks>
public sealed unsafe class TranslationRace : IDisposable
{
    /// <summary>Pages of a range.</summary>
    public const int RangePages = 16;

    private const ulong Address = 0x4000_0000;
    private const ulong Frames = 4096;
    private readonly MmuMachine _machine = MmuMachine.Create(MmuArchitecture.Arm64);
    private readonly MmuSpace _space;
    private readonly ReaderWriterLockSlim _gate = new();
    private readonly int[] _order;

    /// <summary>Maps the pages that stay.</summary>
    /// <param name="pages">How many of them.</param>
    /// <param name="isRandom">Whether they are looked up in a random order, each once in a round; if not, by address.</param>
    public TranslationRace(int pages, bool isRandom)
    {
        _space = _machine.CreateSpace();
        RangeCount = pages / RangePages;
        _order = [.. Enumerable.Range(0, pages).Select(static i => (i / RangePages * 2 * RangePages) + (i % RangePages))];
        PageTablesRival tables = new(_space, Address);
        DictionaryRival dictionary = new([]);
        RadixTreeRival radix = new(_gate, new ulong[(pages * 2 / RadixTreeRival.LeafEntries) + 1][]);
        LockedArrayRival array = new(new Lock(), new ulong[pages * 2]);
        foreach (int page in _order)
        {
            MapForGood(page);
            dictionary.Set(page, 1, 1);
            radix.Set(page, 1, 1);
            array.Set(page, 1, 1);
        }

        if (isRandom)
        {
            new Random(1).Shuffle(_order);
        }

        All = [EntryOf("lockless walk", tables), EntryOf("ConcurrentDictionary", dictionary), EntryOf("reader-writer lock, radix tree", radix), EntryOf("lock, array", array)];
    }

    /// <summary>The structures, page tables first.</summary>
    public ImmutableArray<RaceEntry> All { get; }

    /// <summary>How many ranges come and go.</summary>
    public int RangeCount { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _space.Dispose();
        _machine.Dispose();
        _gate.Dispose();
    }

    private void MapForGood(int page)
    {
        ulong address = Address + ((ulong)page << PhysicalMemory.PageShift);
        if (page % RangePages == 0)
        {
            // So that what comes and goes beside it leaves the table.
            _space.Map(address, (ulong)RangePages << PhysicalMemory.PageShift, MmuAccess.Read);
        }

        ulong* pmdp = PageTables<Arm64>.PmdAllocOrNull(_space.Mm, address);
        if (pmdp == null || !PageTables<Arm64>.TryInstallTable(_space.Mm, pmdp))
        {
            throw new InvalidOperationException("there is no memory for the tables");
        }

        ulong pfn = PhysicalMemory.PageFrame(PhysicalMemory.MappedBank, PhysicalMemory.FirstLargePage + ((ulong)page % Frames));
        Folio* folio = PhysicalMemory.FolioOf(_space.Mm, pfn);
        folio->Refcount++;
        folio->Mapcount++;
        Arm64.Write(PageTables<Arm64>.EntryIn(_space.Mm, new Pmd(Arm64.ReadRaw(pmdp)), address, PhysicalMemory.PageShift), Arm64.MakeSharedPage(pfn).Raw);
    }

    private RaceEntry EntryOf<TRival>(string name, TRival rival)
        where TRival : struct, IRival
    {
        int at = 0;
        return new RaceEntry(name, Find, page => rival.TryFind(page, out _), range => Set(range, 1), range => Set(range, 0));

        [MethodImpl(MethodImplOptions.NoInlining)]
        int Find(int count)
        {
            int[] order = _order;
            TRival searched = rival;
            int next = at;
            int found = 0;
            for (int i = 0; i < count; i++)
            {
                found += searched.TryFind(order[next], out ulong frame) && frame != 0 ? 1 : 0;
                next = next + 1 == order.Length ? 0 : next + 1;
            }

            at = next;
            return found;
        }

        void Set(int range, ulong frame) => rival.Set(((2 * range) + 1) * RangePages, RangePages, frame);
    }
}
