using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>Computes a value where it is wanted: <c>t = a + b; v = t</c> becomes <c>v = a + b</c> if nothing else needs <c>t</c>.</summary>
internal sealed class CoalesceCopies : Pass
{
    internal override Procedure Run(Procedure procedure)
    {
        var liveness = Liveness.Of(procedure.Blocks, procedure.RegisterCount);
        return procedure with { Blocks = [.. procedure.Blocks.Select((block, b) => Run(block, b, liveness))] };
    }

    private static Block Run(Block block, int b, Liveness liveness)
    {
        var body = block.Body.ToList();
        for (var i = body.Count - 1; i >= 0; i--)
        {
            if (body[i] is Compute { Operation: Operation.Copy, Left.IsConstant: false } copy
                && DefinitionOrNull(body, i, copy) is { } definition
                && !IsReadAfter(block, body, i, copy.Left.Register, b, liveness))
            {
                Operand temporary = copy.Left;
                body[definition] = body[definition].WithDestination(copy.Destination);
                for (var j = definition + 1; j < i; j++)
                {
                    body[j] = body[j].MapOperands(o => o == temporary ? copy.Destination : o);
                }

                body.RemoveAt(i);
            }
        }

        return block with { Body = [.. body] };
    }

    /// <summary>Where the copy's source is computed, if its destination is free from there on; null if it is not.</summary>
    private static int? DefinitionOrNull(List<Instruction> body, int copyAt, Compute copy)
    {
        for (var i = copyAt - 1; i >= 0; i--)
        {
            if (body[i].DestinationOrNull() is { } written)
            {
                if (written == copy.Left.Register)
                {
                    return i;
                }

                if (written == copy.Destination)
                {
                    return null;
                }
            }

            if (body[i].Operands().Contains(copy.Destination))
            {
                return null;
            }
        }

        return null;
    }

    private static bool IsReadAfter(Block block, List<Instruction> body, int copyAt, Register register, int b, Liveness liveness)
    {
        for (var i = copyAt + 1; i < body.Count; i++)
        {
            if (body[i].Operands().Contains(register))
            {
                return true;
            }

            if (body[i].DestinationOrNull() == register)
            {
                return false;
            }
        }

        return block.End.Operands().Contains(register) || liveness.IsLiveAtExit(b, register);
    }
}
