using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>What is observed of final states, and what conditions say of them.</summary>
internal sealed class Outcomes
{
    private readonly SymbolTable _symbols;
    private readonly ThreadEmitter[] _emitters;
    private readonly Assembly[] _assemblies;
    private readonly ImmutableArray<Observation> _observed;

    /// <summary>Resolves what a test's conditions name.</summary>
    /// <exception cref="LitmusException">A condition names what there is not.</exception>
    public Outcomes(LitmusTest test, SymbolTable symbols, ThreadEmitter[] emitters, Assembly[] assemblies)
    {
        (_symbols, _emitters, _assemblies) = (symbols, emitters, assemblies);
        var all = test.Observed.Select(o => o.Place is { } place ? ObservationOf(place) : ObservationOf(o.Fault!))
            .Concat(PlacesIn(test.Condition.Proposition));
        if (test.Filter is not null)
        {
            _ = PlacesIn(test.Filter).ToArray(); // only checked: herd7 shows what the condition and the locations name
        }

        _observed = [.. all.DistinctBy(o => o.Name).Order(Observation.InHerdsOrder)];
    }

    public bool Holds(PropositionSyntax proposition, IFinalState state) => proposition switch
    {
        ConstantProposition c => c.Value,
        NotProposition n => !Holds(n.Operand, state),
        AndProposition a => a.Operands.All(o => Holds(o, state)),
        OrProposition o => o.Operands.Any(p => Holds(p, state)),
        ImpliesProposition i => !Holds(i.Left, state) || Holds(i.Right, state),
        EqualityProposition e => IsEqual(ObservationOf(e.Place), e.Value, state) == e.IsEqual,
        FaultProposition f => ObservationOf(f).Read(state) != 0,
        _ => throw new ArgumentOutOfRangeException(nameof(proposition), proposition, "unknown proposition"),
    };

    /// <summary>The numbers that a proposition compares with.</summary>
    public IEnumerable<ulong> NumbersIn(PropositionSyntax proposition) => proposition switch
    {
        EqualityProposition e => [Compiler.NumberOf(e.Value, _symbols)],
        NotProposition n => NumbersIn(n.Operand),
        AndProposition a => a.Operands.SelectMany(NumbersIn),
        OrProposition o => o.Operands.SelectMany(NumbersIn),
        ImpliesProposition i => NumbersIn(i.Left).Concat(NumbersIn(i.Right)),
        _ => [],
    };

    public ImmutableArray<ulong> Observe(IFinalState state) => [.. _observed.Select(o => o.Read(state))];

    public string Print(ImmutableArray<ulong> values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            text.Append(i > 0 ? " " : "").Append(_observed[i].Print(values[i], _symbols));
        }

