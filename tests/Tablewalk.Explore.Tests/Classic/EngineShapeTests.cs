using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Tests.Support;
using Xunit;

namespace Tablewalk.Explore.Tests.Classic;

/// <summary>The classic shapes, by the engine.</summary>
public sealed class EngineShapeTests
{
    public static TheoryData<string, string> Cases { get; } = ShapeCases.Of(Shapes.All);

    public static TheoryData<string, string> TranslationCases { get; } = ShapeCases.Of(TranslationShapes.All);

    [Theory]
    [MemberData(nameof(Cases))]
    [MemberData(nameof(TranslationCases))]
    public void The_engine_gives_the_published_verdict(string name, string model)
    {
        var shape = Shapes.Named(name);
        var (program, memory) = ShapeParser.Parse(shape.Program, shape.Condition);
        var verdict = Checker.Check(
            program, memory, Models.Named(model), ShapeParser.Claim, new CheckOptions(), cancellation: TestContext.Current.CancellationToken).Verdict;
        Assert.Equal(ShapeCases.Expected(shape, model), verdict switch { Verdict.Violated => 'A', Verdict.Holds => 'F', _ => '?' });
    }
}
