using System.Collections.Immutable;

namespace Tablewalk.Litmus.Syntax;

// The initial state, and the places and values that conditions have as well.
public sealed partial class LitmusParser
{
    private const int LongestArray = 4096;

    private ImmutableArray<InitialSyntax> ParseInitial()
    {
        _scanner.Take("{");
        var items = ImmutableArray.CreateBuilder<InitialSyntax>();
        while (!_scanner.TryTake("}"))
        {
            if (_scanner.TryTake(";"))
            {
                continue;
            }

            items.Add(ParseInitialItem());
            _scanner.SkipBlank();
            if (_scanner.Current is not (';' or '}'))
            {
                throw _scanner.Expected("';' or '}'");
            }
        }

        _scanner.TryTake(";"); // some files have one after the bracket
        return items.ToImmutable();
    }

    private InitialSyntax ParseInitialItem()
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        var type = IsTypeNext() ? ParseType() : null;
        var place = ParsePlace("a register or a location");
        int? length = null;
        if (place is MemoryPlace { Index: { } count } array && (type is not null || _scanner.Sees("={")))
        {
            (length, place) = (count, array with { Index = null }); // int x[2] declares two elements
        }

        var value = _scanner.TryTake("=") ? ParseValue() : null;
        return new(position, type, place, length, value);
    }

    // A name that another name, a thread's number or a bracketed place follows is a type.
    private bool IsTypeNext()
    {
        var name = _scanner.PeekName();
        if (name.Length == 0)
        {
            return false;
        }

        var at = name.Length;
        while (_scanner.Peek(at) is ' ' or '\t' or '*' or '\n' or '\r')
        {
            at++;
        }

        return at > name.Length && (char.IsAsciiLetterOrDigit(_scanner.Peek(at)) || _scanner.Peek(at) is '_' or '[');
    }

    private string ParseType()
    {
        var type = _scanner.TakeName("a type");
        while (_scanner.TryTake("*"))
        {
            type += "*";
        }

        return type;
    }

    private PlaceSyntax ParsePlace(string what)
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        if (TryParseThread() is { } thread)
        {
            _scanner.Take(":", " and a register after the thread");
            return new RegisterPlace(position, thread, _scanner.TakeName("a register"));
        }

        var isBracketed = _scanner.TryTake("[");
        var symbol = ParseSymbol(what);
        int? index = _scanner.TryTake("[") ? ParseIndex() : null;
        if (isBracketed)
        {
            _scanner.Take("]");
        }

        return new MemoryPlace(position, symbol, index);
    }

    private int ParseIndex()
    {
        var index = _scanner.TakeCount("an index", LongestArray);
        _scanner.Take("]");
        return index;
    }

    // "0" and "P0" where a ':' follows.
    private int? TryParseThread()
    {
        _scanner.SkipBlank();
        var at = _scanner.Current is 'P' ? 1 : 0;
        var start = at;
        while (char.IsAsciiDigit(_scanner.Peek(at)))
        {
            at++;
        }

        if (at == start || _scanner.Peek(at) != ':')
        {
            return null;
        }

        _scanner.Advance(start);
        return _scanner.TakeCount("a thread", MostThreads);
    }

    private SymbolSyntax ParseSymbol(string what)
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        var name = _scanner.TakeName(what);
        if (name is "PTE" or "TTD" or "PA" && _scanner.TryTake("("))
        {
            var inner = _scanner.TakeName("the name of a variable");
            _scanner.Take(")");
            return new(position, name == "PA" ? SymbolKind.Physical : SymbolKind.Entry, inner);
        }

        return name switch
        {
            ['p', 't', 'e', '_', .. { Length: > 0 } variable] when !char.IsAsciiDigit(variable[0]) => new(position, SymbolKind.Entry, variable),
            ['p', 'h', 'y', '_', .. { Length: > 0 } variable] when !char.IsAsciiDigit(variable[0]) => new(position, SymbolKind.Physical, variable),
            _ => new(position, SymbolKind.Variable, name),
        };
    }

    private ValueSyntax ParseValue()
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        if (TryParseThread() is { } thread)
        {
            _scanner.Take(":", " and a label after the thread");
            return new LabelValue(position, thread, _scanner.TakeName("a label"));
        }

        if (_scanner.SeesNumber())
        {
            return new NumberValue(position, _scanner.TakeNumber("a number"));
        }

        if (_scanner.TryTake("{"))
        {
            return new ListValue(position, Nested(ParseElements));
        }

        if (_scanner.TryTake("("))
        {
            return new EntryValue(position, ParseEntryFields());
        }

        _scanner.TryTake("&"); // the address of a variable, as C writes it
        if (_scanner.PeekName() is "instr" && _scanner.Peek("instr".Length) == ':')
        {
            _scanner.Advance("instr:".Length);
            return new InstructionValue(position, _scanner.TakeQuoted());
        }

        if (_scanner.PeekName() is "label" && _scanner.Peek("label".Length) == ':')
        {
            _scanner.Advance("label:".Length);
            return ParseQuotedLabel(position);
        }

        return new SymbolValue(position, ParseSymbol("a value"));
    }

    private LabelValue ParseQuotedLabel(SourcePosition position)
    {
        _scanner.Take("\"");
        var thread = TryParseThread() ?? throw _scanner.Expected("a thread and a label, such as 'P0:L1'");
        _scanner.Take(":");
        var label = _scanner.TakeName("a label");
        _scanner.Take("\"");
        return new(position, thread, label);
    }

    private ImmutableArray<ValueSyntax> ParseElements()
    {
        var elements = ImmutableArray.CreateBuilder<ValueSyntax>();
        do
        {
            elements.Add(ParseValue());
        }
        while (_scanner.TryTake(","));
        _scanner.Take("}");
        return elements.ToImmutable();
    }

    private ImmutableArray<EntryFieldSyntax> ParseEntryFields()
    {
        var fields = ImmutableArray.CreateBuilder<EntryFieldSyntax>();
        do
        {
            fields.Add(ParseEntryField());
        }
        while (_scanner.TryTake(","));
        _scanner.Take(")");
        return fields.ToImmutable();
    }

    private EntryFieldSyntax ParseEntryField()
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        var name = _scanner.TakeName("a field of an entry: oa, valid, af, db, dbm, el0 or attrs");
        _scanner.Take(":");
        switch (name)
        {
            case "oa":
                return new(position, name, new(ParseSymbol("an output address"), null, []));
            case "valid" or "af" or "db" or "dbm" or "el0":
                return new(position, name, new(null, _scanner.TakeCount($"{name}", 1), []));
            case "attrs":
                return new(position, name, new(null, null, ParseAttributes()));
            default:
                throw new LitmusException(new(
                    DiagnosticCodes.Syntax, position, $"expected a field of an entry: oa, valid, af, db, dbm, el0 or attrs, found '{name}'"));
        }
    }

    private ImmutableArray<string> ParseAttributes()
    {
        var attributes = ImmutableArray.CreateBuilder<string>();
        var isBracketed = _scanner.TryTake("(");
        do
        {
            attributes.Add(_scanner.TakeName("a memory attribute", "_-"));
        }
        while (isBracketed && _scanner.TryTake(","));
        if (isBracketed)
        {
            _scanner.Take(")");
        }

        return attributes.ToImmutable();
    }
}
