using System.Collections.Immutable;

namespace Tablewalk.Litmus.Syntax;

// What is asked about final states.
public sealed partial class LitmusParser
{
    private ImmutableArray<ObservedSyntax> ParseObserved()
    {
        var observed = ImmutableArray.CreateBuilder<ObservedSyntax>();
        while (_scanner.TryTakeWord("locations"))
        {
            _scanner.Take("[");
            while (!_scanner.TryTake("]"))
            {
                observed.Add(IsFaultNext() ? new(null, ParseFault()) : new(ParsePlace("a register, a location or ']'"), null));
                if (!_scanner.TryTake(";"))
                {
                    _scanner.Take("]", " or ';'");
                    break;
                }
            }
        }

        return observed.ToImmutable();
    }

    private ConditionSyntax ParseCondition()
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        var quantifier = ParseQuantifier();
        var proposition = ParseProposition();
        _scanner.TryTake(";");
        return new(position, quantifier, proposition, _scanner.TryTakeWord("with") ? ParseExpectations() : []);
    }

    private Quantifier ParseQuantifier()
    {
        if (_scanner.TryTake("~") || _scanner.TryTakeWord("not"))
        {
            return _scanner.TryTakeWord("exists") ? Quantifier.NotExists : throw _scanner.Expected("'exists'");
        }

        return _scanner.TryTakeWord("exists") ? Quantifier.Exists
            : _scanner.TryTakeWord("forall") ? Quantifier.ForAll
            : _scanner.TryTakeWord("final") ? Quantifier.Final
            : throw _scanner.Expected("a condition: exists, ~exists, forall or final");
    }

    private ImmutableArray<ModelExpectation> ParseExpectations()
    {
        var expectations = ImmutableArray.CreateBuilder<ModelExpectation>();
        while (_scanner.PeekName().Length > 0)
        {
            var position = _scanner.Position;
            var model = _scanner.TakeName("the name of a model");
            _scanner.Take(":");
            expectations.Add(new(position, model, ParseQuantifier()));
            _scanner.Take(";");
        }

        return expectations.ToImmutable();
    }

    // p => q, which binds weakest and to the right.
    private PropositionSyntax ParseProposition() => Nested(() =>
    {
        var left = ParseOr();
        _scanner.SkipBlank();
        var position = _scanner.Position;
        return _scanner.TryTake("=>") ? new ImpliesProposition(position, left, ParseProposition()) : left;
    });

    private PropositionSyntax ParseOr()
    {
        var first = ParseAnd();
        if (!_scanner.TryTake("\\/"))
        {
            return first;
        }

        var operands = ImmutableArray.CreateBuilder<PropositionSyntax>();
        operands.Add(first);
        do
        {
            operands.Add(ParseAnd());
        }
        while (_scanner.TryTake("\\/"));
        return new OrProposition(first.Position, operands.ToImmutable());
    }

    private PropositionSyntax ParseAnd()
    {
        var first = ParseUnary();
        if (!_scanner.TryTake("/\\"))
        {
            return first;
        }

        var operands = ImmutableArray.CreateBuilder<PropositionSyntax>();
        operands.Add(first);
        do
        {
            operands.Add(ParseUnary());
        }
        while (_scanner.TryTake("/\\"));
        return new AndProposition(first.Position, operands.ToImmutable());
    }

    private PropositionSyntax ParseUnary()
    {
        _scanner.SkipBlank();
        var position = _scanner.Position;
        if (_scanner.TryTake("~") || _scanner.TryTakeWord("not"))
        {
            return new NotProposition(position, Nested(ParseUnary));
        }

        if (_scanner.TryTake("("))
        {
            var inside = ParseProposition();
            _scanner.Take(")");
            return inside;
        }

        return IsFaultNext() ? ParseFault()
            : _scanner.TryTakeWord("true") ? new ConstantProposition(position, true)
            : _scanner.TryTakeWord("false") ? new ConstantProposition(position, false)
            : ParseEquality(position);
    }

    private EqualityProposition ParseEquality(SourcePosition position)
    {
        var place = ParsePlace("a register, a location, 'fault', 'not' or '('");
        var isUnequal = _scanner.TryTake("!=");
        if (!isUnequal)
        {
            _scanner.Take("=", " or '!='");
        }

        return new(position, place, !isUnequal, ParseValue());
    }

    private bool IsFaultNext() => _scanner.PeekName() is "fault" or "Fault";

    private FaultProposition ParseFault()
    {
        var position = _scanner.Position;
        _scanner.TakeName("fault");
        _scanner.Take("(");
        _scanner.TryTake("P");
        var thread = _scanner.TakeCount("the number of a thread", MostThreads);
        var label = _scanner.TryTake(":") ? _scanner.TakeName("a label") : null;
        SymbolSyntax? symbol = null;
        string? type = null;
        while (_scanner.TryTake(","))
        {
            if (type is not null)
            {
                throw _scanner.Expected("')' after the type of a fault");
            }

            var name = _scanner.PeekName("_:");
            if (name.Contains(':', StringComparison.Ordinal) || char.IsAsciiLetterUpper(name.FirstOrDefault()) && name is not ("PTE" or "TTD"))
            {
                type = _scanner.TakeName("a type of fault", "_:");
            }
            else if (symbol is null)
            {
                symbol = ParseSymbol("a location or a type of fault");
            }
            else
            {
                throw _scanner.Expected("a type of fault");
            }
        }

        _scanner.Take(")", " or ','");
        return new(position, thread, label, symbol, type);
    }
}
