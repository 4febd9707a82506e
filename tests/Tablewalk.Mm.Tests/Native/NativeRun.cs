using Tablewalk.Scenarios;

namespace Tablewalk.Mm.Tests.Native;

/// <summary>Runs a closed scenario type natively.</summary>
internal static class NativeRun
{
    /// <summary>How often each claim broke in that many rounds, or until <paramref name="stopAt"/> did.</summary>
    internal static IReadOnlyDictionary<string, long> Of(Type scenario, int rounds, string? stopAt = null) =>
        NativeScenario.Run(scenario, (done, broken) => done >= rounds || (stopAt is not null && broken.ContainsKey(stopAt)));
}
