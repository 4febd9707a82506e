using System.Globalization;
using Tablewalk.Ir;
using Tablewalk.Litmus.Syntax;

namespace Tablewalk.Litmus.Lowering;

/// <summary>A variable: where it lies, the size of its elements and how many there are.</summary>
internal sealed record Variable(string Name, ulong Address, int SizeBytes, int Length)
{
    public ulong End => Address + ((ulong)SizeBytes * (ulong)Length);
}

/// <summary>The variables of a test and the memory that they make up. Each has room of its own, so that none is beside another.</summary>
internal sealed class SymbolTable : IInitialMemory
{
    private const ulong Base = 0x7f40_0000_0000; // nothing that a test computes is likely to look like an address by chance
    private const ulong Stride = 0x1_0000;
    private readonly Dictionary<(int Thread, string Label), ulong> _labels = [];
    private readonly Dictionary<string, ulong> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Variable> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, ulong> _words = [];

    /// <summary>The size of variables that have no type: int, or a double word if some instruction accesses one.</summary>
    public int DefaultSizeBytes { get; init; } = sizeof(uint);

    /// <summary>Whether addresses are virtual: then the variables lie elsewhere, and entries say where.</summary>
    public bool IsTranslated { get; init; }

    public IEnumerable<Variable> All => _variables.Values;

    /// <summary>Where a variable's first byte lies.</summary>
    public ulong PhysicalOf(Variable variable) => IsTranslated ? variable.Address + TranslationLayout.PhysicalOffset : variable.Address;

    /// <summary>The address of the code at a label: different for different labels, and nothing else.</summary>
    public ulong CodeAddress(int thread, string label)
    {
        if (!_labels.TryGetValue((thread, label), out var address))
        {
            address = TranslationLayout.CodeBase + ((ulong)_labels.Count * sizeof(uint));
            _labels.Add((thread, label), address);
        }

        return address;
    }

    /// <summary>Sets the entry that maps a variable.</summary>
    public void SetEntry(Variable variable, ulong value) => _entries[variable.Name] = value;

    private ulong EntryOf(Variable variable) =>
        _entries.TryGetValue(variable.Name, out var entry) ? entry : TranslationLayout.DefaultEntry(PhysicalOf(variable));

    public Variable Declare(string name, int? sizeBytes = null, int length = 1)
    {
        if (!_variables.TryGetValue(name, out var variable))
        {
            variable = new(name, Base + ((ulong)_variables.Count * Stride), sizeBytes ?? DefaultSizeBytes, length);
            _variables.Add(name, variable);
        }

        return variable;
    }

    /// <summary>Declares a variable with its type and length.</summary>
    /// <returns>False if it is declared already with another.</returns>
    public bool TryDeclare(string name, int? sizeBytes, int length)
    {
        var variable = Declare(name, sizeBytes, length);
        return (sizeBytes is null || variable.SizeBytes == sizeBytes) && (length == 1 || variable.Length == length);
    }

    public void Store(Variable variable, int index, ulong value)
    {
        var address = variable.Address + ((ulong)index * (ulong)variable.SizeBytes);
        var shift = (int)(address & 7) * 8;
        var mask = Operation.ZeroExtend.Evaluate(ulong.MaxValue, (ulong)variable.SizeBytes * 8) << shift;
        _words[address & ~7UL] = (_words.GetValueOrDefault(address & ~7UL) & ~mask) | ((value << shift) & mask);
    }

    /// <summary>The variable at an address; null if there is none.</summary>
    public Variable? AtOrNull(ulong address) => _variables.Values.FirstOrDefault(v => address >= v.Address && address < RoomEnd(v));

    // A variable may be accessed as the whole word it lies in: herd7 gives each a location of any size.
    private static ulong RoomEnd(Variable variable) => (variable.End + 7) & ~7UL;

    public bool TryRead(ulong address, int sizeBytes, out ulong value)
    {
        value = 0;
        if (IsTranslated)
        {
            if (TranslationLayout.IsEntryAddress(address) && AtOrNull(address - TranslationLayout.EntryOffset) is { } mapped)
            {
                var offset = address - TranslationLayout.EntryOffset - mapped.Address;
                value = Operation.ZeroExtend.Evaluate(EntryOf(mapped) >> (int)(offset * 8), (ulong)sizeBytes * 8);
                return offset + (ulong)sizeBytes <= sizeof(ulong);
            }

            address -= TranslationLayout.PhysicalOffset; // nothing else lies at virtual addresses
        }

        if (AtOrNull(address) is not { } variable || address + (ulong)sizeBytes > RoomEnd(variable))
        {
            return false;
        }

        value = Operation.ZeroExtend.Evaluate(_words.GetValueOrDefault(address & ~7UL) >> (int)((address & 7) * 8), (ulong)sizeBytes * 8);
        return true;
    }

    public string NameOf(ulong address, int sizeBytes)
    {
        if (IsTranslated)
        {
            if (TranslationLayout.IsEntryAddress(address))
            {
                return $"PTE({NameOf(address - TranslationLayout.EntryOffset + TranslationLayout.PhysicalOffset, sizeBytes)})";
            }

            address -= TranslationLayout.PhysicalOffset;
        }

        var variable = AtOrNull(address);
        return variable is null ? string.Create(CultureInfo.InvariantCulture, $"0x{address:x}")
            : address == variable.Address ? variable.Name
            : string.Create(CultureInfo.InvariantCulture, $"{variable.Name}+{address - variable.Address}");
    }

    public string? Describe(ulong address, int sizeBytes, ulong value)
    {
        if (AtOrNull(value) is { } variable)
        {
            return value == variable.Address ? variable.Name : null;
        }

        if (!IsTranslated)
        {
            return null;
        }

        if (_labels.FirstOrDefault(l => l.Value == value) is { Value: not 0 } label)
        {
            return $"label:\"P{label.Key.Thread}:{label.Key.Label}\"";
        }

        return TranslationLayout.IsEntryAddress(value) && AtOrNull(value - TranslationLayout.EntryOffset) is { } mapped ? $"PTE({mapped.Name})"
            : AtOrNull(TranslationLayout.OutputAddressOf(value) - TranslationLayout.PhysicalOffset) is { } at ? TranslationLayout.Print(value, at.Name) : null;
    }

    /// <summary>The size of a C type; null if it is not known.</summary>
    public static int? SizeOfType(string type) => type switch
    {
        "int8_t" or "uint8_t" or "char" => 1,
        "int16_t" or "uint16_t" or "short" => 2,
        "int32_t" or "uint32_t" or "int" or "unsigned" => 4,
        "int64_t" or "uint64_t" or "long" or "intptr_t" or "uintptr_t" or "pteval_t" => 8,
        [.., '*'] => 8,
        _ => null,
    };
}
