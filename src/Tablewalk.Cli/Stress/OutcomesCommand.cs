using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary><c>tablewalk stress --outcomes</c>: what the compiled code does on real threads against what the search finds that the same code may do.</summary>
internal static class OutcomesCommand
{
    /// <summary>Rounds of a case if not told otherwise: a few seconds.</summary>
    public const long DefaultRounds = 200_000;

    /// <summary>Runs all that was asked for and prints what came of it; as text each case as soon as it is done.</summary>
    /// <param name="catalog">All scenarios.</param>
    /// <param name="request">What was asked for; the model is that of the host if it names none.</param>
    /// <param name="options">How many rounds, and how far to look.</param>
    /// <param name="asJson">Whether the answer is JSON, and comes at the end.</param>
    /// <param name="session">Where to print.</param>
    /// <returns>0 if every outcome that came is allowed, 1 if one is not, 3 if some are undecided.</returns>
    /// <exception cref="InputException">The request, a model or a scenario is at fault, or no model is known for this host.</exception>
    public static int Run(ImmutableArray<ScenarioDescription> catalog, CheckRequest request, OutcomeOptions options, bool asJson, Session session)
    {
        ImmutableArray<string> models = request.Models.IsEmpty ? [ModelOf(session.Host)] : request.Models;
        ImmutableArray<CheckCase> cases = CaseSelector.Select(catalog, request with { Models = models });
        var progress = new ProgressLine(session);
        var loaded = new ModelCatalog(CheckRequest.ModelOption);
        using var limits = new Limits(session.Cancellation, options.Timeout, request.Megabytes);
        var rows = new List<OutcomeRow>(cases.Length);
        void Print(OutcomeRow row)
        {
            progress.Clear();
            rows.Add(row);
            if (!asJson)
            {
                session.Out.Write(OutcomeReport.Text(row));
            }

            if (row.IsInconclusive)
            {
                session.Error.WriteLine($"{row.Case.Scenario.Name} {row.Case.Claim}: inconclusive after {Counts.Number(row.Rounds)} rounds: {row.Reason}");
            }
        }

        // One after the other: threads that share a CPU with another case meet less often.
        if (limits.TryPrepare("reading the models", session.Error, () => models.ToList().ForEach(model => loaded.Load(model))))
        {
            OrderedWork.Run(
                cases, (check, limit) => new OutcomeWork(check, CheckRunner.TypeOf(check), loaded, options, limit, progress, Print), jobs: 1, limits);
        }

        progress.Clear();
        session.Out.Write(asJson ? OutcomeReport.Json(rows) : Summary(rows));
        if (rows.Count < cases.Length)
        {
            session.Error.WriteLine($"{limits.WhyOver ?? "a limit was reached"}: {cases.Length - rows.Count} of {cases.Length} cases were not begun");
        }

        // What is outside is an answer, whatever a limit left open besides.
        return rows.Any(row => row.Outside > 0) ? ExitCode.Violated
            : rows.Count < cases.Length || rows.Any(row => row.IsInconclusive) ? ExitCode.LimitHit
            : ExitCode.Holds;
    }

    /// <summary>The model that a processor keeps to.</summary>
    /// <exception cref="InputException">None is known.</exception>
    public static string ModelOf(Architecture host) => host switch
    {
        Architecture.X64 => "x86-tso",
        Architecture.Arm64 => "armv8",
        _ => throw new InputException(new InputError(
            "stress --outcomes", InputErrorCodes.UnknownHost, $"no memory model is known of this machine's processor ({host}), expected X64 or Arm64")),
    };

    private static string Summary(List<OutcomeRow> rows)
    {
        int outside = rows.Count(row => row.Outside > 0);
        int inconclusive = rows.Count(row => row.IsInconclusive);
        return $"{Counts.Plural(rows.Count, "case")}: inside {rows.Count - outside - inconclusive}, outside {outside}, inconclusive {inconclusive}\n";
    }
}
