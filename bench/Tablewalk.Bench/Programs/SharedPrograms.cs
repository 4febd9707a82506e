using Tablewalk.Mm;

namespace Tablewalk.Bench.Programs;

/// <summary>The programs by name, as docs/performance.md lists them.</summary>
internal static class SharedPrograms
{
    internal static IReadOnlyDictionary<string, SharedProgram> All { get; } = new Dictionary<string, SharedProgram>(StringComparer.Ordinal)
    {
        ["SB"] = new SharedProgram().With(typeof(ClassicShapes), nameof(ClassicShapes.StoreThenLoad), count: 2),
        ["MP+fences"] = new SharedProgram().With(typeof(ClassicShapes), nameof(ClassicShapes.Publish))
            .With(typeof(ClassicShapes), nameof(ClassicShapes.Receive)),
        ["IRIW+acquires"] = new SharedProgram().With(typeof(ClassicShapes), nameof(ClassicShapes.StoreOwn), count: 2)
            .With(typeof(ClassicShapes), nameof(ClassicShapes.AcquireThenLoad), count: 2),
        ["readers(13)"] = Counted(nameof(Counting.Store), 1).With(typeof(Counting), nameof(Counting.Load), count: 13),
        ["ainc(6)"] = Counted(nameof(Counting.FetchAdd), 6),
        ["ainc(7)"] = Counted(nameof(Counting.FetchAdd), 7),
        ["ainc(8)"] = Counted(nameof(Counting.FetchAdd), 8),
        ["stores(8), load"] = Counted(nameof(Counting.Store), 8).With(typeof(Counting), nameof(Counting.Load)),
        ["lastwrite(7)"] = Counted(nameof(Counting.Store), 7),
        ["lastzero(10)"] = LastZero(10),
        ["lastzero(15)"] = LastZero(15),
        ["casrot(7)"] = Counted(nameof(Counting.CompareExchange), 7),
        ["casrot(9)"] = Counted(nameof(Counting.CompareExchange), 9),
        ["fib_bench(5)"] = new SharedProgram(TwoOnes).With(typeof(Counting), nameof(Counting.AddUp), count: 2)
            .With(typeof(Counting), nameof(Counting.LookForTheLargest), first: 144),
        ["big0"] = new SharedProgram().With(typeof(Counting), nameof(Counting.LoadSeven)).With(typeof(Counting), nameof(Counting.LoadThree))
            .With(typeof(Counting), nameof(Counting.StoreInTurn)).With(typeof(Counting), nameof(Counting.StoreInTurn), first: 2),
        ["indexer(12)"] = Counted(nameof(Counting.Insert), 12),
        ["indexer(13)"] = Counted(nameof(Counting.Insert), 13),
        ["indexer(14)"] = Counted(nameof(Counting.Insert), 14),
        ["indexer(15)"] = Counted(nameof(Counting.Insert), 15),
        ["szymanski"] = new SharedProgram().With(typeof(Szymanski), nameof(Szymanski.First)).With(typeof(Szymanski), nameof(Szymanski.Second)),
        ["ticket lock(3)"] = Lock(typeof(TicketLock), 3),
        ["ticket lock(4)"] = Lock(typeof(TicketLock), 4),
        ["test-and-set lock(3)"] = Lock(typeof(TestAndSetLock), 3),
        ["MCS lock(3)"] = Lock(typeof(McsLock), 3),
        ["queued spin lock(3)"] = Lock(typeof(QueuedSpinLock), 3),
        ["sequence lock(2+2)"] = new SharedProgram().With(typeof(SequenceLock), nameof(SequenceLock.Write), first: 1, count: 2)
            .With(typeof(SequenceLock), nameof(SequenceLock.Read), count: 2),
        ["Treiber stack(2+2)"] = Stack(2),
        ["Treiber stack(3+3)"] = Stack(3),
        ["Michael-Scott queue(3+0)"] = Queue(3, 0),
        ["Michael-Scott queue(2+2)"] = Queue(2, 2),
        ["Michael-Scott queue(3+3)"] = Queue(3, 3),
        ["Chase-Lev deque(1+2)"] = new SharedProgram().With(typeof(ChaseLevDeque), nameof(ChaseLevDeque.Own))
            .With(typeof(ChaseLevDeque), nameof(ChaseLevDeque.Steal), count: 2),
    };

    private static SharedProgram Counted(string method, int threads) => new SharedProgram().With(typeof(Counting), method, count: threads);

    private static SharedProgram LastZero(int writers) =>
        Counted(nameof(Counting.StoreOneMore), writers).With(typeof(Counting), nameof(Counting.FindZero), first: (ulong)writers);

    private static SharedProgram Lock(Type type, int threads) => new SharedProgram().With(type, nameof(TicketLock.Thread), count: threads);

    private static SharedProgram Stack(int threads) => new SharedProgram().With(typeof(TreiberStack), nameof(TreiberStack.Push), first: 1, count: threads)
        .With(typeof(TreiberStack), nameof(TreiberStack.Pop), count: threads);

    private static SharedProgram Queue(int enqueuers, int dequeuers) =>
        new SharedProgram(MichaelScottQueue.Setup).With(typeof(MichaelScottQueue), nameof(MichaelScottQueue.Enqueue), first: 1, count: enqueuers)
            .With(typeof(MichaelScottQueue), nameof(MichaelScottQueue.Dequeue), count: dequeuers);

    private static unsafe nint TwoOnes(Arena arena)
    {
        ulong* words = (ulong*)arena.AllocatePages();
        words[0] = words[1] = 1;
        return (nint)words;
    }
}
