using Tablewalk.Explore.Tests.Oracle;
using Xunit;

namespace Tablewalk.Explore.Tests.Classic;

/// <summary>The classic shapes, by the naive enumerator and the models' C# formulas: what the engine is then compared with.</summary>
public sealed class ShapeOracleTests
{
    public static TheoryData<string, string> Cases { get; } = ShapeCases.All();

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_formulas_give_the_published_verdict(string name, string model)
    {
        var shape = Shapes.Named(name);
        var (program, memory) = ShapeParser.Parse(shape.Program, shape.Condition);
        var reached = NaiveEnumerator.Candidates(program, memory)
            .Any(c => NaiveEnumerator.Broken(program, memory, c).Contains(ShapeParser.Claim) && ReferenceModels.Allowing(c).Contains(model));
        Assert.Equal(ShapeCases.Expected(shape, model), reached ? 'A' : 'F');
    }

    [Fact]
    public void No_two_shapes_have_one_name() => Assert.Distinct(Shapes.All.Select(s => s.Name));

    [Fact]
    public void There_are_enough_cases() => Assert.True(Cases.Count >= 120);
}

/// <summary>What each shape is under each model, where it is said.</summary>
internal static class ShapeCases
{
    internal static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (var shape in Shapes.All)
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
