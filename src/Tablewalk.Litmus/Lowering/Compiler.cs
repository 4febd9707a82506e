using System.Collections.Immutable;
using System.Globalization;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>Makes a program of a test: lays out its variables, lowers its threads, resolves what its conditions name.</summary>
internal static class Compiler
{
    private const string EnhancedSynchronization = "ETS2";
    private static readonly string[] s_knownVariants = ["mixed", "fatal", "handled", "precise", "imprecise", "exs", "eis", "eos", "vmsa", "ets2"];

    public static LitmusProgram Compile(LitmusTest test)
    {
        RefuseFields(test);
        var columns = test.Threads.Where(t => !t.IsHandler).ToArray();
        for (var t = 0; t < columns.Length; t++)
        {
            if (columns[t].Number != t)
            {
                throw new LitmusException(new(DiagnosticCodes.UnknownName, columns[t].Position, $"expected the thread P{t}, found P{columns[t].Number}"));
            }
        }

        var instructions = test.Threads.SelectMany(t => t.Code).OfType<InstructionSyntax>().ToArray();
        var probe = Make(test, new ThreadEmitter(0), new SymbolTable(), null);
        var hasDouble = instructions.Any(probe.IsDoubleAccess);
        var holdsAddress = test.Initial.Any(i => i is { Place: MemoryPlace, Type: null, Value: SymbolValue or LabelValue });
        var translation = Translation.OfOrNull(test);
        var symbols = new SymbolTable { DefaultSizeBytes = hasDouble && translation is null || holdsAddress ? 8 : 4, IsTranslated = translation is not null };
        var emitters = columns.Select(c => new ThreadEmitter(c.Number)).ToArray();
        var assemblies = columns.Select((c, t) => Make(test, emitters[t], symbols, HandlerOf(test, c.Number), translation?.MmuOf(c.Number))).ToArray();
        SetInitialState(test, symbols, emitters, assemblies);
        for (var t = 0; t < columns.Length; t++)
        {
            var code = columns[t].Code;
            RequireLabels(code);
            assemblies[t].Prepare(code.Concat(HandlerOf(test, t) ?? []).OfType<InstructionSyntax>());
            LowerCode(assemblies[t], emitters[t], code);
        }

        var outcomes = new Outcomes(test, symbols, emitters, assemblies);
        var program = new Program([.. emitters.Select(e => e.Finish()), .. translation?.SpontaneousUpdates(symbols) ?? []], null, []);
        foreach (var thread in program.Threads)
        {
            if (Verifier.Check(thread.Code) is [var defect, ..])
            {
                throw new InvalidOperationException($"internal error: {test.Position.File}: {thread.Name} is lowered to what is no procedure: {defect}");
            }
        }

        var isSynchronizing = VariantsOf(test).Any(v => v.Name.Equals(EnhancedSynchronization, StringComparison.OrdinalIgnoreCase));
        return new(test, program, symbols, outcomes, isSynchronizing ? new HashSet<string>(StringComparer.Ordinal) { EnhancedSynchronization } : []);
    }

    /// <summary>Lowers a list of code where the emitter stands.</summary>
    public static void LowerCode(Assembly assembly, ThreadEmitter emitter, ImmutableArray<CodeSyntax> code)
    {
        var labels = ImmutableArray.CreateBuilder<string>();
        foreach (var line in code)
        {
            if (line is LabelSyntax label)
            {
                emitter.Place(label.Name);
                labels.Add(label.Name);
                continue;
            }

            var instruction = (InstructionSyntax)line;
            emitter.Source = new(line.Position.File, line.Position.Line, instruction.ToString(), $"P{emitter.Thread}");
            assembly.Lower(instruction, labels.ToImmutable());
            labels.Clear();
        }
    }

    private static ImmutableArray<CodeSyntax>? HandlerOf(LitmusTest test, int thread) => test.Threads.FirstOrDefault(t => t.IsHandler && t.Number == thread)?.Code;

