using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Explaining;
using Tablewalk.Cat.Interpretation;
using Tablewalk.Cat.Models;
using Tablewalk.Cat.Syntax;

namespace Tablewalk.Cat;

/// <summary>A memory model: which executions it forbids. Immutable; may be shared between threads.</summary>
public sealed class Model
{
    private readonly Book _book;
    private readonly bool _needsBook;
    private readonly FrozenSet<TestStatement> _dropped;
    private readonly FrozenSet<TestStatement> _settled;

    private Model(Elaborator elaborated, ExpressionGraph graph, Book book, IReadOnlySet<SourcePosition>? dropped = null)
    {
        (Name, Graph, Reports, _book, KeepsEverything) = (book.Model.Title, graph, elaborated.Reports, book, dropped is not null);
        Constraints = [.. elaborated.Constraints.Where(c => dropped?.Contains(c.Position) is not true)];
        HasFlags = Reports.Any(r => r.Role != TestRole.Assert);
        HasAssertions = Reports.Any(r => r.Role == TestRole.Assert);
        _needsBook = Constraints.Concat(Reports).Any(c => c.Expression is null);
        _dropped = elaborated.Constraints.Except(Constraints).Select(c => c.Statement).OfType<TestStatement>().ToFrozenSet();
        var monotone = Constraints.GroupBy(c => c.Statement).Where(g => g.All(c => c.IsMonotone)).Select(g => g.Key).OfType<TestStatement>();
        _settled = monotone.Concat(_dropped).ToFrozenSet();
        HasAtomicUpdates = Constraints.Any(IsAtomicity);
        Plan = new(this);
    }

    /// <summary>The title in the file, or the file's name without one.</summary>
    public string Name { get; }

    /// <summary>The constraints, in the order of the file.</summary>
    public ImmutableArray<Constraint> Constraints { get; }

    /// <summary>Whether executions may raise flags.</summary>
    public bool HasFlags { get; }

    /// <summary>
    /// Whether some constraint says that no write of another thread comes between the read and the write of a read-modify-write, for all of these:
    /// <c>empty rmw &amp; (fre ; coe)</c>, perhaps with more in the parentheses. A search need not try what breaks it. False says nothing.
    /// </summary>
    public bool HasAtomicUpdates { get; }

    /// <summary>
    /// Whether it is known that an execution which it allows, without its last writes and what came of them, goes on with reads that get what those overwrote: of the models that come with the program it is
    /// (<see cref="ModelFiles.Load"/> by name), of others nobody knows.
    /// </summary>
    public bool IsExtensible { get; internal set; }

    internal bool HasAssertions { get; }

    /// <summary>Whether an evaluation keeps all that it is given, also what no constraint asks for.</summary>
    internal bool KeepsEverything { get; }

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
            var read = new Model(elaborator, graph, book);
            if (read._needsBook)
            {
                found.AddRange(book.Mistakes());
            }

            model = found.Count == 0 ? read : null;
        }

        diagnostics = [.. found];
        return model is not null;
    }

    /// <summary>
    /// The same model without some of its constraints, to look at executions that this one forbids. An evaluation by it keeps all that it is given, so that
    /// <see cref="Explain"/> finds it. A <c>with</c> cannot be left out.
    /// </summary>
    public Model Without(params IEnumerable<Constraint> constraints)
    {
        ArgumentNullException.ThrowIfNull(constraints);
        var diagnostics = new List<Diagnostic>();
        var graph = new ExpressionGraph();
        var elaborator = new Elaborator(graph, _book.Files, diagnostics);
        elaborator.Run(_book.Prelude, _book.Model);
        graph.Classify();
        return new(elaborator, graph, _book, constraints.Select(c => c.Position).ToHashSet());
    }

    /// <summary>How a complete execution breaks a constraint, in the model's own words; null if it keeps it.</summary>
    public BrokenRule? Explain(Constraint constraint, Execution execution)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        ArgumentNullException.ThrowIfNull(execution);
        if (constraint.Expression is null)
        {
            var run = _book.Run(execution, _dropped, wantsFlags: false);
            var isBroken = ReferenceEquals(run.Failed, constraint.Statement);
            return isBroken ? new(constraint, RuleTracer.Unnamed(constraint, run.FailedRelation)) : null;
        }

        var evaluator = new FullEvaluator(this, execution);
        return evaluator.Holds(constraint) ? null : new(constraint, new RuleTracer(Graph, evaluator).Trace(constraint));
    }

    /// <summary>The first constraint that a complete execution breaks; null if the model allows it.</summary>
    /// <remarks>Evaluates everything afresh: the oracle, not the tool, of a search.</remarks>
    /// <exception cref="CatException">The model turned out to be wrong, or an assertion of it fails.</exception>
    public Constraint? Evaluate(Execution execution)
    {
        ArgumentNullException.ThrowIfNull(execution);
        return Broken(execution, Constraints, _dropped);
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

        var run = _book.Run(execution, _dropped, wantsFlags: false);
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
        var run = _book.Run(execution, _dropped, wantsFlags: true);
        return run.Failed is null ? null : ConstraintOf(run.Failed);
    }

    /// <summary>What the run by the book found a broken constraint to be about; null if that is no relation. For tests.</summary>
    internal Relations.Relation? BookValueOf(Constraint broken, Execution execution)
    {
        var run = _book.Run(execution, _dropped, wantsFlags: true);
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

    private bool IsAtomicity(Constraint constraint)
    {
        if (constraint is not { IsMonotone: true, Kind: ConstraintKind.Empty, Expression: { Kind: ExpressionKind.Intersection } both })
        {
            return false;
        }

        var (rmw, rf, co, inside) = (Graph.Base(BaseRelation.Rmw), Graph.Base(BaseRelation.Rf), Graph.Base(BaseRelation.Co), Graph.Base(BaseRelation.Int));
        var between = Graph.Sequence(Graph.Difference(Graph.Sequence(Graph.Inverse(rf), co), inside), Graph.Difference(co, inside));
        var other = ReferenceEquals(both.Left, rmw) ? both.Right : ReferenceEquals(both.Right, rmw) ? both.Left : null;
        return other is not null && Plan.Leaves(other, throughClosure: false).Contains(between);
    }

    private Constraint ConstraintOf(Statement statement) => Constraints.First(c => ReferenceEquals(c.Statement, statement));
}
