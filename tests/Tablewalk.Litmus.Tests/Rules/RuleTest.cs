using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Explore.Claims;
using Tablewalk.Explore.Explain;
using Tablewalk.Explore.Tests.Classic;
using Tablewalk.Litmus.Syntax;
using Tablewalk.Litmus.Tests.Support;
using Tablewalk.Tests.Shared;

namespace Tablewalk.Litmus.Tests.Rules;

/// <summary>A model as text, read for each set of variants that tests name.</summary>
internal sealed class ModelText(string name, string text)
{
    private readonly ConcurrentDictionary<string, Model> _models = new(StringComparer.Ordinal);

    public Model With(IReadOnlySet<string> variants) =>
        _models.GetOrAdd(string.Join(' ', variants.Order(StringComparer.Ordinal)), _ => Model.Parse(text, name, _ => null, variants));
}

/// <summary>Something with a verdict: a litmus test or one of the classic shapes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsForbidding">Whether it expects that something cannot be.</param>
/// <param name="Agrees">Whether its verdict under a model is the expected one.</param>
internal sealed record RuleTest(string Name, bool IsForbidding, Func<ModelText, bool> Agrees)
{
    /// <summary>The tests of a model: the classic shapes and our own suite first, then those of the published suites that are there.</summary>
    public static ImmutableArray<RuleTest> Of(string model, IEnumerable<string> suites) =>
    [
        .. Shapes.All.Concat(TranslationShapes.All).Select(s => OfShape(s, model)).OfType<RuleTest>(),
        .. OfFolder(Repository.PathOf("tests", "Tablewalk.Litmus.Tests", "Suite"), model),
        .. suites.SelectMany(s => OfFolder(Path.Combine(Suites.Root, s), model)),
    ];

    private static IEnumerable<RuleTest> OfFolder(string folder, string model)
    {
        var kinds = new KindsFile(Path.Combine(folder, KindsFile.DefaultName));
        return Directory.EnumerateFiles(folder, "*.litmus").Order(StringComparer.Ordinal).Select(f => OfFile(f, kinds, model)).OfType<RuleTest>();
    }

    // Null of a test of another architecture, and of one that is not taken.
    private static RuleTest? OfFile(string file, KindsFile kinds, string model)
    {
        if (!LitmusParser.TryParse(File.ReadAllText(file), file, out var test, out _)
            || LitmusRunner.ModelOf(test.Architecture) != (model == "sc" ? "x86-tso" : model)
            || LitmusProgram.Compile(test, out var compiled) is not null
            || compiled is not { } program)
        {
            return null;
        }

        bool Reaches(ModelText m, bool wanted)
        {
            bool IsOutcome(ExecutionView view) => new LitmusRunner.FinalState(view) is var final && program.Passes(final) && program.Holds(final) == wanted;
            return new OutcomeExplainer(program.Program, program.Memory, m.With(program.ModelVariants), IsOutcome, []).IsReached(CancellationToken.None);
        }

        return kinds.Find(file, test.Name) switch
        {
            "Allowed" or "Sometimes" when model == "sc" => null, // what x86 forbids, sequential consistency forbids as well; the reverse says nothing
            "Forbidden" or "Never" => new(test.Name, true, m => !Reaches(m, true)),
            "Allowed" => new(test.Name, false, m => Reaches(m, true)),
            "Required" or "Always" => new(test.Name, true, m => !Reaches(m, false)),
            "Sometimes" => new(test.Name, false, m => Reaches(m, true) && Reaches(m, false)),
            _ => null,
        };
    }

    // Waits are the same on RISC-V as on Arm, and what else is in those shapes is too.
    private static RuleTest? OfShape(Shape shape, string model)
    {
        var hasWait = shape.Program.Contains("ipi", StringComparison.Ordinal) || shape.Program.Contains("gp", StringComparison.Ordinal);
        var column = Array.IndexOf(Shape.Models, model == "riscv" && hasWait ? "armv8" : model);
        if (column < 0 || shape.Expected[column] == '-')
        {
            return null;
        }

        var (program, memory) = ShapeParser.Parse(shape.Program, shape.Condition);
        return new(
            shape.Name, shape.Expected[column] == 'F', m => Checker.Check(program, memory, m.With(FrozenSet<string>.Empty), ShapeParser.Claim, new CheckOptions()).Verdict is Verdict.Violated == (shape.Expected[column] == 'A'));
    }
}
