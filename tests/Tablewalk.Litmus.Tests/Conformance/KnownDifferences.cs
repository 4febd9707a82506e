namespace Tablewalk.Litmus.Tests.Conformance;

/// <summary>
/// The tests whose verdict is not the suite's, each with its paragraph in docs/conformance.md. One that begins to agree must be taken away here.
/// </summary>
internal static class KnownDifferences
{
    public static IReadOnlyDictionary<string, string[]> BySuite { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["aarch64-down-one-leg"] =
        [
            "H10X", "H11bQ", "H16X", "H6X", "H7X", "H8X", "MP+DMB.ST+CSEL", "SpecCE-04", "SpecCE-05", "SpecRfeX", "SpecRfiX",
        ],
        ["dat3m-aarch64"] = ["MP+misaligned2+15x+addr", "MP+misaligned2+63+addr"],
        ["dat3m-x86"] = ["amd10", "amd6", "rwc-fenced"],
    };

    public static IEnumerable<string> Of(string suite) => BySuite.GetValueOrDefault(suite, []);

    /// <summary>The tests that need instruction fetch, in suites that otherwise do not.</summary>
    public static IReadOnlyDictionary<string, string[]> UnsupportedBySuite { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["aarch64-readers-guide"] = ["MP.FF+dc.cvau-dsb.ish-ic.ivau-dsb.ish+po"],
        ["aarch64-faults"] = ["SVC-ifetch.dic0idc0-exs1eis1", "SVC-ifetch.exs1eis0", "SVC-ifetch.exs1eis1"],
    };
}
