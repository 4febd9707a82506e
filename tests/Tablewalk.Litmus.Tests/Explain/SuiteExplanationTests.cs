using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Explore.Explain;
using Tablewalk.Judge;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Explain;

/// <summary>Explanations of our own suite.</summary>
public sealed class SuiteExplanationTests
{
    public static TheoryData<string> Forbidden =>
    [
        .. File.ReadLines(Path.Combine(Folder, KindsFile.DefaultName)).Where(l => l.EndsWith("Forbidden", StringComparison.Ordinal)).Select(l => l.Split('\t')[0]),
    ];

    private static string Folder => Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite");

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void What_is_forbidden_is_explained_by_a_rule_and_rests_only_on_what_it_is_reached_without(string name)
    {
        var file = Path.Combine(Folder, name + ".litmus");
        Assert.True(LitmusParser.TryParse(File.ReadAllText(file), file, out var test, out _));
        Assert.Null(LitmusProgram.Compile(test, out var program));
        var model = new ModelCatalog().Load(LitmusRunner.ModelOf(test.Architecture)!);
        bool IsOutcome(ExecutionView view) => new LitmusRunner.FinalState(view) is var final && program!.Passes(final) && program.Holds(final);
        var forbidden = new OutcomeExplainer(program!.Program, program.Memory, model, IsOutcome, program.NumbersOfCondition)
            .WhyForbidden(null, TestContext.Current.CancellationToken);
        var rule = Assert.IsType<BrokenRule>(forbidden.Rule);
        if (rule.Constraint.Kind == ConstraintKind.Acyclic)
        {
            Assert.All(rule.Steps.Zip(rule.Steps.Skip(1).Append(rule.Steps[0])), p => Assert.Equal(p.First.To, p.Second.From));
        }

        Assert.All(forbidden.RestsOn.Where(w => w.Kind != WeakeningKind.Dependency), w =>
            Assert.True(new OutcomeExplainer(w.Program, program.Memory, model, IsOutcome, []).IsReached(TestContext.Current.CancellationToken)));
    }
}
