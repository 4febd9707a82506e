using System.Collections.Immutable;
using Tablewalk.Cat;
using Tablewalk.Cli;
using Tablewalk.Judge;
using Tablewalk.Report;

namespace Tablewalk.Litmus.Tests.Conformance;

/// <summary>A run of a folder of tests, each under its architecture's own model, with the expectations beside them.</summary>
internal sealed class LitmusRun
{
    private static readonly ModelCatalog s_models = new();

    private LitmusRun(ImmutableArray<LitmusResult> results) => Results = results;

    public ImmutableArray<LitmusResult> Results { get; }

    public IEnumerable<string> Differing => Results.Where(r => r.Row.Agrees == false).Select(NameOf);

    public IEnumerable<string> Unsupported => Results.Where(r => r.Diagnostic is { IsUnsupported: true }).Select(NameOf);

    public IEnumerable<string> Refused => Results.Where(r => r.Diagnostic is { IsUnsupported: false }).Select(r => r.Diagnostic!.ToString());

    public static LitmusRun Of(string[] files, CancellationToken cancellation)
    {
        var kinds = new KindsFile(Path.Combine(Path.GetDirectoryName(files[0])!, KindsFile.DefaultName));
        var results = ImmutableArray.CreateBuilder<LitmusResult>();
        using var limits = new Limits(cancellation);
        LitmusRunner.RunAll([.. files], new(ModelOf, kinds.Find, results.Add), Environment.ProcessorCount, limits);
        return new(results.ToImmutable());
    }

    public static string NameOf(LitmusResult result) => Path.GetFileNameWithoutExtension(result.Row.File);

    private static Model ModelOf(LitmusProgram program) => s_models.Load(LitmusRunner.ModelOf(program.Test.Architecture)!, program.ModelVariants);
}
