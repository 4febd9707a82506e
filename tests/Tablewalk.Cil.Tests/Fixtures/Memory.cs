using Tablewalk.Mm;

#pragma warning disable MA0140 // both branches do the same on purpose

namespace Tablewalk.Cil.Tests.Fixtures;

internal struct Counters
{
    public ulong First;
    public uint Second;
    public byte Small;
    public ulong Lock;
    public Entry Entry;
}

/// <summary>Shared memory through <c>Cpu</c>.</summary>
internal static unsafe class Memory
{
    public static ulong ReadsAndWrites(Counters* c, ulong a)
    {
        Cpu.WriteOnce(&c->First, a);
        Cpu.StoreRelease(&c->Second, (uint)a);
        return Cpu.ReadOnce(&c->First) + Cpu.LoadAcquire(&c->Second) + Cpu.ReadOnce((ulong*)&c->Entry);
    }

    public static ulong Atomics(Counters* c, ulong a)
    {
        ulong seen = Cpu.CmpXchg(&c->First, a, a + 1);
        seen += Cpu.CmpXchgAcquire(&c->Second, (uint)a, 3);
        seen += Cpu.XchgRelease(&c->Lock, seen);
        seen += Cpu.FetchAddRelaxed(&c->Second, uint.MaxValue);
        seen += Cpu.FetchOr(&c->First, a << 3);
        return seen + Cpu.FetchAnd(&c->Lock, 0xff);
    }

    public static ulong Locked(Counters* c, ulong a)
    {
        Cpu.SpinLock(&c->Lock);
        ulong old = Cpu.ReadOnce(&c->First);
        Cpu.WriteOnce(&c->First, old + a);
        Cpu.SpinUnlock(&c->Lock);
        return old;
    }

    public static ulong PointerArithmetic(Counters* c, ulong a)
    {
        ulong* words = (ulong*)c;
        ulong sum = 0;
        for (int i = 0; i < sizeof(Counters) / sizeof(ulong); i++)
        {
            Cpu.WriteOnce(words + i, a ^ (ulong)i);
        }

        for (ulong* p = words; p < words + (sizeof(Counters) / sizeof(ulong)); p++)
        {
            sum = (sum << 1) ^ Cpu.ReadOnce(p);
        }

        return sum + (ulong)((byte*)&c->Entry - (byte*)c) + (ulong)(&c->Lock - words);
    }
}

/// <summary>One method for each intrinsic, or for a few of one kind.</summary>
internal static unsafe class Intrinsics
{
    public static ulong Loads(ulong* p, uint* q) => Cpu.ReadOnce(p) + Cpu.LoadAcquire(p) + Cpu.ReadOnce(q) + Cpu.LoadAcquire(q);

    public static void Stores(ulong* p, uint* q, ulong v)
    {
        Cpu.WriteOnce(p, v);
        Cpu.StoreRelease(p, 1UL);
        Cpu.WriteOnce(q, 2U);
        Cpu.StoreRelease(q, (uint)v);
    }

    public static ulong CompareExchanges(ulong* p, ulong a, ulong b) =>
        Cpu.CmpXchg(p, a, b) + Cpu.CmpXchgAcquire(p, a, b) + Cpu.CmpXchgRelease(p, a, b) + Cpu.CmpXchgRelaxed(p, a, b);

    public static void Updates(ulong* p, uint* q, ulong a)
    {
        Cpu.Xchg(p, a);
        Cpu.XchgAcquire(p, a);
        Cpu.FetchAdd(p, a);
        Cpu.FetchOrRelease(p, a);
        Cpu.FetchAndRelaxed(q, 1U);
    }

    public static void Fences()
    {
        Cpu.SmpMb();
        Cpu.SmpRmb();
        Cpu.SmpWmb();
    }

    public static void Sections()
    {
        Cpu.LocalIrqSave();
        Cpu.RcuReadLock();
        Cpu.RcuReadUnlock();
        Cpu.LocalIrqRestore();
    }

    [Mmu]
    public static ulong Walk(ulong* entry, ulong page)
    {
        ulong raw = Cpu.WalkRead(entry, page);
        if ((raw & 1) == 0)
        {
            Cpu.TakeFault(MmuFault.Translation, raw);
            return 0;
        }

        return Cpu.TryHardwareUpdate(entry, raw, raw | 2) ? Cpu.ReadOnce((ulong*)(raw & ~7UL)) : 1;
    }

    public static void Returns() => Cpu.ReturnToUser();

    public static void Waits()
    {
        Cpu.SynchronizeRcu();
        Cpu.SyncLocklessWalkers();
        Cpu.FlushTlbByIpi(0, 4096);
        Cpu.FlushTlbByBroadcast(0, 4096);
        Cpu.FlushTlbLocal(0, 4096);
    }

    public static void Locks(ulong* p)
    {
        Cpu.SpinLock(p);
        Cpu.SpinUnlock(p);
    }

    public static void Claims(ulong a)
    {
        Cpu.BugOn(a == 3, "a-is-not-three");
        Cpu.BugOn(a > 7, NameOf<Wide>.Text);
    }

    public static void Poisons(void* p) => Cpu.Poison(p, 4096);

    public static int Choices() => Cpu.Choose(3);

    private static class NameOf<T>
    {
        public static readonly string Text = typeof(T).Name;
    }
}

/// <summary>Where the clean-up must stop: dependencies can be observed.</summary>
internal static unsafe class Dependencies
{
    public static void FalseDataDependency(ulong* p, ulong* q)
    {
        ulong seen = Cpu.ReadOnce(p);
        Cpu.WriteOnce(q, (seen ^ seen) + 1);
    }

    public static ulong FalseAddressDependency(ulong* p, ulong* q)
    {
        ulong seen = Cpu.ReadOnce(p);
        return Cpu.ReadOnce(q + (seen & 0));
    }

    public static void ControlDependencyOnly(ulong* p, ulong* q)
    {
        if (Cpu.ReadOnce(p) == 1)
        {
            Cpu.WriteOnce(q, 1UL);
        }
        else
        {
            Cpu.WriteOnce(q, 1UL);
        }
    }

    public static void UnusedLoadStays(ulong* p) => Cpu.ReadOnce(p);

    public static void ValueNoLongerUsed(ulong* p, ulong* q)
    {
        ulong seen = Cpu.ReadOnce(p);
        seen = 5;
        Cpu.WriteOnce(q, seen);
    }

    public static ulong ConditionsAreThreaded(ulong* p)
    {
        ulong seen = Cpu.ReadOnce(p);
        return IsBetween(seen) ? 1UL : 2;
    }

    public static ulong WaitingLoop(ulong* p, ulong a)
    {
        ulong seen;
        do
        {
            seen = Cpu.LoadAcquire(p);
        }
        while (seen != a + 1);
        return seen;
    }

    private static bool IsBetween(ulong v) => v > 3 && v < 7;
}
