using System.Collections;
using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>
/// Lets registers whose lives do not overlap share a number, so that a thread's state is small. A copy whose two sides can share does so, and
/// goes.
/// </summary>
/// <remarks><para><b>Source.</b> Greedy colouring of the interference graph, in the order of first writing; parameters first.</para></remarks>
internal sealed class AllocateRegisters : Pass
{
    internal override Procedure Run(Procedure procedure)
    {
        var conflicts = Conflicts(procedure);
        var numbers = Colour(procedure, conflicts);
        var count = 0;
        foreach (var number in numbers)
        {
            count = Math.Max(count, number + 1);
        }

        return procedure with
        {
            RegisterCount = count,
            Parameters = ImmutableArray.CreateRange(procedure.Parameters, p => new Register(numbers[p.Index])),
            Blocks = [.. procedure.Blocks.Select(b => new Block(
                [.. b.Body.Select(Rename).Where(i => i is not Compute { Operation: Operation.Copy } c || c.Left != c.Destination)],
                (Terminator)Rename(b.End)))],
        };

        Instruction Rename(Instruction instruction)
        {
            var mapped = instruction.MapOperands(o => o.IsConstant ? o : new Register(numbers[o.Register.Index]));
            return mapped.DestinationOrNull() is { } d ? mapped.WithDestination(new Register(numbers[d.Index])) : mapped;
        }
    }

    private static BitArray[] Conflicts(Procedure procedure)
    {
        var conflicts = new BitArray[procedure.RegisterCount];
        for (var r = 0; r < conflicts.Length; r++)
        {
            conflicts[r] = new BitArray(procedure.RegisterCount);
        }

        foreach (var left in procedure.Parameters)
        {
            foreach (var right in procedure.Parameters)
            {
                conflicts[left.Index][right.Index] = left != right;
            }
        }

        var liveness = Liveness.Of(procedure.Blocks, procedure.RegisterCount);
        for (var b = 0; b < procedure.Blocks.Length; b++)
        {
            var live = liveness.AtExit(b);
            Liveness.StepBack(live, procedure.Blocks[b].End);
            var body = procedure.Blocks[b].Body;
            for (var i = body.Length - 1; i >= 0; i--)
            {
                AddConflicts(conflicts, live, body[i]);
                Liveness.StepBack(live, body[i]);
            }

            if (b == 0)
            {
                foreach (var parameter in procedure.Parameters)
                {
                    Add(conflicts, parameter.Index, live);
                }
            }
        }

        return conflicts;
    }

    private static void AddConflicts(BitArray[] conflicts, BitArray live, Instruction instruction)
    {
        if (instruction.DestinationOrNull() is not { } written)
        {
            return;
        }

        var source = instruction is Compute { Operation: Operation.Copy, Left.IsConstant: false } copy ? copy.Left.Register.Index : written.Index;
        var others = new BitArray(live) { [source] = false }; // both sides of a copy hold the same value
        Add(conflicts, written.Index, others);
    }

    private static void Add(BitArray[] conflicts, int register, BitArray others)
    {
        for (var r = 0; r < others.Length; r++)
        {
            if (others[r] && r != register)
            {
                conflicts[register][r] = true;
                conflicts[r][register] = true;
            }
        }
    }

    private static int[] Colour(Procedure procedure, BitArray[] conflicts)
    {
        var numbers = new int[procedure.RegisterCount];
        Array.Fill(numbers, -1);
        foreach (var parameter in procedure.Parameters)
        {
            Choose(parameter, null);
        }

        foreach (var block in procedure.Blocks)
        {
            foreach (var instruction in block.Body)
            {
                if (instruction.DestinationOrNull() is { } register && numbers[register.Index] < 0)
                {
                    Choose(register, instruction is Compute { Operation: Operation.Copy, Left.IsConstant: false } copy ? copy.Left.Register : null);
                }
            }
        }

        return numbers;

        void Choose(Register register, Register? preferred)
        {
            var taken = new bool[numbers.Length];
            for (var r = 0; r < numbers.Length; r++)
            {
                if (numbers[r] >= 0 && conflicts[register.Index][r])
                {
                    taken[numbers[r]] = true;
                }
            }

            numbers[register.Index] = preferred is { } p && numbers[p.Index] is >= 0 and var number && !taken[number] ? number : Array.IndexOf(taken, false);
        }
    }
}
