using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>Native outcomes beside allowed ones, as text and as JSON.</summary>
internal static class OutcomeReport
{
    // More than anybody compares by eye. Then the extremes are shown: what comes always, hardly ever and never.
    private const int MostShown = 20;
    private const int MostOfEachExtreme = 5;

    /// <summary>A case as text: a line, and below it a table with a line for each outcome.</summary>
    public static string Text(OutcomeRow row)
    {
        var text = new StringBuilder();
        string allowed = $"{(row.IsListWhole ? "" : "at least ")}{Counts.Number(row.Allowed)} allowed";
        string undecided = row.Undecided == 0 ? "" : $", {Counts.Number(row.Undecided)} undecided";
        text.Append(CultureInfo.InvariantCulture, $"{row.Word}  {row.Case.Scenario.Name}  {row.Case.Claim}  {row.Case.Architecture}  {row.Case.Model}  {row.Case.VariantText}\n");
        text.Append(CultureInfo.InvariantCulture, $"    {Counts.Number(row.Rounds)} rounds: {Counts.Number(row.Seen)} outcomes seen, {allowed}, {Counts.Number(row.Outside)} outside{undecided}; {Counts.Seconds(row.Seconds)}\n");
        ImmutableArray<ToldOutcome> shown = Shown(row.Outcomes);
        text.Append(TextTable.Format(Table(row.Threads, shown), indent: 4));
        if (shown.Length < row.Outcomes.Length)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {Counts.Number(row.Outcomes.Length - shown.Length)} more are left out (--format json has them)\n");
        }

        if (row.MayTouchOutside)
        {
            text.Append("    some executions touch memory outside of the arena: they have no outcome\n");
        }

        return text.Append(row.Reason is null ? "" : $"    {(row.IsInconclusive ? "inconclusive" : "not looked for further")}: {row.Reason}\n").ToString();
    }

    /// <summary>All cases as a document.</summary>
    public static string Json(IEnumerable<OutcomeRow> rows) => JsonReport.Document(ToolVersion.Text, json =>
    {
        json.WriteStartArray("outcomes");
        foreach (OutcomeRow row in rows)
        {
            Write(json, row);
        }

        json.WriteEndArray();
    });

    private static ImmutableArray<ToldOutcome> Shown(ImmutableArray<ToldOutcome> all)
    {
        if (all.Length <= MostShown)
        {
            return all;
        }

        ToldOutcome[] outside = [.. all.Where(outcome => outcome.Standing == OutcomeStanding.Outside)];
        ToldOutcome[] came = [.. all.Where(outcome => outcome.Standing != OutcomeStanding.Outside && outcome.Rounds > 0)];
        ToldOutcome[] never = [.. all.Where(outcome => outcome.Rounds == 0)];
        return
        [
            .. outside.Take(MostShown), .. came.Take(MostOfEachExtreme), .. came.Skip(MostOfEachExtreme).TakeLast(MostOfEachExtreme),
            .. never.Take(MostOfEachExtreme),
        ];
    }

    // The final predicate may read other places after one outcome than after another, so each place has a column.
    private static List<string[]> Table(ImmutableArray<string> threads, ImmutableArray<ToldOutcome> outcomes)
    {
        if (outcomes.IsEmpty)
        {
            return [];
        }

        string[] places = [.. outcomes.SelectMany(outcome => outcome.Reads).Select(read => read.Location).Distinct()];
        List<string[]> table = [["rounds", .. threads, .. places, ""]];
        foreach (ToldOutcome outcome in outcomes)
        {
            string rounds = outcome.Rounds == 0 ? "never" : Counts.Number(outcome.Rounds);
            table.Add(
            [
                rounds, .. outcome.Results, .. places.Select(place => outcome.Reads.FirstOrDefault(read => read.Location == place).Value ?? ""), Remarks(outcome),
            ]);
        }

        return table;
    }

    private static string Remarks(ToldOutcome outcome)
    {
        string broken = outcome.Broken.IsEmpty ? "" : $"breaks {string.Join(", ", outcome.Broken)}";
        string standing = outcome.Standing switch
        {
            OutcomeStanding.Outside => "OUTSIDE",
            OutcomeStanding.Undecided => "undecided",
            _ => "",
        };
        return string.Join("; ", ((string[])[standing, broken]).Where(remark => remark.Length > 0));
    }

    private static void Write(Utf8JsonWriter json, OutcomeRow row)
    {
        json.WriteStartObject();
        json.WriteString("scenario", row.Case.Scenario.Name);
        json.WriteString("claim", row.Case.Claim);
        json.WriteString("arch", row.Case.Architecture);
        json.WriteString("model", row.Case.Model);
        JsonReport.WriteVariants(json, row.Case.Variants);
        json.WriteString("verdict", row.Word);
        json.WriteNumber("rounds", row.Rounds);
        json.WriteNumber("seen", row.Seen);
        json.WriteNumber("allowed", row.Allowed);
        json.WriteBoolean("allowedAreAll", row.IsListWhole);
        json.WriteNumber("outside", row.Outside);
        json.WriteNumber("undecided", row.Undecided);
        json.WriteBoolean("mayTouchOutside", row.MayTouchOutside);
        json.WritePropertyName("seconds");
        json.WriteRawValue(row.Seconds.ToString("0.000", CultureInfo.InvariantCulture));
        json.WriteStartArray("list");
        foreach (ToldOutcome outcome in row.Outcomes)
        {
            Write(json, row.Threads, outcome);
        }

        json.WriteEndArray();
        if (row.Reason is not null)
        {
            json.WriteString("reason", row.Reason);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ImmutableArray<string> threads, ToldOutcome outcome)
    {
        json.WriteStartObject();
        json.WriteString("standing", outcome.Standing switch
        {
            OutcomeStanding.Allowed => "allowed",
            OutcomeStanding.Outside => "outside",
            _ => "undecided",
        });
        json.WriteNumber("rounds", outcome.Rounds);
        json.WriteStartArray("threads");
        for (int t = 0; t < threads.Length; t++)
        {
            json.WriteStartObject();
            json.WriteString("name", threads[t]);
            json.WriteString("result", outcome.Results[t]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("final");
        foreach ((string location, string value) in outcome.Reads)
        {
            json.WriteStartObject();
            json.WriteString("location", location);
            json.WriteString("value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("broken");
        foreach (string claim in outcome.Broken)
        {
            json.WriteStringValue(claim);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
