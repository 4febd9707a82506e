using System.Globalization;
using Tablewalk.Explore.Claims;
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

    [Fact]
    public void The_engine_and_the_naive_enumerator_reach_the_same_executions_each_once()
    {
        var tallies = Models.Names.ToDictionary(m => m, _ => new Tally());
        var differences = new List<string>();
        for (var seed = 0; seed < Programs; seed++)
        {
            var (text, condition) = RandomPrograms.Make(seed);
            foreach (var (model, tally) in tallies)
            {
                if (Compare(text, condition, model, tally) is { } difference)
                {
                    differences.Add($"seed {seed}, {model}: {text}   ({condition})\n    {difference}");
                }
            }
        }

        foreach (var (model, tally) in tallies)
        {
            output.WriteLine($"{model}: {tally}");
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences, among them\n{string.Join('\n', differences.Take(10))}");
    }

    private static string? Compare(string text, string condition, string modelName, Tally tally)
    {
        var (program, memory) = ShapeParser.Parse(text, condition);
        var model = Models.Named(modelName);
        var consistent = Consistent(text, program, memory, modelName);
        var expected = consistent.Select(c => c.Key(memory)).ToHashSet(StringComparer.Ordinal);
        var reached = new List<string>();
        var (executions, explored) = Checker.Enumerate(program, memory, model, view => reached.Add(ViewKey.Of(view, memory)));
        tally.Add(expected.Count, explored, text);
        if (expected.Count != consistent.Count)
        {
            return "two candidates of the oracle have one key";
        }

        if (reached.Count != executions || reached.Distinct(StringComparer.Ordinal).Count() != reached.Count)
        {
            return $"visited twice: {reached.GroupBy(k => k, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key}";
        }

        if (!expected.SetEquals(reached))
        {
            return $"missing {expected.Except(reached, StringComparer.Ordinal).FirstOrDefault()}, too much {reached.Except(expected, StringComparer.Ordinal).FirstOrDefault()}";
        }

        var isViolated = consistent.Exists(c => NaiveEnumerator.Broken(program, memory, c).Contains(ShapeParser.Claim));
        var verdict = Checker.Check(program, memory, model, ShapeParser.Claim, new CheckOptions()).Verdict;
        tally.Violated += isViolated ? 1 : 0;
        return verdict is Verdict.Violated == isViolated && verdict is not Verdict.Inconclusive ? null : $"the oracle says {(isViolated ? "violated" : "holds")}, the engine {verdict}";
    }

    private static List<Candidate> Consistent(string text, Program program, FlatMemory memory, string model) =>
        NaiveEnumerator.Candidates(program, memory).Where(c => Models.Allows(model, c)).ToList();

    /// <summary>How many branches the engine followed for how many executions.</summary>
    private sealed class Tally
    {
        private long _programs;
        private long _executions;
        private long _explored;
        private double _worst;
        private string _worstProgram = "";

        internal int Violated { get; set; }

        internal void Add(long executions, long explored, string program)
        {
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
            $"{_programs} programs ({Violated} break their claim), {_executions} executions, explored {_explored}, ratio {(double)_explored / _executions:0.000}, worst {_worst:0.00} ({_worstProgram})");
    }
}
