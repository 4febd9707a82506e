using System.Reflection;
using Tablewalk.Cil.Tests.Fixtures;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>How often methods are lifted.</summary>
public sealed class LiftedProceduresTests
{
    private static readonly MethodInfo s_generic = typeof(Numbers).GetMethod(nameof(Numbers.Of))!;

    [Fact]
    public void A_method_that_many_threads_ask_for_is_lifted_once()
    {
        var procedures = new LiftedProcedures();
        var method = typeof(Structs).GetMethod(nameof(Structs.EqualityOfMany))!;
        var found = new Procedure[50];
        Parallel.For(0, found.Length, i => found[i] = procedures.Of(method));
        Assert.All(found, procedure => Assert.Same(found[0], procedure));
        Assert.Equal(1, procedures.LiftCount);
        Assert.Equal(IrPrinter.Print(Lifter.Lift(method), withSource: true), IrPrinter.Print(found[0], withSource: true));
    }

    [Fact]
    public void Each_instantiation_is_lifted_once()
    {
        var procedures = new LiftedProcedures();
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("return 1", IrPrinter.Print(procedures.Of(s_generic.MakeGenericMethod(typeof(One)))), StringComparison.Ordinal);
            Assert.Contains("return 2", IrPrinter.Print(procedures.Of(s_generic.MakeGenericMethod(typeof(Two)))), StringComparison.Ordinal);
        }

        Assert.Equal(2, procedures.LiftCount);
    }

    [Fact]
    public void A_method_that_is_refused_is_refused_again_without_lifting()
    {
        var procedures = new LiftedProcedures();
        var method = typeof(Refused).GetMethod(nameof(Refused.Allocation))!;
        var first = Assert.Throws<LiftException>(() => procedures.Of(method));
        Assert.Equal(first.Diagnostics, Assert.Throws<LiftException>(() => procedures.Of(method)).Diagnostics);
        Assert.Equal(1, procedures.LiftCount);
    }

    private interface INumber
    {
        static abstract ulong Value { get; }
    }

    private readonly struct One : INumber
    {
        public static ulong Value => 1;
    }

    private readonly struct Two : INumber
    {
        public static ulong Value => 2;
    }

    private static class Numbers
    {
        public static ulong Of<T>()
            where T : INumber => T.Value;
    }
}
