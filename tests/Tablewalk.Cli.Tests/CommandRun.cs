using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Tablewalk.Declare;
using Tablewalk.Scenarios;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>What one run of the command printed, and its exit status.</summary>
internal sealed partial record CommandRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs the command in this process.</summary>
    public static CommandRun Of(ImmutableArray<ScenarioDescription> catalog, string arguments) =>
        Run(catalog, arguments, TestContext.Current.CancellationToken);

    /// <summary>Runs the command in this process, interrupted from the start.</summary>
    public static CommandRun Interrupted(ImmutableArray<ScenarioDescription> catalog, string arguments) =>
        Run(catalog, arguments, new CancellationToken(canceled: true));

    /// <summary>Runs the command in this process as if it were on another machine.</summary>
    public static CommandRun On(Architecture host, ImmutableArray<ScenarioDescription> catalog, string arguments) =>
        Run(catalog, arguments, TestContext.Current.CancellationToken, host);

    private static CommandRun Run(ImmutableArray<ScenarioDescription> catalog, string arguments, CancellationToken cancellation, Architecture? host = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        string[] words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int exitCode = CommandLine.Run(words, Session(), catalog);
        return new CommandRun(exitCode, output.ToString(), error.ToString());

        Session Session()
        {
            var session = new Session(output, error, ShowsProgress: false, cancellation);
            return host is { } other ? session with { Host = other } : session;
        }
    }

    /// <summary>A text with its times taken out: whatever a clock had a part in.</summary>
    public static string WithoutTimes(string text) => JsonTime().Replace(Time().Replace(text, "  #.## s"), "\"seconds\": #");

    // With the padding before it, whose width depends on the time.
    [GeneratedRegex(@" +\d+\.\d\d s\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"""seconds"": \d+\.\d+")]
    private static partial Regex JsonTime();
}
