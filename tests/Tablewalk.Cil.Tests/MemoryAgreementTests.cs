using System.Reflection;
using CsCheck;
using Tablewalk.Cil.Tests.Fixtures;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>Lifted and native code leave the same memory behind, field offsets included.</summary>
public sealed unsafe class MemoryAgreementTests
{
    public static TheoryData<string> Names =>
        [.. typeof(Memory).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Memory_and_result_agree(string name)
    {
        var method = typeof(Memory).GetMethod(name)!;
        var lifted = Lifter.Lift(method);
        var raw = Lifter.Lift(method, new LiftOptions { CleanUp = false });
        var native = method.CreateDelegate<Thread>();
        Gen.Select(Gen.ULong, Gen.OneOf(Gen.ULong[0, 10], Gen.ULong), Gen.UInt, Gen.Byte).Sample(
            (a, first, second, small) =>
            {
                Counters left = new() { First = first, Second = second, Small = small, Entry = new Entry(a ^ first) };
                Counters right = left;
                Counters third = left;
                var expected = native(&left, a);
                var actual = Interpreter.Run(lifted, (ulong)&right, a);
                return actual == expected && Bytes(&left).SequenceEqual(Bytes(&right))
                    && Interpreter.Run(raw, (ulong)&third, a) == expected && Bytes(&left).SequenceEqual(Bytes(&third));
            },
            iter: 1000,
            threads: 1);
    }

    private static ReadOnlySpan<byte> Bytes(Counters* counters) => new(counters, sizeof(Counters));

    private delegate ulong Thread(Counters* counters, ulong a);
}
