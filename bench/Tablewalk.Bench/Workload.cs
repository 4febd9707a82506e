using System.Collections.Immutable;
using System.Reflection;
using Tablewalk.Cat;
using Tablewalk.Cil;
using Tablewalk.Cli;
using Tablewalk.Explore;
using Tablewalk.Ir;
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
    internal static IReadOnlyDictionary<string, Func<Workload>> All { get; } = new Dictionary<string, Func<Workload>>(StringComparer.Ordinal)
    {
        ["contpte-unfold, block 4, armv8"] = () => ContpteUnfold("4"),
        ["contpte-unfold, block 8, armv8"] = () => ContpteUnfold("8"),
        ["SB, x86-tso"] = () => Shape("x86-tso", nameof(SharedWordThreads.StoreFirstLoadSecond), nameof(SharedWordThreads.StoreSecondLoadFirst)),
        ["MP+fences, armv8"] = () => Shape("armv8", nameof(SharedWordThreads.Publish), nameof(SharedWordThreads.Receive)),
        ["IRIW+acquires, armv8"] = () => Shape(
            "armv8", nameof(SharedWordThreads.StoreFirst), nameof(SharedWordThreads.StoreSecond),
            nameof(SharedWordThreads.AcquireFirstLoadSecond), nameof(SharedWordThreads.AcquireSecondLoadFirst)),
        ["8 stores and a load, sc"] = () => Shape("sc", [.. StoresAndLoad]),
        ["8 stores and a load, armv8"] = () => Shape("armv8", [.. StoresAndLoad]),
    };

    private static IEnumerable<string> StoresAndLoad =>
        Enumerable.Repeat(nameof(SharedWordThreads.StoreFirst), 8).Append(nameof(SharedWordThreads.LoadFirst));

    /// <summary>Checks the claim; without one looks at every execution.</summary>
    /// <returns>The executions, and the branches explored for them.</returns>
    internal (long Executions, long Explored) Search()
    {
        var memory = new ArenaContents(_arena);
        if (_claim is null)
        {
            return Checker.Count(_program, memory, _model, s_oneCore);
        }

        var result = Checker.Check(_program, memory, _model, _claim, s_oneCore);
        return (result.Executions, result.Explored);
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private static Workload ContpteUnfold(string block)
    {
        var scenario = Catalog.All.Single(s => s.Name == "gup-fast/contpte-unfold");
        var variants = scenario.Variants.ToDictionary(v => v.Name, v => v.Name == "block" ? block : v.Values[0], StringComparer.Ordinal);
        var selection = new ScenarioSelection("arm64", "no-false-positive-dirty", variants);
        return new Workload("armv8", selection.Claim, arena => CheckRunner.Prepare(scenario.Instantiate(selection), scenario.Name, arena));
    }

    private static Workload Shape(string model, params string[] methods) => new(model, claim: null, arena => Lift(arena, methods));

    private static unsafe Program Lift(Arena arena, string[] methods)
    {
        var words = (ulong)arena.Allocate<SharedWords>();
        return new Program([.. methods.Select(ThreadOf)], null, ImmutableArray<ulong>.Empty);

        ThreadCode ThreadOf(string name) =>
            new(name, Lifter.Lift(typeof(SharedWordThreads).GetMethod(name, BindingFlags.Static | BindingFlags.Public)!), [words]);
    }

    /// <summary>An arena as initial memory.</summary>
    private sealed class ArenaContents(Arena arena) : IInitialMemory
    {
        public bool TryRead(ulong address, int sizeBytes, out ulong value) => arena.TryRead(address, sizeBytes, out value);

        public string NameOf(ulong address, int sizeBytes) => arena.NameOf(address, sizeBytes);

        public string? Describe(ulong address, int sizeBytes, ulong value) => arena.Describe(address, sizeBytes, value);
    }
}
