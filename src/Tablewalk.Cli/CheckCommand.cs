using System.Collections.Immutable;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Judge;
using Tablewalk.Report;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary><c>tablewalk check</c>.</summary>
internal static class CheckCommand
{
    /// <summary>Checks all that was asked for and prints the verdicts; as text each as soon as it is there.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="InputException">The request, a model or a scenario is at fault.</exception>
    public static int Run(
        ImmutableArray<ScenarioDescription> catalog, CheckRequest request, CheckOptions options, bool asJson, Session session)
    {
        using var limits = new Limits(session.Cancellation, options.Timeout, request.Megabytes);
        if (request.ScenarioFile is { } file &&
            !limits.TryPrepare("reading the scenarios", session.Error, () => catalog = ScenarioFiles.Load(file, request.Scenarios, session.Cancellation)))
        {
            session.Out.Write(asJson ? JsonReport.Write(ToolVersion.Text, Array.Empty<ResultRow>()) : "");
            return ExitCode.LimitHit;
        }

        ImmutableArray<CheckCase> cases = CaseSelector.Select(catalog, request);
        var progress = new ProgressLine(session);
        var runner = new CaseRunner(options, progress);
        var text = asJson ? null : new VerdictPrinter(session.Out, cases, request.IsFull);
        var rows = new List<ResultRow>(cases.Length);
        void Print(ResultRow row)
        {
            progress.Clear();
            rows.Add(row);
            text?.Print(row);
            if (row.Result.Verdict is Verdict.Inconclusive unknown)
            {
                session.Error.WriteLine($"{row.Scenario} {row.Claim}: inconclusive after {Counts.Of(row.Result.Executions, row.Result.Explored)}: {unknown.Reason}");
            }
        }

        if (limits.TryPrepare("reading the models", session.Error, () => runner.LoadModels(cases)))
        {
            OrderedWork.Run(cases, (check, limit) => runner.Begin(check, limit, Print, request.Explains ? text : null), jobs: 1, limits);
        }

        progress.Clear();

        if (asJson)
        {
            session.Out.Write(JsonReport.Write(ToolVersion.Text, rows));
        }

        text?.PrintSummary(rows);
        if (rows.Count < cases.Length)
        {
            session.Error.WriteLine($"{limits.WhyOver ?? "a limit was reached"}: {cases.Length - rows.Count} of {cases.Length} checks were not begun");
        }

        // A violation is an answer, whatever a limit left open besides.
        bool isAnyLeftOpen = rows.Count < cases.Length || text?.IsAnyLeftOpen == true || rows.Any(row => row.Result.Verdict is Verdict.Inconclusive);
        return rows.Any(row => row.Result.Verdict is Verdict.Violated) ? ExitCode.Violated : isAnyLeftOpen ? ExitCode.LimitHit : ExitCode.Holds;
    }
}
