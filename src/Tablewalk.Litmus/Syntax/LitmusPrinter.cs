using System.Globalization;
using System.Text;

namespace Tablewalk.Litmus.Syntax;

/// <summary>Prints tests so that <see cref="LitmusParser"/> reads the same tree back, positions aside.</summary>
public static class LitmusPrinter
{
    /// <summary>A whole test.</summary>
    public static string Print(LitmusTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        var text = new StringBuilder();
        text.Append($"{test.Architecture} {test.Name}").Append(test.Remark.Length > 0 ? " " : "").Append(test.Remark).Append('\n');
        if (test.Title is not null)
        {
            text.Append($"\"{test.Title}\"\n");
        }

        foreach (var field in test.Fields)
        {
            text.Append($"{field.Name}={field.Value}\n");
        }

        text.Append("{\n");
        foreach (var item in test.Initial)
        {
            text.Append(' ').Append(Print(item)).Append(";\n");
        }

        text.Append("}\n");
        PrintCode(text, test);
        if (!test.Observed.IsEmpty)
        {
            text.Append("locations [").AppendJoin(' ', test.Observed.Select(o => $"{(o.Place is { } place ? Print(place) : Print(o.Fault!))};")).Append("]\n");
        }

        if (test.Filter is not null)
        {
            text.Append($"filter {Print(test.Filter)}\n");
        }

        return text.Append(Print(test.Condition)).Append('\n').ToString();
    }

    /// <summary>An item of the initial state.</summary>
    public static string Print(InitialSyntax item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var type = item.Type is null ? "" : item.Type + " ";
        var place = item is { Length: { } length, Place: MemoryPlace array } ? $"{array.Symbol}[{Invariant(length)}]" : Print(item.Place);
        return type + place + (item.Value is null ? "" : "=" + Print(item.Value));
    }

    /// <summary>A register or a location.</summary>
    public static string Print(PlaceSyntax place) => place switch
    {
        RegisterPlace r => $"{Invariant(r.Thread)}:{r.Register}",
        MemoryPlace { Index: { } index } m => $"{m.Symbol}[{Invariant(index)}]",
        MemoryPlace m => $"[{m.Symbol}]",
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "unknown place"),
    };

    /// <summary>A value.</summary>
    public static string Print(ValueSyntax value) => value switch
    {
        NumberValue n => Number(n.Number),
        SymbolValue s => s.Symbol.ToString(),
        EntryValue e => $"({string.Join(", ", e.Fields.Select(Print))})",
        LabelValue l => $"label:\"P{Invariant(l.Thread)}:{l.Label}\"",
        InstructionValue i => $"instr:\"{i.Text}\"",
        ListValue l => $"{{{string.Join(',', l.Elements.Select(Print))}}}",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    /// <summary>An instruction.</summary>
    public static string Print(InstructionSyntax instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        return instruction.Operands.IsEmpty ? instruction.Mnemonic : $"{instruction.Mnemonic} {string.Join(',', instruction.Operands.Select(Print))}";
    }

    /// <summary>An operand.</summary>
    public static string Print(OperandSyntax operand) => operand switch
    {
        NameOperand n => n.Name,
        NumberOperand n => (n.Mark switch { NumberMark.Hash => "#", NumberMark.Dollar => "$", _ => "" }) + Number(n.Number),
        ShiftOperand s => $"{s.Name} #{Number(s.Amount)}",
        MemoryOperand { IsSquare: true } m => $"[{string.Join(',', m.Parts.Select(Print))}]{(m.WritesBack ? "!" : "")}",
        MemoryOperand m => $"{(m.Displacement is { } d ? Number(d) : "")}({string.Join(',', m.Parts.Select(Print))})",
        _ => throw new ArgumentOutOfRangeException(nameof(operand), operand, "unknown operand"),
    };

    /// <summary>A condition with its quantifier.</summary>
    public static string Print(ConditionSyntax condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var text = new StringBuilder($"{Word(condition.Quantifier)} ({Print(condition.Proposition)})");
        if (!condition.Expectations.IsEmpty)
        {
            text.Append("\nwith").AppendJoin("", condition.Expectations.Select(e => $"\n{e.Model}: {Word(e.Quantifier)};"));
        }

        return text.ToString();
    }

    /// <summary>A proposition, with as few brackets as its operators' order allows.</summary>
    public static string Print(PropositionSyntax proposition) => proposition switch
    {
        ConstantProposition c => c.Value ? "true" : "false",
        EqualityProposition e => $"{Print(e.Place)}{(e.IsEqual ? "=" : "!=")}{Print(e.Value)}",
        FaultProposition f => PrintFault(f),
        NotProposition n => $"not {Bracketed(n.Operand, n.Operand is AndProposition or OrProposition or ImpliesProposition)}",
        AndProposition a => string.Join(
            " /\\ ", a.Operands.Select(o => Bracketed(o, o is AndProposition or OrProposition or ImpliesProposition))),
        OrProposition o => string.Join(" \\/ ", o.Operands.Select(p => Bracketed(p, p is OrProposition or ImpliesProposition))),
        ImpliesProposition i => $"{Bracketed(i.Left, i.Left is ImpliesProposition)} => {Print(i.Right)}",
        _ => throw new ArgumentOutOfRangeException(nameof(proposition), proposition, "unknown proposition"),
    };

    /// <summary>The word of a quantifier.</summary>
    public static string Word(Quantifier quantifier) => quantifier switch
    {
        Quantifier.Exists => "exists",
        Quantifier.NotExists => "~exists",
        Quantifier.ForAll => "forall",
        _ => "final",
    };

    private static void PrintCode(StringBuilder text, LitmusTest test)
    {
        var columns = test.Threads.Select(Cells).ToArray();
        var widths = columns.Select(c => c.Max(cell => cell.Length)).ToArray();
        for (var row = 0; row < columns.Max(c => c.Count); row++)
        {
            text.Append(' ')
                .AppendJoin(" | ", columns.Select((c, i) => (row < c.Count ? c[row] : "").PadRight(widths[i])))
                .Append(" ;\n");
        }
    }

    private static List<string> Cells(ThreadSyntax thread) =>
    [
        $"P{Invariant(thread.Number)}{(thread.IsHandler ? ".F" : "")}",
        .. thread.Code.Select(c => c is LabelSyntax label ? $"{label.Name}:" : Print((InstructionSyntax)c)),
    ];

    private static string Print(EntryFieldSyntax field) => field.Value switch
    {
        { Address: { } address } => $"{field.Name}:{address}",
        { Number: { } number } => $"{field.Name}:{Invariant(number)}",
        { Words: var words } => $"{field.Name}:({string.Join(", ", words)})",
    };

    private static string PrintFault(FaultProposition fault)
    {
        var label = fault.Label is null ? "" : ":" + fault.Label;
        var symbol = fault.Symbol is null ? "" : $",{fault.Symbol}";
        return $"fault(P{Invariant(fault.Thread)}{label}{symbol}{(fault.Type is null ? "" : "," + fault.Type)})";
    }

    private static string Bracketed(PropositionSyntax proposition, bool needsBrackets) =>
        needsBrackets ? $"({Print(proposition)})" : Print(proposition);

    private static string Number(Int128 number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
