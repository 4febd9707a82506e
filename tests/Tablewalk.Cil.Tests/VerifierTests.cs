using System.Collections.Immutable;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>The verifier finds each defect it knows.</summary>
public sealed class VerifierTests
{
    private static readonly Register r0 = new(0);
    private static readonly Register r1 = new(1);

    [Fact]
    public void A_sound_procedure_has_no_defects() =>
        Assert.Empty(Check(2, [r0], new Block([new Compute(r1, Operation.Add, r0, 1UL)], new Return(r1))));

    [Fact]
    public void A_read_before_the_write_is_found() =>
        Assert.Equal(["block 0: return r1: r1 is read before it is written"], Check(2, [r0], new Block([], new Return(r1))));

    [Fact]
    public void A_register_written_on_one_path_only_is_found() =>
        Assert.Equal(
            ["block 2: return r1: r1 is read before it is written"],
            Check(
                2,
                [r0],
                new Block([], new Branch(r0, 1, 2)),
                new Block([new Compute(r1, Operation.Copy, 1UL, 0UL)], new Jump(2)),
                new Block([], new Return(r1))));

    [Fact]
    public void A_register_written_in_the_round_before_counts_only_if_every_first_round_writes_it() =>
        Assert.Equal(
            ["block 1: if r1 goto b1 else b2: r1 is read before it is written"],
            Check(2, [r0], new Block([], new Jump(1)), new Block([], new Branch(r1, 1, 2)), new Block([], new Return(0UL))));

    [Fact]
    public void A_target_outside_is_found() =>
        Assert.Equal(["block 0: target 4 is no block"], Check(1, [], new Block([], new Jump(4))));

    [Fact]
    public void A_register_outside_is_found() =>
        Assert.Equal(
            ["block 0: r1 = 5: r1 is outside the 1 registers"],
            Check(1, [], new Block([new Compute(r1, Operation.Copy, 5UL, 0UL)], new Return(0UL))));

    [Fact]
    public void A_register_that_is_two_parameters_is_found() =>
        Assert.Equal(["a register is two parameters"], Check(1, [r0, r0], new Block([], new Return(0UL))));

    [Fact]
    public void An_extension_from_an_odd_width_is_found() =>
        Assert.Equal(
            ["block 0: r1 = zext r0 from 12: extends from neither 8, 16, 32 nor 64 bits"],
            Check(2, [r0], new Block([new Compute(r1, Operation.ZeroExtend, r0, 12UL)], new Return(r1))));

    [Fact]
    public void No_blocks_is_found() => Assert.Equal(["no blocks"], Check(0, []));

    private static ImmutableArray<string> Check(int registers, ImmutableArray<Register> parameters, params ImmutableArray<Block> blocks) =>
        Verifier.Check(new Procedure("p", registers, parameters, blocks));
}
