using System.Collections;
using System.Collections.Immutable;
using System.Globalization;

namespace Tablewalk.Ir;

/// <summary>Checks what every producer of procedures promises and every consumer relies on.</summary>
public static class Verifier
{
    /// <summary>
    /// The defects of a procedure, in the order of its blocks: a target that is no block, a register outside the procedure's, a
    /// register that some path reads before it is written (parameters are written), a parameter named twice, an
    /// <see cref="Operation.ZeroExtend"/> or <see cref="Operation.SignExtend"/> from an unknown width.
    /// </summary>
    public static ImmutableArray<string> Check(Procedure procedure)
    {
        ArgumentNullException.ThrowIfNull(procedure);
        var defects = ImmutableArray.CreateBuilder<string>();
        CheckShape(procedure, defects);
        if (defects.Count == 0)
        {
            CheckWrittenBeforeRead(procedure, defects);
        }

        return defects.ToImmutable();
    }

    private static void CheckShape(Procedure procedure, ImmutableArray<string>.Builder defects)
    {
        if (procedure.Blocks.IsEmpty)
        {
            defects.Add("no blocks");
        }

        var parameters = new HashSet<int>();
        foreach (var parameter in procedure.Parameters)
        {
            if (!parameters.Add(parameter.Index))
            {
                defects.Add("a register is two parameters");
            }

            if (!InRange(parameter))
            {
                defects.Add($"parameter r{parameter.Index} is outside the {procedure.RegisterCount} registers");
            }
        }

        for (var b = 0; b < procedure.Blocks.Length; b++)
        {
            var block = procedure.Blocks[b];
            foreach (var target in block.End.Targets())
            {
                if (target < 0 || target >= procedure.Blocks.Length)
                {
                    defects.Add($"block {b}: target {target} is no block");
                }
            }

            foreach (var instruction in block.Body)
            {
                CheckInstruction(b, instruction);
            }

            CheckInstruction(b, block.End);
        }

        bool InRange(Register r) => r.Index >= 0 && r.Index < procedure.RegisterCount;

        void CheckInstruction(int b, Instruction instruction)
        {
            if (instruction is Terminator && !ReferenceEquals(instruction, procedure.Blocks[b].End))
            {
                defects.Add($"{Place()}: a terminator inside a block");
            }

            if (instruction.DestinationOrNull() is { } destination && !InRange(destination))
            {
                defects.Add($"{Place()}: r{destination.Index} is outside the {procedure.RegisterCount} registers");
            }

            foreach (var operand in instruction.Operands())
            {
                if (!operand.IsConstant && !InRange(operand.Register))
                {
                    defects.Add($"{Place()}: r{operand.Register.Index} is outside the {procedure.RegisterCount} registers");
                }
            }

            if (instruction is Compute { Operation: Operation.ZeroExtend or Operation.SignExtend } extension
                && !(extension.Right.IsConstant && extension.Right.Constant is 8 or 16 or 32 or 64))
            {
                defects.Add($"{Place()}: extends from neither 8, 16, 32 nor 64 bits");
            }

            if (instruction is Choose { Count: < 1 })
            {
                defects.Add($"{Place()}: chooses from nothing");
            }

            string Place() => string.Create(CultureInfo.InvariantCulture, $"block {b}: {IrPrinter.Print(instruction)}"); // printing costs more than the checks
        }
    }

    private static void CheckWrittenBeforeRead(Procedure procedure, ImmutableArray<string>.Builder defects)
    {
        var written = new BitArray?[procedure.Blocks.Length]; // at entry; null for blocks that no path has reached yet
        var start = new BitArray(procedure.RegisterCount);
        foreach (var parameter in procedure.Parameters)
        {
            start[parameter.Index] = true;
        }

        written[0] = start;
        var work = new Queue<int>([0]);
        while (work.TryDequeue(out var b))
        {
            var after = new BitArray(written[b]!);
            foreach (var instruction in procedure.Blocks[b].Body)
            {
                Write(after, instruction);
            }

            foreach (var target in procedure.Blocks[b].End.Targets())
            {
                var merged = written[target] is { } before ? new BitArray(before).And(after) : new BitArray(after);
                if (written[target] is null || new BitArray(merged).Xor(written[target]!).HasAnySet())
                {
                    written[target] = merged;
                    work.Enqueue(target);
                }
            }
        }

        for (var b = 0; b < procedure.Blocks.Length; b++)
        {
            if (written[b] is not { } state)
            {
                continue;
            }

            foreach (var instruction in procedure.Blocks[b].Body)
            {
                CheckReads(b, instruction, state);
                Write(state, instruction);
            }

            CheckReads(b, procedure.Blocks[b].End, state);
        }

        void CheckReads(int b, Instruction instruction, BitArray state)
        {
            foreach (var operand in instruction.Operands())
            {
                if (!operand.IsConstant && !state[operand.Register.Index])
                {
                    defects.Add($"block {b}: {IrPrinter.Print(instruction)}: r{operand.Register.Index} is read before it is written");
                }
            }
        }

        static void Write(BitArray state, Instruction instruction)
        {
            if (instruction.DestinationOrNull() is { } destination)
            {
                state[destination.Index] = true;
            }
        }
    }
}
