using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Ir;
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

    private static void AssertLifts(Type type)
    {
        var methods = type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(m => m.IsDefined(typeof(ThreadAttribute)) || m.IsDefined(typeof(FinalAttribute))).ToList();
        Assert.Contains(methods, m => m.IsDefined(typeof(ThreadAttribute)));
        foreach (var method in methods)
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
