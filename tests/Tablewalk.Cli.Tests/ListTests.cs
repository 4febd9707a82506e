using System.Text.Json;
using Tablewalk.Scenarios;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Cli.Tests;

public sealed class ListTests
{
    [Fact]
    public void The_list_names_scenarios_architectures_models_and_variants() =>
        Golden.Matches("Tablewalk.Cli.Tests", "list.txt", CommandRun.Of(Catalog.All, "list").Out);

    [Fact]
    public void The_list_as_JSON_has_the_same_names()
    {
        CommandRun run = CommandRun.Of(Catalog.All, "list --format json");
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Catalog.All.Select(scenario => scenario.Name), NamesIn(document, "scenarios"));
        Assert.Equal(["arm64", "x86_64", "x86_pae"], NamesIn(document, "architectures"));
        Assert.Equal(["armv8", "riscv", "sc", "x86-tso"], document.RootElement.GetProperty("models").EnumerateArray().Select(name => name.GetString()));
    }

    private static IEnumerable<string?> NamesIn(JsonDocument document, string property) =>
        document.RootElement.GetProperty(property).EnumerateArray().Select(item => item.GetProperty("name").GetString());
}
