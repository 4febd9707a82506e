using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>What a test says about translation: whether there is any, what each CPU's MMU does, and which entries may change on their own.</summary>
internal sealed class Translation
{
    private const int MostSpontaneousUpdates = 2; // of one entry
    private readonly LitmusTest _test;
    private readonly HashSet<string> _words;
    private readonly string[] _management;

    private Translation(LitmusTest test, HashSet<string> variants)
    {
        _test = test;
        _words = variants;
        _management = WordsOf("TTHM");
    }

    /// <summary>Reads it; null if the test has no translation tables.</summary>
    public static Translation? OfOrNull(LitmusTest test)
    {
        var variants = test.Fields.Where(f => f.Name.Equals("variant", StringComparison.OrdinalIgnoreCase))
            .SelectMany(f => f.Value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var translation = new Translation(test, variants);
        return test.Architecture == "AArch64" && (variants.Contains("vmsa") || translation.NamesEntries()) ? translation : null;
    }

    /// <summary>The MMU of a CPU.</summary>
    public Mmu MmuOf(int thread) => new(
        WordsOf("EL0").Contains($"P{thread}", StringComparer.Ordinal),
        Has(thread, "HA") || Has(thread, "HD"),
        Has(thread, "HD"),
        _words.Contains("imprecise") || _words.Contains("handled"));

    /// <summary>
    /// Where hardware sets the access flag, it may do so for accesses that it only speculates about, at any time (D8.5.2): as threads of their own, each
    /// of which may do so once.
    /// </summary>
    public IEnumerable<ThreadCode> SpontaneousUpdates(SymbolTable symbols)
    {
        if (_management.Length == 0)
        {
            yield break;
        }

        var entries = _test.Initial.Select(i => i.Value).OfType<EntryValue>().ToArray();
        var count = Math.Min(MostSpontaneousUpdates, entries.Count(e => e.Fields.Any(f => f is { Name: "af", Value.Number: 0 })));
        foreach (var name in EntryNames().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            for (var i = 0; i < count; i++)
            {
                yield return SpontaneousUpdate(symbols.Declare(name));
            }
        }
    }

    private static ThreadCode SpontaneousUpdate(Variable variable)
    {
        var emit = new ThreadEmitter(-1) { Source = new("", 0, $"hardware sets the access flag of {variable.Name}", "hardware") };
        var (chosen, entry, update) = (emit.Temporary(), emit.Temporary(), emit.NewBlock());
        emit.Emit(new Choose(chosen, 2));
        emit.BranchIf(chosen, update, isImplicit: true);
        emit.Return();
        emit.StartAt(update);
        var place = Operand.Of(variable.Address + TranslationLayout.EntryOffset);
        emit.Emit(new Load(entry, place, AccessSize.Double, LoadOrder.Walk) { InputAddress = variable.Address >> TranslationLayout.PageShift });
        var flags = emit.Compute(Operation.And, entry, Operand.Of(TranslationLayout.Valid | TranslationLayout.AccessFlag));
        emit.Emit(new Assume(emit.Compute(Operation.Equal, flags, Operand.Of(TranslationLayout.Valid))));
        emit.Emit(new Store(place, emit.Compute(Operation.Or, entry, Operand.Of(TranslationLayout.AccessFlag)), AccessSize.Double, StoreOrder.HardwareUpdate));
        return emit.Finish() with { Name = $"hardware, {variable.Name}" };
    }

    private bool Has(int thread, string feature) =>
        _management.Contains(feature, StringComparer.Ordinal) || _management.Contains($"P{thread}:{feature}", StringComparer.Ordinal);

    private string[] WordsOf(string field) =>
        [.. _test.Fields.Where(f => f.Name == field).SelectMany(f => f.Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))];

    private bool NamesEntries() => EntryNames().Any() || _test.Initial.Any(i => i.Value is EntryValue);

    private IEnumerable<string> EntryNames() =>
        _test.Initial.SelectMany(i => new[] { (i.Place as MemoryPlace)?.Symbol, (i.Value as SymbolValue)?.Symbol })
            .Concat(PlacesIn(_test.Condition.Proposition).Select(p => (p as MemoryPlace)?.Symbol))
            .OfType<SymbolSyntax>().Where(s => s.Kind == SymbolKind.Entry).Select(s => s.Name);

    private static IEnumerable<PlaceSyntax> PlacesIn(PropositionSyntax proposition) => proposition switch
    {
        EqualityProposition e => [e.Place],
        NotProposition n => PlacesIn(n.Operand),
        AndProposition a => a.Operands.SelectMany(PlacesIn),
        OrProposition o => o.Operands.SelectMany(PlacesIn),
        ImpliesProposition i => PlacesIn(i.Left).Concat(PlacesIn(i.Right)),
        _ => [],
    };
}
