using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

/// <summary>
/// Tokens to expressions. From loose to tight, as herd's manual and grammar have it: <c>|</c>, <c>++</c> (from the right), <c>;</c>, <c>\</c> (from the
/// left), <c>&amp;</c>, then <c>~ * + ?</c> and the product, which do not mix without parentheses, then <c>^-1</c>, then application.
/// </summary>
internal abstract partial class ExpressionParser(List<Token> tokens) : TokenReader(tokens)
{
    private static readonly (string Symbol, BinaryOperator Operator)[] s_levels =
    [
        ("|", BinaryOperator.Union), ("++", BinaryOperator.Add), (";", BinaryOperator.Sequence), ("\\", BinaryOperator.Difference),
        ("&", BinaryOperator.Intersection),
    ];

    /// <summary>What stands after <c>let</c>.</summary>
    private protected Bindings LetBindings()
    {
        var start = Take("let");
        var isRecursive = Accept("rec");
        return new(start.Position, isRecursive, Separated("and", Binding));
    }

    /// <summary>A name, <c>_</c>, or a tuple of those in parentheses.</summary>
    private protected Pattern ParameterPattern()
    {
        var start = Current.Position;
        if (!Accept("("))
        {
            return new(start, [NameOrBlank("a parameter name")]);
        }

        ImmutableArray<string?> names = Current.Is(")") ? [] : Separated(",", () => NameOrBlank("a parameter name"));
        Take(")");
        return new(start, names);
    }

    /// <summary>An expression, or several with commas between: a tuple.</summary>
    private protected ExpressionSyntax Expression()
    {
        var first = Part();
        if (!Current.Is(","))
        {
            return first;
        }

        Take(",");
        return new TupleSyntax(first.Position, [first, .. Separated(",", Part)]);
    }

    /// <summary>An expression without a comma, as in the elements of a set.</summary>
    private protected ExpressionSyntax Chain() => Chain(0);

    /// <summary>What may be an argument: a name, or something closed in itself.</summary>
    private protected ExpressionSyntax Argument() =>
        Current.Kind == TokenKind.Name ? new NameSyntax(Current.Position, TakeAny().Text) : Simple();

    private protected string? NameOrBlank(string what) => Accept("_") ? null : Expect(TokenKind.Name, what).Text;

    private Binding Binding()
    {
        var start = Current.Position;
        if (Current.Kind == TokenKind.Name && (Following.Is("(") || Following.Is("_") || Following.Kind == TokenKind.Name))
        {
            var name = new Pattern(start, [TakeAny().Text]);
            var parameter = ParameterPattern();
            Take("=");
            return new(start, name, parameter, Nested(Expression));
        }

        Pattern target;
        if (Current.Is("("))
        {
            target = ParameterPattern();
        }
        else
        {
            target = new(start, Separated(",", () => NameOrBlank("a name to define")));
        }

        Take("=");
        return new(start, target, null, Nested(Expression));
    }

    private ExpressionSyntax Part()
    {
        var start = Current;
        switch (start.Kind == TokenKind.Keyword ? start.Text : "")
        {
            case "let":
                var bindings = LetBindings();
                Take("in");
                return Nested(() => new LetSyntax(start.Position, bindings, Expression()));
            case "fun":
                Take("fun");
                var parameter = ParameterPattern();
                Take("->");
                return Nested(() => new FunctionSyntax(start.Position, parameter, Expression()));
            case "try":
                Take("try");
                var body = Nested(Expression);
                Take("with");
                return Nested(() => new TrySyntax(start.Position, body, Expression()));
            case "if":
                Take("if");
                var condition = AlternativesOf(ConditionFactor);
                Take("then");
                var then = Nested(Expression);
                Take("else");
                return Nested(() => new IfSyntax(start.Position, condition, then, Expression()));
            default:
                return Chain(0);
        }
    }

    private ExpressionSyntax Chain(int level)
    {
        if (level == s_levels.Length)
        {
            return Unary(isOperandOfTight: false);
        }

        var (symbol, op) = s_levels[level];
        var operands = Separated(symbol, () => Chain(level + 1));
        return operands.Length == 1 ? operands[0] : new ChainSyntax(operands[0].Position, op, operands);
    }

