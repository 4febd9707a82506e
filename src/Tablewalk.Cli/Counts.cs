using System.Globalization;

namespace Tablewalk.Cli;

/// <summary>How numbers are written in text.</summary>
internal static class Counts
{
    /// <summary>How much a check looked at, in words.</summary>
    public static string Of(long executions, long explored) => $"{Number(executions)} executions, {Number(explored)} explored";

    /// <summary>A number in groups of three digits.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A time in seconds.</summary>
    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");

    /// <summary>A number and its noun.</summary>
    public static string Plural(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