        return text.ToString();
    }

    // A number that is written with fewer bits than the place has stands for all of its sign's: -1 equals a word of ones.
    private bool IsEqual(Observation observation, ValueSyntax value, IFinalState state)
    {
        var (actual, expected) = (observation.Read(state), value is EntryValue entry ? Compiler.EntryOf(entry, _symbols, observation.Mapped) : Compiler.NumberOf(value, _symbols));
        return actual == expected
            || (value is NumberValue { Number: var number } && number < 0
                && actual == Operation.ZeroExtend.Evaluate(expected, (ulong)Math.Min(observation.SizeBytes, sizeof(uint)) * 8));
    }

    private IEnumerable<Observation> PlacesIn(PropositionSyntax proposition)
    {
        switch (proposition)
        {
            case EqualityProposition e:
                _ = Compiler.NumberOf(e.Value, _symbols);
                return [ObservationOf(e.Place)];
            case FaultProposition f:
                return [ObservationOf(f)];
            case NotProposition n:
                return PlacesIn(n.Operand);
            case AndProposition a:
                return a.Operands.SelectMany(PlacesIn);
            case OrProposition o:
                return o.Operands.SelectMany(PlacesIn);
            case ImpliesProposition i:
                return PlacesIn(i.Left).Concat(PlacesIn(i.Right));
            default:
                return [];
        }
    }

    private Observation ObservationOf(PlaceSyntax place)
    {
        if (place is MemoryPlace memory)
        {
            if (memory.Symbol.Kind == SymbolKind.Entry)
            {
                var mapped = _symbols.Declare(memory.Symbol.Name);
                return new(int.MaxValue, place.ToString(), sizeof(ulong), s => s.Memory(mapped.Address + TranslationLayout.EntryOffset, sizeof(ulong))) { Mapped = mapped };
            }

            var variable = _symbols.Declare(Compiler.RequireVariable(memory.Symbol));
            if (memory.Index >= variable.Length)
            {
                throw new LitmusException(new(DiagnosticCodes.BadNumber, memory.Position, $"expected an index below {variable.Length}, found {memory.Index}"));
            }

            var address = _symbols.PhysicalOf(variable) + ((ulong)(memory.Index ?? 0) * (ulong)variable.SizeBytes);
            return new(int.MaxValue, place.ToString(), variable.SizeBytes, s => s.Memory(address, variable.SizeBytes));
        }

        var named = (RegisterPlace)place;
        var thread = ThreadOf(named.Thread, named.Position);
        var name = _assemblies[thread].RegisterOrNull(named.Register)
            ?? throw new LitmusException(new(DiagnosticCodes.UnknownName, named.Position, $"expected a register, found '{named.Register}'"));
        var register = _emitters[thread].Named(name);
        return new(thread, place.ToString(), sizeof(ulong), s => s.Register(thread, register));
    }

    private Observation ObservationOf(FaultProposition fault)
    {
        var thread = ThreadOf(fault.Thread, fault.Position);
        var sites = _emitters[thread].Faults.FindAll(
            f => (fault.Label is null || f.Labels.Contains(fault.Label)) && (fault.Type is null || f.Type.Equals(fault.Type, StringComparison.OrdinalIgnoreCase)));
        var page = fault.Symbol is null ? 0 : Compiler.AddressOf(fault.Symbol, _symbols) >> TranslationLayout.PageShift;
        if (_symbols.IsTranslated)
        {
            return new(int.MaxValue, fault.ToString(), 1, s => sites.Any(site => HappenedIn(s, site)) ? 1UL : 0) { IsFault = true };
            bool HappenedIn(IFinalState state, FaultSite site) => state.Register(thread, site.Happened) != 0
                && (fault.Symbol is null || (site.Address is { } at && state.Register(thread, at) >> TranslationLayout.PageShift == page));
        }

        return sites.Count > 0 && fault.Symbol is null
            ? new(int.MaxValue, fault.ToString(), 1, s => sites.Any(f => s.Register(thread, f.Happened) != 0) ? 1UL : 0) { IsFault = true }
            : throw Compiler.Unsupported(fault.Position, $"faults of accesses: '{fault}'");
    }

    private int ThreadOf(int thread, SourcePosition position) => thread < _emitters.Length ? thread
        : throw new LitmusException(new(DiagnosticCodes.UnknownName, position, $"expected a thread below {_emitters.Length}, found {thread}"));

    /// <summary>One thing that is observed.</summary>
    private sealed record Observation(int Thread, string Name, int SizeBytes, Func<IFinalState, ulong> Read)
    {
        /// <summary>Registers by thread, then memory; each by name.</summary>
        public static Comparer<Observation> InHerdsOrder { get; } = Comparer<Observation>.Create(
            (a, b) => a.IsFault != b.IsFault ? a.IsFault.CompareTo(b.IsFault)
                : a.Thread != b.Thread ? a.Thread.CompareTo(b.Thread) : string.CompareOrdinal(a.Name, b.Name));

        public bool IsFault { get; init; }

        /// <summary>Of an entry, the variable that it maps.</summary>
        public Variable? Mapped { get; init; }

        public string Print(ulong value, SymbolTable symbols) => IsFault
            ? $"{(value != 0 ? "" : "~")}{Name};"
            : $"{Name}={symbols.Describe(0, SizeBytes, value) ?? Number(value)};";

        private string Number(ulong value) =>
            (SizeBytes == sizeof(ulong) ? ((long)value).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture));
    }
}
