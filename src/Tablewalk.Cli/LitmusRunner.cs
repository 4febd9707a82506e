using System.Collections.Immutable;
using System.Diagnostics;
using Tablewalk.Cat;
using Tablewalk.Explore;
using Tablewalk.Ir;
using Tablewalk.Litmus;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Report;
using Diagnostic = Tablewalk.Litmus.Diagnostic;
using DiagnosticCodes = Tablewalk.Litmus.DiagnosticCodes;
using SourcePosition = Tablewalk.Litmus.SourcePosition;

namespace Tablewalk.Cli;

/// <summary>What became of one litmus file: its row, and what is wrong with the file, if it is not taken.</summary>
internal sealed record LitmusResult(LitmusRow Row, Diagnostic? Diagnostic);

/// <summary>Takes litmus tests from their files to their final states.</summary>
internal static class LitmusRunner
{
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
    /// <param name="modelOf">The model to judge a test by; asked on the workers.</param>
    /// <param name="expectedOf">What is expected of a file with a test of a name.</param>
    /// <param name="jobs">Worker threads.</param>
    /// <param name="timeout">When to give a test up.</param>
    /// <param name="onResult">Told of each result in the order of the files, on the calling thread.</param>
    /// <param name="cancellation">Ends the run; the rest of the files have no result.</param>
    public static void RunAll(
        ImmutableArray<string> files,
        Func<LitmusProgram, Model> modelOf,
        Func<string, string, string?> expectedOf,
        int jobs,
        TimeSpan? timeout,
        Action<LitmusResult> onResult,
        CancellationToken cancellation) =>
        OrderedWork.Run(files, file => Run(file, modelOf, expectedOf, timeout, cancellation), jobs, onResult, cancellation);

    /// <summary>Runs the test of one file.</summary>
    /// <exception cref="InputException">The file cannot be read, or its model is broken.</exception>
    public static LitmusResult Run(
        string file, Func<LitmusProgram, Model> modelOf, Func<string, string, string?> expectedOf, TimeSpan? timeout, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InputException(new InputError(file, "TW0030", unreadable.Message));
        }

        string name = Path.GetFileNameWithoutExtension(file);
        if (!LitmusParser.TryParse(text, file, out LitmusTest? test, out Diagnostic? wrong))
        {
            return new(new(file, name, "exists", "", [], 0, 0, expectedOf(file, name), wrong.Message, watch.Elapsed.TotalSeconds), wrong);
        }

        var row = new LitmusRow(
            file, test.Name, LitmusPrinter.Word(test.Condition.Quantifier), LitmusPrinter.Print(test.Condition with { Expectations = [] }),
            [], 0, 0, expectedOf(file, test.Name), null, 0);
        wrong = LitmusProgram.Compile(test, out LitmusProgram? program);
        if (program is null)
        {
            return new(row with { Unknown = wrong!.Message, Seconds = watch.Elapsed.TotalSeconds }, wrong);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (timeout is { } after)
        {
            limit.CancelAfter(after);
        }

        (row, wrong) = Explore(program, modelOf(program), row, timeout, limit.Token);
        return new(row with { Seconds = watch.Elapsed.TotalSeconds }, wrong);
    }

    private static (LitmusRow Row, Diagnostic? Wrong) Explore(LitmusProgram program, Model model, LitmusRow row, TimeSpan? timeout, CancellationToken cancellation)
    {
        var states = new HashSet<ImmutableArray<ulong>>(StateComparer.Instance);
        var flags = new SortedSet<string>(StringComparer.Ordinal);
        var (positive, negative) = (0L, 0L);
        Diagnostic? wild = null;
        var seen = new LastProgress();
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
            var (executions, explored) = Checker.Enumerate(program.Program, program.Memory, model, Visit, seen, cancellation);
            row = row with { Executions = executions, Explored = explored };
        }
        catch (OperationCanceledException)
        {
            string reason = timeout is null ? "interrupted" : $"the limit of {timeout.Value.TotalSeconds:0.###} s was reached";
            return (row with { Unknown = reason, Executions = seen.Last.Executions, Explored = seen.Last.Explored }, null);
        }
        catch (NotSupportedException tooLarge)
        {
            return (row with { Unknown = tooLarge.Message, Executions = seen.Last.Executions, Explored = seen.Last.Explored }, null);
        }

        return wild is not null
            ? (row with { Unknown = wild.Message }, wild)
            : (row with { States = [.. states.Order(StateComparer.Instance).Select(program.Print)], Positive = positive, Negative = negative, Flags = [.. flags] }, null);
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
