using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Cil.Cleanup;

/// <summary>Orders of blocks that passes share.</summary>
internal static class ControlFlow
{
    /// <summary>The blocks that can be reached, each after some block that goes to it.</summary>
    internal static List<int> ReversePostOrder(ImmutableArray<Block> blocks)
    {
        var order = new List<int>();
        var seen = new bool[blocks.Length];
        var stack = new Stack<(int Block, int NextTarget)>();
        seen[0] = true;
        stack.Push((0, 0));
        while (stack.TryPop(out var top))
        {
            var targets = blocks[top.Block].End.Targets();
            if (top.NextTarget == targets.Length)
            {
                order.Add(top.Block);
                continue;
            }

            stack.Push(top with { NextTarget = top.NextTarget + 1 });
            var target = targets[targets.Length - 1 - top.NextTarget]; // backwards, so that the first target comes first in the order
            if (!seen[target])
            {
                seen[target] = true;
                stack.Push((target, 0));
            }
        }

        order.Reverse();
        return order;
    }
}
