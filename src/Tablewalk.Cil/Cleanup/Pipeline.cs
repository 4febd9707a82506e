using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>A step that makes a procedure shorter and leaves its meaning alone, dependencies included.</summary>
/// <remarks>Requires and establishes what <see cref="Verifier"/> checks.</remarks>
internal abstract class Pass
{
    internal abstract Procedure Run(Procedure procedure);
}

/// <summary>Runs the clean-up.</summary>
internal static class Pipeline
{
    private const int MostRounds = 50;

    private static readonly ImmutableArray<Pass> s_repeated =
    [
        new SimplifyBlocks(), // first: what cannot be reached must not hold up the passes that ask what is known on all paths
        new PropagateCopies(),
        new RemoveDeadCode(),
        new RenumberRegisters(), // most registers of the lowering are gone by now
        new CoalesceCopies(), // after RemoveDeadCode: it looks for copies whose source is used nowhere else
    ];

    private static readonly ImmutableArray<Pass> s_last = [new SimplifyBlocks(), new AllocateRegisters(), new SimplifyBlocks()];

    internal static Procedure Run(Procedure procedure)
    {
        Verify(procedure, "Lowering");
        for (var round = 0; round < MostRounds; round++)
        {
            var before = procedure;
            procedure = RunAll(s_repeated, procedure);
            if (SameBlocks(before, procedure))
            {
                break;
            }
        }

        return RunAll(s_last, procedure);
    }

    private static Procedure RunAll(ImmutableArray<Pass> passes, Procedure procedure)
    {
        foreach (var pass in passes)
        {
            procedure = pass.Run(procedure);
            Verify(procedure, pass.GetType().Name);
        }

        return procedure;
    }

    private static bool SameBlocks(Procedure left, Procedure right)
    {
        if (left.Blocks.Length != right.Blocks.Length)
        {
            return false;
        }

        for (var b = 0; b < left.Blocks.Length; b++)
        {
            if (left.Blocks[b].End != right.Blocks[b].End || !left.Blocks[b].Body.SequenceEqual(right.Blocks[b].Body))
            {
                return false;
            }
        }

        return true;
    }

    private static void Verify(Procedure procedure, string pass)
    {
        var defects = Verifier.Check(procedure);
        Invariant.Check(defects.IsEmpty, $"after {pass}, {procedure.Name}: {string.Join("; ", defects)}");
    }
}
