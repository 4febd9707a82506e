using System.Xml.Linq;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Tidy.Tests;

/// <summary>The packages that the repository names.</summary>
public sealed class PackageTests
{
    [Fact]
    public void A_package_that_has_a_version_is_referenced()
    {
        IEnumerable<string> versions = Named("PackageVersion", Repository.PathOf("Directory.Packages.props"));
        HashSet<string> references = [.. Sources.Find("*.csproj").Concat(Sources.Find("*.props")).SelectMany(file => Named("PackageReference", file))];
        Assert.NotEmpty(references);
        Findings.None(versions.Where(package => !references.Contains(package)));
    }

    private static IEnumerable<string> Named(string item, string file) => XDocument.Load(file).Descendants(item).Select(element => element.Attribute("Include")!.Value);
}
