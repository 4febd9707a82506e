using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Tablewalk.Cat;
using Tablewalk.Explore;
using Tablewalk.Ir;
using Tablewalk.Judge;
using Tablewalk.Litmus;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Report;
using Diagnostic = Tablewalk.Litmus.Diagnostic;
using DiagnosticCodes = Tablewalk.Litmus.DiagnosticCodes;
using SourcePosition = Tablewalk.Litmus.SourcePosition;

namespace Tablewalk.Cli;

/// <summary>What became of one litmus file: its row, and what is wrong with the file, if it is not taken.</summary>
internal sealed record LitmusResult(LitmusRow Row, Diagnostic? Diagnostic);

/// <summary>What is asked of litmus tests.</summary>
/// <param name="ModelOf">The model to judge a test by; asked on the workers.</param>
/// <param name="ExpectedOf">What is expected of a file with a test of a name; asked on the workers.</param>
/// <param name="OnResult">Told of each result in the order of the files, on the calling thread.</param>
internal sealed record LitmusQuestion(Func<LitmusProgram, Model> ModelOf, Func<string, string, string?> ExpectedOf, Action<LitmusResult> OnResult)
{
    /// <summary>What to say of a test that has a result: asked on the workers, its answer runs after the result was told. Null if nothing.</summary>
    public Func<LitmusProgram, Model, CancellationToken, Action>? Explain { get; init; }

    /// <summary>Told instead of that answer why there is none.</summary>
    public Action<string>? OnUnexplained { get; init; }
}

/// <summary>Takes a litmus test from its file to its final states.</summary>
internal sealed class LitmusRunner : IWork
{
    private readonly LitmusQuestion _question;
    private readonly Limit _limit;
    private readonly Headway _headway;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private LitmusRow _row; // what is known so far; replaced, never changed, so that another thread may look at it

    private LitmusRunner(string file, LitmusQuestion question, Limit limit)
    {
        (_question, _limit, _headway) = (question, limit, new Headway(limit));
        string name = Path.GetFileNameWithoutExtension(file);
        _row = new(file, name, "exists", "", [], 0, 0, question.ExpectedOf(file, name), null, 0);
    }

    /// <summary>The model that a test is judged by unless another is asked for; null if its architecture has none here.</summary>
    public static string? ModelOf(string architecture) => architecture switch
    {
        "AArch64" => "armv8",
        "RISCV" => "riscv",
        "X86" or "X86_64" => "x86-tso",
        _ => null,
    };

    /// <summary>Runs tests on several threads.</summary>
    /// <param name="files">The files.</param>
    /// <param name="question">What is asked of each.</param>
    /// <param name="jobs">Worker threads.</param>
    /// <param name="limits">What ends tests, or all of them; the rest of the files have no result then.</param>
    /// <exception cref="InputException">A file cannot be read, or its model is broken.</exception>
    public static void RunAll(ImmutableArray<string> files, LitmusQuestion question, int jobs, Limits limits) =>
        OrderedWork.Run(files, (file, limit) => new LitmusRunner(file, question, limit), jobs, limits);

    /// <inheritdoc/>
    public void Do(Action<Action> tell)
    {
        _headway.Enter("reading the test");
        if (!TryRead(out LitmusProgram? program, out Diagnostic? wrong))
        {
            Tell(tell, _row with { Unknown = wrong.Message }, wrong);
            return;
        }

        try
        {
            _headway.Enter("reading the model");
            Model model = _question.ModelOf(program);
            (LitmusRow row, wrong) = Explore(program, model);
            Tell(tell, row, wrong);
            if (_question.Explain is { } explain && row.Unknown is null)
            {
                tell(explain(program, model, _limit.Token));
            }
        }
        catch (CatException broken)
        {
            throw ModelCatalog.Refusal(broken);
        }
    }

    /// <inheritdoc/>
    public void GiveUp(Action<Action> tell, int told)
    {
        if (told > 0)
        {
            tell(() => _question.OnUnexplained?.Invoke(_limit.Reason));
        }
        else
        {
            Tell(tell, Unknown(_headway.Reason), null);
        }
    }

