using System.Collections.Concurrent;
using Tablewalk.Cat;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Explore.Tests.Oracle;

namespace Tablewalk.Explore.Tests.Support;

/// <summary>The models that the tests run under, and the judgement of whole executions by their full evaluator.</summary>
internal static class Models
{
    internal static readonly string[] Names = ["sc", "x86-tso", "armv8"];

    private static readonly ConcurrentDictionary<string, Model> s_models = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Model> s_own = new(StringComparer.Ordinal);
    private static readonly BaseSet[] s_sets = Enum.GetValues<BaseSet>();
    private static readonly BaseRelation[] s_relations = Enum.GetValues<BaseRelation>();

    internal static Model Named(string name) => s_models.GetOrAdd(name, n => ModelFiles.Load(n));

    /// <summary>The same as a user's own model, of which less is known.</summary>
    internal static Model AsOwn(string name) => s_own.GetOrAdd(name, n => ModelFiles.Load(Path.Combine(ModelFiles.Folder, n + ".cat")));

    /// <summary>Whether a model allows a candidate.</summary>
    internal static bool Allows(string model, Candidate candidate) => Allows(Named(model), candidate);

    /// <summary>
    /// Whether a model allows a candidate, with some order of its TLB invalidations and walks. One that it forbids without any order of these it forbids with
    /// them: no model here asks for a pair not to be ordered.
    /// </summary>
    internal static bool Allows(Model model, Candidate candidate) => model.Evaluate(ToExecution(candidate)) is null
        && NaiveEnumerator.WithInvalidationOrders(candidate).Any(ordered => model.Evaluate(ToExecution(ordered)) is null);

    /// <summary>The models that allow a candidate.</summary>
    internal static IReadOnlyCollection<string> Allowing(Candidate candidate)
    {
        var execution = ToExecution(candidate);
        return [.. Names.Where(n => Named(n).Evaluate(execution) is null)];
    }

    private static Execution ToExecution(Candidate candidate)
    {
        var execution = new Execution(candidate.Events.Count);
        foreach (var set in s_sets)
        {
            foreach (var e in candidate.Frame.Members(set.CatName()))
            {
                execution.AddToSet(set, e);
            }
        }

        foreach (var relation in s_relations)
        {
            foreach (var (from, to) in candidate.Pairs(relation.CatName()))
            {
                execution.AddEdge(relation, from, to);
            }
        }

        return execution;
    }
}
