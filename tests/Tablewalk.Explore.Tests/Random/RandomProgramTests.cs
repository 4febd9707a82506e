using System.Globalization;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Search.Decisions;
using Tablewalk.Explore.Search.Workers;
using Tablewalk.Explore.Tests.Classic;
using Tablewalk.Explore.Tests.Oracle;
using Tablewalk.Explore.Tests.Support;
using Tablewalk.Ir;
using Xunit;

namespace Tablewalk.Explore.Tests.Random;

/// <summary>The engine against the naive enumerator on small random programs.</summary>
public sealed class RandomProgramTests(ITestOutputHelper output)
{
    private const int Programs = 3000;
    private const int ShareOfIncoherent = 100;
    private const int MostCombinations = 5_000; // of updates: values that they add up to are many

    private int _candidates;

    [Fact]
    public void The_engine_and_the_naive_enumerator_reach_the_same_executions_each_once() =>
        AssertSame(RandomPrograms.Make, int.MaxValue);

    [Fact]
    public void They_do_where_three_quarters_of_the_accesses_are_updates() =>
        AssertSame(RandomPrograms.MakeOfUpdates, MostCombinations);

    [Fact]
    public void They_do_where_loads_must_get_certain_values() =>
        AssertSame(RandomPrograms.MakeWithAssumptions, MostCombinations);

    [Fact]
    public void They_do_where_sections_are_waited_for_and_have_updates() =>
        AssertSame(RandomPrograms.MakeOfSections, MostCombinations, Programs / 2);

    [Theory] // found by `stress --outcomes gup-fast/zap`: an update in the section comes before what comes after the wait, if the section does
    [InlineData("irq{r0=x; if r0=0 {r2=casal(y,0,2); if r2=0 {r4=x}}} || r5=swp(x,1); ipi; r3=add(y,1); if r3=0 {x=2}")]
    public void A_wait_that_is_over_does_not_keep_its_section_from_writing(string text) => AssertSame(text);

    [Fact] // seed 1485: both fail, each because of a store that comes after the other
    public void A_failed_compare_exchange_does_not_hold_up_its_thread() =>
        AssertSame("x=1; r0=casal(x,0,1); y=1 || r1=cas(y,0,2); x=1; y=2");

    [Fact] // seed 2012: the write of y turns up late
    public void A_read_may_get_a_write_whose_thread_does_not_know_its_address_yet() =>
        AssertSame("r0=y:A; if r0=0 {x=2}; x=1; bug r0=2 || r1=x:A; x[r1]:L=1; y=2");

    [Theory] // seeds 11575 and 14514: what a selection picks is no matter to a store behind it
    [InlineData("r0=y; x:L=1^r0; y=1; bug r0=0 || r1=x; r2=sel(r1,1,2); y=2")]
    [InlineData("r0=x; r1=sel(r0,1,r0); y=2 || r2=iorl(y,1); x[r2]=2; x=r2; bug r2=0")]
    [InlineData("r0=cas(x,0,1); r1=sel(r0,1,2); y=1 || r2=y; x=r2")]
    [InlineData("r0=cas(x,0,1); r1=sel(r0,1,2); y=1; x=r1 || r2=y; x=r2")]
    public void A_selection_does_not_hold_up_its_thread(string text) => AssertSame(text);

    [Theory] // a success that is assumed ahead of the read cannot be; and an address that was certain when the read was made
    [InlineData("r0=cas(y,1,2); y=2 || r3=cas(y,0,2)")]
    [InlineData("r0=cas(y,1,2); y=2 || r3=y; y=r3")]
    [InlineData("r1=and(y,1) || r3=cas(y,1,1); y=2")]
    [InlineData("r0=and(x,2); r1=cas(x,0,2) || r4=x; r5=cas(x@r4,2,3)")]
    public void A_compare_exchange_goes_on_under_an_assumption_that_fails(string text) => AssertSame(text);

    private void AssertSame(string text) => Assert.Empty(Compare(text, "", Models.Names.ToDictionary(m => m, _ => new Tally()), int.MaxValue));

    private void AssertSame(Func<int, (string Program, string Condition)> make, int mostCombinations, int programs = Programs)
    {
        var tallies = Models.Names.ToDictionary(m => m, _ => new Tally());
        var differences = new List<string>();
        var tooLarge = 0;
        for (var (seed, compared) = (0, 0); compared < programs; seed++)
        {
            var (text, condition) = make(seed);
            try
            {
                foreach (var (model, difference) in Compare(text, condition, tallies, mostCombinations))
                {
                    differences.Add($"seed {seed}, {model}: {text}   ({condition})\n    {difference}");
                }

                compared++;
            }
            catch (TooLargeException)
            {
                tooLarge++;
            }
        }

        foreach (var (model, tally) in tallies)
        {
            output.WriteLine($"{model}: {tally}");
        }

        output.WriteLine($"too large for the oracle: {tooLarge}");
        Assert.True(differences.Count == 0, $"{differences.Count} differences, among them\n{string.Join('\n', differences.Take(10))}");
    }

