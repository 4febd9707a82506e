using Tablewalk.Samples;
using Xunit;

namespace Tablewalk.Mm.Tests.SoftwareMmu;

[Collection("native")]
public sealed class SampleTests
{
    [Fact]
    public void The_migration_ends_with_equal_memories_and_says_what_the_guide_shows()
    {
        StringWriter output = new();
        Assert.True(EntryPoint.Run(output));
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string guide = File.ReadAllText(GuidePath());
        Assert.Contains(lines[0], guide, StringComparison.Ordinal);
        Assert.Contains(lines[^1], guide, StringComparison.Ordinal);
        Assert.Equal("round 1: 2,048 pages copied while the guest ran", lines[1]);
        Assert.Contains(lines[1], guide, StringComparison.Ordinal);
    }

    private static string GuidePath()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "docs", "guide.md")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return Path.Combine(folder ?? throw new InvalidOperationException("docs/guide.md is nowhere above the test"), "docs", "guide.md");
    }
}
