using Tablewalk.Ir;

namespace Tablewalk.Litmus.Lowering;

/// <summary>An architecture whose arithmetic sets flags. Only the flags that the thread's conditions read are computed.</summary>
internal abstract class FlagAssembly(ThreadEmitter emit, SymbolTable symbols) : Assembly(emit, symbols)
{
    /// <summary>The flags that the thread's conditions read, by the architecture's letters.</summary>
    protected HashSet<char> NeededFlags { get; } = [];

    /// <summary>The register that a flag is kept in.</summary>
    protected abstract Register Flag(char flag);

    protected void SetFlag(char flag, Func<Operand> value)
    {
        if (NeededFlags.Contains(flag))
        {
            Emit.Set(Flag(flag), value());
        }
    }

    /// <summary>The sign of a value of so many bits.</summary>
    protected Operand Sign(Operand value, int bits) =>
        Emit.Compute(Operation.And, Emit.Compute(Operation.ShiftRightLogical, value, Operand.Of((ulong)bits - 1)), Operand.Of(1));

    /// <summary>Whether an addition or a subtraction of so many bits overflows as signed; 0 for any other operation.</summary>
    protected Operand SignedOverflow(string name, Operand left, Operand right, Operand result, int bits) => name switch
    {
        "SUB" => Sign(Emit.Compute(Operation.And, Xor(left, right), Xor(left, result)), bits),
        "ADD" => Sign(Emit.Compute(Operation.And, Xor(left, result), Xor(right, result)), bits),
        _ => Operand.Of(0),
    };

    private Operand Xor(Operand a, Operand b) => Emit.Compute(Operation.Xor, a, b);
}
