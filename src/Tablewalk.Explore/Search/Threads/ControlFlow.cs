using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Search.Threads;

/// <summary>Loop heads, live registers and reachable claims of a procedure, by block.</summary>
internal sealed class ControlFlow
{
    private readonly ImmutableArray<Block> _blocks;
    private readonly int _registerCount;

    public ControlFlow(Procedure procedure)
    {
        (_blocks, _registerCount) = (procedure.Blocks, procedure.RegisterCount);
        IsLoopHead = FindLoopHeads();
        LiveIn = [.. _blocks.Select(_ => new bool[_registerCount])];
        FindLiveIn();
    }

    /// <summary>Whether a block is the target of a back edge of the depth-first walk.</summary>
    public bool[] IsLoopHead { get; }

    /// <summary>For each block, which registers may be read before they are written from its beginning on.</summary>
    public bool[][] LiveIn { get; }

    public static IEnumerable<int> Successors(Block block) => block.End switch
    {
        Jump j => [j.Target],
        Branch b => [b.IfNonzero, b.IfZero],
        _ => [],
    };

    /// <summary>For each block, whether a BugOn of <paramref name="claim"/> may come at or after its beginning.</summary>
    public bool[] ReachesClaim(string claim) => Reaching(b => b.Body.Any(i => i is BugOn bug && bug.Claim == claim));

    /// <summary>For each block, whether a loop head may come after its beginning.</summary>
    public bool[] ReachesLoopHead() => Reaching(b => Successors(b).Any(s => IsLoopHead[s]));

    /// <summary>For each block, whether a section may begin at or after its beginning.</summary>
    public bool[] ReachesSectionEntry() => Reaching(b => b.Body.Any(i => i is SectionEdge { IsEntry: true }));

    private bool[] Reaching(Func<Block, bool> isGoal)
    {
        var reaches = _blocks.Select(isGoal).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            for (var b = _blocks.Length - 1; b >= 0; b--)
            {
                if (!reaches[b] && Successors(_blocks[b]).Any(s => reaches[s]))
                {
                    reaches[b] = changed = true;
                }
            }
        }

        return reaches;
    }

    private bool[] FindLoopHeads()
    {
        var heads = new bool[_blocks.Length];
        var state = new byte[_blocks.Length]; // 1 on the walk's path, 2 done
        var path = new Stack<(int Block, int Next)>();
        path.Push((0, 0));
        state[0] = 1;
        while (path.TryPop(out var top))
        {
            var successors = Successors(_blocks[top.Block]).ToArray();
            if (top.Next == successors.Length)
            {
                state[top.Block] = 2;
                continue;
            }

            path.Push((top.Block, top.Next + 1));
            var next = successors[top.Next];
            if (state[next] == 1)
            {
                heads[next] = true;
            }
            else if (state[next] == 0)
            {
                state[next] = 1;
                path.Push((next, 0));
            }
        }

        return heads;
    }

    /// <summary>For each instruction of a block, the last one first, the registers that may be read before they are written from there on.</summary>
    /// <returns>The instruction's number, and an array that is used again for the next.</returns>
    public IEnumerable<(int Index, bool[] Live)> LiveBackwards(int block)
    {
        var live = new bool[_registerCount];
        foreach (var successor in Successors(_blocks[block]))
        {
            for (var r = 0; r < live.Length; r++)
            {
                live[r] |= LiveIn[successor][r];
            }
        }

        for (var i = _blocks[block].Body.Length; i >= 0; i--)
        {
            var instruction = i == _blocks[block].Body.Length ? _blocks[block].End : _blocks[block].Body[i];
            if (instruction.DestinationOrNull() is { } written)
            {
                live[written.Index] = false;
            }

            foreach (var operand in instruction.Operands().Where(o => !o.IsConstant))
            {
                live[operand.Register.Index] = true;
            }

            yield return (i, live);
        }
    }

    private void FindLiveIn()
    {
        for (var changed = true; changed;)
        {
            changed = false;
            for (var b = _blocks.Length - 1; b >= 0; b--)
            {
                var now = LiveBackwards(b).Last().Live;
                if (!now.AsSpan().SequenceEqual(LiveIn[b]))
                {
                    LiveIn[b] = now;
                    changed = true;
                }
            }
        }
    }
}
