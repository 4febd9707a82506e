using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Tablewalk.Cli.Tests;

/// <summary>The command as a process, whose limits and signals end it whatever it is at. Alone, since others would take its time.</summary>
[Collection(nameof(StopTests))]
[CollectionDefinition(nameof(StopTests), DisableParallelization = true)]
public sealed class StopTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1); // as --timeout 1 says
    private static readonly TimeSpan s_mostAfterLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_mostEver = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tablewalk-");

    public static TheoryData<string> Commands => [.. SlowInputs.Commands];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_timeout_ends_the_command(string arguments)
    {
        using Process command = Start($"{arguments} --timeout 1");
        (TimeSpan length, string text, string errors) = await FinishAsync(command, afterFirstLine: _ => Task.CompletedTask);
        Assert.Equal(3, command.ExitCode);
        Assert.Contains("the limit of 1 s was reached", text + errors, StringComparison.Ordinal);
        Assert.InRange(length, TimeSpan.Zero, s_limit + s_mostAfterLimit);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_signal_ends_the_command(string arguments)
    {
        using Process command = Start(arguments);
        var sinceSignal = new Stopwatch();
        (_, string text, string errors) = await FinishAsync(command, async process =>
        {
            await Task.Delay(TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);
            Signal(process, "TERM");
            sinceSignal.Start();
        });
        sinceSignal.Stop();
        Assert.Equal(3, command.ExitCode);
        Assert.Contains("interrupted", text + errors, StringComparison.Ordinal);
        Assert.InRange(sinceSignal.Elapsed, TimeSpan.Zero, s_mostAfterLimit);
    }

    [Fact]
    public async Task An_interrupt_during_a_timeout_is_told_as_one_and_leaves_JSON_whole()
    {
        using Process command = Start("litmus stores.litmus weak.litmus --jobs 1 --format json --timeout 30");
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken); // nothing is printed before the end, which could be waited for
        Signal(command, "INT");
        (_, string text, string errors) = await FinishAsync(command, afterFirstLine: _ => Task.CompletedTask);
        Assert.Equal(3, command.ExitCode);
        Assert.Matches(@"^stores\.litmus: inconclusive after [\d,]*[1-9][\d,]* executions, [\d,]+ explored: interrupted\ninterrupted after 1 of 2 tests\n$", errors);
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement test = Assert.Single(document.RootElement.GetProperty("tests").EnumerateArray());
        Assert.Equal(("Unknown", "interrupted"), (test.GetProperty("observation").GetString(), test.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_limit_of_memory_ends_what_takes_more()
    {
        using Process command = Start("litmus quick.litmus largest.litmus --jobs 1 --memory 300 --timeout 50");
        (_, _, string errors) = await FinishAsync(command, afterFirstLine: _ => Task.CompletedTask);
        Assert.Equal(3, command.ExitCode);
        Assert.Contains("largest.litmus: inconclusive after 0 executions, 0 explored: memory: the limit of 300 MB was reached", errors, StringComparison.Ordinal);
    }

    private Process Start(string arguments)
    {
        foreach (string name in arguments.Split(' ').Select(word => Path.GetFileName(word)).Where(SlowInputs.Files.ContainsKey))
        {
            Write(name);
        }

        return Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "tablewalk"), arguments)
        {
            WorkingDirectory = _folder.FullName, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }

    private void Write(string name) => File.WriteAllText(Path.Combine(_folder.FullName, name), SlowInputs.Files[name]());

    private static void Signal(Process process, string signal)
    {
        using Process kill = Process.Start("kill", $"-{signal} {process.Id}");
        kill.WaitForExit();
    }

    /// <summary>Waits for the end, and measures how long that takes from the first line on: before it the runtime starts, and an answer comes that comes soon.</summary>
    private static async Task<(TimeSpan Length, string Out, string Error)> FinishAsync(Process process, Func<Process, Task> afterFirstLine)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_mostEver);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            string? first = await process.StandardOutput.ReadLineAsync(limit.Token);
            var watch = Stopwatch.StartNew();
            await afterFirstLine(process);
            string rest = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (watch.Elapsed, $"{first}\n{rest}", await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
