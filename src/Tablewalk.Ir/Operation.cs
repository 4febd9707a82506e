namespace Tablewalk.Ir;

/// <summary>The operations on 64-bit values.</summary>
public enum Operation
{
    /// <summary>The left operand.</summary>
    Copy,

    /// <summary>Sum, modulo 2^64.</summary>
    Add,

    /// <summary>Difference, modulo 2^64.</summary>
    Subtract,

    /// <summary>Product, modulo 2^64.</summary>
    Multiply,

    /// <summary>Unsigned quotient; the right operand must not be zero.</summary>
    DivideUnsigned,

    /// <summary>Unsigned remainder; the right operand must not be zero.</summary>
    RemainderUnsigned,

    /// <summary>Bitwise and.</summary>
    And,

    /// <summary>Bitwise or.</summary>
    Or,

    /// <summary>Bitwise exclusive or.</summary>
    Xor,

    /// <summary>Left shift; the count is taken modulo 64.</summary>
    ShiftLeft,

    /// <summary>Logical right shift; the count is taken modulo 64.</summary>
    ShiftRightLogical,

    /// <summary>Arithmetic right shift; the count is taken modulo 64.</summary>
    ShiftRightArithmetic,

    /// <summary>1 if equal, else 0.</summary>
    Equal,

    /// <summary>1 if not equal, else 0.</summary>
    NotEqual,

    /// <summary>1 if left is below right, unsigned.</summary>
    LessUnsigned,

    /// <summary>1 if left is at most right, unsigned.</summary>
    LessOrEqualUnsigned,

    /// <summary>1 if left is below right, signed.</summary>
    LessSigned,

    /// <summary>1 if left is at most right, signed.</summary>
    LessOrEqualSigned,

    /// <summary>The low bits of left, as many as right says (8, 16, 32 or 64), zero-extended.</summary>
    ZeroExtend,

    /// <summary>The low bits of left, as many as right says (8, 16, 32 or 64), sign-extended.</summary>
    SignExtend,
}

/// <summary>The one place that gives <see cref="Operation"/> its meaning.</summary>
public static class OperationExtensions
{
    /// <summary>The value of <paramref name="operation"/> on two values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The operation is none of the enumeration's.</exception>
    public static ulong Evaluate(this Operation operation, ulong left, ulong right) => operation switch
    {
        Operation.Copy => left,
        Operation.Add => unchecked(left + right),
        Operation.Subtract => unchecked(left - right),
        Operation.Multiply => unchecked(left * right),
        Operation.DivideUnsigned => left / right,
        Operation.RemainderUnsigned => left % right,
        Operation.And => left & right,
        Operation.Or => left | right,
        Operation.Xor => left ^ right,
        Operation.ShiftLeft => left << (int)(right & 63),
        Operation.ShiftRightLogical => left >> (int)(right & 63),
        Operation.ShiftRightArithmetic => (ulong)((long)left >> (int)(right & 63)),
        Operation.Equal => left == right ? 1UL : 0,
        Operation.NotEqual => left != right ? 1UL : 0,
        Operation.LessUnsigned => left < right ? 1UL : 0,
        Operation.LessOrEqualUnsigned => left <= right ? 1UL : 0,
        Operation.LessSigned => (long)left < (long)right ? 1UL : 0,
        Operation.LessOrEqualSigned => (long)left <= (long)right ? 1UL : 0,
        Operation.ZeroExtend => right >= 64 ? left : left & ((1UL << (int)right) - 1),
        Operation.SignExtend => right >= 64 ? left : (ulong)((long)(left << (int)(64 - right)) >> (int)(64 - right)),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "unknown operation"),
    };

    /// <summary>What computes the value that an atomic update writes from the old value and the operand.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No single operation does.</exception>
    public static Operation AsOperation(this AtomicOperation operation) => operation switch
    {
        AtomicOperation.Add => Operation.Add,
        AtomicOperation.Or => Operation.Or,
        AtomicOperation.And => Operation.And,
        AtomicOperation.Xor => Operation.Xor,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "is no single operation"),
    };
}
