using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Explore.Tests.Oracle;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Litmus.Tests.Support;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Oracle;

public sealed class OracleTests
{
    private const int MostReads = 4;
    private const int MostWrites = 5;
    private const int MostCandidates = 300;

    /// <summary>Each suite, and at least how many of its tests are small enough.</summary>
    public static TheoryData<string, int> SuitesToCompare => new()
    {
        { "aarch64", 45 },
        { "aarch64-cas", 12 },
        { "aarch64-readers-guide", 20 },
        { "aarch64-pick", 32 },
        { "aarch64-down-one-leg", 34 },
        { "x86_64", 21 },
        { "dat3m-aarch64", 400 },
        { "dat3m-riscv", 500 },
        { "dat3m-x86", 180 },
    };

    [Theory]
    [MemberData(nameof(SuitesToCompare))]
    public void The_explorer_and_the_naive_enumerator_reach_the_same_executions(string suite, int least)
    {
        var compared = Suites.FilesOf(suite).Count(IsCompared);
        TestContext.Current.SendDiagnosticMessage($"{suite}: {compared} tests compared");
        Assert.True(compared >= least, $"only {compared} tests were small enough");
    }

    [Fact]
    public void They_do_on_our_own_tests() => Assert.InRange(
        Directory.GetFiles(Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite"), "*.litmus").Order(StringComparer.Ordinal).Count(IsCompared), 20, 100);

    // Whether a test is small enough; fails if the two do not agree.
    private static bool IsCompared(string file)
    {
        if (!LitmusParser.TryParse(File.ReadAllText(file), file, out var test, out _)
            || LitmusProgram.Compile(test, out var program) is not null
            || !IsSmall(program!.Program)
            || WidenedProgram.OfOrNull(program) is not { } widened)
        {
            return false;
        }

        var model = LitmusRunner.ModelOf(test.Architecture)!;
        var (reached, isWild) = (new List<string>(), false);
        Checker.Enumerate(
            widened.Program,
            widened.Memory,
            Models.Named(model),
            view =>
            {
                isWild |= view.WildAccess is not null;
                reached.Add(ViewKey.Of(view, widened.Memory));
            },
            TestContext.Current.CancellationToken);
        if (isWild)
        {
            return false; // an access beside a variable: the widened program is another one
        }

        var candidates = NaiveEnumerator.Candidates(widened.Program, widened.Memory).Take(MostCandidates + 1).ToArray();
        if (candidates.Length > MostCandidates)
        {
            return false;
        }

        var expected = candidates.Where(c => Models.Allows(model, c)).Select(c => c.Key(widened.Memory)).Order(StringComparer.Ordinal);
        Assert.True(expected.SequenceEqual(reached.Order(StringComparer.Ordinal)), $"{file}: the explorer reaches other executions than the naive enumerator");
        return true;
    }

    private static bool IsSmall(Program program)
    {
        var instructions = program.Threads.SelectMany(t => t.Code.Blocks).SelectMany(b => b.Body).ToArray();
        return instructions.Count(i => i is Load or AtomicUpdate) <= MostReads
            && instructions.Count(i => i is Store or AtomicUpdate or StoreExclusive) <= MostWrites;
    }
}
