using System.Runtime.InteropServices;
using Tablewalk.Mm;

#pragma warning disable // every method here does what lifted code must not

namespace Tablewalk.Cil.Tests.Fixtures;

internal class Animal
{
    public ulong Field;

    public virtual ulong Legs() => 4;

    public ulong Eyes() => 2;
}

internal static unsafe partial class Refused
{
    private static readonly Animal s_animal = new();
    private static ulong s_counter;

    [StructLayout(LayoutKind.Explicit)]
    internal struct Overlapping
    {
        [FieldOffset(0)]
        public ulong Whole;

        [FieldOffset(0)]
        public uint Low;
    }

    internal struct Buffer
    {
        public fixed ulong Entries[4];
    }

    public static ulong Allocation(ulong a) => new Animal().Eyes() + a;

    public static ulong VirtualCall(ulong a) => s_animal.Legs() + a;

    public static ulong ObjectField(Animal animal) => animal.Field;

    public static ulong Boxing(ulong a)
    {
        object box = a;
        return (ulong)box.GetHashCode();
    }

    public static ulong InterfaceCall(ulong a) => Measured(new Box(a));

    public static ulong ArrayAllocation(ulong a) => (ulong)new ulong[(int)a].Length;

    public static ulong Stackalloc(ulong a)
    {
        ulong* buffer = stackalloc ulong[4];
        return Cpu.ReadOnce(buffer) + a;
    }

    public static ulong Throwing(ulong a)
    {
        if (a == 3)
        {
            throw new InvalidOperationException();
        }

        return a;
    }

    public static ulong TryFinally(ulong a)
    {
        try
        {
            Cpu.SmpMb();
        }
        finally
        {
            Cpu.SmpWmb();
        }

        return a;
    }

    public static ulong TryCatch(ulong a)
    {
        try
        {
            Cpu.SmpMb();
        }
        catch (InvalidOperationException)
        {
            return 1;
        }

        return a;
    }

    public static ulong Recursion(ulong a) => a == 0 ? 0 : Recursion(a - 1);

    public static ulong MutualRecursion(ulong a) => Other(a);

    public static ulong GenericRecursion(ulong a) => Down<ulong>(a);

    public static ulong GenericExpansion(ulong a) => Grow<ulong>(a);

    public static ulong CheckedAdd(ulong a) => checked(a + 1);

    public static int CheckedConversion(ulong a) => checked((int)a);

    public static ulong FloatingPoint(ulong a) => (ulong)(a * 1.5);

    public static ulong FloatingLocal(ulong a)
    {
        float f = default;
        for (ulong i = 0; i < a; i++)
        {
            f += i;
        }

        return (ulong)f;
    }

    public static ulong DirectLoad(ulong* p) => *p;

    public static void DirectStore(ulong* p) => *p = 3;

    public static ulong DirectField(Mutable* p) => p->Count;

    public static ulong DirectStructCopy(Entry* p)
    {
        Entry copy = *p;
        return copy.Raw;
    }

    public static ulong MethodOnMemory(Entry* p) => p->IsPresent ? 1UL : 0;

    public static ulong StaticFieldRead(ulong a) => s_counter + a;

    public static void StaticFieldWrite(ulong a) => s_counter = a;

    public static ulong StaticObject(ulong a) => s_animal.Field + a;

    public static ulong Lambda(ulong a)
    {
        Func<ulong, ulong> f = x => x + a;
        return f(a);
    }

    public static ulong FunctionPointer(ulong a)
    {
        delegate*<ulong, ulong> f = &Recursion;
        return f(a);
    }

    public static ulong CallsIterator(ulong a)
    {
        Iterator();
        return a;
    }

    public static ulong LibraryCall(ulong a) => ulong.RotateLeft(a, 3) + (ulong)Environment.TickCount64;

    public static ulong StringLength(string s) => (ulong)s.Length;

    public static ulong OverlappingFields(ulong a)
    {
        Overlapping o = default;
        o.Whole = a;
        return o.Low;
    }

    public static ulong FixedBuffer(ulong a)
    {
        Buffer b = default;
        b.Entries[0] = a;
        return b.Entries[0];
    }

    public static uint NarrowReinterpretation(ulong a)
    {
        ulong local = a;
        return *(uint*)&local;
    }

    public static ulong AddressOfLocalToCpu(ulong a)
    {
        ulong local = a;
        return Cpu.ReadOnce(&local);
    }

    public static ulong AddressOfLocalAsNumber(ulong a)
    {
        ulong local = a;
        return (ulong)&local;
    }

    public static ulong ReferenceToOneOfTwo(ulong a, ulong b)
    {
        ref ulong chosen = ref a > b ? ref a : ref b;
        chosen++;
        return a;
    }

    public static void ClaimThatVaries(ulong a) => Cpu.BugOn(a == 0, a == 1 ? "one" : "other");

    public static int ChoicesThatVary(int a) => Cpu.Choose(a);

    public static void FaultThatVaries(ulong a) => Cpu.TakeFault(a == 0 ? MmuFault.Translation : MmuFault.Permission, a);

    public static ulong Locking(ulong a)
    {
        lock (s_animal)
        {
            return a;
        }
    }

    public static ulong Foreach(ulong a)
    {
        foreach (ulong item in Iterator())
        {
            a += item;
        }

        return a;
    }

    public static ulong TypeTest(object o) => o is Animal ? 1UL : 0;

    public static ulong TypeOf(ulong a) => typeof(ulong) == typeof(long) ? a : 0;

    public static ulong SeveralProblems(ulong* p)
    {
        ulong first = *p;
        s_counter = first;
        return new Animal().Eyes();
    }

    public static Range ManyFields(ulong a) => new(new Entry(a), 1, true, Kind.Small);

    public static ulong DefaultInterfaceMethod(ulong a) => Doubled(new Shape());

    public static ulong OpenGeneric<T>(T a) => 3;

    internal interface IShape
    {
        ulong Doubled() => 2;
    }

    internal struct Shape : IShape;

    private static ulong Doubled<T>(T shape)
        where T : struct, IShape => shape.Doubled();

    private static ulong Down<T>(ulong a) => a == 0 ? 0 : Down<T>(a - 1);

    private static ulong Grow<T>(ulong a) => a == 0 ? 0 : Grow<ValueTuple<T>>(a - 1);

    private static ulong Other(ulong a) => a > 1 ? MutualRecursion(a - 1) : a;

    private static ulong Measured(IMeasured measured) => measured.Size();

    private static IEnumerable<ulong> Iterator()
    {
        yield return 1;
    }
}

internal static partial class Refused
{
    public static async void Async(ulong a) => await Task.Yield();
}

internal static class NewerCpu
{
    [Intrinsic]
    internal static void Teleport()
    {
    }

    internal static class User
    {
        public static void Run() => Teleport();
    }
}
