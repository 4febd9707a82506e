using System.Collections.Concurrent;
using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Tablewalk.Bench;

/// <summary>A column computed from how many executions the measured program has and how long one search of it took.</summary>
internal sealed class ExecutionColumn(string name, string legend, Func<(long Executions, long Explored), double, double, string> show) : IColumn
{
    private static readonly ConcurrentDictionary<string, (long Executions, long Explored)> s_counts = new(StringComparer.Ordinal);

    internal static IColumn[] All { get; } =
    [
        new ExecutionColumn("Executions", "Executions of the program", (c, _, _) => c.Executions.ToString("N0", CultureInfo.InvariantCulture)),
        new ExecutionColumn("Explored/Executions", "Branches followed for each execution", (c, _, _) => ((double)c.Explored / c.Executions).ToString("0.00", CultureInfo.InvariantCulture)),
        new ExecutionColumn("Executions/s", "Executions a second on one core", (c, seconds, _) => (c.Executions / seconds).ToString("N0", CultureInfo.InvariantCulture)),
        new ExecutionColumn("Explored/s", "Branches a second on one core", (c, seconds, _) => (c.Explored / seconds).ToString("N0", CultureInfo.InvariantCulture)),
        new ExecutionColumn("B/Execution", "Bytes allocated for each execution, a search's fixed costs included", (c, _, bytes) => (bytes / c.Executions).ToString("N1", CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public string Id => $"{nameof(ExecutionColumn)}.{name}";

    /// <inheritdoc/>
    public string ColumnName => name;

    /// <inheritdoc/>
    public bool AlwaysShow => true;

    /// <inheritdoc/>
    public ColumnCategory Category => ColumnCategory.Custom;

    /// <inheritdoc/>
    public int PriorityInCategory => 0;

    /// <inheritdoc/>
    public bool IsNumeric => true;

    /// <inheritdoc/>
    public UnitType UnitType => UnitType.Dimensionless;

    /// <inheritdoc/>
    public string Legend => legend;

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        if (summary[benchmarkCase] is not { ResultStatistics: { } statistics } report)
        {
            return "?";
        }

        var counts = s_counts.GetOrAdd((string)benchmarkCase.Parameters[nameof(SearchBenchmarks.Program)], CountOf);
        return show(counts, statistics.Mean / 1e9, report.GcStats.GetBytesAllocatedPerOperation(benchmarkCase) ?? 0);
    }

    /// <inheritdoc/>
    public bool IsAvailable(Summary summary) => true;

    /// <inheritdoc/>
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    private static (long Executions, long Explored) CountOf(string program)
    {
        using var workload = Workload.All[program]();
        return workload.Search();
    }
}