    /// <summary>A complement, or a primary with its postfixes; <c>a * b</c> as well.</summary>
    /// <param name="isOperandOfTight">Inside <c>~</c> or right of a product, where herd has no rule for another of <c>* + ?</c>.</param>
    private ExpressionSyntax Unary(bool isOperandOfTight)
    {
        if (Current.Is("~"))
        {
            var start = Take("~");
            return Loop(new UnarySyntax(start.Position, UnaryOperator.Complement, Nested(() => Unary(isOperandOfTight: true))), isOperandOfTight);
        }

        return Loop(Application(), isOperandOfTight);
    }

    private ExpressionSyntax Loop(ExpressionSyntax operand, bool isOperandOfTight)
    {
        while (true)
        {
            var token = Current;
            if (token.Is("^"))
            {
                At++;
                Take("-1");
                operand = Postfix(operand, UnaryOperator.Inverse);
            }
            else if (token.Kind == TokenKind.Symbol && token.Text is "*" or "+" or "?")
            {
                if (isOperandOfTight)
                {
                    throw Failure(
                        DiagnosticCodes.Ambiguous, token, $"expected parentheses, found '{token.Text}' after '~' or a product, which have no order among them");
                }

                At++;
                if (token.Text == "*" && StartsOperand())
                {
                    var right = Nested(() => Unary(isOperandOfTight: true));
                    operand = new ChainSyntax(operand.Position, BinaryOperator.Product, [operand, right]);
                    isOperandOfTight = true;
                }
                else
                {
                    operand = Postfix(operand, token.Text switch { "*" => UnaryOperator.Star, "+" => UnaryOperator.Plus, _ => UnaryOperator.Optional });
                }
            }
            else
            {
                return operand;
            }
        }
    }

    /// <summary>Postfixes nest as parentheses do, but to the left, where the parser itself does not recurse.</summary>
    private UnarySyntax Postfix(ExpressionSyntax operand, UnaryOperator op)
    {
        var depth = 0;
        for (var inner = operand; inner is UnarySyntax unary; inner = unary.Operand)
        {
            depth++;
        }

        return depth > DeepestNesting ? throw TooDeep() : new(operand.Position, op, operand);
    }

    private bool StartsOperand()
    {
        var token = Current;
        if (token.Is("~"))
        {
            return !(Following.Kind == TokenKind.Keyword && Following.Text is "acyclic" or "irreflexive" or "empty");
        }

        return token.Kind == TokenKind.Name || StartsSimple(token);
    }

    private static bool StartsSimple(Token token) =>
        token.Kind == TokenKind.Tag
        || (token.Kind == TokenKind.Symbol && token.Text is "(" or "[" or "_" or "0" or "{")
        || token.Is("begin");

    private ExpressionSyntax Application()
    {
        if (Current.Kind != TokenKind.Name)
        {
            return Simple();
        }

        ExpressionSyntax result = new NameSyntax(Current.Position, TakeAny().Text);
        var calls = 0;
        while (Current.Kind == TokenKind.Name || StartsSimple(Current))
        {
            if (++calls > DeepestNesting)
            {
                throw TooDeep();
            }

            result = new CallSyntax(result.Position, result, Argument());
        }

        return result;
    }

    private ExpressionSyntax Simple()
    {
        var start = Current;
        if (start.Kind == TokenKind.Tag)
        {
            At++;
            return new TagSyntax(start.Position, start.Text);
        }

        switch (start.Kind is TokenKind.Symbol or TokenKind.Keyword ? start.Text : "")
        {
            case "(":
                At++;
                if (Accept(")"))
                {
                    return new TupleSyntax(start.Position, []);
                }

                return Closed(")", Expression);
            case "begin":
                At++;
                return Closed("end", Expression);
            case "[":
                At++;
                return new IdentitySyntax(start.Position, Closed("]", Expression));
            case "{":
                At++;
                if (Accept("}"))
                {
                    return new EmptySyntax(start.Position, IsBraces: true);
                }

                return new SetSyntax(start.Position, Closed("}", () => Separated(",", Chain)));
            case "_":
                At++;
                return new UniverseSyntax(start.Position);
            case "0":
                At++;
                return new EmptySyntax(start.Position, IsBraces: false);
            case "match":
                return Nested(Match);
            default:
                throw Expected("a set or a relation");
        }
    }

    private T Closed<T>(string end, Func<T> read)
    {
        var inner = Nested(read);
        Take(end);
        return inner;
    }
}
