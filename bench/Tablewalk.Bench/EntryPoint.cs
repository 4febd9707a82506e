using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Tablewalk.Bench;

/// <summary>Runs the benchmarks; takes BenchmarkDotNet's own arguments.</summary>
internal static class EntryPoint
{
    private static int Main(string[] args)
    {
        if (args is ["quick"]) { foreach (var (n, make) in Workload.All.Reverse()) { using var w = make(); w.Count(); var b = GC.GetTotalAllocatedBytes(true); var t = System.Diagnostics.Stopwatch.StartNew(); var c = w.Count(); Console.WriteLine($"{n}: {c} {t.Elapsed.TotalSeconds:0.000} s {c.Executions / t.Elapsed.TotalSeconds:0}/s {(GC.GetTotalAllocatedBytes(true) - b) / (double)c.Executions:0.0} B"); } return 0; }
        // In this process: a generated project would be built under this repository's rules, which are not for generated code.
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumn(ExecutionColumn.All);
        BenchmarkSwitcher.FromAssembly(typeof(EntryPoint).Assembly).Run(args.Length > 0 ? args : ["--filter", "*"], config);
        return 0;
    }
}
