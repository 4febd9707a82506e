using Tablewalk.Cat;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;
using Tablewalk.Explore.Search.Threads;
using Tablewalk.Explore.Tests.Classic;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Explain;

/// <summary>What a claim rests on, and why an outcome is forbidden.</summary>
public sealed class ExplainTests
{
    [Theory]
    [InlineData("x=1; mb; y=1 || a=y; rmb; b=x", "a=1 b=0", "armv8", "SmpMb removed, SmpRmb removed")]
    [InlineData("x=1; mb; y=1 || a=y; rmb; b=x", "a=1 b=0", "x86-tso", "")]
    [InlineData("x=1; mb; wmb; y=1 || a=y; rmb; b=x", "a=1 b=0", "armv8", "SmpRmb removed")] // two that can stand in for each other: neither matters alone
    [InlineData("x=1; y:L=1 || a=y:A; b=x", "a=1 b=0", "armv8", "store release -> once, load acquire -> once")]
    [InlineData("x=1; a=swpal(z,1); b=y || y=1; c=swpal(w,1); d=x", "b=0 d=0", "armv8", "Xchg full -> relaxed, Xchg atomic -> load and store, Xchg full -> relaxed, Xchg atomic -> load and store")]
    [InlineData("a=add(x,1) || b=add(x,1)", "x=1", "sc", "FetchAdd atomic -> load and store, FetchAdd atomic -> load and store")]
    [InlineData("irq{a=x; b=y} || x=1; ipi; y=1", "a=0 b=1", "sc", "irq-off section removed, IPI wait removed")]
    public void A_claim_rests_on_what_it_breaks_without(string program, string condition, string model, string expected) =>
        Assert.Equal(expected, Supports(program, condition, model));

    [Fact]
    public void A_branch_whose_outcome_the_claim_needs_is_told_with_where_it_must_not_always_go()
    {
        // The second look decides whether z is set: without it, z may be set although x changed meanwhile.
        var supports = Supports("a=x; b=x; if b=0 {z=1} || x=1", "b=1 z=1", "sc");
        Assert.Equal("branch always on to block 1", supports);
    }

    [Theory] // load buffering, in which each thread waits for the other's value: reached by guessing
    [InlineData("a=x; y=a || b=y; x=b", "a=1 b=1", "armv8")]
    [InlineData("a=x; ctrl a; y=1 || b=y; ctrl b; x=1", "a=1 b=1", "armv8")]
    [InlineData("a=x; y=1^a || b=y; x=1^b", "a=1 b=1", "armv8")]
    public void A_circle_of_dependencies_is_explained(string program, string condition, string model)
    {
        var forbidden = Explainer(program, condition, model).WhyForbidden(null, TestContext.Current.CancellationToken);
        Assert.Equal("external", forbidden.Rule?.Constraint.Name);
        Assert.Equal(4, forbidden.Rule!.Steps.Length);
        Assert.Equal(2, forbidden.RestsOn.Count(w => w.Kind == WeakeningKind.Dependency));
    }

    [Fact]
    public void The_shortest_execution_keeps_program_order_where_some_execution_does()
    {
        var reached = Explainer("x=1; y=1 || a=y; b=x", "a=1 b=1", "armv8").ShortestOrNull("it", TestContext.Current.CancellationToken)!;
        Assert.DoesNotContain(reached.Table.Steps, s => s.Early);
        Assert.Equal(["0 W x", "0 W y", "1 R y", "1 R x"], reached.Table.Steps.Select(s => $"{s.Cpu} {s.Operation} {s.Location}"));
    }

    [Fact] // a model without coherence allows what no order of events can tell; it gets a table all the same
    public void A_model_that_lets_a_location_go_back_in_time_gets_its_table()
    {
        var model = Model.Parse("\"no coherence\"\nempty rmw & (fre ; coe) as atomic", "t.cat", _ => null);
        var (program, memory) = ShapeParser.Parse("x=1; a=x", "a=0");
        var verdict = Checker.Check(program, memory, model, ShapeParser.Claim, new CheckOptions(), cancellation: TestContext.Current.CancellationToken).Verdict;
        Assert.Equal(2, Assert.IsType<Verdict.Violated>(verdict).Counterexample.Steps.Count(s => s.Cpu >= 0));
    }

    private static string Supports(string text, string condition, string model)
    {
        var (program, memory) = ShapeParser.Parse(text, condition);
        var options = new CheckOptions();
        Assert.IsType<Verdict.Holds>(Checker.Check(program, memory, Models.Named(model), ShapeParser.Claim, options).Verdict);
        return string.Join(", ", ClaimExplainer.Of(program, memory, Models.Named(model), ShapeParser.Claim, options).Select(s => $"{s.Weakening.Subject} {s.Weakening.Change}"));
    }

    // The outcome is what the final predicate finds.
    private static OutcomeExplainer Explainer(string text, string condition, string model)
    {
        var (program, memory) = ShapeParser.Parse(text, condition);
        var final = FlatCode.From(program.Final!);
        bool IsOutcome(ExecutionView view)
        {
            ulong[] arguments = [.. program.FinalArguments, .. view.Results];
            return FinalState.Run(view.State, final, arguments.AsSpan(0, program.Final!.Parameters.Length), ShapeParser.Claim) >= 0;
        }

        return new(program with { Final = null }, memory, Models.Named(model), IsOutcome, [1]);
    }
}