    private static Assembly Make(LitmusTest test, ThreadEmitter emitter, SymbolTable symbols, ImmutableArray<CodeSyntax>? handler, Mmu? mmu = null)
    {
        var variants = VariantsOf(test).Select(v => v.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var canChoose = variants.Contains("exs");
        return test.Architecture switch
        {
            "AArch64" => new AArch64(emitter, symbols, new(!canChoose || variants.Contains("eis"), !canChoose || variants.Contains("eos"))) { Handler = handler, Mmu = mmu },
            "RISCV" => new RiscV(emitter, symbols),
            "X86" => new X86(emitter, symbols, isAtt: false),
            "X86_64" => new X86(emitter, symbols, isAtt: true),
            _ => throw Unsupported(test.Position, $"the architecture '{test.Architecture}', expected AArch64, RISCV, X86 or X86_64"),
        };
    }

    private static IEnumerable<(string Name, SourcePosition Position)> VariantsOf(LitmusTest test) =>
        test.Fields.Where(f => f.Name.Equals("variant", StringComparison.OrdinalIgnoreCase))
            .SelectMany(f => f.Value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(v => (v, f.Position)));

    // What a test says about the machine must be understood: the rest of the head is about how it was made.
    private static void RefuseFields(LitmusTest test)
    {
        foreach (var (variant, position) in VariantsOf(test))
        {
            if (!s_knownVariants.Contains(variant, StringComparer.OrdinalIgnoreCase))
            {
                throw Unsupported(position, $"the variant '{variant}'");
            }
        }

        if (test.Fields.FirstOrDefault(f => f.Name is "CacheType" || (f.Name is "TTHM" or "EL0" && test.Architecture != "AArch64")) is { } field)
        {
            throw Unsupported(field.Position, $"the field '{field.Name}'");
        }

        if (test.Threads.FirstOrDefault(t => t.IsHandler && test.Architecture != "AArch64") is { } handler)
        {
            throw Unsupported(handler.Position, $"a fault handler on {test.Architecture}");
        }
    }

    private static void RequireLabels(ImmutableArray<CodeSyntax> code)
    {
        var labels = new HashSet<string>(StringComparer.Ordinal);
        foreach (var label in code.OfType<LabelSyntax>())
        {
            if (!labels.Add(label.Name))
            {
                throw new LitmusException(new(DiagnosticCodes.Duplicate, label.Position, $"the label {label.Name} is there already"));
            }
        }
    }

    private static void SetInitialState(LitmusTest test, SymbolTable symbols, ThreadEmitter[] emitters, Assembly[] assemblies)
    {
        foreach (var item in test.Initial)
        {
            if (item.Place is MemoryPlace { Symbol.Kind: not SymbolKind.Entry } place)
            {
                Declare(item, place, symbols);
            }
        }

        foreach (var item in test.Initial)
        {
            switch (item.Place)
            {
                case RegisterPlace register:
                    var thread = register.Thread < emitters.Length ? register.Thread
                        : throw new LitmusException(new(DiagnosticCodes.UnknownName, register.Position, $"expected a thread below {emitters.Length}, found {register.Thread}"));
                    var name = assemblies[thread].RegisterOrNull(register.Register)
                        ?? throw new LitmusException(new(DiagnosticCodes.UnknownName, register.Position, $"expected a register, found '{register.Register}'"));
                    var value = item.Value is null ? 0 : NumberOf(item.Value, symbols);
                    var size = item.Type is null ? 8 : SizeOf(item);
                    emitters[thread].SetInitial(name, Operation.ZeroExtend.Evaluate(value, (ulong)size * 8));
                    break;
                case MemoryPlace { Symbol.Kind: SymbolKind.Entry } entry:
                    var mapped = symbols.Declare(entry.Symbol.Name);
                    symbols.SetEntry(mapped, item.Value switch
                    {
                        EntryValue written => EntryOf(written, symbols, mapped),
                        { } other => NumberOf(other, symbols),
                        null => throw Unsupported(item.Position, $"an entry without a value: '{LitmusPrinter.Print(item)}'"),
                    });
                    break;
                case MemoryPlace memory when item.Value is ListValue list:
                    for (var i = 0; i < list.Elements.Length; i++)
                    {
                        StoreElement(symbols, memory, i, list.Elements[i]);
                    }

                    break;
                case MemoryPlace memory when item.Value is not null:
                    StoreElement(symbols, memory, memory.Index ?? 0, item.Value);
                    break;
            }
        }
    }

    private static void StoreElement(SymbolTable symbols, MemoryPlace place, int index, ValueSyntax value)
    {
        var variable = symbols.Declare(place.Symbol.Name);
        if (index >= variable.Length)
        {
            throw new LitmusException(new(DiagnosticCodes.BadNumber, value.Position, $"expected at most {variable.Length} elements of {variable.Name}"));
        }

        symbols.Store(variable, index, NumberOf(value, symbols));
    }

    private static void Declare(InitialSyntax item, MemoryPlace place, SymbolTable symbols)
    {
        RequireVariable(place.Symbol);
        var length = item.Length ?? (place.Index is { } index ? index + 1 : 1);
        if (length == 0 || !symbols.TryDeclare(place.Symbol.Name, item.Type is null ? null : SizeOf(item), length))
        {
            throw new LitmusException(new(DiagnosticCodes.Duplicate, item.Position, $"{place.Symbol} is declared already, with another type or length"));
        }
    }

    private static int SizeOf(InitialSyntax item) =>
        SymbolTable.SizeOfType(item.Type!) ?? throw Unsupported(item.Position, $"the type '{item.Type}'");

    /// <summary>The number that a value stands for.</summary>
    /// <exception cref="LitmusException">It stands for none that is known here.</exception>
    public static ulong NumberOf(ValueSyntax value, SymbolTable symbols) => value switch
    {
        NumberValue number => unchecked((ulong)number.Number),
        SymbolValue symbol => AddressOf(symbol.Symbol, symbols),
        EntryValue entry => EntryOf(entry, symbols, mapped: null),
        LabelValue label => symbols.CodeAddress(label.Thread, label.Label),
        InstructionValue => throw Unsupported(value.Position, $"instructions as data: '{value}'"),
        _ => throw Unsupported(value.Position, $"the value '{value}'"),
    };

    /// <summary>What a symbol stands for: a virtual address, the address of an entry, or an output address.</summary>
    public static ulong AddressOf(SymbolSyntax symbol, SymbolTable symbols)
    {
        var variable = symbols.Declare(symbol.Name);
        return symbol.Kind switch
        {
            SymbolKind.Entry => variable.Address + TranslationLayout.EntryOffset,
            SymbolKind.Physical => symbols.PhysicalOf(variable),
            _ => variable.Address,
        };
    }

    /// <summary>The descriptor that is written; its output address is by default that of the variable it maps, if that is known.</summary>
    public static ulong EntryOf(EntryValue entry, SymbolTable symbols, Variable? mapped) => TranslationLayout.Encode(
        entry, mapped is null ? 0 : symbols.PhysicalOf(mapped), symbol => AddressOf(symbol with { Kind = SymbolKind.Physical }, symbols));

    /// <summary>The name of a symbol that must be a variable.</summary>
    public static string RequireVariable(SymbolSyntax symbol) => symbol.Kind == SymbolKind.Variable ? symbol.Name
        : throw Unsupported(symbol.Position, $"translation tables: '{symbol}'");

    /// <summary>Something that is read but not executed.</summary>
    public static LitmusException Unsupported(SourcePosition position, string what) =>
        new(new(DiagnosticCodes.Unsupported, position, string.Create(CultureInfo.InvariantCulture, $"unsupported: {what}")));
}
