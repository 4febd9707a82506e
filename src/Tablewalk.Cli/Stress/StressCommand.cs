using System.Collections.Immutable;
using System.Diagnostics;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>What <c>tablewalk stress</c> is asked for.</summary>
/// <param name="Scenarios">Scenarios to run natively; the whole memory manager if none is named.</param>
/// <param name="Architectures">Architectures; all if none is named.</param>
/// <param name="Length">How long each runs.</param>
/// <param name="Seed">What the threads' sequences of operations come from.</param>
/// <param name="Fault">A fault to seed; null for none.</param>
/// <param name="AsJson">Whether the answer is JSON, and comes at the end.</param>
internal sealed record StressRequest(
    ImmutableArray<string> Scenarios, ImmutableArray<string> Architectures, TimeSpan Length, int Seed, string? Fault, bool AsJson);

/// <summary>The command <c>stress</c>: runs the code that is checked on real threads.</summary>
internal static class StressCommand
{
    private static readonly ImmutableDictionary<string, MmuArchitecture> s_architectures = new Dictionary<string, MmuArchitecture>(StringComparer.Ordinal)
    {
        ["arm64"] = MmuArchitecture.Arm64,
        ["x86_64"] = MmuArchitecture.X86_64,
        ["x86_pae"] = MmuArchitecture.X86Pae,
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Runs it.</summary>
    /// <returns>0 if nothing was violated, 1 if something was.</returns>
    /// <exception cref="InputException">A name is unknown.</exception>
    public static int Run(ImmutableArray<ScenarioDescription> catalog, StressRequest request, Session session)
    {
        Validate(catalog, request);
        IEnumerable<IStressAnswer> answers = request.Scenarios.IsEmpty
            ? ArchitecturesOf(request).TakeWhile(_ => !session.Cancellation.IsCancellationRequested).Select(architecture => RunMachine(architecture, request, session))
            : request.Scenarios.SelectMany(name => RunScenario(catalog.Single(s => s.Name == name), request, session));
        List<IStressAnswer> all = [];
        foreach (IStressAnswer answer in answers)
        {
            all.Add(answer);
            if (!request.AsJson)
            {
                session.Out.Write(answer.Text);
            }
        }

        if (request.AsJson)
        {
            session.Out.Write(StressReport.Json(all));
        }

        return all.TrueForAll(static answer => answer.Holds) ? ExitCode.Holds : ExitCode.Violated;
    }

    private static IEnumerable<string> ArchitecturesOf(StressRequest request) =>
        request.Architectures.IsEmpty ? s_architectures.Keys.Order(StringComparer.Ordinal) : request.Architectures;

    private static void Validate(ImmutableArray<ScenarioDescription> catalog, StressRequest request)
    {
        ImmutableArray<string> architectures = [.. s_architectures.Keys.Order(StringComparer.Ordinal)];
        InputError[] errors =
        [
            .. request.Architectures.Where(name => !s_architectures.ContainsKey(name))
                .Select(name => InputError.NoSuch($"--arch {name}", JudgeErrorCodes.UnknownArchitecture, $"unknown architecture '{name}'", name, architectures)),
            .. request.Scenarios.Where(name => catalog.All(s => s.Name != name))
                .Select(name => InputError.NoSuch("tablewalk stress", InputErrorCodes.UnknownScenario, $"unknown scenario '{name}'", name, [.. catalog.Select(s => s.Name)])),
        ];
        if (request.Fault is { } fault && !StressFaults.Names.Contains(fault))
        {
            errors = [.. errors, InputError.NoSuch($"--fault {fault}", InputErrorCodes.UnknownFault, $"unknown fault '{fault}'", fault, StressFaults.Names)];
        }

        if (errors.Length > 0)
        {
            throw new InputException([.. errors]);
        }
    }

    private static MachineAnswer RunMachine(string architecture, StressRequest request, Session session)
    {
        using StressRun run = new(s_architectures[architecture], request.Seed, request.Fault);
        StressResult result = run.Run(
            request.Length,
            (operations, elapsed) => ShowProgress(session, $"stress {architecture}: {operations:N0} operations, {elapsed.TotalSeconds:0} s"),
            session.Cancellation);
        ClearProgress(session);
        return new MachineAnswer(architecture, request.Seed, result);
    }

    private static IEnumerable<IStressAnswer> RunScenario(ScenarioDescription scenario, StressRequest request, Session session)
    {
        foreach (string architecture in scenario.Architectures.Where(name => request.Architectures.IsEmpty || request.Architectures.Contains(name)))
        {
            foreach (string claim in scenario.Claims)
            {
                Dictionary<string, string> variants = scenario.Variants.ToDictionary(v => v.Name, v => v.DefaultOn(architecture), StringComparer.Ordinal);
                Type type = scenario.Instantiate(new ScenarioSelection(architecture, claim, variants));
                Stopwatch watch = Stopwatch.StartNew();
                long rounds = 0;
                ImmutableSortedDictionary<string, long> broken = NativeScenario.Run(type, (done, _) =>
                {
                    rounds = done;
                    return watch.Elapsed >= request.Length || session.Cancellation.IsCancellationRequested;
                });
                yield return new ScenarioAnswer(scenario.Name, claim, architecture, rounds, watch.Elapsed, broken);
            }
        }
    }

    private static void ShowProgress(Session session, string text)
    {
        if (session.ShowsProgress)
        {
            session.Error.Write($"\r\e[K{text}");
            session.Error.Flush();
        }
    }

    private static void ClearProgress(Session session)
    {
        if (session.ShowsProgress)
        {
            session.Error.Write("\r\e[K");
        }
    }
}
