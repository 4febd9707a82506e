#:project ../../src/Tablewalk.Judge/Tablewalk.Judge.csproj
#:property AllowUnsafeBlocks=true
#:property Optimize=true
#:property PublishAot=false
#:property EmbedAllSources=true
// Run it: dotnet run samples/what-if/Ring.cs. The lines above say how it is to be built: a scenario is lifted from optimised code, and shown with its source.
//
// A ring that one CPU fills and another one empties, without a lock: each index has one writer. What happens if one of its two release stores is a plain one?
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Mm;

namespace WhatIf;

internal static class RingProgram
{
    public static int Main()
    {
        Judge.Holds<Ring<Release, Release>>("arm64");
        Judge.Holds<Ring<Release, Release>>("x86_64");

        // x86 keeps stores, and loads before stores, in order by itself.
        Judge.Holds<Ring<Relaxed, Relaxed>>("x86_64");

        // arm64 does not: the consumer sees the index before the item, or the producer overwrites an item that is still to be read.
        Console.WriteLine(Judge.IsViolated<Ring<Relaxed, Release>>("items-arrive-in-order", "arm64"));
        Console.WriteLine(Judge.IsViolated<Ring<Release, Relaxed>>("items-arrive-in-order", "arm64"));
        return 0;
    }
}

// What tablewalk check finds in the assembly that this is compiled to, if it is asked by the name of that file.
[Scenario("ring/release", "a ring of one producer and one consumer, each index stored by a release")]
internal sealed class RingWithReleases : Ring<Release, Release>;

[Scenario("ring/relaxed-tail", "the same, with a tail that is stored as any word is")]
internal sealed class RingWithRelaxedTail : Ring<Relaxed, Release>;

/// <summary>The ring in memory. Items lie from Head on up to Tail; both only grow.</summary>
internal unsafe struct RingMemory
{
    public const int Capacity = 2;

    public ulong Head; // written by the consumer
    public ulong Tail; // written by the producer
    public fixed ulong Items[Capacity];
}

/// <summary>How an index is stored: what the other CPU may conclude from it.</summary>
internal unsafe interface IIndexStore
{
    static abstract void Store(ulong* index, ulong value);
}

internal readonly unsafe struct Release : IIndexStore
{
    public static void Store(ulong* index, ulong value) => Cpu.StoreRelease(index, value);
}

internal readonly unsafe struct Relaxed : IIndexStore
{
    public static void Store(ulong* index, ulong value) => Cpu.WriteOnce(index, value);
}

/// <summary>The ring and the question: a producer that pushes three items through two places, and a consumer.</summary>
/// <typeparam name="TPublish">How the producer stores the tail.</typeparam>
/// <typeparam name="TGiveBack">How the consumer stores the head.</typeparam>
internal abstract unsafe class Ring<TPublish, TGiveBack>
    where TPublish : IIndexStore
    where TGiveBack : IIndexStore
{
    private const int Count = 3;

    [Setup]
    public static nint Setup(Arena arena)
    {
        RingMemory* ring = arena.Allocate<RingMemory>();
        arena.Name(&ring->Head, sizeof(ulong), "head");
        arena.Name(&ring->Tail, sizeof(ulong), "tail");
        for (int i = 0; i < RingMemory.Capacity; i++)
        {
            arena.Name(&ring->Items[i], sizeof(ulong), $"items[{i}]");
        }

        return (nint)ring;
    }

    [Thread("producer")]
    public static ulong Produce(RingMemory* ring)
    {
        ulong pushed = 0;
        while (pushed < Count && TryPush(ring, pushed + 1))
        {
            pushed++;
        }

        return pushed;
    }

    [Thread("consumer")]
    public static ulong Consume(RingMemory* ring)
    {
        ulong popped = 0;
        while (popped < Count && TryPop(ring, out ulong item))
        {
            popped++;
            Cpu.BugOn(item != popped, "items-arrive-in-order");
        }

        return popped;
    }

    [Final]
    public static void Check(RingMemory* ring, ulong pushed, ulong popped) => Cpu.BugOn(popped > pushed, "nothing-comes-from-nowhere");

    private static bool TryPush(RingMemory* ring, ulong item)
    {
        ulong tail = Cpu.ReadOnce(&ring->Tail);
        if (tail - Cpu.LoadAcquire(&ring->Head) == RingMemory.Capacity)
        {
            return false; // full
        }

        Cpu.WriteOnce(&ring->Items[tail % RingMemory.Capacity], item);
        // ORDER: pairs with the acquire in TryPop: who sees the tail sees the item.
        TPublish.Store(&ring->Tail, tail + 1);
        return true;
    }

    private static bool TryPop(RingMemory* ring, out ulong item)
    {
        ulong head = Cpu.ReadOnce(&ring->Head);
        item = 0;
        if (head == Cpu.LoadAcquire(&ring->Tail))
        {
            return false; // empty
        }

        item = Cpu.ReadOnce(&ring->Items[head % RingMemory.Capacity]);
        // ORDER: pairs with the acquire in TryPush: the item was read before its place is used again.
        TGiveBack.Store(&ring->Head, head + 1);
        return true;
    }
}
