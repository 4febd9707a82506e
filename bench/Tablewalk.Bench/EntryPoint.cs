using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Tablewalk.Bench;

/// <summary>Runs the benchmarks; takes BenchmarkDotNet's own arguments, or <c>once</c> and names of programs.</summary>
internal static class EntryPoint
{
    internal const string Once = "once";

    private static int Main(string[] args)
    {
        if (args is [Once, .. var names])
        {
            SingleRuns.Run(names);
            return 0;
        }

        // In this process: a generated project would be built under this repository's rules, which are not for generated code.
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumn(ExecutionColumn.All);
        BenchmarkSwitcher.FromAssembly(typeof(EntryPoint).Assembly).Run(args.Length > 0 ? args : ["--filter", "*"], config);
        return 0;
    }
}
