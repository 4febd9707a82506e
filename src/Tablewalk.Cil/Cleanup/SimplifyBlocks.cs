using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>
/// Skips blocks that only jump on, merges a block with the only one that jumps to it, and numbers what is left in reverse post-order. A
/// branch on a register stays even if both ways lead to the same block: what follows depends on it.
/// </summary>
internal sealed class SimplifyBlocks : Pass
{
    internal override Procedure Run(Procedure procedure)
    {
        var blocks = procedure.Blocks.ToArray();
        for (var b = 0; b < blocks.Length; b++)
        {
            blocks[b] = blocks[b] with { End = blocks[b].End.MapTargets(t => Skip(blocks, t)) };
        }

        Merge(blocks);
        return procedure with { Blocks = Renumber(ImmutableArray.Create(blocks)) };
    }

    /// <summary>The first block from here on that does something.</summary>
    private static int Skip(Block[] blocks, int target)
    {
        for (var steps = 0; blocks[target] is { Body.IsEmpty: true, End: Jump next } && steps < blocks.Length; steps++)
        {
            target = next.Target;
        }

        return target;
    }

    private static void Merge(Block[] blocks)
    {
        var entries = new int[blocks.Length];
        entries[0] = 1;
        var order = ControlFlow.ReversePostOrder(ImmutableArray.Create(blocks));
        foreach (var b in order)
        {
            foreach (var target in blocks[b].End.Targets())
            {
                entries[target]++;
            }
        }

        foreach (var b in order)
        {
            while (blocks[b].End is Jump jump && jump.Target != b && entries[jump.Target] == 1)
            {
                var next = blocks[jump.Target];
                blocks[b] = new Block(blocks[b].Body.AddRange(next.Body), next.End);
                blocks[jump.Target] = new Block([], new Return(0UL)); // reached no more
                entries[jump.Target] = 0;
            }
        }
    }

    private static ImmutableArray<Block> Renumber(ImmutableArray<Block> blocks)
    {
        var order = ControlFlow.ReversePostOrder(blocks);
        var numbers = new int[blocks.Length];
        for (var i = 0; i < order.Count; i++)
        {
            numbers[order[i]] = i;
        }

        var renumbered = ImmutableArray.CreateBuilder<Block>(order.Count);
        foreach (var b in order)
        {
            renumbered.Add(blocks[b] with { End = blocks[b].End.MapTargets(t => numbers[t]) });
        }

        return renumbered.MoveToImmutable();
    }
}
