using System.Reflection;
using System.Xml.Linq;
using NetArchTest.Rules;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Tidy.Tests;

/// <summary>Which part may know which: docs/adr, ARCHITECTURE.md. Arrows point one way only.</summary>
public sealed class ArrowTests
{
    // Each part, and the parts it may know. What a part knows through another one is listed as well: Report sees Ir through Explore.
    private static readonly Dictionary<string, string[]> s_mayKnow = new(StringComparer.Ordinal)
    {
        ["Mm"] = [],
        ["Declare"] = [],
        ["Ir"] = [],
        ["Relations"] = [],
        ["Cil"] = ["Ir"],
        ["Litmus"] = ["Ir"],
        ["Cat"] = ["Relations"],
        ["Explore"] = ["Ir", "Relations", "Cat"],
        ["Report"] = ["Explore"],
        ["Scenarios"] = ["Mm", "Declare"],
        ["Judge"] = ["Mm", "Declare", "Ir", "Cil", "Relations", "Cat", "Explore", "Report"],
        ["Cli"] = ["Mm", "Ir", "Relations", "Cil", "Litmus", "Cat", "Explore", "Report", "Declare", "Judge", "Scenarios"],
    };

    public static TheoryData<string> Parts =>
        [.. Directory.EnumerateDirectories(Repository.PathOf("src")).Select(folder => Path.GetFileName(folder)["Tablewalk.".Length..]).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_project_references_only_what_its_part_may_know(string part)
    {
        Assert.True(s_mayKnow.ContainsKey(part), $"src/Tablewalk.{part} is not in the list of parts");
        XDocument project = XDocument.Load(Repository.PathOf("src", $"Tablewalk.{part}", $"Tablewalk.{part}.csproj"));
        IEnumerable<string> references = project.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))["Tablewalk.".Length..]);
        Assert.Empty(references.Except(s_mayKnow[part], StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void No_project_gets_at_another_part_by_file_or_assembly(string part)
    {
        XDocument project = XDocument.Load(Repository.PathOf("src", $"Tablewalk.{part}", $"Tablewalk.{part}.csproj"));
        Assert.Empty(project.Descendants("Reference"));
        Assert.DoesNotContain(project.Descendants("Compile"), item => item.Attribute("Include") is not null);
    }

    [Fact]
    public void The_system_that_is_checked_knows_nothing_of_the_judge()
    {
        foreach (string part in (string[])["Mm", "Declare", "Scenarios"])
        {
            NetArchTest.Rules.TestResult result = Types.InAssembly(Assembly.Load($"Tablewalk.{part}"))
                .ShouldNot()
                .HaveDependencyOnAny("Tablewalk.Ir", "Tablewalk.Cil", "Tablewalk.Cat", "Tablewalk.Explore", "Tablewalk.Report", "Tablewalk.Judge", "Tablewalk.Cli")
                .GetResult();
            Assert.True(result.IsSuccessful, $"{part}: {string.Join(", ", result.FailingTypeNames ?? [])}");
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Repository.PathOf("Tablewalk.slnx"));
        Assert.All(Sources.Find("*.csproj"), project => Assert.Contains($"\"{Sources.RelativeTo(project)}\"", solution));
    }
}
