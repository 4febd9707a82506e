using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Tablewalk.Cil.Tests.Fixtures;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>What is outside the subset is refused by name and place.</summary>
public sealed class RefusalTests
{
    private static IEnumerable<MethodInfo> Methods => typeof(Refused).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);

    public static TheoryData<string> Names => [.. Methods.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_construct_outside_the_subset_is_refused_at_its_place(string name)
    {
        var diagnostics = DiagnosticsOf(typeof(Refused).GetMethod(name)!);
        Assert.NotEmpty(diagnostics);
        foreach (var diagnostic in diagnostics)
        {
            Assert.Matches("^TW10[0-9][0-9]$", diagnostic.Code);
            Assert.Equal("tests/Tablewalk.Cil.Tests/Fixtures/Refused.cs", diagnostic.Place.File);
            Assert.True(diagnostic.Place.Line > 0);
        }
    }

    [Fact]
    public void The_messages_are_as_reviewed()
    {
        var text = new StringBuilder();
        foreach (var method in Methods)
        {
            text.Append(method.Name).Append('\n');
            foreach (var diagnostic in DiagnosticsOf(method))
            {
                text.Append($"  {diagnostic.Code}: {diagnostic.Place.Method}: {diagnostic.Message}\n    at: {diagnostic.Place.Text}\n");
            }
        }

        Golden.Check("Golden/refused.txt", text.ToString());
    }

    [Fact]
    public void A_diagnostic_prints_its_file_and_line_first()
    {
        var diagnostic = Assert.Single(DiagnosticsOf(typeof(Refused).GetMethod(nameof(Refused.DirectStore))!));
        Assert.Equal("tests/Tablewalk.Cil.Tests/Fixtures/Refused.cs", diagnostic.Place.File);
        Assert.Equal(
            $"{diagnostic.Place.File}:{diagnostic.Place.Line}: TW1003: Refused.DirectStore: writes 8 bytes through a pointer; Cpu is the only door to memory",
            diagnostic.ToString());
    }

    [Fact]
    public void An_instance_method_is_no_thread() =>
        Assert.Throws<ArgumentException>(() => Lifter.Lift(typeof(Animal).GetMethod(nameof(Animal.Eyes))!));

    [Fact]
    public void An_unknown_intrinsic_is_refused()
    {
        var options = new LiftOptions { IntrinsicClass = typeof(NewerCpu).FullName! };
        var method = typeof(NewerCpu.User).GetMethod(nameof(NewerCpu.User.Run))!;
        var diagnostic = Assert.Single(Assert.Throws<LiftException>(() => Lifter.Lift(method, options)).Diagnostics);
        Assert.Equal("TW1014", diagnostic.Code);
        Assert.Equal("public static void Run() => Teleport();", diagnostic.Place.Text);
    }

    private static ImmutableArray<Diagnostic> DiagnosticsOf(MethodInfo method) =>
        Assert.Throws<LiftException>(() => Lifter.Lift(method)).Diagnostics;
}
