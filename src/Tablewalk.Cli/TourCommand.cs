using System.Collections.Immutable;
using System.Diagnostics;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Judge;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>The command without arguments: the checks of <see cref="Tour"/>, each verdict beside the expected one, and one race table.</summary>
internal static class TourCommand
{
    /// <summary>Gives the tour.</summary>
    /// <param name="session">Where it prints.</param>
    /// <param name="isFull">Whether the race table shows every step.</param>
    /// <returns>1 if a verdict is not the expected one; else 3 if interrupted; else 0.</returns>
    /// <exception cref="InputException">A scenario or model that the tour names is broken.</exception>
    public static int Run(Session session, bool isFull = false)
    {
        ImmutableArray<CheckCase> cases = [.. Tour.Stops.Select(Tour.CaseOf)];

        // The checks are small, and much of each is to read the code: a core for each serves better than all for one.
        var runner = new CaseRunner(new CheckOptions());
        using var limits = new Limits(session.Cancellation);
        var columns = new Columns();
        session.Out.WriteLine("Tablewalk checks compiled page-table code against the memory models of its architectures.");
        var rows = new List<ResultRow>();
        var progress = new ProgressLine(session);
        var watch = Stopwatch.StartNew();
        void Print(ResultRow row)
        {
            progress.Clear();
            int i = rows.Count;
            if (i == 0 || cases[i].Scenario != cases[i - 1].Scenario)
            {
                session.Out.WriteLine();
                session.Out.WriteLine($"{cases[i].Scenario.Name}: {cases[i].Scenario.Summary}");
            }

            rows.Add(row);
            session.Out.WriteLine(columns.Format(Tour.Stops[i], row));
            progress.Say($"{rows.Count} of {cases.Length} checks");
        }

        if (limits.TryPrepare("reading the models", session.Error, () => runner.LoadModels(cases)))
        {
            OrderedWork.Run(cases, (check, limit) => runner.Begin(check, limit, Print), Environment.ProcessorCount, limits);
        }

        progress.Clear();
        session.Out.WriteLine();
        PrintRace(rows, session, isFull);
        return PrintSummary(rows, cases.Length, watch.Elapsed.TotalSeconds, limits, session);
    }

    private static void PrintRace(List<ResultRow> rows, Session session, bool isFull)
    {
        int race = Tour.Stops.IndexOf(Tour.Race);
        if (race >= rows.Count || rows[race].Result.Verdict is not Verdict.Violated violated)
        {
            return;
        }

        ResultRow row = rows[race];
        TableTitle title = TableTitle.Of(row, Tour.CaseOf(Tour.Race).Scenario.Summary);
        session.Out.WriteLine(isFull ? RaceTable.Write(violated.Counterexample) : DistilledTable.Write(violated.Counterexample, title));
    }

    private static int PrintSummary(List<ResultRow> rows, int asked, double seconds, Limits limits, Session session)
    {
        int answered = rows.Count(row => row.Result.Verdict is not Verdict.Inconclusive);
        int differing = rows.Where((row, i) => row.Result.Verdict is not Verdict.Inconclusive && !Tour.IsAsExpected(Tour.Stops[i], row)).Count();
        if (answered < asked)
        {
            session.Out.WriteLine($"{limits.WhyOver ?? "a limit was reached"} after {answered} of {asked} checks, {differing} not as expected: inconclusive");
            return differing > 0 ? ExitCode.Violated : ExitCode.LimitHit;
        }

        session.Out.WriteLine(
            differing == 0
                ? $"{asked} checks, all as expected, {Counts.Seconds(seconds)}"
                : $"{asked} checks, {differing} not as expected, {Counts.Seconds(seconds)}");
        return differing == 0 ? ExitCode.Holds : ExitCode.Violated;
    }

    private sealed class Columns
    {
        private readonly int _claim = Tour.Stops.Max(stop => stop.Claim.Length);
        private readonly int _architecture = Tour.Stops.Max(stop => stop.Architecture.Length);
        private readonly int _model = Tour.Stops.Max(stop => stop.Model.Length);
        private readonly int _variants = Tour.Stops.Max(stop => Tour.VariantsOf(stop).Length);

        public string Format(TourStop stop, ResultRow row)
        {
            string verdict = row.VerdictWord;
            string expected = row.Result.Verdict is Verdict.Inconclusive ? "not known" : Tour.IsAsExpected(stop, row) ? "as expected" : $"EXPECTED {stop.Expected}";
            return "  " + string.Join(
                "  ",
                stop.Claim.PadRight(_claim),
                stop.Architecture.PadRight(_architecture),
                stop.Model.PadRight(_model),
                Tour.VariantsOf(stop).PadRight(_variants),
                verdict.PadRight(8),
                expected.PadRight(11),
                Counts.Seconds(row.Seconds).PadLeft(8),
                Counts.Number(row.Result.Executions).PadLeft(9),
                stop.About).TrimEnd();
        }
    }
}
