using System.Text.Json;
using Tablewalk.Explore.Claims;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Report.Tests;

public sealed class JsonReportTests
{
    private static readonly VariantValue[] s_variants = [new("read", "ptep_get"), new("block", "4")];

    [Fact]
    public void The_document_is_as_promised() =>
        Golden.Matches(
            "Tablewalk.Report.Tests",
            "results.json",
            JsonReport.Write(
                "1.2.3",
                [
                    Samples.Row(new Verdict.Holds(), [.. s_variants]),
                    Samples.Row(new Verdict.Violated(Samples.MissedDirty), [.. s_variants]),
                    Samples.Row(new Verdict.Inconclusive("timeout")),
                ]));

    [Fact]
    public void Every_step_of_a_trace_has_every_field()
    {
        string json = JsonReport.Write("1.2.3", [Samples.Row(new Verdict.Violated(Samples.Everything))]);
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement trace = document.RootElement.GetProperty("results")[0].GetProperty("trace");
        Assert.Equal(Samples.Everything.Steps.Length, trace.GetArrayLength());
        Assert.All(
            trace.EnumerateArray(),
            step => Assert.Equal(["cpu", "source", "line", "op", "location", "value", "early"], step.EnumerateObject().Select(field => field.Name)));
    }
}
