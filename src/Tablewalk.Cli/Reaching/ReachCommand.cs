using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Ir;
using Tablewalk.Judge;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>What is asked of <c>tablewalk reach</c>.</summary>
/// <param name="Scenarios">Names of scenarios; all if none.</param>
/// <param name="Format">text, markdown or json.</param>
/// <param name="Jobs">Worker threads.</param>
/// <param name="Timeout">When to give up each scenario; null for never.</param>
/// <param name="Megabytes">The memory that the process may have; null for three quarters of the machine's.</param>
internal sealed record ReachRequest(ImmutableArray<string> Scenarios, string Format, int Jobs, TimeSpan? Timeout, int? Megabytes);

/// <summary><c>tablewalk reach</c>: to which shared accesses, fences, flushes, sections, waits and claims of <c>Mm</c> the executions of scenarios come.</summary>
internal static class ReachCommand
{
    /// <summary>Looks at the scenarios and prints the places.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="InputException">A scenario is unknown, or cannot be set up or lifted.</exception>
    public static int Run(ImmutableArray<ScenarioDescription> catalog, ReachRequest request, Session session)
    {
        ImmutableArray<ScenarioDescription> scenarios = Select(catalog, request.Scenarios);
        ImmutableArray<ReachedPlace> places = Reach(scenarios, request, session, out int open);
        session.Out.Write(request.Format switch
        {
            "json" => ReachReport.Json(places),
            "markdown" => ReachReport.Markdown(places),
            _ => ReachReport.Text(places),
        });
        return open > 0 ? ExitCode.LimitHit : ExitCode.Holds;
    }

    /// <summary>All places, with the scenarios that reach each.</summary>
    private static ImmutableArray<ReachedPlace> Reach(ImmutableArray<ScenarioDescription> scenarios, ReachRequest request, Session session, out int open)
    {
        ImmutableArray<IntrinsicCall> all = ReachedPlace.All;
        var models = new ModelCatalog(CheckRequest.ModelOption);
        var reachedBy = all.ToDictionary(call => call, _ => ImmutableArray.CreateBuilder<string>());
        var runner = new ReachRunner(models, reachedBy.Keys.ToHashSet());
        var progress = new ProgressLine(session);
        int left = scenarios.Length;
        int stopped = 0;
        using var limits = new Limits(session.Cancellation, request.Timeout, request.Megabytes);
        IWork Begin(ScenarioDescription scenario, Limit limit)
        {
            void OnReached(IReadOnlySet<IntrinsicCall> reached)
            {
                left--;
                foreach (IntrinsicCall call in reached)
                {
                    reachedBy[call].Add(scenario.Name);
                }
            }

            void OnLimit(string reason)
            {
                left--;
                stopped++;
                progress.Clear();
                session.Error.WriteLine($"{scenario.Name}: inconclusive: {reason}; what it reaches is left out");
            }

            return runner.Begin(scenario, limit, progress, OnReached, OnLimit);
        }

        if (limits.TryPrepare("reading the models", session.Error, () => scenarios.SelectMany(s => s.Architectures).Distinct().ToList().ForEach(a => models.Load(Architectures.ModelOf(a)))))
        {
            OrderedWork.Run(scenarios, Begin, request.Jobs, limits);
        }

        progress.Clear();
        if (left > 0)
        {
            session.Error.WriteLine($"{limits.WhyOver ?? "a limit was reached"}: {left} of {scenarios.Length} scenarios were not begun");
        }

        open = left + stopped;
        return [.. all.Select(call => new ReachedPlace(call, reachedBy[call].ToImmutable()))];
    }

    private static ImmutableArray<ScenarioDescription> Select(ImmutableArray<ScenarioDescription> catalog, ImmutableArray<string> names)
    {
        ImmutableArray<InputError> errors = [.. CaseSelector.UnknownScenarios(catalog, names, "reach")];
        return errors.IsEmpty ? [.. catalog.Where(scenario => names.IsEmpty || names.Contains(scenario.Name))] : throw new InputException(errors);
    }
}
