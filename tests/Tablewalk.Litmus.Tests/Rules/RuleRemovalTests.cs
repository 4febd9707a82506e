using System.Text.RegularExpressions;
using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Litmus.Tests.Support;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Rules;

/// <summary>Each rule of each model is there for a reason: without it, the verdict of some test changes. Those for which no test knows a reason are listed in docs/conformance.md.</summary>
public sealed partial class RuleRemovalTests
{
    [Theory]
    [InlineData("sc")]
    [InlineData("x86-tso")]
    [InlineData("riscv")]
    [InlineData("armv8")]
    public void Every_rule_is_missed_by_some_test_but_for_those_that_are_listed(string model)
    {
        var suites = Suites.All;
        var count = suites.Sum(s => s.Tests);
        Assert.SkipUnless(
            Directory.Exists(Suites.Root) || model == "sc", $"rules of {model}: {count} tests are not there to miss them: there is no folder {Suites.Root}; TABLEWALK_LITMUS may name it");
        var whole = new ModelText(model, File.ReadAllText(Repository.PathOf("models", model + ".cat")));
        var tests = RuleTest.Of(model, model == "sc" ? [] : suites.Select(s => s.Name));
        var agreeing = InParallel(tests, t => t.Agrees(whole)).Zip(tests).Where(p => p.First).Select(p => p.Second).ToList();

        // What missed one rule often misses another: those come first.
        var order = agreeing.ToList();
        RuleTest? Missing(RuleRemoval removal)
        {
            RuleTest[] now;
            lock (order)
            {
                now = [.. order];
            }

            // A model that lost a rule allows more, unless the rule is subtracted somewhere: what is forbidden is asked first.
            var rest = new ModelText(model, removal.Text);
            var missing = Array.Find(now, t => t.IsForbidding && !AgreesWith(t, rest)) ?? Array.Find(now, t => !t.IsForbidding && !AgreesWith(t, rest));
            if (missing is not null)
            {
                lock (order)
                {
                    order.Remove(missing);
                    order.Insert(0, missing);
                }
            }

            return missing;
        }

        var removals = RuleRemovals.Of(model);
        var missed = InParallel(removals, Missing);
        var (unnoticed, listed) = (removals.Where((_, i) => missed[i] is null).Select(r => r.Name).ToList(), Listed(model).ToList());
        var (unlisted, noticed) = (unnoticed.Except(listed).ToList(), listed.Except(unnoticed).ToList());
        Assert.True(unlisted.Count == 0, $"no test misses, and docs/conformance.md does not list:\n{string.Join('\n', unlisted)}");
        Assert.True(noticed.Count == 0, $"listed in docs/conformance.md, but no rule or missed by a test:\n{string.Join('\n', noticed)}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: {removals.Length} rules, {agreeing.Count} tests");
    }

    [Fact] // the control: a model that lost nothing is missed by nobody, one that lost an axiom is
    public void A_model_that_lost_nothing_is_not_noticed()
    {
        var text = File.ReadAllText(Repository.PathOf("models", "sc.cat"));
        var tests = RuleTest.Of("sc", []);
        var (whole, broken) = (new ModelText("sc", text), new ModelText("sc", text[..text.LastIndexOf("acyclic", StringComparison.Ordinal)]));
        Assert.All(tests, t => Assert.True(t.Agrees(whole), t.Name));
        Assert.Contains(tests, t => !t.Agrees(broken));
    }

    // Without its rules a model may let a loop go round for ever: a test that has no answer any more has noticed.
    private static bool AgreesWith(RuleTest test, ModelText model)
    {
        try
        {
            return test.Agrees(model);
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Listed(string model)
    {
        var text = File.ReadAllText(Repository.PathOf("docs", "conformance.md"));
        var section = text.Split("<!-- rules that no test misses -->")[1].Split("<!-- end of rules -->")[0];
        return Rule().Matches(section).Select(m => m.Groups["rule"].Value).Where(r => r.StartsWith(model + ": ", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }

    private static TResult[] InParallel<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> work)
    {
        var results = new TResult[items.Count];
        var (next, errors) = (-1, new List<Exception>());
        void Work()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var i && i < items.Count)
                {
                    results[i] = work(items[i]);
                }
            }
            catch (Exception e)
            {
                lock (errors)
                {
                    errors.Add(e);
                }
            }
        }

        Thread[] workers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => DeepStack.Start(Work))];
        Array.ForEach(workers, w => w.Join());
        return errors.Count == 0 ? results : throw new AggregateException(errors);
    }

    [GeneratedRegex("`(?<rule>[^`]+)`")]
    private static partial Regex Rule();
}
