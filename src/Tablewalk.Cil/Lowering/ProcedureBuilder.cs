using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Lowering;

/// <summary>Blocks under construction. Code emitted after a block has ended goes to a block that nothing reaches.</summary>
internal sealed class ProcedureBuilder
{
    private readonly List<ImmutableArray<Instruction>.Builder> _bodies = [];
    private readonly List<Terminator?> _ends = [];

    internal ProcedureBuilder() => Current = NewBlock();

    /// <summary>The block that code goes to.</summary>
    internal int Current { get; set; }

    /// <summary>How many registers exist.</summary>
    internal int RegisterCount { get; private set; }

    /// <summary>The source line of what is emitted.</summary>
    internal SourceLocation? Location { get; set; }

    /// <summary>The call of an intrinsic that what is emitted does a part of.</summary>
    internal IntrinsicCall? Call { get; set; }

    internal Register NewRegister() => new(RegisterCount++);

    internal int NewBlock()
    {
        _bodies.Add(ImmutableArray.CreateBuilder<Instruction>());
        _ends.Add(null);
        return _bodies.Count - 1;
    }

    internal void Emit(Instruction instruction) => _bodies[Current].Add(instruction with { Source = Location, Call = Call });

    internal void End(Terminator terminator)
    {
        Invariant.Check(_ends[Current] is null, "a block ends twice");
        _ends[Current] = terminator with { Source = Location, Call = Call };
        Current = NewBlock();
    }

    /// <summary>A constant, or a new register computed here.</summary>
    internal Operand Compute(Operation operation, Operand left, Operand right)
    {
        if (Folding.ResultOrNull(operation, left, right) is { } known)
        {
            return known;
        }

        var result = NewRegister();
        Emit(new Compute(result, operation, left, right));
        return result;
    }

    /// <summary>The blocks; those still open are reached by nothing, and return.</summary>
    internal ImmutableArray<Block> ToBlocks() =>
        [.. _bodies.Select((body, i) => new Block(body.ToImmutable(), _ends[i] ?? new Return(0UL)))];
}
