using Tablewalk.Cat.Tests.Models;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cat.Tests.Style;

/// <summary>Whole models in the styles that people write, in our words, on the classic shapes. All evaluators judge each.</summary>
public sealed class StyleTests
{
    private static readonly Model s_sc = ModelFiles.Load("sc");
    private static readonly Model s_tso = ModelFiles.Load("x86-tso");

    /// <summary>Shapes whose verdicts under sc and x86-tso are those of the models that come with the program.</summary>
    public static TheoryData<string> Shapes =>
    [
        "Wx=1 Ry=0 | Wy=1 Rx=0", "Wx=1 mfence Ry=0 | Wy=1 mfence Rx=0", "Wx=1 mfence Ry=0 | Wy=1 Rx=0", "Ux=0>1 Ry=0 | Uy=0>1 Rx=0", "Wx=1 Rx=1 Ry=0 | Wy=1 Ry=1 Rx=0",
        "Wx=1 Wy=1 | Ry=1 Rx=0", "Wx=1 Wy=1 | Ry=1 Rx=1", "Wx=1 Wy=1 | Ry=0 Rx=1", "Rx=1 Wy=1 | Ry=1 Wx=1", "Rx=0 Wy=1 | Ry=1 Wx=1",
        "Wx=2 Wy=1 | Ry=1 Wx=1", "Wx=1 Wy=1 | Wy=2 Rx=0", "Wx=1 Wy=1 | Wy=2 Rx=1", "Wx=2 Wy=1 | Wy=2 Wx=1", "Wx=1 Wy=1 | Wy=2 Wx=2",
        "Wx=1 | Wy=1 | Rx=1 Ry=0 | Ry=1 Rx=0", "Wx=1 | Rx=1 Wy=1 | Ry=1 Rx=0", "Wx=1 | Rx=1 Wy=1 | Ry=1 Rx=1",
        "Wx=1 | Rx=1 Rx=0", "Wx=2 Wx=1", "Rx=1 Wx=1", "Wx=2 | Rx=2 Wx=1", "Wx=1 Rx=0", "Wx=1 Wx=2 | Rx=1 Rx=2", "Wx=1 Wx=2 | Rx=2 Rx=1",
        "Ux.rlx=0>1 | Ux.rlx=0>2", "Ux.rlx=0>1 | Ux.rlx=1>2", "Ux.llsc=0>2 | Wx=1",
    ];

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "*.cat").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    internal static string Folder { get; } = Repository.PathOf("tests", "Tablewalk.Cat.Tests", "Style", "Files");

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Models_of_sequential_consistency_agree(string shape)
    {
        var parsed = Shape.Parse(shape);
        var isForbidden = parsed.BrokenBy(s_sc) is not null;
        Assert.Equal(isForbidden, parsed.BrokenBy(Load("sc-chosen-coherence")) is not null);
        Assert.Equal(isForbidden, parsed.BrokenBy(Load("sc-total-order")) is not null);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_model_that_goes_through_locations_agrees_with_x86_tso(string shape)
    {
        var parsed = Shape.Parse(shape);
        Assert.Equal(parsed.BrokenBy(s_tso) is not null, parsed.BrokenBy(Load("tso-by-location")) is not null);
    }

    [Theory]
    [InlineData("Wx=1 Wy.L=1 | Ry.A=1 Rx=0", null)]
    [InlineData("Wx=1 Wy.L=1 | Ry.A=1 Rx=1", "")]
    [InlineData("Wx=1 Wy.L=1 | Ry.A=0 Rx=0", "data-race")]
    [InlineData("Wx=1 Wy=1 | Ry=1 Rx=0", "data-race")]
    [InlineData("Wx.L=1 Wy.L=1 | Ry.A=1 Rx.A=0", null)]
    [InlineData("Wx.L=1 Ry.A=0 | Wy.L=1 Rx.A=0", "")]
    [InlineData("Wx=1 Ry=0 | Wy=1 Rx=0", "data-race")]
    [InlineData("Rx.A=1 Wy.L=1 | Ry.A=1 Wx.L=1", null)]
    [InlineData("Wx.L=1 Wx.L=2 | Rx.A=2 Rx.A=1", null)]
    [InlineData("Wx.L=1 | Wx.L=2 | Rx.A=1 Rx.A=2", "")]
    [InlineData("Wx=1 Uy=0>1 | Uy=1>2 Rx=0", null)]
    [InlineData("Wx=1 Uy=0>1 | Uy.rlx=1>2 | Ry.A=2 Rx=0", null)]
    [InlineData("Ux=0>1 | Ux=0>2", null)]
    [InlineData("Wx=1 Wy.L=1 | Ry.A=1 Wz.L=1 | Rz.A=1 Rx=0", null)]
    [InlineData("Wx=1 Wx=2", "")]
    public void A_model_of_C_forbids_and_flags(string shape, string? flags)
    {
        var parsed = Shape.Parse(shape);
        var model = Load("c11-like");
        Assert.Equal(flags is null, parsed.BrokenBy(model) is not null);
        Assert.Equal(flags, parsed.FlagsUnder(model) is { } raised ? string.Join(' ', raised) : null);
    }

    [Theory]
    [InlineData("lock Rx=1 unlock | Wx=1", "")]
    [InlineData("lock lock Rx=1 unlock unlock lock unlock | Wx=1", "")]
    [InlineData("lock Rx=1 | Wx=1", "unbalanced-lock")]
    [InlineData("Rx=1 unlock unlock | Wx=1", "unbalanced-unlock")]
    [InlineData("unlock Rx=1 lock | Wx=1", "unbalanced-lock unbalanced-unlock")]
    [InlineData("lock gp Rx=1 unlock | Wx=1", "sleeps-inside")]
    [InlineData("gp lock Rx=1 unlock gp | Wx=1", "")]
    [InlineData("lock Rx=1 Ry=0 unlock | Wy=1 gp Wx=1", null)]
    [InlineData("lock Ry=0 lock unlock Rx=1 unlock | Wy=1 gp Wx=1", null)]
    [InlineData("lock Ry=0 unlock lock Rx=1 unlock | Wy=1 gp Wx=1", "")]
    [InlineData("Rx=1 Ry=0 | Wy=1 gp Wx=1", "")]
    [InlineData("lock Rx=1 Ry=0 unlock | Wy=1 Wx=1", "")]
    [InlineData("lock Rx=0 Rx=1 unlock | Wx=1", "")]
    [InlineData("lock Rx=1 Rx=0 unlock | Wx=1", null)]
    public void A_model_with_sections_matches_them(string shape, string? flags)
    {
        var parsed = Shape.Parse(shape);
        var model = Load("read-sections");
        Assert.Equal(flags is null, parsed.BrokenBy(model) is not null);
        Assert.Equal(flags, parsed.FlagsUnder(model) is { } raised ? string.Join(' ', raised) : null);
    }

    [Theory]
    [InlineData("Wx=1 dmb Wy=1 | Ry=1 Rx=0", false)]
    [InlineData("Wx=1 dmb Wy=1 | Ry=1 Rx=0:addr", true)]
    [InlineData("Wx=1 dmb Wy=1 | Ry=1 dmb Rx=0", true)]
    [InlineData("Wx=1 dmb Wy=1 | Ry=1 isb:ctrl Rx=0", true)]
    [InlineData("Wx=1 dmb Wy=1 | Ry=1 Rx=0:ctrl", false)]
    [InlineData("Wx=1 Ry=0 | Wy=1 Rx=0", false)]
    [InlineData("Wx=1 dmb Ry=0 | Wy=1 dmb Rx=0", true)]
    [InlineData("Rx=1 Wy=1 | Ry=1 Wx=1", false)]
    [InlineData("Rx=1 Wy=1:data | Ry=1 Wx=1:ctrl", true)]
    [InlineData("Rx=1 dmb Wy=1 | Ry=1 Wx=1:addr", true)]
    [InlineData("Wx=1 | Rx=1 Rx=0", true)]
    public void A_model_in_phases_judges_as_published(string shape, bool isForbidden) =>
        Assert.Equal(isForbidden, Shape.Parse(shape).BrokenBy(Load("two-phases")) is not null);

    /// <summary>What is written for complete executions only still prunes where it can.</summary>
    [Fact]
    public void The_constraints_that_need_no_choice_are_monotone()
    {
        Assert.DoesNotContain(Load("sc-chosen-coherence").Constraints, c => c.IsMonotone);
        Assert.Equal(["atomic", "ghb"], Load("tso-by-location").Constraints.Where(c => c.IsMonotone).Select(c => c.Name));
        Assert.Equal(["hb", "coherent", "atomicity", "no-thin-air"], Load("c11-like").Constraints.Where(c => c.IsMonotone).Select(c => c.Name));
        Assert.Equal(["coherence"], Load("read-sections").Constraints.Where(c => c.IsMonotone).Select(c => c.Name));
        Assert.All(Load("two-phases").Constraints, c => Assert.True(c.IsMonotone, c.ToString()));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_model_is_read(string file) => Assert.NotEmpty(Load(Path.GetFileNameWithoutExtension(file)).Constraints);

    private static Model Load(string name) => ModelFiles.Load(Path.Combine(Folder, name + ".cat"));
}
