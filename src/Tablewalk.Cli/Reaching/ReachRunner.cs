using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Ir;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>Looks to which places of <c>Mm</c> the executions of scenarios come.</summary>
internal sealed class ReachRunner(ModelCatalog models, IReadOnlySet<IntrinsicCall> places)
{
    // By a count and not by time, so that the answer is the same everywhere. Most scenarios need some hundreds.
    private const long MostPartialExecutions = 20_000;

    /// <summary>The work on one scenario: on each of its architectures with everything at its default, and with each value of each variant in turn.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="limit">What ends it.</param>
    /// <param name="progress">Told what is looked at.</param>
    /// <param name="onReached">Takes the places that it reaches.</param>
    /// <param name="onLimit">Takes why it did not come to its end; <paramref name="onReached"/> is not called then.</param>
    public IWork Begin(ScenarioDescription scenario, Limit limit, ProgressLine progress, Action<IReadOnlySet<IntrinsicCall>> onReached, Action<string> onLimit) =>
        new Work(this, scenario, limit, progress, onReached, onLimit);

    /// <summary>The cases of a scenario that differ in code or set-up.</summary>
    private static IEnumerable<(CheckCase Case, Type Type)> CasesOf(ScenarioDescription scenario)
    {
        var seen = new HashSet<(Type, string)>();
        foreach (string architecture in scenario.Architectures)
        {
            foreach (string claim in scenario.Claims)
            {
                CheckCase standard = new CheckCase(scenario, claim, architecture, Architectures.ModelOf(architecture), []).WithDefaults();
                IEnumerable<CheckCase> others =
                    from variant in scenario.Variants
                    where variant.IsFor(claim)
                    from value in variant.Values
                    select standard.With(variant.Name, value);
                foreach (CheckCase check in others.Prepend(standard))
                {
                    if (check.TypeOrNull() is { } type && seen.Add((type, architecture)))
                    {
                        yield return (check, type);
                    }
                }
            }
        }
    }

    private HashSet<IntrinsicCall> PlacesOf(ScenarioDescription scenario, Limit limit, Action<string> tellWhat)
    {
        var reached = new HashSet<IntrinsicCall>();
        foreach ((CheckCase check, Type type) in CasesOf(scenario))
        {
            tellWhat($"{scenario.Name} {check.Architecture} {check.VariantText}");
            using var arena = new Arena();
            Ir.Program program = CheckRunner.Prepare(type, scenario.Name, arena, progress: null, limit.Token);
            ImmutableHashSet<IntrinsicCall> wanted =
            [
                .. program.Threads.SelectMany(thread => thread.Code.Blocks).SelectMany(block => block.Body).Select(step => step.Call).OfType<IntrinsicCall>()
                    .Where(call => places.Contains(call) && !reached.Contains(call)),
            ];
            if (!wanted.IsEmpty)
            {
                reached.UnionWith(Checker.CallsReached(program, new ArenaMemory(arena), models.Load(check.Model), wanted, MostPartialExecutions, limit.Token));
            }
        }

        return reached;
    }

    private sealed class Work(
        ReachRunner runner, ScenarioDescription scenario, Limit limit, ProgressLine progress, Action<IReadOnlySet<IntrinsicCall>> onReached, Action<string> onLimit) : IWork
    {
        public void Do(Action<Action> tell)
        {
            try
            {
                HashSet<IntrinsicCall> reached = runner.PlacesOf(scenario, limit, progress.Begin);
                tell(() => onReached(reached));
            }
            catch (CatException broken)
            {
                throw ModelCatalog.Refusal(broken);
            }
        }

        public void GiveUp(Action<Action> tell, int told) => tell(() => onLimit(limit.Reason));
    }
}
