using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Tests.Classic;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Witness;

/// <summary>What a counterexample tells, and what it leaves out.</summary>
public sealed class CounterexampleTests
{
    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("armv8")]
    public void It_ends_with_the_claim_and_leaves_out_what_may_come_later(string model)
    {
        var found = Find("x=1; y=1; z=1 || r0=y; bug r0=1; r1=w", "", model);
        Assert.Equal(["0 W x = 1", "0 W y = 1", "1 R y = 1", "1 CLAIM  = 0"], found.Steps.Select(Text));
        Assert.Equal(2, found.LeftOut);
    }

    [Fact] // the control: the same two steps, but now something depends on them
    public void It_keeps_later_steps_of_other_threads_that_must_come_before_the_claim()
    {
        var found = Find("x=1; y=1; z=1 || r0=z; r1=x; bug r0=1; r2=w", "", "sc");
        Assert.Equal(["0 W x = 1", "0 W y = 1", "0 W z = 1", "1 R z = 1", "1 R x = 1", "1 CLAIM  = 0"], found.Steps.Select(Text));
        Assert.Equal(1, found.LeftOut);
    }

    [Fact]
    public void A_claim_over_the_final_state_needs_every_step()
    {
        var found = Find("x=1; y=1 || r0=y; r1=x", "r0=1", "sc");
        Assert.Equal(5, found.Steps.Length);
        Assert.Equal((-1, StepKind.Claim), (found.Steps[^1].Cpu, found.Steps[^1].Kind));
        Assert.Equal(0, found.LeftOut);
    }

    [Fact]
    public void A_claim_before_the_first_step_needs_none()
    {
        var found = Find("r0=choose(2); bug r0=1; x=1 || r1=x", "", "sc");
        Assert.Equal([StepKind.Claim], found.Steps.Select(s => s.Kind));
        Assert.Equal(2, found.LeftOut);
    }

    [Fact]
    public void A_step_that_takes_effect_before_its_time_is_marked_and_names_its_write()
    {
        var found = Find("x=1; mb; y=1 || r0=y; r1=x; r2=sel(r0,r1,1); bug r2=0", "", "armv8");
        var early = Assert.Single(found.Steps, s => s.Early);
        Assert.Equal("1 R x = 0", Text(early));
        Assert.Equal(-1, early.ReadsFrom);
        var late = Assert.Single(found.Steps, s => s.Kind == StepKind.Read && s.Location == "y");
        Assert.Equal("0 W y = 1", Text(found.Steps[late.ReadsFrom]));
    }

    [Theory] // the thread of the update could run up to the write that must wait for the read of the low half
    [InlineData("sc")]
    [InlineData("x86-tso")]
    public void An_update_of_two_halves_stands_in_one_piece(string model)
    {
        var memory = new FlatMemory("w", "x", "y");
        var updater = ThreadBuilder.Thread("updater", t =>
        {
            t.Store(memory.AddressOf("w"), 1UL);
            t.Update(AtomicOperation.Exchange, memory.AddressOf("x"), (1UL << 32) | 1, AtomicOrder.Full);
            t.Store(memory.AddressOf("y"), 1UL);
            return 0UL;
        });
        var reader = ThreadBuilder.Thread("reader", t =>
        {
            var first = t.Load(memory.AddressOf("w"));
            var low = t.NewRegister();
            t.Emit(new Load(low, memory.AddressOf("x"), AccessSize.Word, LoadOrder.Once));
            var last = t.Load(memory.AddressOf("y"));
            var flags = t.Compute(Operation.And, first, last);
            t.BugOn(t.Compute(Operation.And, flags, t.Compute(Operation.Equal, low, 0UL)), ShapeParser.Claim);
            return 0UL;
        });
        Assert.Equal(
            ["0 W w", "1 R w", "1 R x", "0 RMW.R x", "0 RMW.R x", "0 RMW.W x", "0 RMW.W x", "0 W y", "1 R y", "1 CLAIM "],
            Find(ThreadBuilder.Program(updater, reader), memory, model).Steps.Select(s => $"{s.Cpu} {s.Operation} {s.Location}"));
    }

    private static Counterexample Find(string text, string condition, string model)
    {
        var (program, memory) = ShapeParser.Parse(text, condition);
        return Find(program, memory, model);
    }

    private static Counterexample Find(Program program, FlatMemory memory, string model)
    {
        var verdict = Checker.Check(program, memory, Models.Named(model), ShapeParser.Claim, new CheckOptions()).Verdict;
        return Assert.IsType<Verdict.Violated>(verdict).Counterexample;
    }

    private static string Text(Step step) => $"{step.Cpu} {step.Operation} {step.Location} = {step.Value}";
}
