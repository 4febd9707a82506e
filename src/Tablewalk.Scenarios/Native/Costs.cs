using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tablewalk.Mm;

namespace Tablewalk.Scenarios;

/// <summary>One thing whose time is compared with another's.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="BaselineName">What it is compared with.</param>
/// <param name="Subject">Does it a number of times.</param>
/// <param name="Baseline">Does the other that often.</param>
public sealed record CostComparison(string Name, string BaselineName, Action<int> Subject, Action<int> Baseline);

/// <summary>What accessors and walks cost, natively, in one thread. Each comparison's two sides run in turns, so that the machine's moods hit both.</summary>
public sealed unsafe class Costs : IDisposable
{
    private const ulong Address = 0x4020_0000;
    private const int Pages = 512;
    private readonly Arena _arena = new();
    private readonly Arena _arenaOfChain = new();
    private readonly AddressSpace* _mm;
    private readonly ulong* _block;
    private readonly AddressSpace* _chain;
    private readonly ulong[] _array = new ulong[Pages * 512];
    private readonly MmuMachine _machine = MmuMachine.Create(MmuArchitecture.Arm64);
    private readonly MmuSpace _space;
    private readonly MmuCpu _cpu;
    private ulong _sink;

    /// <summary>Sets everything up.</summary>
    public Costs()
    {
        _mm = AddressSpace.Create<Arm64>(_arena, Address);
        _block = (ulong*)AddressSpace.FirstPte<Arm64>(_mm, Address);
        FoldBlock(young: -1, dirty: -1);
        _chain = MakeChain(_arenaOfChain);
        _space = _machine.CreateSpace();
        _space.Map(Address, Pages * PhysicalMemory.PageSize, MmuAccess.ReadWrite);
        _cpu = _space.CreateCpu();
        for (ulong i = 0; i < Pages; i++)
        {
            _cpu.Store(Address + (i << PhysicalMemory.PageShift), i);
        }
    }

    /// <summary>The comparisons, in the order in which they are reported.</summary>
    public ImmutableArray<CostComparison> All =>
    [
        new("four-level lockless walk", "its four loads alone", WalkFourLevels, FollowChain),
        new("the same in an irq-off section", "its four loads alone", WalkInSection, FollowChain),
        new("the walk, with its first index", "four loads from a place that is known", WalkFourLevels, FollowPointers),
        new("precise read of a folded entry, v6.9", "raw read", n => Precise(n, -1, -1), n => Raw(n, -1, -1)),
        new("early exit, neither flag set", "precise read, v6.9", n => EarlyExit(n, -1, -1), n => Precise(n, -1, -1)),
        new("early exit, young in the middle", "precise read, v6.9", n => EarlyExit(n, 8, -1), n => Precise(n, 8, -1)),
        new("early exit, young and dirty first", "precise read, v6.9", n => EarlyExit(n, 0, 0), n => Precise(n, 0, 0)),
        new("load that the TLB serves", "array load", LoadThroughTlb, LoadFromArray),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        _cpu.Dispose();
        _space.Dispose();
        _machine.Dispose();
        _arena.Dispose();
        _arenaOfChain.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WalkFourLevels(int times)
    {
        ulong next = 0;
        for (int i = 0; i < times; i++)
        {
            // Each walk waits for the one before: bit 63 of an entry is never set.
            next = LocklessWalk<Arm64>.Entry(_mm, Address + (next >> 63)).Raw;
        }

        _sink += next;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WalkInSection(int times)
    {
        ulong next = 0;
        for (int i = 0; i < times; i++)
        {
            Cpu.LocalIrqSave();
            next = LocklessWalk<Arm64>.Entry(_mm, Address + (next >> 63)).Raw;
            Cpu.LocalIrqRestore();
        }

        _sink += next;
    }

    // The same loads and nothing but them: each word is the place of the next.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FollowChain(int times)
    {
        ulong next = 0;
        for (int i = 0; i < times; i++)
        {
            // Begins as a walk does: the first place comes from the address, and that waits for the value before.
            next = Cpu.ReadOnce(PageTables<Arm64>.PgdOffset(_chain, Address + (next >> 63)));
            next = Cpu.ReadOnce((ulong*)next);
            next = Cpu.ReadOnce((ulong*)next);
            next = Cpu.ReadOnce((ulong*)next);
        }

        _sink += next;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FollowPointers(int times)
    {
        ulong* top = PageTables<Arm64>.PgdOffset(_chain, Address);
        ulong next = 0;
        for (int i = 0; i < times; i++)
        {
            next = Cpu.ReadOnce((ulong*)((ulong)top + (next >> 63)));
            next = Cpu.ReadOnce((ulong*)next);
            next = Cpu.ReadOnce((ulong*)next);
            next = Cpu.ReadOnce((ulong*)next);
        }

        _sink += next;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Raw(int times, int young, int dirty)
    {
        FoldBlock(young, dirty);
        ulong next = 0;
        for (int i = 0; i < times; i++)
        {
            next = GupFastRead.Read(_block + 5 + (next >> 63)).TargetRaw;
        }

        _sink += next;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Precise(int times, int young, int dirty)
    {
        FoldBlock(young, dirty);
        ulong next = 0;
        for (int i = 0; i < times; i++)
        {
            next = Contpte<Block16>.PtepGetLockless((Pte*)(_block + 5 + (next >> 63))).Raw;
        }

        _sink += next;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EarlyExit(int times, int young, int dirty)
    {
        FoldBlock(young, dirty);
        ulong next = 0;
        for (int i = 0; i < times; i++)
        {
            next = Contpte<Block16>.PtepGetLocklessWithEarlyExit((Pte*)(_block + 5 + (next >> 63))).Raw;
        }

        _sink += next;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LoadThroughTlb(int times)
    {
        ulong sum = 0;
        uint state = 1;
        for (int i = 0; i < times; i++)
        {
            state = (state * 1664525) + 1013904223;
            sum += _cpu.Load(Address + ((state >> 14) << 3));
        }

        _sink += sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LoadFromArray(int times)
    {
        ulong sum = 0;
        uint state = 1;
        for (int i = 0; i < times; i++)
        {
            state = (state * 1664525) + 1013904223;
            sum += _array[state >> 14];
        }

        _sink += sum;
    }

    private void FoldBlock(int young, int dirty)
    {
        ulong pfn = PhysicalMemory.PageFrame(PhysicalMemory.MappedBank, PhysicalMemory.FirstLargePage);
        for (int i = 0; i < 16; i++)
        {
            Pte pte = Arm64.MkOld(Arm64.MkCont(Arm64.MakeSharedPage(pfn + (ulong)i)));
            pte = i == young ? Arm64.MkYoung(pte) : pte;
            _block[i] = (i == dirty ? Arm64.MkDirty(pte) : pte).Raw;
        }
    }

    // Where a top table would have its entry, a word with the place of the next, and so on through the tables of three more levels.
    private static AddressSpace* MakeChain(Arena arena)
    {
        AddressSpace* mm = AddressSpace.Create<Arm64>(arena, Address);
        ulong** top = (ulong**)PageTables<Arm64>.PgdOffset(mm, Address);
        ulong** upper = (ulong**)AddressSpace.FirstPmdEntry<Arm64>(mm, Address) - (PhysicalMemory.PageSize / sizeof(ulong));
        ulong** middle = (ulong**)AddressSpace.FirstPmdEntry<Arm64>(mm, Address);
        *top = (ulong*)upper;
        *upper = (ulong*)middle;
        *middle = (ulong*)AddressSpace.FirstPte<Arm64>(mm, Address);
        return mm;
    }
}
