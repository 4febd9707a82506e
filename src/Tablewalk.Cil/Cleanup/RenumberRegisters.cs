using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>Numbers the registers that are still used from 0 on, in the order in which they are met: the passes' sets of registers are then as small as they can be.</summary>
internal sealed class RenumberRegisters : Pass
{
    internal override Procedure Run(Procedure procedure)
    {
        var numbers = new Register?[procedure.RegisterCount];
        var count = 0;
        Register Number(Register register) => numbers[register.Index] ??= new Register(count++);
        Instruction Rename(Instruction instruction)
        {
            var mapped = instruction.MapOperands(o => o.IsConstant ? o : Number(o.Register));
            return mapped.DestinationOrNull() is { } destination ? mapped.WithDestination(Number(destination)) : mapped;
        }

        return procedure with
        {
            Parameters = [.. procedure.Parameters.Select(Number)],
            Blocks = [.. procedure.Blocks.Select(b => new Block([.. b.Body.Select(Rename)], (Terminator)Rename(b.End)))],
            RegisterCount = count,
        };
    }
}
