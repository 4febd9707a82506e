using Xunit;

namespace Tablewalk.Tidy.Tests;

/// <summary>What a rule found to complain about.</summary>
internal static class Findings
{
    /// <summary>Fails with every finding, one a line.</summary>
    public static void None(IEnumerable<string> findings)
    {
        string[] found = [.. findings];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }
}
