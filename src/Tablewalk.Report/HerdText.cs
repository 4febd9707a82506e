using System.Globalization;
using System.Text;

namespace Tablewalk.Report;

/// <summary>Results of litmus tests as herd7 prints them, so that its users' scripts go on working. The line <c>Hash</c> is left out.</summary>
public static class HerdText
{
    /// <summary>The block of one test, with an empty line at its end.</summary>
    public static string Of(LitmusRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var text = new StringBuilder();
        if (row.Unknown is not null)
        {
            return text.Append($"Test {row.Name} {row.Kind}\nUnknown\nReason {row.Unknown}\nObservation {row.Name} Unknown\n")
                .Append(Time(row)).Append("\n\n").ToString();
        }

        text.Append($"Test {row.Name} {row.Kind}\n");
        text.Append(CultureInfo.InvariantCulture, $"States {row.States.Length}\n");
        foreach (var state in row.States)
        {
            text.Append(state).Append('\n');
        }

        text.Append(row.IsValidated ? "Ok" : "No").Append("\nWitnesses\n");
        text.Append(CultureInfo.InvariantCulture, $"Positive: {row.Positive} Negative: {row.Negative}\n");
        foreach (var flag in row.Flags)
        {
            text.Append($"Flag {flag}\n");
        }

        text.Append($"Condition {row.Condition}\n");
        text.Append(CultureInfo.InvariantCulture, $"Observation {row.Name} {row.Observation} {row.Positive} {row.Negative}\n");
        return text.Append(Time(row)).Append("\n\n").ToString();
    }

    private static string Time(LitmusRow row) => string.Create(CultureInfo.InvariantCulture, $"Time {row.Name} {row.Seconds:0.00}");
}
