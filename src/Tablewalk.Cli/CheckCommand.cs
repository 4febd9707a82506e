using System.Collections.Immutable;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
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
        ImmutableArray<CheckCase> cases = CaseSelector.Select(catalog, request);
        var runner = new CaseRunner(session, options, new ProgressLine(session));
        runner.LoadModels(cases);
        var text = asJson ? null : new VerdictPrinter(session.Out, cases);
        var rows = new List<ResultRow>(cases.Length);
        foreach (CheckCase check in cases)
        {
            if (session.Cancellation.IsCancellationRequested)
            {
                break;
            }

            ResultRow row = runner.Run(check);
            rows.Add(row);
            text?.Print(row);
            if (request.Explains && row.Result.Verdict is Verdict.Holds)
            {
                text?.PrintSupports(runner.Explain(check));
            }

            if (row.Result.Verdict is Verdict.Inconclusive unknown)
            {
                session.Error.WriteLine($"{row.Scenario} {row.Claim}: inconclusive after {Counts.Of(row.Result.Executions, row.Result.Explored)}: {unknown.Reason}");
            }
        }

        if (asJson)
        {
            session.Out.Write(JsonReport.Write(ToolVersion.Text, rows));
        }

        text?.PrintSummary(rows);
        if (rows.Count < cases.Length)
        {
            session.Error.WriteLine($"interrupted: {cases.Length - rows.Count} of {cases.Length} checks were not begun");
        }

        return ExitCodeOf(rows, cases.Length);
    }

    // A violation is an answer, so it outweighs a check that hit its limit; an interrupted command has not answered at all.
    private static int ExitCodeOf(List<ResultRow> rows, int asked)
    {
        bool isAnyInconclusive = rows.Any(row => row.Result.Verdict is Verdict.Inconclusive);
        bool isAnyViolated = rows.Any(row => row.Result.Verdict is Verdict.Violated);
        return rows.Count < asked ? ExitCode.LimitHit
            : isAnyViolated ? ExitCode.Violated
            : isAnyInconclusive ? ExitCode.LimitHit
            : ExitCode.Holds;
    }
}
