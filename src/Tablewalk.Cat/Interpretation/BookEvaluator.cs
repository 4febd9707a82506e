using System.Collections.Immutable;
using Tablewalk.Cat.Evaluation;
using Tablewalk.Cat.Syntax;
using Tablewalk.Relations;

namespace Tablewalk.Cat.Interpretation;

/// <summary>Runs a model on one complete execution, statement by statement, as the manual describes it: no sharing, no incrementality, the whole language.</summary>
internal sealed class BookEvaluator : Interpreter
{
    private readonly List<string> _flags = [];
    private readonly bool _wantsFlags;
    private readonly IReadOnlySet<TestStatement> _settled;

    /// <summary>An evaluator of one execution, for one run.</summary>
    /// <param name="execution">The execution.</param>
    /// <param name="files">Where the model's files come from.</param>
    /// <param name="diagnostics">Gets what turns out to be wrong with the model.</param>
    /// <param name="mostSteps">How much work to do at most.</param>
    /// <param name="settled">Tests that are known to pass.</param>
    /// <param name="wantsFlags">Whether to try all choices for their flags, or to stop at the first that passes.</param>
    internal BookEvaluator(
        Execution execution, SourceFiles files, List<Diagnostic> diagnostics, int mostSteps, IReadOnlySet<TestStatement> settled, bool wantsFlags)
        : base(new BookAlgebra(execution), files, diagnostics, mostSteps) => (_settled, _wantsFlags) = (settled, wantsFlags);

    /// <summary>The statement that failed last; the way it failed is not told.</summary>
    internal Statement? Failed { get; private set; }

    /// <summary>What the test that failed last was about, if it is a relation.</summary>
    internal Relation? FailedRelation { get; private set; }

    /// <summary>The flags that were raised, by the choices that pass.</summary>
    internal IEnumerable<string> Flags => _flags.Distinct(StringComparer.Ordinal);

    private protected override bool IsLazy => true;

    internal bool Passes(CatFile prelude, CatFile model) =>
        Run(new Frame(null, prelude.Statements, 0, new(null, model.Statements, 0, null)), Environment.Empty);

    private protected override bool Test(TestStatement test, Environment environment)
    {
        if (_settled.Contains(test) || (!_wantsFlags && test.Role is TestRole.Flag or TestRole.UndefinedUnless))
        {
            return true;
        }

        var value = Evaluate(test.Body, environment);
        if (HoldsOrNull(test, value) is not { } passes)
        {
            return true; // the mistake is reported, and the verdict is none
        }

        switch (test.Role)
        {
            case TestRole.Flag when passes:
                _flags.Add(new Constraint(test, null).Name);
                return true;
            case TestRole.UndefinedUnless when !passes:
                _flags.Add(new Constraint(test, null).Name);
                return true;
            case TestRole.Assert when !passes:
                Report(DiagnosticCodes.FailedAssertion, test.Position, $"expected that {new Constraint(test, null)} holds, as the model asserts, found an execution where it does not");
                return true;
            case TestRole.Check when !passes:
                (Failed, FailedRelation) = (test, (value as Value.Known)?.Term is Extension { IsSet: false } e ? e.Relation : null);
                return false;
            default:
                return true;
        }
    }

    private protected override bool SomeChoice(WithStatement with, Value set, Func<Value, bool> rest)
    {
        if (ElementsOrNull(set) is not { } elements)
        {
            if (set is not Value.Wrong)
            {
                Report(DiagnosticCodes.WrongKind, with.Set.Position, $"expected a set to choose from, found {set.Description}");
            }

            return true;
        }

        var passes = false;
        var failures = new HashSet<Statement?>();
        foreach (var element in elements)
        {
            var flagCount = _flags.Count;
            if (!rest(element))
            {
                _flags.RemoveRange(flagCount, _flags.Count - flagCount);
                failures.Add(Failed);
                continue;
            }

            passes = true;
            if (!_wantsFlags)
            {
                break;
            }
        }

        if (!passes && failures.Count != 1)
        {
            (Failed, FailedRelation) = (with, null);
        }

        return passes;
    }

    private protected override void Speculate(Action evaluate) => throw new InvalidOperationException("an execution tells everything");

    /// <summary>By iteration from nothing, in the order of the bindings, until nothing changes.</summary>
    private protected override Environment Solve(Bindings bindings, ImmutableArray<Binding> values, Environment environment)
    {
        var count = ((Extension)Algebra.Universe).Set.Count;
        var mostRounds = (values.Length * count * count) + 8;
        var names = values.SelectMany(b => b.Target.Names).OfType<string>().ToList();
        var current = WithFunctions(bindings, names.Aggregate(environment, (e, n) => e.With(n, Value.Empty.Instance)));
        for (var round = 0; round < mostRounds; round++)
        {
            var before = current;
            foreach (var b in values)
            {
                current = WithFunctions(bindings, Destructure(b.Target, Evaluate(b.Body, current), current, b.Position));
            }

            if (IsExhausted || names.TrueForAll(n => IsSame(before.Find(n)!, current.Find(n)!)))
            {
                return current;
            }
        }

        var unsettled = values[0];
        Report(
            DiagnosticCodes.BadRecursion,
            unsettled.Position,
            $"expected a recursion that settles, found that '{names.FirstOrDefault()}' goes on changing: it may be under '~' or on the right of '\\' in its own definition");
        return names.Aggregate(environment, (e, n) => e.With(n, Value.Wrong.Instance));
    }

    private static bool IsSame(Value a, Value b) =>
        ReferenceEquals(a, b) || (ValueOrder.Instance.Compare(a, b) == 0 && (a.GetType() == b.GetType() || a is Value.Empty || b is Value.Empty)) || b is Value.Wrong;

    private bool? HoldsOrNull(TestStatement test, Value value)
    {
        bool? holds = value switch
        {
            Value.Wrong => null,
            Value.Collection when test.Kind == ConstraintKind.Empty => false,
            Value.Event when test.Kind == ConstraintKind.Empty => false,
            Value.Known { Term: Extension { IsSet: true } set } when test.Kind == ConstraintKind.Empty => set.IsEmpty,
            _ => RelationOrOther(value, test.Body) is Value.Known { Term: Extension { Relation: var r } }
                ? test.Kind switch { ConstraintKind.Acyclic => r.IsAcyclic, ConstraintKind.Irreflexive => r.IsIrreflexive, _ => r.IsEmpty }
                : null,
        };
        return holds is { } h ? h != test.IsNegated : null;
    }
}
