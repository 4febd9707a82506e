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

    // Of processor time, which other processes take less from than from what a clock shows.
    private static double SearchesASecond(Workload workload, CancellationToken cancellation)
    {
        var (runs, before) = (0, Environment.CpuUsage.TotalTime);
        TimeSpan taken;
        do
        {
            workload.Search(cancellation);
            runs++;
            taken = Environment.CpuUsage.TotalTime - before;
        }
        while (taken < s_least);

        return runs / taken.TotalSeconds;
    }

    // Cells of a table: executions, explored, executions a second, MiB.
    private static string Measure(string name)
    {
        using var workload = Workload.All[name]();
        using var limit = new CancellationTokenSource(s_most);
        try
        {
            var before = Environment.CpuUsage.TotalTime;
            var (executions, explored) = workload.Search(limit.Token);
            if (Environment.CpuUsage.TotalTime - before < s_least)
            {
                _ = SearchesASecond(workload, limit.Token); // after which what is frequent is compiled for good
            }

            var rate = executions * SearchesASecond(workload, limit.Token);
            using var process = Process.GetCurrentProcess();
            return string.Create(CultureInfo.InvariantCulture, $"{executions:N0} | {explored:N0} | {rate:N0} | {process.PeakWorkingSet64 >> 20:N0}");
        }
        catch (OperationCanceledException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"more than {s_most.TotalSeconds:0} s | | |");
        }
    }
}
