using System.Diagnostics;
using Tablewalk.Cat;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;
using Tablewalk.Judge;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>Makes cases into pieces of work.</summary>
internal sealed class CaseRunner(CheckOptions options, ProgressLine? progress = null)
{
    private readonly CheckOptions _options = options with { Timeout = null }; // each case has its limit, which began before
    private static readonly TimeSpan s_mostOfEach = TimeSpan.FromSeconds(30); // a weakened program may have far more executions than the claim's own

    private readonly ModelCatalog _models = new(CheckRequest.ModelOption);
    private readonly ProgressLine? _progress = progress;

    /// <summary>Reads the models that the cases name, so that a broken one is reported before anything else is printed.</summary>
    /// <exception cref="InputException">A model is broken.</exception>
    public void LoadModels(IEnumerable<CheckCase> cases)
    {
        foreach (string model in cases.Select(check => check.Model).Distinct())
        {
            _models.Load(model);
        }
    }

    /// <summary>The work on one case: a verdict and, where a claim holds and it is asked for, what that rests on.</summary>
    /// <param name="check">The case.</param>
    /// <param name="limit">What ends the work.</param>
    /// <param name="onRow">Takes the verdict.</param>
    /// <param name="explanation">Takes the rest; null if it is not asked for.</param>
    /// <remarks>
    /// The work throws <see cref="InputException"/> if the scenario cannot be set up or lifted, or the model turns out to be broken on one of its executions.
    /// </remarks>
    public IWork Begin(CheckCase check, Limit limit, Action<ResultRow> onRow, IExplanationReader? explanation = null) =>
        new Work(this, check, limit, onRow, explanation);

    private sealed class Work(CaseRunner runner, CheckCase check, Limit limit, Action<ResultRow> onRow, IExplanationReader? explanation) : IWork
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly Headway _headway = new(limit, runner._progress);

        public void Do(Action<Action> tell)
        {
            runner._progress?.Begin($"{check.Scenario.Name} {check.Claim} {check.Architecture} {check.Model} {check.VariantText}");
            try
            {
                _headway.Enter("reading the model");
                Model model = runner._models.Load(check.Model);
                CheckResult result = CheckRunner.Run(check, model, runner._options, _headway, limit.Token);
                if (result.Verdict is Verdict.Inconclusive)
                {
                    limit.Token.ThrowIfCancellationRequested(); // if that is the reason
                }

                ResultRow row = RowOf(result);
                tell(() => onRow(row));
                if (explanation is not null && result.Verdict is Verdict.Holds)
                {
                    _headway.Enter("explaining");
                    CheckOptions each = runner._options with { Timeout = s_mostOfEach, Exhaustive = false };
                    foreach (Support support in CheckRunner.Explain(check, model, each, limit.Token))
                    {
                        tell(() => explanation.Take(support));
                    }

                    tell(() => explanation.End(null));
                }
            }
            catch (CatException broken)
            {
                throw ModelCatalog.Refusal(broken);
            }
        }

        public void GiveUp(Action<Action> tell, int told)
        {
            if (told > 0)
            {
                tell(() => explanation?.End(limit.Reason));
                return;
            }

            CheckProgress last = _headway.Last;
            ResultRow row = RowOf(new CheckResult(new Verdict.Inconclusive(_headway.Reason), last.Executions, last.Explored));
            tell(() => onRow(row));
        }

        private ResultRow RowOf(CheckResult result) =>
            new(check.Scenario.Name, check.Claim, check.Architecture, check.Model, check.Variants, result, _watch.Elapsed.TotalSeconds);
    }
}

/// <summary>Takes what a claim rests on, as it is found.</summary>
internal interface IExplanationReader
{
    /// <summary>Takes one thing.</summary>
    void Take(Support support);

    /// <summary>Nothing more comes.</summary>
    /// <param name="limit">The limit that left the rest open; null if that was all.</param>
    void End(string? limit);
}
