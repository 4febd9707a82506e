using Tablewalk.Bench.Programs;
using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Declare;
using Tablewalk.Explore;
using Tablewalk.Ir;
using Tablewalk.Judge;
using Tablewalk.Mm;
using Tablewalk.Scenarios;

namespace Tablewalk.Bench;

/// <summary>A lifted program and a model, ready to be searched on one core again and again.</summary>
internal sealed class Workload : IDisposable
{
    private static readonly CheckOptions s_oneCore = new(Jobs: 1);

    private readonly Arena _arena = new();
    private readonly Program _program;
    private readonly Model _model;
    private readonly string? _claim;

    private Workload(string model, string? claim, Func<Arena, Program> makeProgram)
    {
        _model = ModelFiles.Load(model);
        _claim = claim;
        _program = makeProgram(_arena);
    }

    /// <summary>What can be measured, by name: how to make it ready.</summary>
    internal static IReadOnlyDictionary<string, Func<Workload>> All { get; } = Named().ToDictionary(n => n.Name, n => n.Make, StringComparer.Ordinal);

    /// <summary>Checks the claim; without one looks at every execution.</summary>
    /// <returns>The executions, and the branches explored for them.</returns>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    internal (long Executions, long Explored) Search(CancellationToken cancellation = default)
    {
        var memory = new ArenaContents(_arena);
        if (_claim is null)
        {
            return Checker.Count(_program, memory, _model, s_oneCore, cancellation);
        }

        var result = Checker.Check(_program, memory, _model, _claim, s_oneCore, cancellation: cancellation);
        cancellation.ThrowIfCancellationRequested();
        return (result.Executions, result.Explored);
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private static IEnumerable<(string Name, Func<Workload> Make)> Named() =>
    [
        .. from block in (string[])["4", "8"] select ($"contpte-unfold, block {block}, armv8", (Func<Workload>)(() => ContpteUnfold(block))),
        .. from program in SharedPrograms.All
           from model in (string[])["sc", "x86-tso", "armv8"]
           select ($"{program.Key}, {model}", (Func<Workload>)(() => new Workload(model, claim: null, program.Value.Lift))),
    ];

    private static Workload ContpteUnfold(string block)
    {
        var scenario = Catalog.All.Single(s => s.Name == "gup-fast/contpte-unfold");
        var variants = scenario.Variants.ToDictionary(v => v.Name, v => v.Name == "block" ? block : v.Values[0], StringComparer.Ordinal);
        var selection = new ScenarioSelection("arm64", "no-false-positive-dirty", variants);
        return new Workload("armv8", selection.Claim, arena => CheckRunner.Prepare(scenario.Instantiate(selection), scenario.Name, arena));
    }

    /// <summary>An arena as initial memory.</summary>
    private sealed class ArenaContents(Arena arena) : IInitialMemory
    {
        public bool TryRead(ulong address, int sizeBytes, out ulong value) => arena.TryRead(address, sizeBytes, out value);

        public string NameOf(ulong address, int sizeBytes) => arena.NameOf(address, sizeBytes);

        public string? Describe(ulong address, int sizeBytes, ulong value) => arena.Describe(address, sizeBytes, value);
    }
}
