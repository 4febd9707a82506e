using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tablewalk.Report;

namespace Tablewalk.Cli;

/// <summary>Prints which places are reached.</summary>
internal static class ReachReport
{
    private const int MostNamed = 3;

    /// <summary>Grouped by member, in the order of files and lines.</summary>
    public static string Text(ImmutableArray<ReachedPlace> places)
    {
        var text = new StringBuilder();
        int kind = places.Max(place => place.Kind.Length);
        int name = places.Max(place => place.Call.Name.Length);
        foreach (IGrouping<(string File, string Method), ReachedPlace> member in ByMember(places))
        {
            text.Append(member.Key.Method).Append("  ").Append(member.Key.File).Append('\n');
            foreach (ReachedPlace place in member)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {place.Call.Place.Line,5}  {place.Kind.PadRight(kind)}  {place.Call.Name.PadRight(name)}  {ScenariosOf(place)}\n");
            }
        }

        return text.Append('\n').Append(Summary(places)).Append('\n').ToString();
    }

    /// <summary>A table of the members with what is reached in each, and each place that is not.</summary>
    public static string Markdown(ImmutableArray<ReachedPlace> places)
    {
        var text = new StringBuilder();
        text.Append(Summary(places)).Append(".\n\n| member | file | reached | of | not reached |\n|---|---|--:|--:|---|\n");
        foreach (IGrouping<(string File, string Method), ReachedPlace> member in ByMember(places))
        {
            IEnumerable<string> missing = member.Where(place => !place.IsReached).Select(place => string.Create(CultureInfo.InvariantCulture, $"`{place.Call.Name}` ({place.Call.Place.Line})"));
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{member.Key.Method}` | {member.Key.File} | {member.Count(place => place.IsReached)} | {member.Count()} | {string.Join(", ", missing)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The document that design.md promises, and each place's intrinsic beside it.</summary>
    public static string Json(ImmutableArray<ReachedPlace> places) => JsonReport.Document(ToolVersion.Text, json =>
    {
        json.WriteNumber("reached", places.Count(place => place.IsReached));
        json.WriteNumber("total", places.Length);
        json.WriteStartArray("places");
        foreach (ReachedPlace place in places)
        {
            Write(json, place);
        }

        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, ReachedPlace place)
    {
        json.WriteStartObject();
        json.WriteString("file", place.Call.Place.File);
        json.WriteNumber("line", place.Call.Place.Line);
        json.WriteString("member", place.Call.Place.Method);
        json.WriteString("kind", place.Kind);
        json.WriteString("intrinsic", place.Call.Name);
        json.WriteBoolean("reached", place.IsReached);
        json.WriteStartArray("scenarios");
        foreach (string scenario in place.Scenarios)
        {
            json.WriteStringValue(scenario);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<IGrouping<(string File, string Method), ReachedPlace>> ByMember(ImmutableArray<ReachedPlace> places) =>
        places.GroupBy(place => (place.Call.Place.File, place.Call.Place.Method));

    private static string Summary(ImmutableArray<ReachedPlace> places)
    {
        int reached = places.Count(place => place.IsReached);
        return string.Create(CultureInfo.InvariantCulture, $"{reached} of {places.Length} places reached, {100.0 * reached / places.Length:F1} %");
    }

    private static string ScenariosOf(ReachedPlace place) => place.Scenarios switch
    {
        [] => "NOT REACHED",
        { Length: <= MostNamed } all => string.Join(", ", all),
        var all => string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", all.Take(MostNamed))} and {all.Length - MostNamed} more"),
    };
}
