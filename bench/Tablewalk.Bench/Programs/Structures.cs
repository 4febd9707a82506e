using Tablewalk.Mm;

namespace Tablewalk.Bench.Programs;

/// <summary>An element of a list.</summary>
internal struct Node
{
#pragma warning disable CS0649 // written through Cpu only
    internal ulong Next;
    internal ulong Value;
#pragma warning restore CS0649
}

/// <summary>The two ends of a list, before its nodes.</summary>
internal struct Ends
{
    internal ulong Head;
    internal ulong Tail;

    internal static unsafe Node* NodeOf(Ends* s, ulong index) => (Node*)(s + 1) + index;
}

/// <summary>A stack whose head is exchanged (R. K. Treiber, IBM RJ 5118, 1986). No node comes back.</summary>
internal static unsafe class TreiberStack
{
    public static ulong Push(Ends* s, ulong thread)
    {
        Node* node = Ends.NodeOf(s, thread);
        Cpu.WriteOnce(&node->Value, thread);
        ulong head;
        do
        {
            head = Cpu.ReadOnce(&s->Head);
            Cpu.WriteOnce(&node->Next, head);
        }
        while (Cpu.CmpXchgRelease(&s->Head, head, (ulong)node) != head);

        return 0;
    }

    /// <returns>0 if the stack was empty.</returns>
    public static ulong Pop(Ends* s)
    {
        while (true)
        {
            ulong head = Cpu.LoadAcquire(&s->Head);
            if (head == 0)
            {
                return 0;
            }

            ulong next = Cpu.ReadOnce(&((Node*)head)->Next);
            if (Cpu.CmpXchg(&s->Head, head, next) == head)
            {
                return Cpu.ReadOnce(&((Node*)head)->Value);
            }
        }
    }
}

/// <summary>A queue with a dummy node in front (M. Michael, M. Scott, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms", PODC 1996).</summary>
internal static unsafe class MichaelScottQueue
{
    public static nint Setup(Arena arena)
    {
        Ends* s = (Ends*)arena.AllocatePages();
        s->Head = s->Tail = (ulong)Ends.NodeOf(s, 0);
        return (nint)s;
    }

    public static ulong Enqueue(Ends* s, ulong thread)
    {
        Node* node = Ends.NodeOf(s, thread);
        Cpu.WriteOnce(&node->Value, thread);
        while (true)
        {
            ulong tail = Cpu.LoadAcquire(&s->Tail);
            ulong next = Cpu.LoadAcquire(&((Node*)tail)->Next);
            if (Cpu.ReadOnce(&s->Tail) != tail)
            {
                continue;
            }

            if (next != 0)
            {
                Cpu.CmpXchgRelease(&s->Tail, tail, next);
            }
            else if (Cpu.CmpXchgRelease(&((Node*)tail)->Next, 0, (ulong)node) == 0)
            {
                Cpu.CmpXchgRelease(&s->Tail, tail, (ulong)node);
                return 0;
            }
        }
    }

    /// <returns>0 if the queue was empty.</returns>
    public static ulong Dequeue(Ends* s)
    {
        while (true)
        {
            ulong head = Cpu.LoadAcquire(&s->Head);
            ulong tail = Cpu.LoadAcquire(&s->Tail);
            ulong next = Cpu.LoadAcquire(&((Node*)head)->Next);
            if (Cpu.ReadOnce(&s->Head) != head)
            {
                continue;
            }

            if (next == 0)
            {
                return 0;
            }

            if (head == tail)
            {
                Cpu.CmpXchgRelease(&s->Tail, tail, next);
            }
            else if (Cpu.CmpXchg(&s->Head, head, next) == head)
            {
                return Cpu.ReadOnce(&((Node*)next)->Value);
            }
        }
    }
}

/// <summary>A sequence lock over two words: the reader tries again if a writer was there.</summary>
internal static unsafe class SequenceLock
{
    public static ulong Write(ulong* words, ulong value)
    {
        ulong sequence;
        do
        {
            sequence = Cpu.ReadOnce(words);
        }
        while ((sequence & 1) != 0 || Cpu.CmpXchgAcquire(words, sequence, sequence + 1) != sequence);

        Cpu.SmpWmb();
        Cpu.WriteOnce(&words[1], value);
        Cpu.WriteOnce(&words[2], value);
        Cpu.StoreRelease(words, sequence + 2);
        return 0;
    }

    public static ulong Read(ulong* words)
    {
        while (true)
        {
            ulong sequence = Cpu.LoadAcquire(words);
            if ((sequence & 1) != 0)
            {
                continue;
            }

            ulong first = Cpu.ReadOnce(&words[1]);
            ulong second = Cpu.ReadOnce(&words[2]);
            Cpu.SmpRmb();
            if (Cpu.ReadOnce(words) == sequence)
            {
                return (first << 8) | second;
            }
        }
    }
}

/// <summary>Where a work-stealing deque begins and ends, before its slots.</summary>
internal struct DequeEnds
{
#pragma warning disable CS0649 // written through Cpu only
    internal ulong Top;
    internal ulong Bottom;
#pragma warning restore CS0649
}

/// <summary>A deque whose owner pushes and takes at the bottom while others steal at the top (D. Chase, Y. Lev, SPAA 2005; N. Lê and others, PPoPP 2013). It does not grow.</summary>
internal static unsafe class ChaseLevDeque
{
    public static ulong Own(DequeEnds* s)
    {
        Push(s, 1);
        Push(s, 2);
        ulong taken = Take(s);
        return taken + (Take(s) << 8);
    }

    /// <returns>0 if there was nothing, or another one got it.</returns>
    public static ulong Steal(DequeEnds* s)
    {
        ulong top = Cpu.LoadAcquire(&s->Top);
        Cpu.SmpMb();
        ulong bottom = Cpu.LoadAcquire(&s->Bottom);
        if (top >= bottom)
        {
            return 0;
        }

        ulong stolen = Cpu.ReadOnce(SlotOf(s, top));
        return Cpu.CmpXchg(&s->Top, top, top + 1) == top ? stolen : 0;
    }

    private static void Push(DequeEnds* s, ulong value)
    {
        ulong bottom = Cpu.ReadOnce(&s->Bottom);
        Cpu.WriteOnce(SlotOf(s, bottom), value);
        Cpu.StoreRelease(&s->Bottom, bottom + 1);
    }

    private static ulong Take(DequeEnds* s)
    {
        ulong bottom = Cpu.ReadOnce(&s->Bottom) - 1;
        Cpu.WriteOnce(&s->Bottom, bottom);
        Cpu.SmpMb();
        ulong top = Cpu.ReadOnce(&s->Top);
        ulong taken = 0;
        if ((long)top <= (long)bottom)
        {
            taken = Cpu.ReadOnce(SlotOf(s, bottom));
            if (top != bottom)
            {
                return taken;
            }

            if (Cpu.CmpXchg(&s->Top, top, top + 1) != top)
            {
                taken = 0;
            }
        }

        Cpu.WriteOnce(&s->Bottom, bottom + 1);
        return taken;
    }

    private static ulong* SlotOf(DequeEnds* s, ulong index) => (ulong*)(s + 1) + index;
}
