using System.Collections.Concurrent;
using System.Globalization;
using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Explore.Tests.Oracle;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Judge;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Litmus.Tests.Support;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Oracle;

/// <summary>
/// The explorer against the naive enumerator: the same executions of each test that is small enough, mixed sizes and translation tables included. A test
/// is, if it has no more candidates than <c>TABLEWALK_CANDIDATES</c> says; the counts here are for the number that stands here.
/// </summary>
public sealed class OracleTests(ITestOutputHelper output)
{
    private const int UsualCandidates = 20_000;
    private static readonly int s_mostCandidates =
        Environment.GetEnvironmentVariable("TABLEWALK_CANDIDATES") is { } most ? int.Parse(most, CultureInfo.InvariantCulture) : UsualCandidates;

    private static readonly ModelCatalog s_models = new();

    /// <summary>Each suite, and how many of its tests are small enough.</summary>
    public static TheoryData<string, int> Published => new()
    {
        { "aarch64", 45 },
        { "aarch64-cas", 12 },
        { "aarch64-readers-guide", 32 },
        { "aarch64-pick", 35 },
        { "aarch64-down-one-leg", 34 },
        { "aarch64-faults", 7 },
        { "aarch64-mixed", 7 },
        { "x86_64", 21 },
        { "dat3m-aarch64", 866 },
        { "dat3m-riscv", 583 },
        { "dat3m-x86", 215 },
        { "aarch64-VMSA", 535 },
        { "aarch64-ETS2", 3 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void The_explorer_and_the_naive_enumerator_reach_the_same_executions(string suite, int small) => Compare(suite, Suites.FilesOf(suite), small);

    [Fact]
    public void They_do_on_our_own_tests()
    {
        var files = Directory.GetFiles(Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite"), "*.litmus");
        Compare("our own", files, files.Count(file => !Waits(file)));
    }

    [Theory] // the control: under a model without a rule that the test is about, the naive enumerator finds more
    [InlineData("AArch64-whole-misaligned-load", "external")]
    [InlineData("AArch64-split-CASAL-succeeds", "atomic")]
    [InlineData("X86_64-whole-store-seen-in-halves", "ghb")]
    [InlineData("AArch64-coRR-with-update-and-access-flag-fault", "external")]
    public void An_execution_that_the_explorer_does_not_reach_is_noticed(string name, string rule)
    {
        var program = Read(Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite", name + ".litmus"))!;
        var model = ModelOf(program);
        var weaker = model.Without(model.Constraints.Where(c => c.Name == rule));
        Assert.Equal(AllowedOrNull(program, model), Reached(program, model));
        Assert.NotEqual(AllowedOrNull(program, weaker), Reached(program, model));
    }

    // Their loops have no bound that the naive enumerator could find.
    private static bool Waits(string file) =>
        Path.GetFileName(file) is var name && (name.Contains("-retry-counts-", StringComparison.Ordinal) || name.Contains("-lock-by-", StringComparison.Ordinal));

    private void Compare(string suite, string[] files, int small)
    {
        var (compared, differing) = (0, new ConcurrentBag<string>());
        Parallel.ForEach(Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering), file =>
        {
            if (Read(file) is { } program && AllowedOrNull(program, ModelOf(program)) is { } allowed)
            {
                Interlocked.Increment(ref compared);
                if (Difference(allowed, Reached(program, ModelOf(program))) is { } difference)
                {
                    differing.Add($"{file}: {difference}");
                }
            }
        });
        var counted = string.Create(CultureInfo.InvariantCulture, $"{suite}: {compared} of {files.Length} tests compared, up to {s_mostCandidates} candidates each");
        output.WriteLine(counted);
        TestContext.Current.SendDiagnosticMessage(counted);
        Assert.True(differing.IsEmpty, string.Join('\n', differing.Order(StringComparer.Ordinal)));
        Assert.True(s_mostCandidates == UsualCandidates ? compared == small : compared > 0, counted);
    }

    private static LitmusProgram? Read(string file) =>
        LitmusParser.TryParse(File.ReadAllText(file), file, out var test, out _) && LitmusProgram.Compile(test, out var program) is null ? program : null;

    private static Model ModelOf(LitmusProgram program) => s_models.Load(LitmusRunner.ModelOf(program.Test.Architecture)!, program.ModelVariants);

    private static string? Difference(string[] allowed, string[] reached) => allowed.SequenceEqual(reached, StringComparer.Ordinal) ? null
        : $"{reached.Length} executions, not {allowed.Length}; "
            + $"missing {allowed.Except(reached, StringComparer.Ordinal).FirstOrDefault()}; too many {reached.Except(allowed, StringComparer.Ordinal).FirstOrDefault()}";

    // Those of the naive enumerator, in order; null if the test is not small enough.
    private static string[]? AllowedOrNull(LitmusProgram program, Model model)
    {
        try
        {
            var candidates = NaiveEnumerator.Candidates(program.Program, program.Memory);
            return candidates.Take(s_mostCandidates + 1).Count() > s_mostCandidates ? null
                : [.. candidates.Where(c => Models.Allows(model, c)).Select(c => c.Key()).Order(StringComparer.Ordinal)];
        }
        catch (TooLargeException)
        {
            return null;
        }
    }

    private static string[] Reached(LitmusProgram program, Model model)
    {
        var reached = new List<string>();
        Checker.Enumerate(program.Program, program.Memory, model, view => reached.Add(ViewKey.Of(view)), cancellation: TestContext.Current.CancellationToken);
        return [.. reached.Order(StringComparer.Ordinal)];
    }
}
