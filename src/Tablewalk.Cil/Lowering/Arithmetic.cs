using ICSharpCode.Decompiler.IL;
using ICSharpCode.Decompiler.TypeSystem;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>CIL's arithmetic on 32 and 64 bits in terms of the IR's on 64. Values of 32 bits are kept zero-extended.</summary>
internal sealed class Arithmetic(ProcedureBuilder builder)
{
    internal Value.Scalar Binary(BinaryNumericOperator operation, Sign sign, bool is32, Value.Scalar left, Value.Scalar right) => operation switch
    {
        BinaryNumericOperator.Add => Wrap(Operation.Add, left, right, is32, Math.Max(left.Bits, right.Bits) + 1),
        BinaryNumericOperator.Sub => Wrap(Operation.Subtract, left, right, is32, 64),
        BinaryNumericOperator.Mul => Wrap(Operation.Multiply, left, right, is32, left.Bits + right.Bits),
        BinaryNumericOperator.BitAnd => Plain(Operation.And, left, right, Math.Min(left.Bits, right.Bits)),
        BinaryNumericOperator.BitOr => Plain(Operation.Or, left, right, Math.Max(left.Bits, right.Bits)),
        BinaryNumericOperator.BitXor => Plain(Operation.Xor, left, right, Math.Max(left.Bits, right.Bits)),
        BinaryNumericOperator.Div when sign == Sign.Signed => SignedDivision(left, right, is32, remainder: false),
        BinaryNumericOperator.Rem when sign == Sign.Signed => SignedDivision(left, right, is32, remainder: true),
        BinaryNumericOperator.Div => Plain(Operation.DivideUnsigned, left, right, left.Bits),
        BinaryNumericOperator.Rem => Plain(Operation.RemainderUnsigned, left, right, Math.Min(left.Bits, right.Bits)),
        BinaryNumericOperator.ShiftLeft => Wrap(Operation.ShiftLeft, left, right, is32, right.Operand.IsConstant ? left.Bits + Count(right) : 64),
        BinaryNumericOperator.ShiftRight when sign == Sign.Signed && !IsNonNegative(left, is32) => SignedShift(left, right, is32),
        BinaryNumericOperator.ShiftRight =>
            Plain(Operation.ShiftRightLogical, left, right, right.Operand.IsConstant ? Math.Max(0, left.Bits - Count(right)) : left.Bits),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "unknown operator"),
    };

    internal Value.Scalar Not(Value.Scalar value, bool is32) =>
        Plain(Operation.Xor, value, Value.Scalar.Constant(is32 ? uint.MaxValue : ulong.MaxValue), is32 ? 32 : 64);

    internal Value.Scalar Compare(ComparisonKind kind, Sign sign, bool is32, Value.Scalar left, Value.Scalar right)
    {
        if (sign == Sign.Signed && kind is not (ComparisonKind.Equality or ComparisonKind.Inequality)
            && !(IsNonNegative(left, is32) && IsNonNegative(right, is32)))
        {
            (left, right) = (SignExtend(left, is32), SignExtend(right, is32));
        }
        else
        {
            sign = Sign.Unsigned;
        }

        var signed = sign == Sign.Signed;
        return kind switch
        {
            ComparisonKind.Equality => Plain(Operation.Equal, left, right, 1),
            ComparisonKind.Inequality => Plain(Operation.NotEqual, left, right, 1),
            ComparisonKind.LessThan => Plain(signed ? Operation.LessSigned : Operation.LessUnsigned, left, right, 1),
            ComparisonKind.LessThanOrEqual => Plain(signed ? Operation.LessOrEqualSigned : Operation.LessOrEqualUnsigned, left, right, 1),
            ComparisonKind.GreaterThan => Plain(signed ? Operation.LessSigned : Operation.LessUnsigned, right, left, 1),
            ComparisonKind.GreaterThanOrEqual => Plain(signed ? Operation.LessOrEqualSigned : Operation.LessOrEqualUnsigned, right, left, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown comparison"),
        };
    }

    /// <summary>Converts to an integer type; <paramref name="is32"/> and <paramref name="signExtend"/> say how the input is read.</summary>
    internal Value.Scalar Convert(Value.Scalar value, PrimitiveType target, bool is32, bool signExtend) => target switch
    {
        PrimitiveType.I1 => Narrow(value, 8, isSigned: true),
        PrimitiveType.U1 => Narrow(value, 8, isSigned: false),
        PrimitiveType.I2 => Narrow(value, 16, isSigned: true),
        PrimitiveType.U2 => Narrow(value, 16, isSigned: false),
        PrimitiveType.I4 or PrimitiveType.U4 => Narrow(value, 32, isSigned: false),
        _ when is32 && signExtend => SignExtend(value, is32: true),
        _ => value,
    };

    /// <summary>What is left of a value in a place of 8, 16, 32 or 64 bits, as CIL has it on the stack: 32 bits or 64.</summary>
    internal Value.Scalar Narrow(Value.Scalar value, int bits, bool isSigned)
    {
        if (bits == 64 || value.Bits <= (isSigned && bits < 32 ? bits - 1 : bits))
        {
            return value;
        }

        if (!isSigned || bits == 32)
        {
            return new(builder.Compute(Operation.ZeroExtend, value.Operand, (ulong)bits), bits);
        }

        var extended = builder.Compute(Operation.SignExtend, value.Operand, (ulong)bits);
        return new(builder.Compute(Operation.ZeroExtend, extended, 32UL), 32);
    }

    private static bool IsNonNegative(Value.Scalar value, bool is32) => value.Bits < (is32 ? 32 : 64);

    private static int Count(Value.Scalar count) => (int)(count.Operand.Constant & 63);

    private Value.Scalar SignExtend(Value.Scalar value, bool is32) =>
        !is32 || value.Bits < 32 ? value : Result(builder.Compute(Operation.SignExtend, value.Operand, 32UL), 64);

    private Value.Scalar Plain(Operation operation, Value.Scalar left, Value.Scalar right, int bits) =>
        Result(builder.Compute(operation, left.Operand, right.Operand), bits);

    private Value.Scalar Wrap(Operation operation, Value.Scalar left, Value.Scalar right, bool is32, int bits)
    {
        var result = Plain(operation, left, right, Math.Min(bits, 64));
        return is32 ? Narrow(result, 32, isSigned: false) : result;
    }

    private static Value.Scalar Result(Operand operand, int bits) =>
        operand.IsConstant ? Value.Scalar.Constant(operand.Constant) : new(operand, bits);

    private Value.Scalar SignedShift(Value.Scalar left, Value.Scalar right, bool is32)
    {
        var shifted = Plain(Operation.ShiftRightArithmetic, SignExtend(left, is32), right, 64);
        return is32 ? Narrow(shifted, 32, isSigned: false) : shifted;
    }

    /// <summary>Divides the magnitudes, then sets the sign: that of the left operand for a remainder, of both for a quotient.</summary>
    private Value.Scalar SignedDivision(Value.Scalar left, Value.Scalar right, bool is32, bool remainder)
    {
        var operation = remainder ? Operation.RemainderUnsigned : Operation.DivideUnsigned;
        if (IsNonNegative(left, is32) && IsNonNegative(right, is32))
        {
            return Plain(operation, left, right, remainder ? Math.Min(left.Bits, right.Bits) : left.Bits);
        }

        (left, right) = (SignExtend(left, is32), SignExtend(right, is32));
        var leftSign = SignOf(left);
        var rightSign = SignOf(right);
        var magnitude = builder.Compute(operation, NegateIf(left.Operand, leftSign), NegateIf(right.Operand, rightSign));
        var result = Result(NegateIf(magnitude, remainder ? leftSign : builder.Compute(Operation.Xor, leftSign, rightSign)), 64);
        return is32 ? Narrow(result, 32, isSigned: false) : result;
    }

    /// <summary>All ones if negative, else zero.</summary>
    private Operand SignOf(Value.Scalar value) => builder.Compute(Operation.ShiftRightArithmetic, value.Operand, 63UL);

    private Operand NegateIf(Operand value, Operand mask) =>
        builder.Compute(Operation.Subtract, builder.Compute(Operation.Xor, value, mask), mask);
}
