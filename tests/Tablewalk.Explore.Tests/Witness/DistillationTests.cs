using Tablewalk.Cat;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Tests.Classic;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Explore.Witness;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Witness;

/// <summary>Which steps a distilled counterexample keeps, and that its program shows what it says.</summary>
public sealed class DistillationTests
{
    [Theory]
    [InlineData("x=1; y=1 || a=z; b=y; bug b=1", "y=1 | b=y")] // nothing came of x and z
    [InlineData("x=1; c=x; y=c || a=y; bug a=1", "y=c | a=y")] // no other CPU could have changed what y got from x: seen through
    [InlineData("z=1 || c=z; y=c || a=y; bug a=1", "z=1 | c=z | y=c | a=y")] // another could
    [InlineData("w=1; mb; y=1; mb || a=y; mb; b=z; mb; bug a=1", "y=1 | a=y | mb")] // only orders between steps that are kept, or before the claim
    [InlineData("z=1 || a=z; ctrl a; x=1 || b=x; bug b=1", "x=1 | b=x")] // z was read before it was written, and nobody was done later: it could have been either
    [InlineData("z=1 || a=z; if a=1 { x=1 } || b=x; bug b=1", "z=1 | a=z | x=1 | b=x")] // who wrote x had to see z
    public void It_keeps_what_the_claim_needs(string text, string kept)
    {
        var shown = Find(text, "").Distilled!;
        var expected = kept.Split(" | ").Select(step => step is "mb" ? "MB" : step.Split('=')[0] is { Length: 1 } left && left[0] >= 'u' ? $"W {left}" : $"R {step.Split('=')[1]}");
        Assert.Equal(expected.Order(), shown.Steps.SkipLast(1).Select(s => s.Kind == StepKind.Fence ? s.Operation : $"{s.Operation} {s.Location}").Order());
    }

    [Fact]
    public void A_read_that_another_CPU_overwrote_before_the_claim_shows_both()
    {
        var shown = Find("x=1; y=1 || a=x; b=y; c=sel(b,a,1); bug c=0", "").Distilled!;
        Assert.Contains("W x", Texts(shown));
        Assert.Contains("R x", Texts(shown));
    }

    [Fact]
    public void Of_a_final_state_it_keeps_the_last_writes_to_what_is_looked_at() =>
        Assert.Equal(["W x"], Texts(Find("y=1; x=1; x=2 || w=1", "x=2").Distilled!));

    [Fact]
    public void A_section_is_kept_with_both_of_its_ends_and_what_is_left_out_is_counted()
    {
        var counterexample = Find("y=1; rcu{ x=1 }; z=1 || a=z; b=x; c=sel(a,b,0); bug c=1", "");
        Assert.Equal(["R x", "R z", "RCU-LOCK", "RCU-UNLOCK", "W x", "W z"], Texts(counterexample.Distilled!).Order(StringComparer.Ordinal));
        Assert.Equal(counterexample.Steps.Length + counterexample.LeftOut, counterexample.Distilled!.Steps.Length + counterexample.Distilled.LeftOut);
    }

    [Theory]
    [InlineData("x=1; mb; y=1 || a=y; b=x; c=sel(a,b,1); bug c=0", "armv8", true)] // read early
    [InlineData("x=1; mb; y=1 || a=y; mb; b=x; c=sel(a,b,1); bug c=0", "armv8", false)] // the same rows with a fence: the model forbids them
    [InlineData("x=1; mb; y=1 || a=y; b=x@a; c=sel(a,b,1); bug c=0", "armv8", false)] // or with an address dependency
    [InlineData("x=1; mb; y=1 || a=y; b=x; c=sel(a,b,1); bug c=0", "sc", false)] // or under another model
    public void The_program_of_the_rows_keeps_their_orders_and_dependencies(string text, string model, bool isAllowed)
    {
        var memory = ShapeParser.Parse(text, "").Memory;
        var order = Verdict(ShapeParser.Parse(text, "").Program, memory, model, ShapeParser.Claim);
        Assert.Equal(isAllowed, order is Verdict.Violated);
        if (order is Verdict.Violated violated)
        {
            var reduced = violated.Counterexample.Distilled!.Reduced!;
            Assert.IsType<Verdict.Violated>(Verdict(reduced, memory, model, Counterexample.ReducedClaim));
            Assert.IsType<Verdict.Holds>(Verdict(reduced, memory, "sc", Counterexample.ReducedClaim)); // it needs the model as the whole one does
        }
    }

    [Fact] // a model that reads in any order finds the execution, and then its program is asked under one that keeps the dependency
    public void A_dependency_between_rows_is_one_in_their_program()
    {
        foreach (var (read, allowed) in new[] { ("b=x@a", false), ("b=x", true) })
        {
            var (program, memory) = ShapeParser.Parse($"x=1; mb; y=1 || a=y; {read}; c=sel(a,b,1); bug c=0", "");
            var lax = Model.Parse("empty rf & id", "lax.cat", _ => null);
            var found = Assert.IsType<Verdict.Violated>(Verdict(program, memory, lax, ShapeParser.Claim));
            var reduced = found.Counterexample.Distilled!.Reduced!;
            Assert.Equal(allowed, Verdict(reduced, memory, "armv8", Counterexample.ReducedClaim) is Verdict.Violated);
        }
    }

    private static IEnumerable<string> Texts(Counterexample shown) =>
        shown.Steps.SkipLast(1).Select(s => s.Location.Length == 0 ? s.Operation : $"{s.Operation} {s.Location}");

    private static Verdict Verdict(Program program, FlatMemory memory, string model, string claim) => Verdict(program, memory, Models.Named(model), claim);

    private static Verdict Verdict(Program program, FlatMemory memory, Model model, string claim) =>
        Checker.Check(program, memory, model, claim, new CheckOptions(), cancellation: TestContext.Current.CancellationToken).Verdict;

    private static Counterexample Find(string text, string condition)
    {
        var (program, memory) = ShapeParser.Parse(text, condition);
        return Assert.IsType<Verdict.Violated>(Verdict(program, memory, "sc", ShapeParser.Claim)).Counterexample;
    }
}
