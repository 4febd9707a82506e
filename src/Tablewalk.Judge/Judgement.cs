using System.Globalization;
using System.Text;
using Tablewalk.Explore.Claims;
using Tablewalk.Report;

namespace Tablewalk.Judge;

/// <summary>What became of one claim: what was asked, and the verdict.</summary>
/// <param name="Row">The same as reports take it, for <see cref="JsonReport"/>.</param>
public sealed record Judgement(ResultRow Row)
{
    /// <summary>The scenario's name: that of its type, as C# writes it, without namespaces.</summary>
    public string Scenario => Row.Scenario;

    /// <summary>The claim, as a <c>Cpu.BugOn</c> of the scenario names it.</summary>
    public string Claim => Row.Claim;

    /// <summary>The architecture's name.</summary>
    public string Architecture => Row.Architecture;

    /// <summary>The memory model's name or file.</summary>
    public string Model => Row.Model;

    /// <summary>Holds, violated with its counterexample, or inconclusive with the reason.</summary>
    public Verdict Verdict => Row.Result.Verdict;

    /// <summary>The verdict in words: a line with what was asked, then, for a violation, the race table; for an inconclusive one, why, and how far it came.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Row.VerdictWord}: {Scenario}, {Claim}, {Architecture}, {Model}");
        foreach (string flag in Row.Result.Flags)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n    Flag {flag}");
        }

        return Verdict switch
        {
            Verdict.Violated violated => text.Append("\n\n").Append(DistilledTable.Write(violated.Counterexample, title: null)).ToString(),
            Verdict.Inconclusive unknown => text.Append(CultureInfo.InvariantCulture, $": {unknown.Reason} after {HowFar}").ToString(),
            _ => text.Append(CultureInfo.InvariantCulture, $": {HowFar}").ToString(),
        };
    }

    private string HowFar => string.Create(CultureInfo.InvariantCulture, $"{Row.Result.Executions:N0} executions, {Row.Result.Explored:N0} explored");
}
