using Tablewalk.Explore.Outcomes;
using Tablewalk.Explore.Tests.Classic;
using Tablewalk.Explore.Tests.Oracle;
using Tablewalk.Explore.Tests.Random;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Outcomes;

/// <summary>Which outcomes a model allows, against the naive enumerator.</summary>
public sealed class AllowedOutcomesTests
{
    private const int Programs = 400;
    private const int MostCombinations = 2_000;
    private const string BothLocations = "x=1 y=1"; // what the final predicate reads
    private const string StoreBuffering = "x=1; r0=y || y=1; r1=x";

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // the final predicate reads nothing: outcomes that are known are left early
    public void All_of_them_are_found_and_no_others(bool readsMemory)
    {
        var differences = new List<string>();
        for (var (seed, compared) = (0, 0); compared < Programs; seed++)
        {
            var (text, condition) = seed % 2 == 0 ? RandomPrograms.Make(seed) : RandomPrograms.MakeOfSections(seed);
            try
            {
                var (program, memory) = ShapeParser.Parse(text, readsMemory ? BothLocations : Registers(condition));
                var candidates = NaiveEnumerator.Candidates(program, memory, MostCombinations).Where(c => ReferenceModels.Allowing(c) is not null).ToList();
                differences.AddRange(
                    from model in Models.Names
                    let expected = candidates.Where(c => Models.Allows(model, c)).Select(c => Told(program, memory, c, readsMemory)).ToHashSet(StringComparer.Ordinal)
                    let found = FindAll(program, memory, model).Select(Told).ToList()
                    where found.Count != expected.Count || !expected.SetEquals(found)
                    select $"{model}: {text}: expected {string.Join(" / ", expected)}, found {string.Join(" / ", found)}");
                compared++;
            }
            catch (TooLargeException)
            {
                // for the oracle; the next one
            }
        }

        Assert.Empty(differences);
    }

    [Fact]
    public void One_that_is_asked_for_is_found_if_it_is_allowed()
    {
        var (program, memory) = ShapeParser.Parse(StoreBuffering, BothLocations);
        var weak = FindAll(program, memory, "x86-tso");
        var strong = FindAll(program, memory, "sc");
        Assert.Equal((4, 3), (weak.Count, strong.Count));
        var both = Assert.Single(weak.Except(strong));
        Assert.All(both.Results, result => Assert.Equal(0UL, result & 0xff));

        // One after the other, and all at once.
        Assert.All(weak, outcome => Assert.Equal(!outcome.Equals(both), Finds(program, memory, "sc", [outcome]).Contains(outcome)));
        Assert.Equal(strong.ToHashSet(), Finds(program, memory, "sc", weak).ToHashSet());
    }

    [Fact] // how a claim broke is a part of the outcome, whoever broke it
    public void One_in_which_other_claims_broke_is_another()
    {
        var (program, memory) = ShapeParser.Parse("x=1; r0=y; bug r0=0 || y=1; r1=x", "r0=1");
        var all = FindAll(program, memory, "sc");
        Assert.All(all, outcome => Assert.Equal([ShapeParser.Claim], outcome.Broken)); // by the thread or by the final predicate
        var unbroken = new Outcome(all[0].Results, all[0].Reads, []);
        Assert.DoesNotContain(unbroken, Finds(program, memory, "sc", [unbroken]));
    }

    [Fact] // it may break after the first choice, in which it does not
    public void A_claim_that_no_result_tells_of_is_looked_for()
    {
        var memory = new FlatMemory("x");
        var reader = ThreadBuilder.Thread("reader", b =>
        {
            b.BugOn(b.Load(memory.AddressOf("x")), ShapeParser.Claim);
            return 0;
        });
        var writer = ThreadBuilder.Thread("writer", b =>
        {
            var choice = b.NewRegister();
            b.Emit(new Choose(choice, 2));
            b.Store(memory.AddressOf("x"), choice);
            return 0;
        });
        Assert.Equal(
            ["", ShapeParser.Claim], FindAll(ThreadBuilder.Program([reader, writer]), memory, "sc").Select(outcome => string.Join(' ', outcome.Broken)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_that_is_seen_elsewhere_reads_the_memory_that_was_left()
    {
        var (program, memory) = ShapeParser.Parse(StoreBuffering, BothLocations);
        var (_, left) = ShapeParser.Parse(StoreBuffering, BothLocations);
        (left["x"], left["y"]) = (1, 1);
        var allowed = new AllowedOutcomes(program, memory, Models.Named("sc"), jobs: 1);
        var threads = FindAll(program, memory, "sc")[0];
        Assert.Contains(allowed.OfRun(threads.Results, threads.Broken, left), FindAll(program, memory, "sc"));
        Assert.DoesNotContain(allowed.OfRun(threads.Results, threads.Broken, memory), FindAll(program, memory, "sc")); // nobody stored
    }

    [Fact]
    public void An_interrupt_ends_the_search_and_leaves_what_was_found()
    {
        var (program, memory) = ShapeParser.Parse(StoreBuffering, BothLocations);
        var allowed = new AllowedOutcomes(program, memory, Models.Named("sc"), jobs: 1);
        Assert.ThrowsAny<OperationCanceledException>(() => allowed.FindAll(cancellation: new CancellationToken(canceled: true)));
        Assert.Empty(allowed.Found);
    }

    [Fact]
    public void An_execution_that_touches_what_is_no_memory_has_no_outcome_and_is_told()
    {
        var thread = ThreadBuilder.Thread("wild", b => b.Load(8));
        var allowed = new AllowedOutcomes(ThreadBuilder.Program([thread]), new FlatMemory("x"), Models.Named("sc"), jobs: 1);
        allowed.FindAll(cancellation: TestContext.Current.CancellationToken);
        Assert.True(allowed.MayTouchOutside);
        Assert.Empty(allowed.Found);
    }

    private static List<Outcome> FindAll(Program program, FlatMemory memory, string model)
    {
        var allowed = new AllowedOutcomes(program, memory, Models.Named(model), jobs: 1);
        allowed.FindAll(cancellation: TestContext.Current.CancellationToken);
        Assert.False(allowed.MayTouchOutside);
        return [.. allowed.Found];
    }

    private static IReadOnlyCollection<Outcome> Finds(Program program, FlatMemory memory, string model, IReadOnlyCollection<Outcome> asked)
    {
        var allowed = new AllowedOutcomes(program, memory, Models.Named(model), jobs: 2);
        allowed.Find(asked, cancellation: TestContext.Current.CancellationToken);
        return allowed.Found;
    }

    private static string Registers(string condition) => string.Join(' ', condition.Split(' ').Where(term => term.StartsWith('r')));

    private static string Told(Program program, FlatMemory memory, Candidate candidate, bool readsMemory)
    {
        ulong Final(string name) => candidate.Coherence.ContainsKey(memory.AddressOf(name)) ? candidate.FinalValue(memory.AddressOf(name)) : memory[name];
        ulong[] reads = readsMemory ? [Final("x"), Final("y")] : [];
        return Told(candidate.Traces.Select(trace => trace.Result), reads, NaiveEnumerator.Broken(program, memory, candidate));
    }

    private static string Told(Outcome outcome) => Told(outcome.Results, outcome.Reads.Select(read => read.Value), outcome.Broken);

    private static string Told(IEnumerable<ulong> results, IEnumerable<ulong> reads, IEnumerable<string> broken) =>
        $"{string.Join(' ', results)} | {string.Join(' ', reads)} | {string.Join(' ', broken)}";
}
