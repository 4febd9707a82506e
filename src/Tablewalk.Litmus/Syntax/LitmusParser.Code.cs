using System.Collections.Immutable;

namespace Tablewalk.Litmus.Syntax;

// The table of code: a row for each line, a column for each thread.
public sealed partial class LitmusParser
{
    private static readonly string[] s_shifts = ["LSL", "LSR", "ASR", "ROR", "UXTB", "UXTH", "UXTW", "UXTX", "SXTB", "SXTH", "SXTW", "SXTX"];

    private ImmutableArray<ThreadSyntax> ParseThreads()
    {
        var heads = ParseHeads();
        var columns = heads.Select(_ => ImmutableArray.CreateBuilder<CodeSyntax>()).ToArray();
        while (!IsConditionNext())
        {
            if (_scanner.IsAtEnd)
            {
                throw _scanner.Expected("more code, or a condition such as 'exists'");
            }

            ParseRow(columns);
        }

        return [.. heads.Select((head, i) => head with { Code = columns[i].ToImmutable() })];
    }

    private List<ThreadSyntax> ParseHeads()
    {
        var heads = new List<ThreadSyntax>();
        do
        {
            _scanner.SkipBlank();
            var position = _scanner.Position;
            _scanner.Take("P", " and the number of a thread");
            var number = _scanner.TakeCount("the number of a thread", MostThreads);
            var isHandler = _scanner.TryTake(".F");
            if (heads.Exists(h => h.Number == number && h.IsHandler == isHandler))
            {
                throw new LitmusException(new(DiagnosticCodes.Duplicate, position, $"the column P{number}{(isHandler ? ".F" : "")} is there already"));
            }

            heads.Add(new(position, number, isHandler, []));
        }
        while (_scanner.TryTake("|"));
        _scanner.Take(";", " or '|'");
        return heads;
    }

    private bool IsConditionNext()
    {
        _scanner.SkipBlank();
        return _scanner.Current == '~' || Array.Exists(s_conditionWords, _scanner.PeekName().Equals);
    }

    private void ParseRow(ImmutableArray<CodeSyntax>.Builder[] columns)
    {
        for (var column = 0; ; column++)
        {
            if (column == columns.Length)
            {
                throw new LitmusException(new(
                    DiagnosticCodes.Syntax, _scanner.Position, $"expected at most {columns.Length} columns, as in the first row, found more"));
            }

            ParseCell(columns[column]);
            if (_scanner.TryTake(";"))
            {
                return;
            }

            _scanner.Take("|", " or ';'");
        }
    }

    private void ParseCell(ImmutableArray<CodeSyntax>.Builder code)
    {
        while (true)
        {
            _scanner.SkipBlank();
            if (_scanner.Current is '|' or ';')
            {
                return;
            }

            var position = _scanner.Position;
            var name = _scanner.TakeName("an instruction or a label", "_.");
            if (!_scanner.TryTake(":"))
            {
                code.Add(ParseInstruction(position, name));
                return;
            }

            code.Add(new LabelSyntax(position, name));
        }
    }

    private InstructionSyntax ParseInstruction(SourcePosition position, string mnemonic)
    {
        if (mnemonic.Equals("lock", StringComparison.OrdinalIgnoreCase))
        {
            mnemonic += " " + _scanner.TakeName("an instruction after the lock prefix", "_.");
        }

        var operands = ImmutableArray.CreateBuilder<OperandSyntax>();
        _scanner.SkipBlank();
        if (_scanner.Current is not ('|' or ';'))
        {
            do
            {
                operands.Add(ParseOperand());
            }
            while (_scanner.TryTake(","));
        }

        return new(position, mnemonic, operands.ToImmutable());
    }

    private OperandSyntax ParseOperand()
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        if (_scanner.TryTake("["))
        {
            var parts = Nested(() => ParseParts("]"));
            return new MemoryOperand(position, true, null, parts, _scanner.TryTake("!"));
        }

        if (_scanner.TryTake("("))
        {
            return new MemoryOperand(position, false, null, Nested(() => ParseParts(")")), false);
        }

        if (_scanner.Current is '#' or '$' || _scanner.SeesNumber())
        {
            return ParseNumberOperand(position);
        }

        var mark = _scanner.TryTake("%") ? "%" : "";
        var name = mark + _scanner.TakeName("a register, a number, a label or a place in memory", "_.");
        _scanner.SkipBlank();
        return Array.Exists(s_shifts, s => s.Equals(name, StringComparison.OrdinalIgnoreCase)) && (_scanner.Current == '#' || _scanner.SeesNumber())
            ? new ShiftOperand(position, name, ParseShiftAmount())
            : new NameOperand(position, name);
    }

    private Int128 ParseShiftAmount()
    {
        _scanner.TryTake("#");
        return _scanner.TakeNumber("an amount");
    }

    private OperandSyntax ParseNumberOperand(SourcePosition position)
    {
        var mark = _scanner.TryTake("#") ? NumberMark.Hash : _scanner.TryTake("$") ? NumberMark.Dollar : NumberMark.None;
        var number = _scanner.TakeNumber("a number");
        return mark == NumberMark.None && _scanner.TryTake("(")
            ? new MemoryOperand(position, false, number, Nested(() => ParseParts(")")), false)
            : new NumberOperand(position, mark, number);
    }

    private ImmutableArray<OperandSyntax> ParseParts(string end)
    {
        var parts = ImmutableArray.CreateBuilder<OperandSyntax>();
        do
        {
            parts.Add(ParseOperand());
        }
        while (_scanner.TryTake(",") || (_scanner.Current == '+' && _scanner.TryTake("+")));
        _scanner.Take(end, " or ','");
        return parts.ToImmutable();
    }
}
