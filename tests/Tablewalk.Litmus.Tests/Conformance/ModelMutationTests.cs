using System.Collections.Concurrent;
using System.Text;
using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Litmus.Tests.Support;
using Tablewalk.Tests.Shared;
using Xunit;

namespace Tablewalk.Litmus.Tests.Conformance;

/// <summary>Whether each rule of each model is needed by some litmus test. Takes minutes, so it runs on request: TABLEWALK_MUTATE=1.</summary>
public sealed class ModelMutationTests
{
    private static readonly Dictionary<string, string[]> s_suites = new(StringComparer.Ordinal)
    {
        ["armv8"] =
        [
            "aarch64", "aarch64-cas", "aarch64-readers-guide", "aarch64-pick", "aarch64-down-one-leg", "aarch64-faults", "aarch64-mixed", "dat3m-aarch64",
            "aarch64-VMSA", "aarch64-ETS2",
        ],
        ["riscv"] = ["dat3m-riscv"],
        ["x86-tso"] = ["x86_64", "dat3m-x86"],
    };

    [Theory]
    [InlineData("armv8")]
    [InlineData("riscv")]
    [InlineData("x86-tso")]
    public void Each_rule_is_noticed_or_named_in_the_documents(string model)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("TABLEWALK_MUTATE") == "1", "runs on request only: TABLEWALK_MUTATE=1");
        var own = Directory.GetFiles(Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite"), "*.litmus").Order(StringComparer.Ordinal);
        string[] files = [.. own, .. s_suites[model].SelectMany(Suites.FilesOf)];
        var text = File.ReadAllText(Repository.PathOf("models", model + ".cat"));
        var baseline = Observe(files, model, text, null);
        var unnoticed = new StringBuilder();
        foreach (var mutation in ModelMutation.Of(text))
        {
            if (!Model.TryParse(mutation.Text, model, _ => null, out _, out var diagnostics))
            {
                unnoticed.Append($"{model}.cat:{mutation.Line}: not a model without `{mutation.Removed}`: {diagnostics[0]}\n");
            }
            else if (Observe(files, model, mutation.Text, baseline).Count == baseline.Count)
            {
                unnoticed.Append($"{model}.cat:{mutation.Line}: `{mutation.Removed}`\n");
            }
        }

        var named = File.ReadAllText(Repository.PathOf("docs", "conformance.md"));
        var missing = unnoticed.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !named.Contains(line[line.IndexOf('`')..], StringComparison.Ordinal));
        Assert.True(!missing.Any(), string.Join('\n', missing));
    }

    // What is observed of each test of the model's architectures; stops at the first that is not as in the baseline.
    private static Dictionary<string, string> Observe(string[] files, string modelName, string text, Dictionary<string, string>? baseline)
    {
        var models = new ConcurrentDictionary<string, Model>(StringComparer.Ordinal);
        Model ModelOf(LitmusProgram program) => LitmusRunner.ModelOf(program.Test.Architecture) != modelName
            ? s_sc
            : models.GetOrAdd(string.Join(' ', program.ModelVariants), _ => Model.Parse(text, modelName, _ => null, program.ModelVariants));
        using var stop = new CancellationTokenSource();
        var observed = new Dictionary<string, string>(StringComparer.Ordinal);
        LitmusRunner.RunAll(
            [.. files],
            ModelOf,
            (_, _) => null,
            Environment.ProcessorCount,
            timeout: TimeSpan.FromSeconds(20),
            result =>
            {
                if (!stop.IsCancellationRequested)
                {
                    observed.Add(result.Row.File, result.Row.Observation);
                    if (baseline is not null && baseline[result.Row.File] != result.Row.Observation)
                    {
                        stop.Cancel();
                        observed.Clear();
                    }
                }
            },
            stop.Token);
        return observed;
    }

    private static readonly Model s_sc = Model.Parse(File.ReadAllText(Repository.PathOf("models", "sc.cat")), "sc", _ => null);
}
