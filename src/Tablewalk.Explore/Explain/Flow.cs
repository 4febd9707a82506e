using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>What the shape of a procedure says.</summary>
internal static class Flow
{
    /// <summary>Whether control may come back to a block.</summary>
    public static bool IsInLoop(Procedure code, int block)
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>(Successors(code, block));
        while (open.TryPop(out var b))
        {
            if (b == block)
            {
                return true;
            }

            if (seen.Add(b))
            {
                Array.ForEach(Successors(code, b), open.Push);
            }
        }

        return false;
    }

    private static int[] Successors(Procedure code, int block) => code.Blocks[block].End switch
    {
        Jump j => [j.Target],
        Branch b => [b.IfNonzero, b.IfZero],
        _ => [],
    };
}
