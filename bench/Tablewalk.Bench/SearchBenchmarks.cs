using BenchmarkDotNet.Attributes;

namespace Tablewalk.Bench;

/// <summary>How fast one core goes through the executions of a program, and what an execution allocates.</summary>
[MemoryDiagnoser]
public class SearchBenchmarks : IDisposable
{
    private Workload? _workload;

    /// <summary>What can be measured.</summary>
    public static IEnumerable<string> Names => Workload.All.Keys;

    /// <summary>What is measured.</summary>
    [ParamsSource(nameof(Names))]
    public string Program { get; set; } = "";

    /// <summary>Sets up, lifts and parses, none of which is measured.</summary>
    [GlobalSetup]
    public void MakeReady() => _workload = Workload.All[Program]();

    /// <summary>Checks a claim on the program; without one looks at every execution once.</summary>
    [Benchmark]
    public long Search() => _workload!.Search().Executions;

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _workload?.Dispose();
        GC.SuppressFinalize(this);
    }
}
