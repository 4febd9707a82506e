using Tablewalk.Mm;

namespace Tablewalk.Cil.Tests.Fixtures;

internal interface ILayout
{
    static abstract int Shift { get; }

    static abstract bool HasExtra { get; }

    static abstract ulong Shuffle(ulong value);

    static virtual ulong Twist(ulong value) => value ^ 0x55;

    static abstract T Pick<T>(T left, T right);
}

internal readonly struct Narrow : ILayout
{
    public static int Shift => 4;

    public static bool HasExtra => false;

    public static ulong Shuffle(ulong value) => value + 1;

    public static T Pick<T>(T left, T right) => left;
}

internal readonly struct Wide : ILayout
{
    public static int Shift => 9;

    public static bool HasExtra => true;

    public static ulong Twist(ulong value) => ~value;

    static ulong ILayout.Shuffle(ulong value) => value * 3;

    static T ILayout.Pick<T>(T left, T right) => right;
}

internal interface IMeasured
{
    ulong Size();
}

internal struct Box(ulong size) : IMeasured
{
    private ulong _size = size;

    public ulong Size() => ++_size;
}

internal static class Walker<T>
    where T : ILayout
{
    private static readonly ulong s_mask = (1UL << T.Shift) - 1;

    internal static ulong Walk(ulong value) => T.HasExtra ? T.Shuffle(value) & s_mask : T.Twist(value) >> T.Shift;

    internal static ulong Choose<TOther>(ulong a, ulong b)
        where TOther : ILayout => T.Pick(a, b) + Walker<TOther>.Walk(TOther.Pick((uint)a, (uint)b));
}

[AttributeUsage(AttributeTargets.Field)]
internal sealed class LiftedConstantAttribute : Attribute;

internal static class MarkedField
{
    [LiftedConstant]
    internal static ulong Value = ulong.MaxValue / 3;

    internal static readonly Kind Kinds = Kind.Large;
}

/// <summary>Generics and static abstract members, closed by types; a mutable struct behind an instance interface.</summary>
internal static class Policies
{
    public static ulong NarrowWalk(ulong a) => Walker<Narrow>.Walk(a);

    public static ulong WideWalk(ulong a) => Walker<Wide>.Walk(a);

    public static ulong Mixed(ulong a, ulong b) => Walker<Narrow>.Choose<Wide>(a, b) ^ Walker<Wide>.Choose<Narrow>(a, b);

    public static ulong GenericMethod(ulong a, uint b) => Identity(a) + Identity(b) + Identity(new Entry(a)).Raw + DefaultOf<ulong>();

    public static ulong ConstrainedInstance(ulong a)
    {
        Box box = new(a);
        return Measured(ref box) + Measured(ref box);
    }

    public static bool GenericEquality(ulong a, ulong b) => EqualityComparer<ulong>.Default.Equals(a, b & 1) || AreEqual(new Entry(a), new Entry(b));

    public static ulong SizeOfTypes(ulong a) => a + SizeOf<Range>() + SizeOf<Entry>() + SizeOf<byte>();

    public static ulong MarkedStaticField(ulong a) => a + MarkedField.Value + (ulong)MarkedField.Kinds;

    private static unsafe ulong SizeOf<T>()
        where T : unmanaged => (ulong)sizeof(T);

    private static bool AreEqual<T>(T left, T right)
        where T : struct, IEquatable<T> => left.Equals(right);

    private static T Identity<T>(T value) => value;

    private static T? DefaultOf<T>() => default;

    private static ulong Measured<T>(ref T value)
        where T : struct, IMeasured => value.Size();
}
