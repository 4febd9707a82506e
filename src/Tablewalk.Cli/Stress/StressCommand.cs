using System.Collections.Immutable;
using System.Diagnostics;
using Tablewalk.Mm;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary>What <c>tablewalk stress</c> is asked for.</summary>
/// <param name="Scenarios">Scenarios to run natively; the whole memory manager if none is named.</param>
/// <param name="Architectures">Architectures; all if none is named.</param>
/// <param name="Length">How long each runs.</param>
/// <param name="Seed">What the threads' sequences of operations come from.</param>
/// <param name="Fault">A fault to seed; null for none.</param>
internal sealed record StressRequest(
    ImmutableArray<string> Scenarios, ImmutableArray<string> Architectures, TimeSpan Length, int Seed, string? Fault);

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
        bool holds = request.Scenarios.IsEmpty
            ? ArchitecturesOf(request).Aggregate(true, (all, architecture) => RunMachine(architecture, request, session) && all)
            : request.Scenarios.Aggregate(true, (all, name) => RunScenario(catalog.Single(s => s.Name == name), request, session) && all);
        return holds ? ExitCode.Holds : ExitCode.Violated;
    }

    private static IEnumerable<string> ArchitecturesOf(StressRequest request) =>
        request.Architectures.IsEmpty ? s_architectures.Keys.Order(StringComparer.Ordinal) : request.Architectures;

    private static void Validate(ImmutableArray<ScenarioDescription> catalog, StressRequest request)
    {
        ImmutableArray<string> architectures = [.. s_architectures.Keys.Order(StringComparer.Ordinal)];
        InputError[] errors =
        [
            .. request.Architectures.Where(name => !s_architectures.ContainsKey(name))
                .Select(name => InputError.NoSuch($"--arch {name}", "TW0020", $"unknown architecture '{name}'", name, architectures)),
            .. request.Scenarios.Where(name => catalog.All(s => s.Name != name))
                .Select(name => InputError.NoSuch("tablewalk stress", "TW0021", $"unknown scenario '{name}'", name, [.. catalog.Select(s => s.Name)])),
        ];
        if (request.Fault is { } fault && !StressFaults.Names.Contains(fault))
        {
            errors = [.. errors, InputError.NoSuch($"--fault {fault}", "TW0022", $"unknown fault '{fault}'", fault, StressFaults.Names)];
        }

        if (errors.Length > 0)
        {
            throw new InputException([.. errors]);
        }
    }

    private static bool RunMachine(string architecture, StressRequest request, Session session)
    {
        if (session.Cancellation.IsCancellationRequested)
        {
            return true;
        }

        using StressRun run = new(s_architectures[architecture], request.Seed, request.Fault);
        StressResult result = run.Run(
            request.Length,
            (operations, elapsed) => ShowProgress(session, $"stress {architecture}: {operations:N0} operations, {elapsed.TotalSeconds:0} s"),
            session.Cancellation);
        ClearProgress(session);
        session.Out.WriteLine(
            $"stress {architecture}: {result.Operations.Values.Sum():N0} operations in {result.Elapsed.TotalSeconds:0.0} s, seed {request.Seed}, "
            + (result.Violations.IsEmpty ? "no violation" : "VIOLATED"));
        session.Out.WriteLine($"  {string.Join(", ", result.Operations.Select(kind => $"{kind.Key} {kind.Value:N0}"))}");
        foreach (string violation in result.Violations)
        {
            session.Out.WriteLine($"  {violation}");
        }

        return result.Violations.IsEmpty;
    }

    private static bool RunScenario(ScenarioDescription scenario, StressRequest request, Session session)
    {
        bool holds = true;
        foreach (string architecture in scenario.Architectures.Where(name => request.Architectures.IsEmpty || request.Architectures.Contains(name)))
        {
            foreach (string claim in scenario.Claims)
            {
                Dictionary<string, string> variants = scenario.Variants.ToDictionary(v => v.Name, v => v.DefaultOn(architecture), StringComparer.Ordinal);
                Type type = scenario.Instantiate(new ScenarioSelection(architecture, claim, variants));
                Stopwatch watch = Stopwatch.StartNew();
                long rounds = 0;
                ImmutableSortedDictionary<string, long> broken = NativeScenario.Run(type, done =>
                {
                    rounds = done;
                    return watch.Elapsed >= request.Length || session.Cancellation.IsCancellationRequested;
                });
                holds &= broken.IsEmpty;
                string verdict = broken.IsEmpty ? "no violation" : $"VIOLATED: {string.Join(", ", broken.Select(found => $"{found.Key} {found.Value:N0} times"))}";
                session.Out.WriteLine($"stress {scenario.Name} {claim} {architecture}: {rounds:N0} rounds in {watch.Elapsed.TotalSeconds:0.0} s, {verdict}");
            }
        }

        return holds;
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
