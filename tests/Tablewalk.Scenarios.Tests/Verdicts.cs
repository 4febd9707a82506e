using Tablewalk.Cli;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Judge;
using Xunit;

namespace Tablewalk.Scenarios.Tests;

internal static class Verdicts
{
    /// <summary>Whether a claim holds, with the default of each variant that is not chosen; under the architecture's model.</summary>
    internal static bool Holds(string name, string architecture, string claim, params (string Name, string Value)[] chosen) =>
        HoldsUnder(architecture == "arm64" ? "armv8" : "x86-tso", name, architecture, claim, chosen);

    internal static bool HoldsUnder(string model, string name, string architecture, string claim, params (string Name, string Value)[] chosen) =>
        Of(model, name, architecture, claim, new CheckOptions(), chosen).Verdict is Verdict.Holds;

    /// <summary>What a check establishes; a limit is a failure.</summary>
    internal static CheckResult Of(
        string model, string name, string architecture, string claim, CheckOptions options, params (string Name, string Value)[] chosen)
    {
        ScenarioDescription scenario = Catalog.All.Single(candidate => candidate.Name == name);
        Dictionary<string, string> variants = scenario.Variants.ToDictionary(
            static variant => variant.Name, variant => variant.DefaultOn(architecture), StringComparer.Ordinal);
        foreach ((string variant, string value) in chosen)
        {
            variants[variant] = value;
        }

        return Of(scenario.Instantiate(new ScenarioSelection(architecture, claim, variants)), name, model, claim, options);
    }

    /// <summary>The same for a closed type that has the methods of a scenario.</summary>
    internal static CheckResult Of(Type scenario, string name, string model, string claim, CheckOptions options)
    {
        CheckResult result = CheckRunner.Run(
            scenario, name, claim, new ModelCatalog().Load(model), options, cancellation: TestContext.Current.CancellationToken);
        Assert.IsNotType<Verdict.Inconclusive>(result.Verdict);
        return result;
    }
}
