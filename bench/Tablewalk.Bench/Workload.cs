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

    private Workload(string model, Func<Arena, Program> makeProgram)
    {
        _model = ModelFiles.Load(model);
        _program = makeProgram(_arena);
    }

    /// <summary>What can be measured, by name: how to make it ready.</summary>
    internal static IReadOnlyDictionary<string, Func<Workload>> All { get; } = new Dictionary<string, Func<Workload>>(StringComparer.Ordinal)
    {
        ["contpte-unfold, block 2, sc"] = () => new Workload("sc", a => ContpteUnfold(a, "2")),
        ["contpte-unfold, block 4, sc"] = () => new Workload("sc", a => ContpteUnfold(a, "4")),
        ["contpte-unfold, block 2, armv8"] = () => new Workload("armv8", a => ContpteUnfold(a, "2")),
        ["contpte-unfold, block 8, sc"] = () => new Workload("sc", a => ContpteUnfold(a, "8")),
        ["SB, x86-tso"] = () => new Workload("x86-tso", a => Lift(a, nameof(SharedWordThreads.StoreFirstLoadSecond), nameof(SharedWordThreads.StoreSecondLoadFirst))),
        ["MP+fences, armv8"] = () => new Workload("armv8", a => Lift(a, nameof(SharedWordThreads.Publish), nameof(SharedWordThreads.Receive))),
        ["IRIW+acquires, armv8"] = () => new Workload("armv8", a => Lift(
            a, nameof(SharedWordThreads.StoreFirst), nameof(SharedWordThreads.StoreSecond),
            nameof(SharedWordThreads.AcquireFirstLoadSecond), nameof(SharedWordThreads.AcquireSecondLoadFirst))),
        ["8 stores and a load, sc"] = () => new Workload("sc", a => Lift(a, [.. StoresAndLoad])),
        ["8 stores and a load, armv8"] = () => new Workload("armv8", a => Lift(a, [.. StoresAndLoad])),
    };

    private static IEnumerable<string> StoresAndLoad =>
        Enumerable.Repeat(nameof(SharedWordThreads.StoreFirst), 8).Append(nameof(SharedWordThreads.LoadFirst));

    /// <summary>Searches everything.</summary>
    /// <returns>The executions, and the branches explored for them.</returns>
    internal (long Executions, long Explored) Count() => Checker.Count(_program, new ArenaContents(_arena), _model, s_oneCore);

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private static Program ContpteUnfold(Arena arena, string block)
    {
        var scenario = Catalog.All.Single(s => s.Name == "gup-fast/contpte-unfold");
        var variants = scenario.Variants.ToDictionary(v => v.Name, v => v.Name == "block" ? block : v.Values[0], StringComparer.Ordinal);
        return CheckRunner.Prepare(scenario.Instantiate(new ScenarioSelection("arm64", scenario.Claims[0], variants)), scenario.Name, arena);
    }

    private static unsafe Program Lift(Arena arena, params string[] methods)
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