    private IEnumerable<(string Model, string Difference)> Compare(
        string text, string condition, Dictionary<string, Tally> tallies, int mostCombinations)
    {
        var (program, memory) = ShapeParser.Parse(text, condition);
        var expected = tallies.Keys.ToDictionary(m => m, _ => new Expectation());
        foreach (var candidate in NaiveEnumerator.Candidates(program, memory, mostCombinations))
        {
            // The full evaluator is slow; what breaks coherence or atomicity breaks every model, which every so often is put to the test.
            var byFormulas = ReferenceModels.Allowing(candidate);
            if (byFormulas is null && _candidates++ % ShareOfIncoherent != 0)
            {
                continue;
            }

            var allowing = Models.Allowing(candidate);
            Assert.True(allowing.SequenceEqual(byFormulas ?? []), $"{text}: {string.Join(',', allowing)} allow {candidate.Key()}, by formulas {string.Join(',', byFormulas ?? [])}");
            if (allowing.Count > 0)
            {
                var (key, broken) = (candidate.Key(), NaiveEnumerator.Broken(program, memory, candidate).Contains(ShapeParser.Claim));
                foreach (var model in allowing)
                {
                    expected[model].Add(key, broken);
                }
            }
        }

        return tallies
            .Select(t => (t.Key, Difference(text, program, memory, t.Key, expected[t.Key], t.Value)!))
            .Where(d => d.Item2 is not null);
    }

    private static string? Difference(string text, Program program, FlatMemory memory, string modelName, Expectation expected, Tally tally)
    {
        var model = Models.Named(modelName);
        var reached = new List<string>();
        long executions, explored;
        try
        {
            (executions, explored) = Checker.Enumerate(program, memory, model, view => reached.Add(ViewKey.Of(view)));
        }
        catch (InvalidOperationException broken)
        {
            return broken.Message;
        }

        tally.Add(expected.Keys.Count, explored, expected.IsViolated, text);
        if (expected.HasTwins)
        {
            return "two candidates of the oracle have one key";
        }

        if (reached.Count != executions || reached.Distinct(StringComparer.Ordinal).Count() != reached.Count)
        {
            return $"visited twice: {reached.GroupBy(k => k, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key}";
        }

        if (!expected.Keys.SetEquals(reached))
        {
            var missing = expected.Keys.Except(reached, StringComparer.Ordinal).ToArray();
            var excess = reached.Except(expected.Keys, StringComparer.Ordinal).ToArray();
            return $"{missing.Length} missing, {excess.Length} too many: {missing.Concat(excess).First()}";
        }

        var asOwn = modelName == "armv8" ? Checker.Enumerate(program, memory, Models.AsOwn(modelName), _ => { }).Executions : executions;
        if (asOwn != executions)
        {
            return $"{executions} executions, and {asOwn} under a model of one's own";
        }

        var inSubtrees = new ParallelSearch(program, memory, model, claim: null, followsWaits: false, jobs: 1, progress: null, CancellationToken.None) { BranchesForOne = 1, EnoughSubtrees = 3 }
            .Run(_ => EverythingMatters.Instance, (_, _, _) => { }, () => { }).Executions;
        if (inSubtrees != executions)
        {
            return $"{executions} executions, and {inSubtrees} in subtrees";
        }

        var verdict = Checker.Check(program, memory, model, ShapeParser.Claim, new CheckOptions()).Verdict;
        return (verdict, expected.IsViolated) is (Verdict.Violated, true) or (Verdict.Holds, false)
            ? null
            : $"the oracle says {(expected.IsViolated ? "violated" : "holds")}, the engine {verdict.GetType().Name}";
    }

    /// <summary>What the oracle found under one model.</summary>
    private sealed class Expectation
    {
        internal HashSet<string> Keys { get; } = new(StringComparer.Ordinal);

        internal bool IsViolated { get; private set; }

        internal bool HasTwins { get; private set; }

        internal void Add(string key, bool isBroken)
        {
            HasTwins |= !Keys.Add(key);
            IsViolated |= isBroken;
        }
    }

    /// <summary>How many branches the engine followed for how many executions.</summary>
    private sealed class Tally
    {
        private long _programs;
        private long _executions;
        private long _explored;
        private double _worst;
        private string _worstProgram = "";

        private int _violated;

        internal void Add(long executions, long explored, bool isViolated, string program)
        {
            _violated += isViolated ? 1 : 0;
            _programs++;
            _executions += executions;
            _explored += explored;
            var ratio = explored / (double)Math.Max(executions, 1);
            if (ratio > _worst)
            {
                (_worst, _worstProgram) = (ratio, string.Create(CultureInfo.InvariantCulture, $"{explored} for {executions}: {program}"));
            }
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{_programs} programs ({_violated} break their claim), {_executions} executions, explored {_explored}, ratio {(double)_explored / _executions:0.000}, worst {_worst:0.00} ({_worstProgram})");
    }
}
