using System.Collections.Immutable;
using Tablewalk.Ir;

namespace Tablewalk.Explore.Explain;

/// <summary>Programs with one instruction changed.</summary>
internal static class Rewriting
{
    /// <summary>The program with other instructions in the place of one.</summary>
    /// <param name="program">The program.</param>
    /// <param name="at">Thread, block and place in the block's body.</param>
    /// <param name="instructions">What stands there instead.</param>
    /// <param name="registerCount">How many registers the thread has then; as many as before if null.</param>
    public static Program Replace(Program program, (int Thread, int Block, int Index) at, ImmutableArray<Instruction> instructions, int? registerCount = null)
    {
        var block = program.Threads[at.Thread].Code.Blocks[at.Block];
        return WithBlock(program, at.Thread, at.Block, block with { Body = block.Body.RemoveAt(at.Index).InsertRange(at.Index, instructions) }, registerCount);
    }

    /// <summary>The program in which a block ends in another way.</summary>
    public static Program End(Program program, int thread, int block, Terminator end) =>
        WithBlock(program, thread, block, program.Threads[thread].Code.Blocks[block] with { End = end }, null);

    private static Program WithBlock(Program program, int thread, int block, Block changed, int? registerCount)
    {
        var code = program.Threads[thread].Code;
        code = code with { Blocks = code.Blocks.SetItem(block, changed), RegisterCount = registerCount ?? code.RegisterCount };
        return program with { Threads = program.Threads.SetItem(thread, program.Threads[thread] with { Code = code }) };
    }
}
