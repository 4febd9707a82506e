using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Declare;
using Tablewalk.Ir;
using Tablewalk.Mm;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Cil.Tests;

/// <summary>Everything that the product checks can be lifted.</summary>
public sealed class CatalogTests
{
    public static TheoryData<string, string> Claims =>
        new(Catalog.All.SelectMany(s => s.Claims.Select(claim => (s.Name, claim))));

    [Theory]
    [MemberData(nameof(Claims))]
    public void Every_method_of_every_variant_lifts(string name, string claim)
    {
        var scenario = Catalog.All.Single(s => s.Name == name);
        foreach (var architecture in scenario.Architectures)
        {
            foreach (var variants in Combinations(scenario.Variants))
            {
                AssertLifts(scenario.Instantiate(new ScenarioSelection(architecture, claim, variants)));
            }
        }
    }

    [Fact]
    public void Every_mutation_lifts()
    {
        foreach (var mutation in Catalog.Mutations)
        {
            AssertLifts(mutation.Original);
            AssertLifts(mutation.Mutated);
        }
    }

    [Theory]
    [MemberData(nameof(Claims))]
    public void Lifted_threads_leave_the_arena_as_native_ones_do(string name, string claim)
    {
        var scenario = Catalog.All.Single(s => s.Name == name);
        foreach (var architecture in scenario.Architectures)
        {
            var variants = scenario.Variants.ToDictionary(v => v.Name, v => v.DefaultOn(architecture));
            var type = scenario.Instantiate(new ScenarioSelection(architecture, claim, variants));
            var threads = MethodsOf<ThreadAttribute>(type);
            AssertAgrees(type, threads);
            AssertAgrees(type, [.. threads.AsEnumerable().Reverse()]);
        }
    }

    private static List<MethodInfo> MethodsOf<TAttribute>(Type type)
        where TAttribute : Attribute =>
        [.. type.GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.IsDefined(typeof(TAttribute)))];

    private static unsafe void AssertAgrees(Type type, List<MethodInfo> threads)
    {
        using var native = new Arena();
        using var lifted = new Arena();
        var setup = MethodsOf<SetupAttribute>(type).Single();
        var nativeState = (nint)setup.Invoke(null, [native])!;
        var liftedState = (nint)setup.Invoke(null, [lifted])!;
        Assert.True(Bytes(native).SequenceEqual(Bytes(lifted)));
        foreach (var thread in threads)
        {
            var state = Pointer.Box((void*)nativeState, thread.GetParameters()[0].ParameterType);
            Cpu.SeedChoices(1);
            var expected = (ulong)thread.Invoke(null, [state])!;
            Cpu.SeedChoices(1);
            Assert.Equal(expected, Interpreter.Run(Lifter.Lift(thread), (ulong)liftedState));
            Assert.True(Bytes(native).SequenceEqual(Bytes(lifted)), $"memory differs after {thread.Name}");
        }
    }

    private static unsafe ReadOnlySpan<byte> Bytes(Arena arena) => new(arena.Base, (int)Arena.LengthBytes);

    private static void AssertLifts(Type type)
    {
        var threads = MethodsOf<ThreadAttribute>(type);
        Assert.NotEmpty(threads);
        foreach (var method in threads.Concat(MethodsOf<FinalAttribute>(type)))
        {
            var procedure = Lifter.Lift(method);
            Assert.Empty(Verifier.Check(procedure));
            Assert.Equal(method.GetParameters().Length, procedure.Parameters.Length);
            foreach (var instruction in procedure.Blocks.SelectMany(b => b.Body))
            {
                Assert.NotNull(instruction.Source);
                Assert.StartsWith("src/Tablewalk.", instruction.Source.File, StringComparison.Ordinal);
                Assert.NotEqual("", instruction.Source.Text);
            }
        }
    }

    private static IEnumerable<ImmutableDictionary<string, string>> Combinations(ImmutableArray<VariantDescription> variants)
    {
        IEnumerable<ImmutableDictionary<string, string>> all = [ImmutableDictionary<string, string>.Empty];
        return variants.Aggregate(all, (some, variant) => some.SelectMany(_ => variant.Values, (chosen, value) => chosen.Add(variant.Name, value)));
    }
}
