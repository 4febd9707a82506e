using Tablewalk.Ir;

namespace Tablewalk.Cil;

/// <summary>What is known of a computation without running it.</summary>
/// <remarks>
/// A result never forgets a register that the computation uses: <c>x ^ x</c> is not folded to 0, since the data dependency on
/// <c>x</c> is visible under a weak memory model. Only <c>x + 0</c> and its like are, which keep the dependency.
/// </remarks>
internal static class Folding
{
    /// <summary>The operand that the computation always equals; null if it has to be computed.</summary>
    internal static Operand? ResultOrNull(Operation operation, Operand left, Operand right) => operation switch
    {
        Operation.Copy => left,
        Operation.DivideUnsigned or Operation.RemainderUnsigned when right is { IsConstant: true, Constant: 0 } => null,
        _ when left.IsConstant && right.IsConstant => operation.Evaluate(left.Constant, right.Constant),
        Operation.Add or Operation.Or or Operation.Xor when left is { IsConstant: true, Constant: 0 } => right,
        Operation.Add or Operation.Or or Operation.Xor or Operation.Subtract or Operation.ShiftLeft or Operation.ShiftRightLogical
            or Operation.ShiftRightArithmetic when right is { IsConstant: true, Constant: 0 } => left,
        Operation.And when right is { IsConstant: true, Constant: ulong.MaxValue } => left,
        Operation.And when left is { IsConstant: true, Constant: ulong.MaxValue } => right,
        Operation.Multiply or Operation.DivideUnsigned when right is { IsConstant: true, Constant: 1 } => left,
        Operation.Multiply when left is { IsConstant: true, Constant: 1 } => right,
        Operation.ZeroExtend or Operation.SignExtend when right is { IsConstant: true, Constant: 64 } => left,
        _ => null,
    };
}
