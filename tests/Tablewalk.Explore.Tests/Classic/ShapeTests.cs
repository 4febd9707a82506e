using Tablewalk.Explore.Tests.Oracle;
using Tablewalk.Explore.Tests.Support;
using Xunit;

namespace Tablewalk.Explore.Tests.Classic;

/// <summary>The classic shapes, by the naive enumerator, the models' full evaluator and their C# formulas: what the engine is then compared with.</summary>
public sealed class ShapeOracleTests
{
    public static TheoryData<string, string> Cases { get; } = ShapeCases.Of(Shapes.All);

    public static TheoryData<string, string> TranslationCases { get; } = ShapeCases.Of(TranslationShapes.All);

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_models_and_their_formulas_give_the_published_verdict(string name, string model)
    {
        var (shape, reached) = Reached(name);
        Assert.Equal(ShapeCases.Expected(shape, model), reached.Exists(c => Models.Allows(model, c)) ? 'A' : 'F');
        Assert.Equal(ShapeCases.Expected(shape, model), reached.Exists(c => ReferenceModels.Allowing(c)?.Contains(model) == true) ? 'A' : 'F');
    }

    [Theory] // the C# formulas say nothing about the MMU
    [MemberData(nameof(TranslationCases))]
    public void The_models_give_the_verdicts_on_translation(string name, string model)
    {
        var (shape, reached) = Reached(name);
        Assert.Equal(ShapeCases.Expected(shape, model), reached.Exists(c => Models.Allows(model, c)) ? 'A' : 'F');
    }

    [Fact]
    public void No_two_shapes_have_one_name() => Assert.Distinct(Shapes.All.Concat(TranslationShapes.All).Select(s => s.Name));

    [Fact]
    public void There_are_enough_cases() => Assert.True(Cases.Count >= 120);

    private static (Shape Shape, List<Candidate> Candidates) Reached(string name)
    {
        var shape = Shapes.Named(name);
        var (program, memory) = ShapeParser.Parse(shape.Program, shape.Condition);
        return (shape, [.. NaiveEnumerator.Candidates(program, memory).Where(c => NaiveEnumerator.Broken(program, memory, c).Contains(ShapeParser.Claim))]);
    }
}

/// <summary>What each shape is under each model, where it is said.</summary>
internal static class ShapeCases
{
    internal static TheoryData<string, string> Of(IEnumerable<Shape> shapes)
    {
        var data = new TheoryData<string, string>();
        foreach (var shape in shapes)
        {
            foreach (var model in Shape.Models.Where(m => Expected(shape, m) != '-'))
            {
                data.Add(shape.Name, model);
            }
        }

        return data;
    }

    internal static char Expected(Shape shape, string model) => shape.Expected[Array.IndexOf(Shape.Models, model)];
}
