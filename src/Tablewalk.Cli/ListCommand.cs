using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Tablewalk.Declare;
using Tablewalk.Judge;
using Tablewalk.Report;
using Tablewalk.Scenarios;

namespace Tablewalk.Cli;

/// <summary><c>tablewalk list</c>. Touches descriptions only: no model is read and no scenario is set up.</summary>
internal static class ListCommand
{
    /// <summary>Prints what there is.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(ImmutableArray<ScenarioDescription> catalog, bool asJson, Session session)
    {
        session.Out.Write(asJson ? Json(catalog) : Text(catalog));
        return ExitCode.Holds;
    }

    private static string Text(ImmutableArray<ScenarioDescription> catalog)
    {
        var text = new StringBuilder();
        text.Append("scenarios\n");
        foreach (ScenarioDescription scenario in catalog)
        {
            text.Append("  ").Append(scenario.Name).Append('\n');
            text.Append("      ").Append(scenario.Summary).Append('\n');
            AppendLine(text, "arch", string.Join(", ", scenario.Architectures));
            foreach (VariantDescription variant in scenario.Variants)
            {
                AppendLine(text, variant.Name, $"{string.Join(", ", variant.Values)} (default {DefaultOf(scenario, variant)}){ClaimsOf(variant)}");
            }

            AppendLine(text, "claims", string.Join(", ", scenario.Claims));
        }

        text.Append("architectures\n");
        foreach (string architecture in Architectures.Of(catalog))
        {
            text.Append("  ").Append(architecture.PadRight(10)).Append("judged by ").Append(Architectures.ModelOf(architecture)).Append('\n');
        }

        text.Append("models\n");
        text.Append("  ").AppendJoin(", ", ModelCatalog.Names).Append(", or a file of your own in the cat language: --model FILE.cat\n");
        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, string name, string values) =>
        text.Append("      ").Append(name.PadRight(11)).Append(values).Append('\n');

    private static string ClaimsOf(VariantDescription variant) => variant.Claims.IsEmpty ? "" : $" for {string.Join(", ", variant.Claims)}";

    private static string DefaultOf(ScenarioDescription scenario, VariantDescription variant)
    {
        string[] defaults = [.. scenario.Architectures.Select(variant.DefaultOn)];
        return defaults.Distinct().Count() == 1
            ? defaults[0]
            : string.Join(", ", scenario.Architectures.Zip(defaults, (architecture, value) => $"{value} on {architecture}"));
    }

    private static string Json(ImmutableArray<ScenarioDescription> catalog) => JsonReport.Document(ToolVersion.Text, json =>
    {
        json.WriteStartArray("scenarios");
        foreach (ScenarioDescription scenario in catalog)
        {
            WriteScenario(json, scenario);
        }

        json.WriteEndArray();
        json.WriteStartArray("architectures");
        foreach (string architecture in Architectures.Of(catalog))
        {
            json.WriteStartObject();
            json.WriteString("name", architecture);
            json.WriteString("model", Architectures.ModelOf(architecture));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteNames(json, "models", ModelCatalog.Names);
    });

    private static void WriteScenario(Utf8JsonWriter json, ScenarioDescription scenario)
    {
        json.WriteStartObject();
        json.WriteString("name", scenario.Name);
        json.WriteString("summary", scenario.Summary);
        WriteNames(json, "architectures", scenario.Architectures);
        json.WriteStartArray("variants");
        foreach (VariantDescription variant in scenario.Variants)
        {
            json.WriteStartObject();
            json.WriteString("name", variant.Name);
            WriteNames(json, "values", variant.Values);
            json.WriteStartObject("defaults");
            foreach (string architecture in scenario.Architectures)
            {
                json.WriteString(architecture, variant.DefaultOn(architecture));
            }

            json.WriteEndObject();
            WriteNames(json, "claims", scenario.Claims.Where(variant.IsFor));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteNames(json, "claims", scenario.Claims);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (string name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }
}
