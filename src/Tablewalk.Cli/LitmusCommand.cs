using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Litmus;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary><c>tablewalk litmus</c>.</summary>
internal static class LitmusCommand
{
    /// <summary>Runs all that was asked for and prints the results, as text each as soon as it and those before it are there.</summary>
    /// <returns>
    /// The exit status: 1 if a result is not the expected one; else 2 if a file is broken or asks for what is not taken; else 3 if a
    /// limit was hit; else 0.
    /// </returns>
    /// <exception cref="InputException">There is no such file, or a model or kinds file is broken.</exception>
    public static int Run(LitmusRequest request, bool asJson, Session session)
    {
        ImmutableArray<string> files = request.FindFiles();
        if (request.DotFile is { } dot && files.Length != 1)
        {
            throw new InputException(new InputError($"--dot {dot}", "TW0032", $"expected one test to draw, found {files.Length}"));
        }

        Dictionary<string, KindsFile> kinds = LoadKinds(request, files);
        Func<LitmusProgram, Model> modelOf = LoadModels(request.Model);
        var progress = new ProgressLine(session);
        var rows = new List<LitmusRow>(files.Length);
        var (differing, refused, unknown) = (0, 0, 0);
        LitmusRunner.RunAll(
            files,
            modelOf,
            (file, name) => kinds.GetValueOrDefault(request.Kinds ?? FolderOf(file))?.Find(file, name),
            request.Jobs,
            request.Timeout,
            result =>
            {
                progress.Clear();
                rows.Add(result.Row);
                refused += result.Diagnostic is null ? 0 : 1;
                unknown += result is { Diagnostic: null, Row.Unknown: not null } ? 1 : 0;
                differing += result.Row.Agrees == false ? 1 : 0;
                Print(result, asJson, session);
                if (request.NeedsExecutions && result is { Diagnostic: null, Row.Unknown: null })
                {
                    LitmusExplainer.Print(result.Row.File, modelOf, request, session);
                }

                progress.Say($"{rows.Count} of {files.Length} tests");
            },
            session.Cancellation);
        progress.Clear();
        if (asJson)
        {
            session.Out.Write(JsonReport.Write(ToolVersion.Text, rows));
        }

        if (rows.Count < files.Length)
        {
            session.Error.WriteLine($"interrupted after {rows.Count} of {files.Length} tests");
            unknown++;
        }

        Summarise(rows, differing, refused, session);
        return differing > 0 ? ExitCode.Violated : refused > 0 ? ExitCode.BadInput : unknown > 0 ? ExitCode.LimitHit : ExitCode.Holds;
    }

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
        var catalog = new ModelCatalog();
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
