using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Tablewalk.Mm;

/// <summary>What <see cref="Cpu.BugOn"/> found in native runs of this process.</summary>
public static class NativeClaims
{
    private static readonly ConcurrentDictionary<string, long> s_broken = new(StringComparer.Ordinal);

    /// <summary>How often each claim was broken since the last <see cref="Reset"/>, by name.</summary>
    public static ImmutableSortedDictionary<string, long> Broken =>
        s_broken.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The claims that were broken since the last <see cref="Reset"/>, each once, and forgets them. Nobody may break one meanwhile.</summary>
    public static ImmutableArray<string> Take()
    {
        if (s_broken.IsEmpty)
        {
            return [];
        }

        ImmutableArray<string> broken = [.. Broken.Keys];
        Reset();
        return broken;
    }

    /// <summary>Forgets everything recorded.</summary>
    public static void Reset() => s_broken.Clear();

    internal static void Record(string claim) => s_broken.AddOrUpdate(claim, 1, static (_, count) => count + 1);
}