    private void Tell(Action<Action> tell, LitmusRow row, Diagnostic? wrong)
    {
        var result = new LitmusResult(row with { Seconds = _watch.Elapsed.TotalSeconds }, wrong);
        tell(() => _question.OnResult(result));
    }

    private LitmusRow Unknown(string reason) => _row with { Unknown = reason, Executions = _headway.Last.Executions, Explored = _headway.Last.Explored };

    private bool TryRead([NotNullWhen(true)] out LitmusProgram? program, [NotNullWhen(false)] out Diagnostic? wrong)
    {
        string text;
        try
        {
            text = File.ReadAllText(_row.File);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InputException(new InputError(_row.File, InputErrorCodes.NoTest, unreadable.Message));
        }

        program = null;
        if (!LitmusParser.TryParse(text, _row.File, out LitmusTest? test, out wrong))
        {
            return false;
        }

        _row = _row with
        {
            Name = test.Name,
            Quantifier = LitmusPrinter.Word(test.Condition.Quantifier),
            Condition = LitmusPrinter.Print(test.Condition with { Expectations = [] }),
            Expected = _question.ExpectedOf(_row.File, test.Name),
        };
        wrong = LitmusProgram.Compile(test, out program);
        return program is not null;
    }

    private (LitmusRow Row, Diagnostic? Wrong) Explore(LitmusProgram program, Model model)
    {
        var states = new HashSet<ImmutableArray<ulong>>(StateComparer.Instance);
        var flags = new SortedSet<string>(StringComparer.Ordinal);
        var (positive, negative) = (0L, 0L);
        Diagnostic? wild = null;
        void Visit(ExecutionView view)
        {
            wild ??= WildAccessOf(view, program.Test);
            if (wild is null && new FinalState(view) is var final && program.Passes(final))
            {
                states.Add(program.Observe(final));
                flags.UnionWith(view.RaisedFlags);
                _ = program.Holds(final) ? positive++ : negative++;
            }
        }

        try
        {
            var (executions, explored) = Checker.Enumerate(program.Program, program.Memory, model, Visit, _headway, _limit.Token);
            LitmusRow row = _row with { Executions = executions, Explored = explored };
            return wild is not null
                ? (row with { Unknown = wild.Message }, wild)
                : (row with { States = [.. states.Order(StateComparer.Instance).Select(program.Print)], Positive = positive, Negative = negative, Flags = [.. flags] }, null);
        }
        catch (NotSupportedException tooLarge)
        {
            return (Unknown(tooLarge.Message), null);
        }
    }

    private static Diagnostic? WildAccessOf(ExecutionView view, LitmusTest test)
    {
        if (view.WildAccess is not { } wild)
        {
            return null;
        }

        var position = new SourcePosition(test.Position.File, wild.Source?.Line ?? 1, 1);
        return new(DiagnosticCodes.Unsupported, position, $"unsupported: an execution in which '{wild.Source?.Text}' of P{wild.Thread} accesses memory that is no variable's");
    }

    /// <summary>An execution as the litmus part sees it.</summary>
    internal sealed class FinalState(ExecutionView view) : IFinalState
    {
        public ulong Register(int thread, Register register) => view.RegisterValue(thread, register);

        public ulong Memory(ulong address, int sizeBytes) => view.FinalBytes(address, sizeBytes);
    }

    /// <summary>States by their values, as signed numbers, from left to right.</summary>
    private sealed class StateComparer : IEqualityComparer<ImmutableArray<ulong>>, IComparer<ImmutableArray<ulong>>
    {
        public static readonly StateComparer Instance = new();

        public bool Equals(ImmutableArray<ulong> x, ImmutableArray<ulong> y) => x.AsSpan().SequenceEqual(y.AsSpan());

        public int GetHashCode(ImmutableArray<ulong> values)
        {
            var hash = default(HashCode);
            foreach (ulong value in values)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }

        public int Compare(ImmutableArray<ulong> x, ImmutableArray<ulong> y)
        {
            for (int i = 0; i < x.Length; i++)
            {
                if (x[i] != y[i])
                {
                    return ((long)x[i]).CompareTo((long)y[i]);
                }
            }

            return 0;
        }
    }
}
