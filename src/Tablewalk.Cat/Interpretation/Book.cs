using System.Collections.Frozen;
using System.Collections.Immutable;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Syntax;
using Tablewalk.Relations;

namespace Tablewalk.Cat.Interpretation;

/// <summary>A model as text, to be run on one execution at a time. May be shared between threads.</summary>
internal sealed class Book(CatFile prelude, CatFile model, SourceFiles files)
{
    /// <summary>For an execution; what is beyond would not end in a time that anybody waits for.</summary>
    private const int MostSteps = 20_000_000;

    private const int MostStepsOfProbe = 100_000;

    internal CatFile Prelude { get; } = prelude;

    internal CatFile Model { get; } = model;

    internal SourceFiles Files { get; } = files;

    /// <summary>Runs the model on an execution.</summary>
    /// <exception cref="CatException">The model turned out to be wrong.</exception>
    internal Outcome Run(Execution execution, IReadOnlySet<TestStatement> settled, bool wantsFlags)
    {
        var diagnostics = new List<Diagnostic>();
        var evaluator = new BookEvaluator(execution, Files, diagnostics, MostSteps, settled, wantsFlags);
        var passes = evaluator.Passes(Prelude, Model);
        return diagnostics.Count > 0
            ? throw new CatException([.. diagnostics])
            : passes ? new(null, null, [.. evaluator.Flags]) : new(evaluator.Failed, evaluator.FailedRelation, []);
    }

    /// <summary>Mistakes of kind that show only when a value is there: found by running the model on two small executions.</summary>
    internal IEnumerable<Diagnostic> Mistakes()
    {
        foreach (var probe in (Execution[])[new Execution(0), Probe()])
        {
            var diagnostics = new List<Diagnostic>();
            var evaluator = new BookEvaluator(probe, Files, diagnostics, MostStepsOfProbe, FrozenSet<TestStatement>.Empty, wantsFlags: true);
            evaluator.Passes(Prelude, Model);

            // That a probe takes long, or is not what the model asserts of executions, says nothing about real ones.
            var mistakes = diagnostics.Where(d => d.Code is not (DiagnosticCodes.TooLarge or DiagnosticCodes.FailedAssertion)).Distinct().ToList();
            if (mistakes.Count > 0)
            {
                return mistakes;
            }
        }

        return [];
    }

    /// <summary>Two threads that write and update one location, with a member in every set and a pair in every relation.</summary>
    private static Execution Probe()
    {
        const int Initial = 0, Write = 1, Fence = 2, LaterWrite = 3, Read = 4, Update = 5;
        var probe = new Execution(6);
        foreach (var set in Enum.GetValues<BaseSet>())
        {
            int[] members = set switch
            {
                BaseSet.R => [Read],
                BaseSet.W => [Initial, Write, LaterWrite, Update],
                BaseSet.IW => [Initial],
                _ => [Write, Fence, Read, Update],
            };
            Array.ForEach(members, e => probe.AddToSet(set, e));
        }

        foreach (var relation in Enum.GetValues<BaseRelation>())
        {
            (int, int)[] pairs = relation switch
            {
                BaseRelation.Po => [(Write, Fence), (Write, LaterWrite), (Fence, LaterWrite), (Read, Update)],
                BaseRelation.Int => [(Write, Fence), (Write, LaterWrite), (Fence, LaterWrite), (Read, Update)],
                BaseRelation.Rf => [(Write, Read)],
                BaseRelation.Co => [(Initial, Write), (Initial, Update), (Initial, LaterWrite), (Write, Update), (Write, LaterWrite), (Update, LaterWrite)],
                BaseRelation.Loc => [(Initial, Write), (Initial, LaterWrite), (Initial, Read), (Initial, Update), (Write, LaterWrite), (Write, Read), (Write, Update), (LaterWrite, Read), (LaterWrite, Update), (Read, Update)],
                _ => [(Read, Update)],
            };
            Array.ForEach(pairs, p => probe.AddEdge(relation, p.Item1, p.Item2));
        }

        return probe;
    }

    /// <summary>What a run found: the statement that failed (null if the execution passed) and its relation, or the flags.</summary>
    internal sealed record Outcome(Statement? Failed, Relation? FailedRelation, ImmutableArray<string> Flags);
}
