using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>Drops computations and choices that nobody reads. Loads stay: that they happen is visible.</summary>
internal sealed class RemoveDeadCode : Pass
{
    internal override Procedure Run(Procedure procedure)
    {
        var liveness = Liveness.Of(procedure.Blocks, procedure.RegisterCount);
        return procedure with { Blocks = [.. procedure.Blocks.Select((block, b) => Run(block, b, liveness))] };
    }

    private static Block Run(Block block, int b, Liveness liveness)
    {
        var live = liveness.AtExit(b);
        Liveness.StepBack(live, block.End);
        var kept = ImmutableArray.CreateBuilder<Instruction>();
        foreach (var instruction in block.Body.Reverse())
        {
            if (instruction.IsPure() && !live[instruction.DestinationOrNull()!.Value.Index])
            {
                continue;
            }

            Liveness.StepBack(live, instruction);
            kept.Add(instruction);
        }

        kept.Reverse();
        return block with { Body = kept.ToImmutable() };
    }
}
