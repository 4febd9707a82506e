namespace Tablewalk.Cli.Tests;

/// <summary>Inputs that no machine gets to the end of: whatever becomes faster, more executions are left than anybody can look at.</summary>
internal static class SlowInputs
{
    private const string EveryX86 = "exists x=1";

    /// <summary>The files by their names; those of <see cref="Commands"/> name them.</summary>
    public static IReadOnlyDictionary<string, Func<string>> Files { get; } = new Dictionary<string, Func<string>>
    {
        ["quick.litmus"] = () => Test("X86", "", EveryX86, Same(2, _ => ["MOV [x],$1"])),
        ["stores.litmus"] = () => Test("X86", "", EveryX86, Same(6, t => Stores(t, 6))),
        ["loads.litmus"] = () => Test("X86", "", EveryX86, [.. Same(3, t => Stores(t, 3)), .. Same(4, _ => Times(8, _ => "MOV EAX,[x]"))]),
        ["updates.litmus"] = () => Test("X86_64", "", "exists ([x]=1)", Same(6, _ => Times(6, _ => "lock incl (x)"))),
        ["weak.litmus"] = () => Test(
            "AArch64", string.Join(' ', Enumerable.Range(0, 8).Select(t => $"{t}:X0=x;")), EveryX86, Same(8, _ => Times(12, i => i % 2 == 0 ? $"LDR W{10 + i},[X0]" : $"STR W{i},[X0]"))),
        ["long.litmus"] = () => Test("X86", "", EveryX86, Same(6, t => [.. Times(5_000, _ => "INC EAX"), .. Stores(t, 6)])),
        ["longer.litmus"] = () => Test("X86", "", EveryX86, Same(6, t => [.. Times(100_000, _ => "INC EAX"), .. Stores(t, 6)])),
        ["largest.litmus"] = () => Test("X86", "", EveryX86, Same(1, _ => Times(1_500_000, _ => "MOV [x],$1"))),

        // One execution, and without coherence more than can be counted, of which none ends so either.
        ["forbidden.litmus"] = () => Test("X86", "", "exists x=99", [[.. Stores(0, 10), .. Times(12, _ => "MOV EAX,[x]")]]),
        ["power.cat"] = () => """
            "every set of writes"
            let rec power S = match S with
              || {} -> {0}
              || e ++ rest -> let smaller = power rest in let grown(s, found) = (s | {e}) ++ found in fold grown (smaller, smaller)
              end
            let rec union S = match S with || {} -> 0 || s ++ rest -> s | union rest end
            acyclic po | rf | co | fr as sc
            empty union (power W) \ W as subsets
            """,
        ["recursion.cat"] = () => """
            "relations that grow by each other"
            let rec reach = (po | rf | co | fr) | (reach ; reach) | ((reach ; reach) ; reach)
            and other = reach | (other ; reach ; other)
            let rec deep r = fun S -> match S with || {} -> r || e ++ rest -> (deep (r ; r | reach ; r) rest) | (deep (r | r ; other) rest) end
            acyclic reach as sc
            empty (deep other R) \ (deep other R) as nothing
            """,
    };

    /// <summary>Commands that have one answer soon and the next one never.</summary>
    public static string[] Commands { get; } =
    [
        "litmus quick.litmus stores.litmus --jobs 1",
        "litmus quick.litmus loads.litmus --jobs 1 --model sc",
        "litmus quick.litmus updates.litmus --jobs 1",
        "litmus quick.litmus weak.litmus --jobs 1",
        "litmus quick.litmus long.litmus --jobs 1",
        "litmus quick.litmus longer.litmus --jobs 1",
        "litmus quick.litmus stores.litmus --jobs 1 --model ./power.cat",
        "litmus quick.litmus loads.litmus --jobs 1 --model ./recursion.cat",
        "litmus forbidden.litmus --explain",
        "check gup-fast/contpte-unfold --claim no-false-positive-dirty --variant read=ptep_get --variant block=2 --variant block=16 --exhaustive",
    ];

    private static string[] Stores(int thread, int count) => Times(count, i => $"MOV [x],${(10 * thread) + i + 1}");

    private static string[] Times(int count, Func<int, string> line) => [.. Enumerable.Range(0, count).Select(line)];

    private static string[][] Same(int threads, Func<int, string[]> code) => [.. Enumerable.Range(0, threads).Select(code)];

    private static string Test(string architecture, string initial, string condition, string[][] threads)
    {
        IEnumerable<string> rows = Enumerable.Range(0, threads.Max(t => t.Length)).Select(i => string.Join('|', threads.Select(t => i < t.Length ? t[i] : "")) + ";");
        return $"{architecture} test\n{{ {initial} }}\n{string.Join('|', threads.Select((_, t) => $"P{t}"))};\n{string.Join('\n', rows)}\n{condition}\n";
    }
}
