using Tablewalk.Mm;

namespace Tablewalk.Bench.Programs;

/// <summary>What locks protect: a word that each thread reads, and writes plus one.</summary>
internal struct Guarded
{
#pragma warning disable CS0649 // written through Cpu only
    internal ulong Lock;
    internal ulong Serving;
    internal ulong Count;
#pragma warning restore CS0649

    internal static unsafe ulong Increment(Guarded* s)
    {
        ulong seen = Cpu.ReadOnce(&s->Count);
        Cpu.WriteOnce(&s->Count, seen + 1);
        return seen;
    }
}

/// <summary>A lock that serves in the order of numbers drawn (D. Reed, R. Kanodia, "Synchronization with Eventcounts and Sequencers", CACM 22(2), 1979).</summary>
internal static unsafe class TicketLock
{
    public static ulong Thread(Guarded* s)
    {
        ulong ticket = Cpu.FetchAddRelaxed(&s->Lock, 1);
        while (Cpu.LoadAcquire(&s->Serving) != ticket)
        {
        }

        ulong seen = Guarded.Increment(s);
        Cpu.StoreRelease(&s->Serving, ticket + 1);
        return seen;
    }
}

/// <summary>A lock that is looked at before it is tried.</summary>
internal static unsafe class TestAndSetLock
{
    public static ulong Thread(Guarded* s)
    {
        do
        {
            while (Cpu.ReadOnce(&s->Lock) != 0)
            {
            }
        }
        while (Cpu.CmpXchgAcquire(&s->Lock, 0, 1) != 0);

        ulong seen = Guarded.Increment(s);
        Cpu.StoreRelease(&s->Lock, 0);
        return seen;
    }
}

/// <summary>A waiter in a queue.</summary>
internal struct Waiter
{
#pragma warning disable CS0649 // written through Cpu only
    internal ulong Next;
    internal ulong MayGo;
#pragma warning restore CS0649
}

/// <summary>A queue of waiters, each of which spins on a word of its own (J. Mellor-Crummey, M. Scott, "Algorithms for Scalable Synchronization", TOCS 9(1), 1991).</summary>
internal static unsafe class McsLock
{
    public static ulong Thread(Guarded* s, ulong thread)
    {
        Waiter* own = WaiterOf(s, thread);
        ulong before = Cpu.Xchg(&s->Lock, (ulong)own);
        if (before != 0)
        {
            Cpu.StoreRelease(&((Waiter*)before)->Next, (ulong)own);
            while (Cpu.LoadAcquire(&own->MayGo) == 0)
            {
            }
        }

        ulong seen = Guarded.Increment(s);
        Unlock(s, own);
        return seen;
    }

    internal static Waiter* WaiterOf(Guarded* s, ulong thread) => (Waiter*)(s + 1) + thread;

    private static void Unlock(Guarded* s, Waiter* own)
    {
        ulong next = Cpu.LoadAcquire(&own->Next);
        if (next == 0)
        {
            if (Cpu.CmpXchgRelease(&s->Lock, (ulong)own, 0) == (ulong)own)
            {
                return;
            }

            do
            {
                next = Cpu.LoadAcquire(&own->Next);
            }
            while (next == 0);
        }

        Cpu.StoreRelease(&((Waiter*)next)->MayGo, 1);
    }
}

/// <summary>A lock in one word: a bit that it is held, and who waits last. The first waiter spins on the bit, the others each on a word of their own.</summary>
internal static unsafe class QueuedSpinLock
{
    private const ulong Held = 1;
    private const int TailShift = 1;

    public static ulong Thread(Guarded* s, ulong thread)
    {
        if (Cpu.CmpXchgAcquire(&s->Lock, 0, Held) != 0)
        {
            Queue(s, thread);
        }

        ulong seen = Guarded.Increment(s);
        Cpu.FetchAndRelease(&s->Lock, ~Held);
        return seen;
    }

    private static void Queue(Guarded* s, ulong thread)
    {
        Waiter* own = McsLock.WaiterOf(s, thread);
        ulong tail = (thread + 1) << TailShift;
        ulong old;
        do
        {
            old = Cpu.ReadOnce(&s->Lock);
        }
        while (Cpu.CmpXchg(&s->Lock, old, (old & Held) | tail) != old);

        if (old >> TailShift != 0)
        {
            Cpu.StoreRelease(&McsLock.WaiterOf(s, (old >> TailShift) - 1)->Next, (ulong)own);
            while (Cpu.LoadAcquire(&own->MayGo) == 0)
            {
            }
        }

        do
        {
            old = Cpu.LoadAcquire(&s->Lock);
        }
        while ((old & Held) != 0);

        if (old == tail && Cpu.CmpXchgAcquire(&s->Lock, tail, Held) == tail)
        {
            return;
        }

        Cpu.FetchOrAcquire(&s->Lock, Held);
        ulong next;
        do
        {
            next = Cpu.LoadAcquire(&own->Next);
        }
        while (next == 0);

        Cpu.StoreRelease(&((Waiter*)next)->MayGo, 1);
    }
}

/// <summary>Mutual exclusion of two threads by flags alone (B. Szymanski, "A Simple Solution to Lamport's Concurrent Programming Problem", ICS 1988).</summary>
internal static unsafe class Szymanski
{
    public static ulong First(ulong* words) => Pass(&words[0], &words[1], &words[2], 0);

    public static ulong Second(ulong* words) => Pass(&words[1], &words[0], &words[2], 1);

    private static ulong Pass(ulong* own, ulong* other, ulong* guarded, ulong value)
    {
        Enter(own, other);
        Cpu.WriteOnce(guarded, value);
        ulong seen = Cpu.ReadOnce(guarded);
        ulong flag;
        do
        {
            flag = Cpu.ReadOnce(other);
        }
        while (flag is 2 or 3);

        Cpu.WriteOnce(own, 0);
        return seen;
    }

    private static void Enter(ulong* own, ulong* other)
    {
        Cpu.WriteOnce(own, 1);
        while (Cpu.ReadOnce(other) >= 3)
        {
        }

        Cpu.WriteOnce(own, 3);
        if (Cpu.ReadOnce(other) == 1)
        {
            Cpu.WriteOnce(own, 2);
            while (Cpu.ReadOnce(other) != 4)
            {
            }
        }

        Cpu.WriteOnce(own, 4);
        while (Cpu.ReadOnce(other) >= 2)
        {
        }
    }
}
