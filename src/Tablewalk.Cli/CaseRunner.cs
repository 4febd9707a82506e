using System.Diagnostics;
using Tablewalk.Cat;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>Runs cases, one after the other with progress, or several at a time without.</summary>
internal sealed class CaseRunner(Session session, CheckOptions options, ProgressLine? progress = null)
{
    private static readonly TimeSpan s_mostOfEach = TimeSpan.FromSeconds(30); // a weakened program may have far more executions than the claim's own

    private readonly ModelCatalog _models = new();

    /// <summary>Reads the models that the cases name, so that a broken one is reported before anything else is printed.</summary>
    /// <exception cref="InputException">A model is broken.</exception>
    public void LoadModels(IEnumerable<CheckCase> cases)
    {
        foreach (string model in cases.Select(check => check.Model).Distinct())
        {
            _models.Load(model);
        }
    }

    /// <summary>What a claim that holds rests on, as it is found.</summary>
    /// <exception cref="InputException">The scenario cannot be set up or lifted.</exception>
    public IEnumerable<Support> Explain(CheckCase check)
    {
        CheckOptions each = options with { Timeout = options.Timeout ?? s_mostOfEach, Exhaustive = false };
        return CheckRunner.Explain(check, _models.Load(check.Model), each, session.Cancellation);
    }

    /// <summary>Runs one case.</summary>
    /// <exception cref="InputException">The scenario cannot be set up or lifted, or the model turned out to be broken on one of its executions.</exception>
    public ResultRow Run(CheckCase check)
    {
        progress?.Begin($"{check.Scenario.Name} {check.Claim} {check.Architecture} {check.Model} {check.VariantText}");
        var watch = Stopwatch.StartNew();
        try
        {
            CheckResult result = CheckRunner.Run(check, _models.Load(check.Model), options, progress, session.Cancellation);
            return new ResultRow(
                check.Scenario.Name, check.Claim, check.Architecture, check.Model, check.Variants, result, watch.Elapsed.TotalSeconds);
        }
        catch (CatException broken)
        {
            throw ModelCatalog.Refusal(broken);
        }
        finally
        {
            progress?.Clear();
        }
    }
}
