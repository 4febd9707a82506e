using CsCheck;
using Tablewalk.Explore.Search.Values;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Search.Values;

/// <summary>What is said to be certain of a result is so for all operands that fit what is certain of them.</summary>
public sealed class KnownBitsTests
{
    // Few bits are unknown, and they lie close together: else the operands say next to nothing of the result.
    private static readonly Gen<ulong> s_word = Gen.OneOf(Gen.ULong, Gen.ULong[0, 16], Gen.Int[0, 63].Select(i => 1UL << i));
    private static readonly Gen<ulong> s_unknown = Gen.OneOf(Gen.Const(0UL), Gen.ULong[0, 255], Gen.Int[0, 56].SelectMany(i => Gen.ULong[0, 255].Select(u => u << i)), Gen.ULong);

    [Fact]
    public void Results_have_the_bits_that_are_certain() =>
        Gen.Select(Gen.Enum<Operation>(), s_word, s_word, s_unknown, s_unknown, Gen.Select(Gen.ULong, Gen.ULong)).Sample(
            (operation, a, b, unknownOfA, unknownOfB, noise) =>
            {
                if (operation is Operation.ZeroExtend or Operation.SignExtend)
                {
                    (b, unknownOfB) = (8UL << (int)(b % 3), 0);
                }

                var (left, right) = (a ^ (noise.Item1 & unknownOfA), b ^ (noise.Item2 & unknownOfB));
                if (right == 0 && operation is Operation.DivideUnsigned or Operation.RemainderUnsigned)
                {
                    return true;
                }

                var certain = KnownBits.Compute(operation, new(a & ~unknownOfA, ~a & ~unknownOfA), new(b & ~unknownOfB, ~b & ~unknownOfB));
                var result = operation.Evaluate(left, right);
                return (certain.Ones & ~result) == 0 && (certain.Zeros & result) == 0;
            },
            iter: 200_000);

    [Fact]
    public void A_sum_keeps_what_no_carry_reaches()
    {
        var aligned = new KnownBits(0x1000, ~0x1fffUL | 0xff); // 0x1000 and a few unknown bits from 8 on
        Assert.Equal(0xffUL, KnownBits.Compute(Operation.Add, aligned, KnownBits.Of(0x2000)).Zeros & 0xff);
        Assert.Equal(~0x3fffUL, KnownBits.Compute(Operation.Add, aligned, KnownBits.Of(0x2000)).Zeros & ~0x3fffUL);
        Assert.Equal(5UL, KnownBits.Compute(Operation.Subtract, KnownBits.Of(9), KnownBits.Of(4)).Ones);
    }
}
