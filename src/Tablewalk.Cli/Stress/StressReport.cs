using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>What one run of <c>stress</c> has to say.</summary>
internal interface IStressAnswer
{
    /// <summary>Whether nothing was violated.</summary>
    bool Holds { get; }

    /// <summary>The answer as text, lines with line feeds.</summary>
    string Text { get; }

    /// <summary>Writes the properties of a JSON object.</summary>
    void WriteTo(Utf8JsonWriter json);
}

/// <summary>The answers as a document.</summary>
internal static class StressReport
{
    internal static string Json(IEnumerable<IStressAnswer> answers) => JsonReport.Document(ToolVersion.Text, json =>
    {
        json.WriteStartArray("runs");
        foreach (IStressAnswer answer in answers)
        {
            json.WriteStartObject();
            answer.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}

/// <summary>Of the whole memory manager on one architecture.</summary>
internal sealed record MachineAnswer(string Architecture, int Seed, StressResult Result) : IStressAnswer
{
    public bool Holds => Result.Violations.IsEmpty;

    public string Text
    {
        get
        {
            StringBuilder text = new();
            text.Append($"stress {Architecture}: {Result.Operations.Values.Sum():N0} operations in {Result.Elapsed.TotalSeconds:0.0} s, seed {Seed}, ")
                .Append(Holds ? "no violation\n" : "VIOLATED\n")
                .Append($"  {string.Join(", ", Result.Operations.Select(kind => $"{kind.Key} {kind.Value:N0}"))}\n");
            if (Result is { MemoryAtStart: { } atStart, MemoryAtEnd: { } atEnd })
            {
                text.Append($"  memory after the warm-up: {atStart}\n  memory at the end: {atEnd}\n");
            }

            return text.AppendJoin("", Result.Violations.Select(static violation => $"  {violation}\n")).ToString();
        }
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("architecture", Architecture);
        json.WriteNumber("seed", Seed);
        json.WriteNumber("seconds", Math.Round(Result.Elapsed.TotalSeconds, 1));
        json.WriteStartObject("operations");
        foreach ((string kind, long count) in Result.Operations)
        {
            json.WriteNumber(kind, count);
        }

        json.WriteEndObject();
        WriteMemory(json, "memoryAfterWarmUp", Result.MemoryAtStart);
        WriteMemory(json, "memoryAtEnd", Result.MemoryAtEnd);
        json.WriteStartArray("violations");
        foreach (string violation in Result.Violations)
        {
            json.WriteStringValue(violation);
        }

        json.WriteEndArray();
    }

    private static void WriteMemory(Utf8JsonWriter json, string name, MemoryUse? memory)
    {
        if (memory is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("arenaPages", memory.ArenaPages);
        json.WriteNumber("heapBytes", memory.HeapBytes);
        json.WriteNumber("residentBytes", memory.ResidentBytes);
        json.WriteEndObject();
    }
}

/// <summary>Of a scenario's threads.</summary>
internal sealed record ScenarioAnswer(
    string Scenario, string Claim, string Architecture, long Rounds, TimeSpan Elapsed, ImmutableSortedDictionary<string, long> Broken) : IStressAnswer
{
    public bool Holds => Broken.IsEmpty;

    public string Text
    {
        get
        {
            string verdict = Holds ? "no violation" : $"VIOLATED: {string.Join(", ", Broken.Select(found => $"{found.Key} {found.Value:N0} times"))}";
            return $"stress {Scenario} {Claim} {Architecture}: {Rounds:N0} rounds in {Elapsed.TotalSeconds:0.0} s, {verdict}\n";
        }
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("scenario", Scenario);
        json.WriteString("claim", Claim);
        json.WriteString("architecture", Architecture);
        json.WriteNumber("seconds", Math.Round(Elapsed.TotalSeconds, 1));
        json.WriteNumber("rounds", Rounds);
        json.WriteStartObject("violations");
        foreach ((string claim, long count) in Broken)
        {
            json.WriteNumber(claim, count);
        }

        json.WriteEndObject();
    }
}
