using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Judge;
using Tablewalk.Litmus;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary><c>tablewalk litmus</c>.</summary>
internal static class LitmusCommand
{
    /// <summary>Runs all that was asked for and prints the results, as text each as soon as it and those before it are there.</summary>
    /// <returns>
    /// The exit status: 2 if a file is broken or asks for what is not taken; else 1 if a result is not the expected one; else 3 if a
    /// limit was hit; else 0.
    /// </returns>
    /// <exception cref="InputException">There is no such file, or a model or kinds file is broken.</exception>
    public static int Run(LitmusRequest request, bool asJson, Session session)
    {
        ImmutableArray<string> files = [];
        LitmusQuestion? question = null;
        using var limits = new Limits(session.Cancellation, request.Timeout, request.Megabytes);
        var progress = new ProgressLine(session);
        var rows = new List<LitmusRow>();
        var (differing, refused, unknown) = (0, 0, 0);
        void Take(LitmusResult result)
        {
            progress.Clear();
            rows.Add(result.Row);
            refused += result.Diagnostic is null ? 0 : 1;
            unknown += result is { Diagnostic: null, Row.Unknown: not null } ? 1 : 0;
            differing += result.Row.Agrees == false ? 1 : 0;
            Print(result, asJson, session);
            progress.Say($"{rows.Count} of {files.Length} tests");
        }

        bool isPrepared = limits.TryPrepare("reading models and kinds", session.Error, () =>
        {
            files = FindFiles(request);
            Dictionary<string, KindsFile> kinds = LoadKinds(request, files);
            question = new(LoadModels(request.Model), (file, name) => kinds.GetValueOrDefault(request.Kinds ?? FolderOf(file))?.Find(file, name), Take);
        });
        if (isPrepared)
        {
            LitmusRunner.RunAll(files, request.NeedsExecutions ? Explaining(question!, request, session, () => unknown++) : question!, request.Jobs, limits);
        }

        progress.Clear();
        if (asJson)
        {
            session.Out.Write(JsonReport.Write(ToolVersion.Text, rows));
        }

        if (!isPrepared || rows.Count < files.Length)
        {
            string done = isPrepared ? $" after {rows.Count} of {files.Length} tests" : ": no test was begun";
            session.Error.WriteLine($"{limits.WhyOver ?? "a limit was reached"}{done}");
            unknown++;
        }

        Summarise(rows, differing, refused, session);
        return refused > 0 ? ExitCode.BadInput : differing > 0 ? ExitCode.Violated : unknown > 0 ? ExitCode.LimitHit : ExitCode.Holds;
    }

    private static ImmutableArray<string> FindFiles(LitmusRequest request)
    {
        ImmutableArray<string> files = request.FindFiles();
        return request.DotFile is { } dot && files.Length != 1
            ? throw new InputException(new InputError($"--dot {dot}", InputErrorCodes.BadDrawing, $"expected one test to draw, found {files.Length}"))
            : files;
    }

    private static LitmusQuestion Explaining(LitmusQuestion question, LitmusRequest request, Session session, Action onUnexplained) => question with
    {
        Explain = (program, model, cancellation) => LitmusExplainer.Explain(program, model, request, session, cancellation),
        OnUnexplained = reason =>
        {
            session.Out.WriteLine($"No explanation: {reason}");
            session.Out.WriteLine();
            onUnexplained();
        },
    };

    private static void Print(LitmusResult result, bool asJson, Session session)
    {
        if (result.Diagnostic is { } wrong)
        {
            session.Error.WriteLine(wrong);
        }
        else if (!asJson)
        {
            session.Out.Write(HerdText.Of(result.Row));
        }

        if (result is { Diagnostic: null, Row.Unknown: { } reason })
        {
            session.Error.WriteLine($"{result.Row.File}: inconclusive after {Counts.Of(result.Row.Executions, result.Row.Explored)}: {reason}");
        }

        if (result.Row.Agrees == false)
        {
            session.Error.WriteLine($"{result.Row.File}: expected {result.Row.Expected}, found {result.Row.Observation}");
        }
    }

    // Where nothing is expected and one test is run there is nothing to sum up.
    private static void Summarise(List<LitmusRow> rows, int differing, int refused, Session session)
    {
        int agreeing = rows.Count(row => row.Agrees == true);
        int unanswered = rows.Count(row => row.Unknown is not null) - refused;
        if (agreeing + differing > 0)
        {
            session.Error.WriteLine(
                $"{rows.Count} tests: {agreeing} agree, {differing} differ, {refused} not taken, {unanswered} unknown, "
                + $"{rows.Count - agreeing - differing - refused - unanswered} without expectation");
        }
    }

    // Loaded before the first test, so that a broken one is reported before anything else is printed.
    private static Func<LitmusProgram, Model> LoadModels(string? asked)
    {
        var catalog = new ModelCatalog(CheckRequest.ModelOption);
        foreach (string name in asked is null ? ModelCatalog.Names : [asked])
        {
            catalog.Load(name);
        }

        return program => catalog.Load(asked ?? LitmusRunner.ModelOf(program.Test.Architecture)!, program.ModelVariants);
    }

    private static Dictionary<string, KindsFile> LoadKinds(LitmusRequest request, ImmutableArray<string> files)
    {
        if (request.Kinds is { } asked)
        {
            return new(StringComparer.Ordinal) { [asked] = new KindsFile(asked) };
        }

        return files.Select(FolderOf).Distinct().Where(folder => File.Exists(Path.Combine(folder, KindsFile.DefaultName)))
            .ToDictionary(folder => folder, folder => new KindsFile(Path.Combine(folder, KindsFile.DefaultName)), StringComparer.Ordinal);
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(file) ?? "";
}
