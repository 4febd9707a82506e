using System.Reflection;
using System.Text;
using Tablewalk.Cil.Tests.Fixtures;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>What the lifter makes of small methods, line by line.</summary>
public sealed class GoldenIrTests
{
    [Theory]
    [InlineData(typeof(Intrinsics), "Golden/intrinsics.txt")]
    [InlineData(typeof(Dependencies), "Golden/dependencies.txt")]
    public void The_procedures_are_as_reviewed(Type fixture, string golden)
    {
        var text = new StringBuilder();
        foreach (var method in fixture.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
        {
            text.Append(IrPrinter.Print(Lifter.Lift(method))).Append('\n');
        }

        Golden.Check(golden, text.ToString());
    }

    [Fact]
    public void Known_arguments_are_computed_with_while_lifting()
    {
        var method = typeof(Memory).GetMethod(nameof(Memory.ReadsAndWrites))!;
        var lifted = Lifter.Lift(method, new LiftOptions { Arguments = [4096] });
        Assert.Equal(2, lifted.Parameters.Length);
        Assert.Contains("store.64 [0x1000] = r1", IrPrinter.Print(lifted), StringComparison.Ordinal);
    }

    [Fact]
    public void Lifting_on_many_threads_gives_the_same()
    {
        var method = typeof(Structs).GetMethod(nameof(Structs.EqualityOfMany))!;
        var expected = IrPrinter.Print(Lifter.Lift(method));
        Parallel.For(0, 50, _ => Assert.Equal(expected, IrPrinter.Print(Lifter.Lift(method))));
    }

    [Fact]
    public void Lifting_twice_gives_the_same() =>
        Assert.Equal(
            IrPrinter.Print(Lifter.Lift(typeof(Memory).GetMethod(nameof(Memory.Atomics))!), withSource: true),
            IrPrinter.Print(Lifter.Lift(typeof(Memory).GetMethod(nameof(Memory.Atomics))!), withSource: true));
}
