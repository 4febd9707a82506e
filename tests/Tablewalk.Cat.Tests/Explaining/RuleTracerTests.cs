using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Tests.Models;
using Xunit;

namespace Tablewalk.Cat.Tests.Explaining;

/// <summary>What a broken constraint is told by.</summary>
public sealed class RuleTracerTests
{
    [Theory]
    [InlineData("armv8", "Wx=1 mb Wy=1 | Ry=1 Rx=0:addr", "2->4 bob (lob > certain): [EM] ; po ; [dmb.full] ; po ; [EM | mmu-fault], 4->5 rfe (obs), 5->6 addr (lob > certain > dob > dependency), 6->2 fre (obs)")]
    [InlineData("armv8", "Wx=1 wmb Wy=1 | Ry=1 isb Rx=0:ctrl", null)]
    [InlineData("armv8", "Rx=1 Wx=1", "1->2 po-loc, 2->1 rf (com)")]
    [InlineData("x86-tso", "Wx=1 mb Ry=0 | Wy=1 mb Rx=0", "2->4 fence: epo ; [MFENCE | TLBI] ; epo, 4->5 fr (obs), 5->7 fence: epo ; [MFENCE | TLBI] ; epo, 7->2 fr (obs)")]
    [InlineData("sc", "Wx=1 Ry=0 | Wy=1 Rx=0", "2->3 po, 3->4 fr (happens), 4->5 po, 5->2 fr (happens)")]
    public void A_cycle_is_told_by_the_models_own_names(string model, string shape, string? expected)
    {
        var (broken, _) = Break(ModelFiles.Load(model), shape);
        Assert.Equal(expected, broken is null ? null : string.Join(", ", broken.Steps.Select(Text)));
    }

    [Fact]
    public void A_pair_that_should_not_be_is_told_by_each_part_of_the_intersection()
    {
        var model = Interpretation.Cat.Read("empty rmw & (fre ; coe) as atomic");
        var (broken, _) = Break(model, "Ux=0>2 | Wx=1");
        Assert.Equal("1->2 rmw, 1->3 fre, 3->2 coe", string.Join(", ", broken!.Steps.Select(Text)));
    }

    [Theory]
    [InlineData("acyclic (po | rf | fr)+ as it", "2->3 po, 3->4 rf, 4->5 po, 5->2 fr")]
    [InlineData("let rec hb = po | rf | fr | hb ; hb\nirreflexive hb as it", "2->3 po, 3->4 rf, 4->5 po, 5->2 fr")]
    [InlineData("let step = po ; rf\nirreflexive step ; po ; fr as it", "2->4 step: po ; rf, through 3, 4->5 po, 5->2 fr")]
    [InlineData("let order(r) = r | po\nacyclic order(rfe | fre) as it", "2->3 po, 3->4 rfe, 4->5 po, 5->2 fre")]
    public void Closures_recursions_sequences_and_functions_are_followed(string text, string expected)
    {
        var model = Interpretation.Cat.Read(text);
        var constraint = model.Constraints[^1];
        var execution = Shape.Parse(Interpretation.Cat.MessagePassing).ToExecution();
        var broken = model.Explain(constraint, execution);
        Assert.Equal(expected, string.Join(", ", broken!.Steps.Select(Text)));
    }

    [Theory] // each step is a pair of the relation that it is named after, and they close
    [InlineData("armv8", "Wx=1 mb Wy=1 | Ry=1 Rx=0:addr")]
    [InlineData("armv8", "Wx.L=1 Ry.A=0 | Wy.L=1 Rx.A=0")]
    [InlineData("armv8", "Rx=1 Wy=1:data | Ry=1 Wx=1:ctrl")]
    [InlineData("x86-tso", "Wx=1 Uz=0>1 Ry=0 | Wy=1 Uw=0>1 Rx=0")]
    [InlineData("sc", "Wx=1 Wy=1 | Ry=1 Rx=0")]
    public void Steps_are_what_they_are_called(string name, string shape)
    {
        var text = File.ReadAllText(Path.Combine(ModelFiles.Folder, name + ".cat"));
        var (broken, execution) = Break(ModelFiles.Load(name), shape);
        var steps = broken!.Steps;
        Assert.All(steps.Zip(steps.Skip(1).Append(steps[0])), p => Assert.Equal(p.First.To, p.Second.From));
        foreach (var step in steps)
        {
            foreach (var relation in step.Names)
            {
                var probe = Model.Parse($"{text}\nempty {relation} as probe", name, _ => null);
                Assert.True(new FullEvaluator(probe, execution).Relation(probe.Constraints[^1].Expression!).Contains(step.From, step.To), $"{relation} {step.From}->{step.To}");
            }
        }
    }

    [Fact]
    public void A_model_without_a_constraint_allows_what_that_alone_forbids()
    {
        var model = ModelFiles.Load("armv8");
        var execution = Shape.Parse("Wx=1 mb Wy=1 | Ry=1 Rx=0:addr").ToExecution();
        var external = model.Constraints[^1];
        Assert.Equal("external", model.Evaluate(execution)?.Name);
        Assert.Null(model.Without(external).Evaluate(execution));
        Assert.Equal("external", model.Without(model.Constraints[0]).Evaluate(execution)?.Name);
    }

    private static (BrokenRule? Broken, Execution Execution) Break(Model model, string shape)
    {
        var execution = Shape.Parse(shape).ToExecution();
        return (model.Evaluate(execution) is { } constraint ? model.Explain(constraint, execution) : null, execution);
    }

    private static string Text(RuleStep step) =>
        $"{step.From}->{step.To} {step.Label}"
        + (step.Names.Length > 1 ? $" ({string.Join(" > ", step.Names[..^1])})" : "")
        + (step.Rule.Length > 0 && !step.Names.IsEmpty ? $": {step.Rule}" : "")
        + (step.Through.IsEmpty || step.Rule.Contains('[', StringComparison.Ordinal) ? "" : $", through {string.Join(' ', step.Through)}");
}
