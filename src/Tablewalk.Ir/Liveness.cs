using System.Collections;
using System.Collections.Immutable;

namespace Tablewalk.Ir;

/// <summary>Which registers some later step may still read, at the beginning and the end of each block.</summary>
/// <remarks><para><b>Cost.</b> A backward fixpoint over bit sets of the registers; a few rounds over the blocks.</para></remarks>
public sealed class Liveness
{
    private readonly BitArray[] _in;
    private readonly BitArray[] _out;

    private Liveness(BitArray[] liveIn, BitArray[] liveOut) => (_in, _out) = (liveIn, liveOut);

    /// <summary>Computes the live registers of blocks whose registers lie below <paramref name="registerCount"/>.</summary>
    public static Liveness Of(ImmutableArray<Block> blocks, int registerCount)
    {
        var liveness = new Liveness(Sets(blocks.Length, registerCount), Sets(blocks.Length, registerCount));
        for (var changed = true; changed;)
        {
            changed = false;
            for (var b = blocks.Length - 1; b >= 0; b--)
            {
                changed |= liveness.Update(blocks, b);
            }
        }

        return liveness;
    }

    /// <summary>Whether the register may be read after the beginning of the block before it is written.</summary>
    public bool IsLiveAtEntry(int block, Register register) => _in[block][register.Index];

    /// <summary>Whether the register may be read after the end of the block before it is written.</summary>
    public bool IsLiveAtExit(int block, Register register) => _out[block][register.Index];

    /// <summary>The registers live at the end of a block: a copy that the caller may change.</summary>
    public BitArray AtExit(int block) => new(_out[block]);

    /// <summary>Moves a set of live registers backwards over one instruction.</summary>
    public static void StepBack(BitArray live, Instruction instruction)
    {
        if (instruction.DestinationOrNull() is { } destination)
        {
            live[destination.Index] = false;
        }

        foreach (var operand in instruction.Operands())
        {
            if (!operand.IsConstant)
            {
                live[operand.Register.Index] = true;
            }
        }
    }

    private static BitArray[] Sets(int count, int size) => [.. Enumerable.Range(0, count).Select(_ => new BitArray(size))];

    private bool Update(ImmutableArray<Block> blocks, int b)
    {
        var block = blocks[b];
        foreach (var target in block.End.Targets())
        {
            _out[b].Or(_in[target]);
        }

        var live = new BitArray(_out[b]);
        StepBack(live, block.End);
        for (var i = block.Body.Length - 1; i >= 0; i--)
        {
            StepBack(live, block.Body[i]);
        }

        var changed = new BitArray(live).Xor(_in[b]).HasAnySet();
        _in[b] = live;
        return changed;
    }
}
