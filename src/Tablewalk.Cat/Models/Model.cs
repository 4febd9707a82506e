using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Interpretation;
using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat;

/// <summary>A memory model: which executions it forbids. Immutable; may be shared between threads.</summary>
public sealed class Model
{
    private readonly Book _book;
    private readonly bool _needsBook;
    private readonly FrozenSet<TestStatement> _settled;

    private Model(string name, Elaborator elaborated, ExpressionGraph graph, Book book)
    {
        (Name, Graph, Constraints, Reports, _book) = (name, graph, elaborated.Constraints, elaborated.Reports, book);
        HasFlags = Reports.Any(r => r.Role != TestRole.Assert);
        HasAssertions = Reports.Any(r => r.Role == TestRole.Assert);
        _needsBook = Constraints.Concat(Reports).Any(c => c.Expression is null);
        _settled = Constraints.GroupBy(c => c.Statement).Where(g => g.All(c => c.IsMonotone)).Select(g => g.Key).OfType<TestStatement>().ToFrozenSet();
        Plan = new(this);
    }

    /// <summary>The title in the file, or the file's name without one.</summary>
    public string Name { get; }

    /// <summary>The constraints, in the order of the file.</summary>
    public ImmutableArray<Constraint> Constraints { get; }

    /// <summary>Whether executions may raise flags.</summary>
    public bool HasFlags { get; }

    internal bool HasAssertions { get; }

    /// <summary>Flags and assertions.</summary>
    internal ImmutableArray<Constraint> Reports { get; }

    internal ExpressionGraph Graph { get; }

    /// <summary>Made here and not at first use: it adds nodes to the graph, which is fixed from now on.</summary>
    internal Plan Plan { get; }

    /// <summary>Reads a model.</summary>
    /// <param name="text">The text of the cat file.</param>
    /// <param name="fileName">Its name, for diagnostics.</param>
    /// <param name="includes">Gives the text of an included file, null if there is none of that name. Asked before the library that comes with the program.</param>
    /// <param name="variants">The variants that <c>if "name"</c> finds set; none if null.</param>
    /// <exception cref="CatException">The text is no model.</exception>
    public static Model Parse(string text, string fileName, Func<string, string?> includes, IReadOnlySet<string>? variants = null) =>
        TryParse(text, fileName, includes, out var model, out var diagnostics, variants) ? model : throw new CatException(diagnostics);

    /// <summary>Reads a model, or tells what is wrong with it.</summary>
    /// <returns>Whether <paramref name="model"/> was read; if not, <paramref name="diagnostics"/> has at least one element.</returns>
    public static bool TryParse(
        string text,
        string fileName,
        Func<string, string?> includes,
        [NotNullWhen(true)] out Model? model,
        out ImmutableArray<Diagnostic> diagnostics,
        IReadOnlySet<string>? variants = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(includes);
        var found = new List<Diagnostic>();
        var files = new SourceFiles(includes, variants ?? FrozenSet<string>.Empty);
        var book = new Book(SourceFiles.Prelude(found), Parser.Parse(text, fileName, found), files);
        var graph = new ExpressionGraph();
        var elaborator = new Elaborator(graph, files, found);
        elaborator.Run(book.Prelude, book.Model);
        model = null;
        if (found.Count == 0)
        {
            graph.Classify();
            var read = new Model(book.Model.Title, elaborator, graph, book);
            if (read._needsBook)
            {
                found.AddRange(book.Mistakes());
            }

            model = found.Count == 0 ? read : null;
        }

        diagnostics = [.. found];
        return model is not null;
    }

    /// <summary>The first constraint that a complete execution breaks; null if the model allows it.</summary>
    /// <remarks>Evaluates everything afresh: the oracle, not the tool, of a search.</remarks>
    /// <exception cref="CatException">The model turned out to be wrong, or an assertion of it fails.</exception>
    public Constraint? Evaluate(Execution execution)
    {
        ArgumentNullException.ThrowIfNull(execution);
        return Broken(execution, Constraints, FrozenSet<TestStatement>.Empty);
    }

    /// <summary>A shortest cycle that breaks an acyclic or irreflexive constraint, as events; empty if it holds.</summary>
    public ImmutableArray<int> ShortestCycle(Constraint constraint, Execution execution)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        ArgumentNullException.ThrowIfNull(execution);
        if (constraint.Expression is { } expression)
        {
            return expression.IsSet ? [] : new FullEvaluator(this, execution).Relation(expression).ShortestCycle();
        }

        var run = _book.Run(execution, FrozenSet<TestStatement>.Empty, wantsFlags: false);
        return ReferenceEquals(run.Failed, constraint.Statement) && constraint.Kind != ConstraintKind.Empty ? run.FailedRelation?.ShortestCycle() ?? [] : [];
    }

    /// <summary>The flags that a consistent execution raises: names of <c>flag</c> and <c>undefined_unless</c>, in the order of the file.</summary>
    /// <exception cref="CatException">The model turned out to be wrong.</exception>
    public ImmutableArray<string> RaisedFlags(Execution execution)
    {
        ArgumentNullException.ThrowIfNull(execution);
        if (_needsBook)
        {
            return [.. _book.Run(execution, _settled, wantsFlags: true).Flags];
        }

        var evaluator = new FullEvaluator(this, execution);
        var raised = Reports.Where(r => r.Role != TestRole.Assert && evaluator.Holds(r) == (r.Role == TestRole.Flag));
        return [.. raised.Select(r => r.Name).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The first constraint that a complete execution breaks although all monotone ones hold; null if there is none.</summary>
    internal Constraint? BrokenWhenComplete(Execution execution) => Broken(execution, Plan.Deferred, _settled);

    /// <summary>What the whole file, run statement by statement, says of an execution. For tests, as the oracle of the other ways.</summary>
    internal Constraint? EvaluateByTheBook(Execution execution)
    {
        var run = _book.Run(execution, FrozenSet<TestStatement>.Empty, wantsFlags: true);
        return run.Failed is null ? null : ConstraintOf(run.Failed);
    }

    /// <summary>What the run by the book found a broken constraint to be about; null if that is no relation. For tests.</summary>
    internal Relations.Relation? BookValueOf(Constraint broken, Execution execution)
    {
        var run = _book.Run(execution, FrozenSet<TestStatement>.Empty, wantsFlags: true);
        return ReferenceEquals(run.Failed, broken.Statement) ? run.FailedRelation : null;
    }

    private Constraint? Broken(Execution execution, ImmutableArray<Constraint> constraints, IReadOnlySet<TestStatement> settled)
    {
        if (_needsBook)
        {
            var run = _book.Run(execution, settled, wantsFlags: false);
            return run.Failed is null ? null : ConstraintOf(run.Failed);
        }

        var evaluator = new FullEvaluator(this, execution);
        if (constraints.FirstOrDefault(c => !evaluator.Holds(c)) is { } broken)
        {
            return broken;
        }

        var failed = Reports.Where(r => r.Role == TestRole.Assert && !evaluator.Holds(r)).Select(r => new Diagnostic(
            DiagnosticCodes.FailedAssertion, r.Position, $"expected that '{r.Name}' holds, as the model asserts, found an execution where it does not")).ToImmutableArray();
        return failed.IsEmpty ? null : throw new CatException(failed);
    }

    private Constraint ConstraintOf(Statement statement) => Constraints.First(c => ReferenceEquals(c.Statement, statement));
}
