using System.Diagnostics;
using System.Globalization;

namespace Tablewalk.Bench;

/// <summary>Searches each program alone, for docs/performance.md: faster than a benchmark, and with the memory that a process needed at most.</summary>
internal static class SingleRuns
{
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(120);

    /// <summary>Searches the named programs here; without a name, each in a process of its own, since memory is that of a process.</summary>
    internal static void Run(string[] names)
    {
        foreach (var name in names)
        {
            Console.WriteLine($"| {name} | {Measure(name)} |");
        }

        foreach (var name in names.Length == 0 ? Workload.All.Keys : [])
        {
            using var process = Process.Start(Environment.ProcessPath!, [EntryPoint.Once, name]);
            process.WaitForExit();
        }
    }

    // Cells of a table: executions, explored, executions a second, MiB.
    private static string Measure(string name)
    {
        using var workload = Workload.All[name]();
        using var limit = new CancellationTokenSource(s_most);
        try
        {
            var (executions, explored) = workload.Search(limit.Token); // and most of it is compiled
            var (runs, watch) = (0, Stopwatch.StartNew());
            do
            {
                workload.Search(limit.Token);
                runs++;
            }
            while (watch.Elapsed < s_least);

            using var process = Process.GetCurrentProcess();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{executions:N0} | {explored:N0} | {executions * runs / watch.Elapsed.TotalSeconds:N0} | {process.PeakWorkingSet64 >> 20:N0}");
        }
        catch (OperationCanceledException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"more than {s_most.TotalSeconds:0} s | | |");
        }
    }
}
