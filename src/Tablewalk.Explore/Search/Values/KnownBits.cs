using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Values;

/// <summary>What is certain about a value: the bits that are one and the bits that are zero; the others may be either.</summary>
internal readonly record struct KnownBits(ulong Ones, ulong Zeros)
{
    public static KnownBits Nothing => default;

    public bool IsNonzero => Ones != 0;

    public bool IsZero => Zeros == ulong.MaxValue;

    public bool IsConstant => (Ones | Zeros) == ulong.MaxValue;

    /// <summary>Any value of so many bits.</summary>
    public static KnownBits OfWidth(int bits) => bits >= 64 ? Nothing : new(0, ulong.MaxValue << bits);

    public static KnownBits Of(ulong constant) => new(constant, ~constant);

    public KnownBits Join(KnownBits other) => new(Ones & other.Ones, Zeros & other.Zeros);

    public static KnownBits Compute(Operation operation, KnownBits a, KnownBits b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return operation is Operation.DivideUnsigned or Operation.RemainderUnsigned && b.Ones == 0
                ? Nothing : Of(operation.Evaluate(a.Ones, b.Ones));
        }

        switch (operation)
        {
            case Operation.Copy:
                return a;
            case Operation.And:
                return new(a.Ones & b.Ones, a.Zeros | b.Zeros);
            case Operation.Or:
                return new(a.Ones | b.Ones, a.Zeros & b.Zeros);
            case Operation.Xor:
                return new((a.Ones & b.Zeros) | (a.Zeros & b.Ones), (a.Ones & b.Ones) | (a.Zeros & b.Zeros));
            case Operation.Add:
                return Sum(a, b, carry: 0);
            case Operation.Subtract:
                return Sum(a, new(b.Zeros, b.Ones), carry: 1);
            case Operation.Equal:
                return Differ(a, b) ? Of(0) : Boolean;
            case Operation.NotEqual:
                return Differ(a, b) ? Of(1) : Boolean;
            case Operation.LessUnsigned when a.IsConstant && a.Ones == 0 && b.IsNonzero: // 0 < x, as compilers write x != 0
                return Of(1);
            case Operation.LessUnsigned or Operation.LessOrEqualUnsigned or Operation.LessSigned or Operation.LessOrEqualSigned:
                return Boolean;
            case Operation.ZeroExtend when b.IsConstant:
                var keep = b.Ones >= 64 ? ulong.MaxValue : (1UL << (int)b.Ones) - 1;
                return new(a.Ones & keep, a.Zeros | ~keep);
            case Operation.ShiftLeft when b.IsConstant:
                var left = (int)(b.Ones & 63);
                return new(a.Ones << left, (a.Zeros << left) | ((1UL << left) - 1));
            case Operation.ShiftRightLogical when b.IsConstant:
                var right = (int)(b.Ones & 63);
                return new(a.Ones >> right, (a.Zeros >> right) | ~(ulong.MaxValue >> right));
            default:
                return Nothing;
        }
    }

    // A bit of a sum is certain where both bits and the carry into them are. The carries of the smallest and of the largest possible sum bound all others.
    private static KnownBits Sum(KnownBits a, KnownBits b, ulong carry)
    {
        var largest = ~a.Zeros + ~b.Zeros + carry;
        var smallest = a.Ones + b.Ones + carry;
        var mayCarry = largest ^ ~a.Zeros ^ ~b.Zeros;
        var mustCarry = smallest ^ a.Ones ^ b.Ones;
        var certain = (a.Ones | a.Zeros) & (b.Ones | b.Zeros) & (~mayCarry | mustCarry);
        return new(smallest & certain, ~largest & certain);
    }

    private static KnownBits Boolean => new(0, ~1UL);

    private static bool Differ(KnownBits a, KnownBits b) => ((a.Ones & b.Zeros) | (a.Zeros & b.Ones)) != 0;
}
