using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Witness;

namespace Tablewalk.Report;

/// <summary>The results as JSON. Fields and their order are a promise to whoever parses it.</summary>
public static class JsonReport
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // source text stays readable; nothing here ends up in HTML
    };

    /// <summary>The document for these results, with a line feed at its end.</summary>
    /// <param name="version">The tool's version.</param>
    /// <param name="rows">The results, in the order in which they are listed.</param>
    public static string Write(string version, IEnumerable<ResultRow> rows) =>
        Document(version, json => WriteArray(json, "results", rows, WriteRow));

    /// <summary>The document for the results of litmus tests, with a line feed at its end.</summary>
    /// <param name="version">The tool's version.</param>
    /// <param name="rows">The results, in the order in which they are listed.</param>
    public static string Write(string version, IEnumerable<LitmusRow> rows) =>
        Document(version, json => WriteArray(json, "tests", rows, WriteRow));

    /// <summary>A document of the tool: an object that begins with the tool and its version, with a line feed after it.</summary>
    /// <param name="version">The tool's version.</param>
    /// <param name="writeContents">Writes the object's other properties.</param>
    public static string Document(string version, Action<Utf8JsonWriter> writeContents)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("tool", "tablewalk");
            json.WriteString("version", version);
            writeContents(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>Writes the property that has the value of each variant.</summary>
    public static void WriteVariants(Utf8JsonWriter json, ImmutableArray<VariantValue> variants)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject("variants");
        foreach (VariantValue variant in variants)
        {
            json.WriteString(variant.Name, variant.Value);
        }

        json.WriteEndObject();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> elements, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T element in elements)
        {
            write(json, element);
        }

        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, LitmusRow row)
    {
        json.WriteStartObject();
        json.WriteString("file", row.File);
        json.WriteString("name", row.Name);
        json.WriteString("observation", row.Observation);
        json.WriteNumber("positive", row.Positive);
        json.WriteNumber("negative", row.Negative);
        json.WriteStartArray("states");
        foreach (string state in row.States)
        {
            json.WriteStringValue(state);
        }

        json.WriteEndArray();
        json.WriteString("expected", row.Expected);
        if (row.Agrees is { } agrees)
        {
            json.WriteBoolean("agrees", agrees);
        }
        else
        {
            json.WriteNull("agrees");
        }

        json.WriteNumber("executions", row.Executions);
        json.WriteNumber("explored", row.Explored);
        json.WritePropertyName("seconds");
        json.WriteRawValue(row.Seconds.ToString("0.000", CultureInfo.InvariantCulture));
        WriteReason(json, row.Unknown);
        WriteFlags(json, row.Flags);
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, ResultRow row)
    {
        json.WriteStartObject();
        json.WriteString("scenario", row.Scenario);
        json.WriteString("claim", row.Claim);
        json.WriteString("arch", row.Architecture);
        json.WriteString("model", row.Model);
        WriteVariants(json, row.Variants);
        json.WriteString("verdict", row.VerdictWord);
        json.WriteNumber("executions", row.Result.Executions);
        json.WriteNumber("explored", row.Result.Explored);
        json.WritePropertyName("seconds");
        json.WriteRawValue(row.Seconds.ToString("0.000", CultureInfo.InvariantCulture));
        json.WriteStartArray("trace");
        if (row.Result.Verdict is Verdict.Violated violated)
        {
            foreach (Step step in violated.Counterexample.Steps)
            {
                WriteStep(json, step);
            }
        }

        json.WriteEndArray();
        WriteReason(json, (row.Result.Verdict as Verdict.Inconclusive)?.Reason);
        WriteFlags(json, row.Result.Flags);
        json.WriteEndObject();
    }

    // Of what has no answer.
    private static void WriteReason(Utf8JsonWriter json, string? reason)
    {
        if (reason is not null)
        {
            json.WriteString("reason", reason);
        }
    }

    // Few models raise any.
    private static void WriteFlags(Utf8JsonWriter json, ImmutableArray<string> flags)
    {
        if (flags.Length > 0)
        {
            WriteArray(json, "flags", flags, (writer, flag) => writer.WriteStringValue(flag));
        }
    }

    private static void WriteStep(Utf8JsonWriter json, Step step)
    {
        json.WriteStartObject();
        json.WriteNumber("cpu", step.Cpu);
        json.WriteString("source", step.Source?.Text.Trim() ?? "");
        json.WriteString("line", StepText.Place(step));
        json.WriteString("op", step.Operation);
        json.WriteString("location", step.Location);
        json.WriteString("value", StepText.HasValue(step) ? step.Description ?? $"0x{step.Value:x}" : "");
        json.WriteBoolean("early", step.Early);
        json.WriteEndObject();
    }
}
