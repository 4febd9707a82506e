using System.Collections.Immutable;

namespace Tablewalk.Litmus.Syntax;

/// <summary>A litmus test as it stands in its file.</summary>
/// <param name="Position">Where the architecture's name stands.</param>
/// <param name="Architecture">The first word: <c>AArch64</c>, <c>X86_64</c>, <c>RISCV</c>, ...</param>
/// <param name="Name">The second word.</param>
/// <param name="Remark">What follows it on the line; may be empty.</param>
/// <param name="Title">The quoted text; null if there is none.</param>
/// <param name="Fields">What is between title and initial state, in the order of the file.</param>
/// <param name="Initial">The initial state.</param>
/// <param name="Threads">The threads and their fault handlers, in the order of the columns.</param>
/// <param name="Observed">What <c>locations</c> lists.</param>
/// <param name="Filter">What <c>filter</c> says; null if there is none.</param>
/// <param name="Condition">The final condition.</param>
public sealed record LitmusTest(
    SourcePosition Position,
    string Architecture,
    string Name,
    string Remark,
    string? Title,
    ImmutableArray<FieldSyntax> Fields,
    ImmutableArray<InitialSyntax> Initial,
    ImmutableArray<ThreadSyntax> Threads,
    ImmutableArray<ObservedSyntax> Observed,
    PropositionSyntax? Filter,
    ConditionSyntax Condition);

/// <summary>A line <c>Name=Value</c> of the head: <c>Variant=vmsa</c>, <c>TTHM=P1:HA</c>, <c>Orig=...</c>.</summary>
public sealed record FieldSyntax(SourcePosition Position, string Name, string Value);

/// <summary>One item of the initial state: a declaration, a value, or both.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Type">The C type; null if none is given.</param>
/// <param name="Place">The register or location.</param>
/// <param name="Length">The number of elements of an array; null if it is none.</param>
/// <param name="Value">The value; null if none is given.</param>
public sealed record InitialSyntax(SourcePosition Position, string? Type, PlaceSyntax Place, int? Length, ValueSyntax? Value);

/// <summary>A register of a thread or a location in memory.</summary>
public abstract record PlaceSyntax(SourcePosition Position)
{
    /// <summary>As conditions print it: <c>0:X1</c>, <c>[x]</c>.</summary>
    public sealed override string ToString() => LitmusPrinter.Print(this);
}

/// <summary><c>0:X1</c>.</summary>
public sealed record RegisterPlace(SourcePosition Position, int Thread, string Register) : PlaceSyntax(Position);

/// <summary><c>x</c>, <c>[x]</c>, <c>x[1]</c>, <c>[PTE(x)]</c>.</summary>
public sealed record MemoryPlace(SourcePosition Position, SymbolSyntax Symbol, int? Index) : PlaceSyntax(Position);

/// <summary>What a symbol stands for.</summary>
public enum SymbolKind
{
    /// <summary>The virtual address of a variable.</summary>
    Variable,

    /// <summary>The address of the page-table entry that maps a variable: <c>PTE(x)</c>, <c>TTD(x)</c> or <c>pte_x</c>.</summary>
    Entry,

    /// <summary>The output address where a variable lies: <c>PA(x)</c> or <c>phy_x</c>.</summary>
    Physical,
}

/// <summary>A symbol: a variable, its page-table entry or its output address.</summary>
public sealed record SymbolSyntax(SourcePosition Position, SymbolKind Kind, string Name)
{
    /// <summary>As it is printed.</summary>
    public override string ToString() => Kind switch
    {
        SymbolKind.Entry => $"PTE({Name})",
        SymbolKind.Physical => $"PA({Name})",
        _ => Name,
    };
}

/// <summary>A value of the initial state or of a condition.</summary>
public abstract record ValueSyntax(SourcePosition Position)
{
    /// <summary>As conditions print it.</summary>
    public sealed override string ToString() => LitmusPrinter.Print(this);
}

/// <summary>A number; between -2^63 and 2^64 - 1.</summary>
public sealed record NumberValue(SourcePosition Position, Int128 Number) : ValueSyntax(Position);

/// <summary>An address.</summary>
public sealed record SymbolValue(SourcePosition Position, SymbolSyntax Symbol) : ValueSyntax(Position);

/// <summary>The contents of a page-table entry: <c>(oa:PA(x), valid:0)</c>. Fields that are not named keep their defaults.</summary>
public sealed record EntryValue(SourcePosition Position, ImmutableArray<EntryFieldSyntax> Fields) : ValueSyntax(Position);

/// <summary>One field of an entry: <c>oa</c> with an output address, <c>valid</c>, <c>af</c>, <c>db</c>, <c>dbm</c>, <c>el0</c> with a number, <c>attrs</c> with words.</summary>
public sealed record EntryFieldSyntax(SourcePosition Position, string Name, EntryFieldValue Value);

/// <summary>What a field of an entry holds: exactly one of its members.</summary>
public sealed record EntryFieldValue(SymbolSyntax? Address, int? Number, ImmutableArray<string> Words);

/// <summary>The address of an instruction: <c>P0:L2</c> or <c>label:"P0:L2"</c>.</summary>
public sealed record LabelValue(SourcePosition Position, int Thread, string Label) : ValueSyntax(Position);

/// <summary>The encoding of an instruction: <c>instr:"NOP"</c>.</summary>
public sealed record InstructionValue(SourcePosition Position, string Text) : ValueSyntax(Position);

/// <summary>The elements of an array: <c>{0,1}</c>.</summary>
public sealed record ListValue(SourcePosition Position, ImmutableArray<ValueSyntax> Elements) : ValueSyntax(Position);
