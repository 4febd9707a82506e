using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Tests.Counting;

/// <summary>Programs whose executions under sc are known by number, as IR.</summary>
internal static class CountingPrograms
{
    internal static readonly FlatMemory Memory = new([.. Enumerable.Range(0, 11).Select(i => $"array[{i}]")]);

    private static ulong Shared => At(0);

    internal static Program WriterAndReaders(int readers) =>
        ThreadBuilder.Program([Storing(1), .. Enumerable.Range(0, readers).Select(i => ThreadBuilder.Thread($"reader {i}", b => b.Load(Shared)))]);

    internal static Program FetchAdds(int threads) => ThreadBuilder.Program([.. Enumerable.Range(0, threads).Select(i =>
        ThreadBuilder.Thread($"adder {i}", b => b.Update(AtomicOperation.Add, Shared, 1, AtomicOrder.Full)))]);

    internal static Program Stores(int threads) => ThreadBuilder.Program([.. Enumerable.Range(1, threads).Select(Storing)]);

    internal static Program StoresAndLoad(int stores) =>
        ThreadBuilder.Program([.. Enumerable.Range(1, stores).Select(Storing), ThreadBuilder.Thread("reader", b => b.Load(Shared))]);

    /// <summary>Thread k = 1, 2, ... exchanges k-1 for k.</summary>
    internal static Program CompareExchangeChain(int threads) => ThreadBuilder.Program([.. Enumerable.Range(1, threads).Select(k =>
        ThreadBuilder.Thread($"step {k}", b => b.Update(AtomicOperation.CompareExchange, Shared, (ulong)k, AtomicOrder.Full, (ulong)k - 1)))]);

    /// <summary>Writer j = 1, 2, ... stores array[j-1] + 1 to array[j]; a reader goes down from the last until it finds zero.</summary>
    internal static Program LastZero(int writers) => ThreadBuilder.Program([
        .. Enumerable.Range(1, writers).Select(j => ThreadBuilder.Thread($"writer {j}", b =>
        {
            b.Store(At(j), b.Compute(Operation.Add, b.Load(At(j - 1)), 1));
            return 0;
        })),
        ThreadBuilder.Thread("reader", b => ScanDown(b, writers))]);

    private static Operand ScanDown(ThreadBuilder b, int from)
    {
        var (index, loop, next, done) = (b.NewRegister(), b.NewBlock(), b.NewBlock(), b.NewBlock());
        b.Emit(new Compute(index, Operation.Copy, (ulong)from, 0));
        b.EndBlock(new Jump(loop), loop);
        var value = b.Load(b.Compute(Operation.Add, At(0), b.Compute(Operation.Multiply, index, FlatMemory.StrideBytes)));
        b.EndBlock(new Branch(value, next, done), next);
        b.Emit(new Compute(index, Operation.Subtract, index, 1));
        b.EndBlock(new Jump(loop), done);
        return index;
    }

    private static ulong At(int index) => Memory.AddressOf($"array[{index}]");

    private static ThreadCode Storing(int value) => ThreadBuilder.Thread($"writer {value}", b =>
    {
        b.Store(Shared, (ulong)value);
        return 0;
    });
}
