using BenchmarkDotNet.Attributes;
using Tablewalk.Scenarios;

namespace Tablewalk.Bench;

/// <summary>What accessors and walks cost, each beside what it is compared with. The command <c>bench</c> measures the same as ratios.</summary>
public class WalkBenchmarks : IDisposable
{
    private const int Times = 1000;
    private Costs? _costs;
    private CostComparison? _comparison;

    /// <summary>What can be measured.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            using Costs costs = new();
            return [.. costs.All.Select(comparison => comparison.Name)];
        }
    }

    /// <summary>What is measured.</summary>
    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    /// <summary>Sets up.</summary>
    [GlobalSetup]
    public void MakeReady()
    {
        _costs = new Costs();
        _comparison = _costs.All.Single(comparison => comparison.Name == Name);
    }

    /// <summary>The baseline.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Times)]
    public void Baseline() => _comparison!.Baseline(Times);

    /// <summary>The subject.</summary>
    [Benchmark(OperationsPerInvoke = Times)]
    public void Subject() => _comparison!.Subject(Times);

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _costs?.Dispose();
        GC.SuppressFinalize(this);
    }
}
