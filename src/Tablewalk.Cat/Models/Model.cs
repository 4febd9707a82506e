using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat;

/// <summary>A memory model: which executions it forbids. Immutable; may be shared between threads.</summary>
public sealed class Model
{
    private Model(string name, ExpressionGraph graph, ImmutableArray<Constraint> constraints)
    {
        (Name, Graph, Constraints) = (name, graph, constraints);
        Plan = new(this);
    }

    /// <summary>The title in the file, or the file's name without one.</summary>
    public string Name { get; }

    /// <summary>The constraints, in the order of the file.</summary>
    public ImmutableArray<Constraint> Constraints { get; }

    internal ExpressionGraph Graph { get; }

    /// <summary>Made here and not at first use: it adds nodes to the graph, which is fixed from now on.</summary>
    internal Plan Plan { get; }

    /// <summary>Reads a model.</summary>
    /// <param name="text">The text of the cat file.</param>
    /// <param name="fileName">Its name, for diagnostics.</param>
    /// <param name="includes">Gives the text of an included file, null if there is none of that name.</param>
    /// <exception cref="CatException">The text is no model.</exception>
    public static Model Parse(string text, string fileName, Func<string, string?> includes) =>
        TryParse(text, fileName, includes, out var model, out var diagnostics) ? model : throw new CatException(diagnostics);

    /// <summary>Reads a model, or tells what is wrong with it.</summary>
    /// <returns>Whether <paramref name="model"/> was read; if not, <paramref name="diagnostics"/> has at least one element.</returns>
    public static bool TryParse(
        string text, string fileName, Func<string, string?> includes, [NotNullWhen(true)] out Model? model, out ImmutableArray<Diagnostic> diagnostics)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(includes);
        var found = new List<Diagnostic>();
        var elaborator = new Elaborator(includes, found);
        elaborator.DefineBase();
        elaborator.Run(Parser.Parse(Prelude.Text, Prelude.FileName, found));
        var file = Parser.Parse(text, fileName, found);
        elaborator.Run(file);
        elaborator.Graph.Classify();
        diagnostics = [.. found];
        model = diagnostics.IsEmpty ? new(file.Title, elaborator.Graph, elaborator.Constraints) : null;
        return model is not null;
    }

    /// <summary>The first constraint that a complete execution breaks; null if the model allows it.</summary>
    /// <remarks>Evaluates everything afresh: the oracle, not the tool, of a search.</remarks>
    public Constraint? Evaluate(Execution execution)
    {
        ArgumentNullException.ThrowIfNull(execution);
        var evaluator = new FullEvaluator(this, execution);
        return Constraints.FirstOrDefault(c => !evaluator.Holds(c));
    }

    /// <summary>A shortest cycle that breaks an acyclic or irreflexive constraint, as events; empty if it holds.</summary>
    public ImmutableArray<int> ShortestCycle(Constraint constraint, Execution execution)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        ArgumentNullException.ThrowIfNull(execution);
        return constraint.Expression.IsSet ? [] : new FullEvaluator(this, execution).Relation(constraint.Expression).ShortestCycle();
    }
}
