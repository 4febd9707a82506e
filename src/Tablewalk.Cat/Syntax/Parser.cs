using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

/// <summary>
/// Tokens to syntax. From loose to tight, as herd's manual and grammar have it: <c>|</c>, <c>++</c>, <c>;</c>, <c>\</c> (from the left), <c>&amp;</c>,
/// then <c>~ * + ?</c> and the product, which do not mix without parentheses, then <c>^-1</c>, then application.
/// </summary>
internal sealed class Parser
{
    private const int DeepestNesting = 200;

    private static readonly (string Symbol, BinaryOperator Operator)[] s_levels =
        [("|", BinaryOperator.Union), (";", BinaryOperator.Sequence), ("\\", BinaryOperator.Difference), ("&", BinaryOperator.Intersection)];

    private readonly List<Token> _tokens;
    private readonly List<Diagnostic> _diagnostics;
    private int _at;
    private int _depth;

    private Parser(List<Token> tokens, List<Diagnostic> diagnostics) => (_tokens, _diagnostics) = (tokens, diagnostics);

    private Token Current => _tokens[_at];

    /// <summary>Reads a file; what could not be read is reported and skipped to the next statement.</summary>
    internal static CatFile Parse(string text, string file, List<Diagnostic> diagnostics)
    {
        var parser = new Parser(Lexer.Tokens(text, file, diagnostics), diagnostics);
        var title = parser.Title() ?? Path.GetFileNameWithoutExtension(file);
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (parser.Current.Kind != TokenKind.End)
        {
            var start = parser._at;
            try
            {
                if (parser.Statement() is { } statement)
                {
                    statements.Add(statement);
                }
            }
            catch (SyntaxException e)
            {
                diagnostics.Add(e.Diagnostic);
                parser.SkipToStatement(start);
            }
        }

        return new(title, statements.ToImmutable());
    }

    private string? Title()
    {
        var first = Current;
        if (first.Kind is not (TokenKind.Name or TokenKind.String))
        {
            return null;
        }

        _at++;
        if (first.Kind == TokenKind.Name && Current.Kind is TokenKind.Name or TokenKind.String)
        {
            return _tokens[_at++].Text;
        }

        return first.Text;
    }

    private Statement? Statement()
    {
        var start = Current;
        if (start.Kind == TokenKind.Keyword)
        {
            switch (start.Text)
            {
                case "let":
                    var let = Let();
                    Accept("in");
                    return let;
                case "include":
                    _at++;
                    var file = Expect(TokenKind.String, "a file name in quotes");
                    return new IncludeStatement(file.Position, file.Text);
                case "show" or "unshow":
                    SkipShow();
                    return null;
                case "flag":
                    _at++;
                    return Test(start.Position, isFlag: true);
                case "acyclic" or "irreflexive" or "empty":
                    return Test(start.Position, isFlag: false);
                default:
                    throw Failure(DiagnosticCodes.Unsupported, start, $"expected a definition or a constraint; '{start.Text}' is not supported");
            }
        }

        if (start.Is("~"))
        {
            return Test(start.Position, isFlag: false);
        }

        throw Expected("'let', 'acyclic', 'irreflexive', 'empty', 'include' or 'show'");
    }

    private LetStatement Let()
    {
        var start = Take("let");
        var isRecursive = Accept("rec");
        var bindings = ImmutableArray.CreateBuilder<Binding>();
        do
        {
            bindings.Add(Binding());
        }
        while (Accept("and"));
        if (Current.Is("when"))
        {
            throw Failure(DiagnosticCodes.Unsupported, Current, "expected a definition; 'when' is not supported");
        }

        return new(start.Position, isRecursive, bindings.ToImmutable());
    }

    private Binding Binding()
    {
        if (Current.Is("("))
        {
            throw Failure(DiagnosticCodes.Unsupported, Current, "expected a name to define, found '('; tuples are not supported");
        }

        var name = Expect(TokenKind.Name, "a name to define");
        ImmutableArray<string?>? parameters = null;
        if (Accept("("))
        {
            parameters = Current.Is(")") ? [] : Parameters();
            Take(")");
        }
        else if (Current.Kind == TokenKind.Name || Current.Is("_"))
        {
            parameters = [Parameter()];
        }

        Take("=");
        return new(name.Position, name.Text, parameters, Expression());
    }

    private ImmutableArray<string?> Parameters()
    {
        var names = ImmutableArray.CreateBuilder<string?>();
        do
        {
            names.Add(Parameter());
        }
        while (Accept(","));
        return names.ToImmutable();
    }

    private string? Parameter() => Accept("_") ? null : Expect(TokenKind.Name, "a parameter name").Text;

    private TestStatement Test(SourcePosition start, bool isFlag)
    {
        var isNegated = Accept("~");
        ConstraintKind kind = Current.Kind == TokenKind.Keyword ? Current.Text switch
        {
            "acyclic" => ConstraintKind.Acyclic,
            "irreflexive" => ConstraintKind.Irreflexive,
            "empty" => ConstraintKind.Empty,
            _ => throw Expected("'acyclic', 'irreflexive' or 'empty'"),
        }
        : throw Expected("'acyclic', 'irreflexive' or 'empty'");
        _at++;
        var body = Expression();
        var name = Accept("as") ? Expect(TokenKind.Name, "the constraint's name").Text : null;
        return new(start, kind, isNegated, isFlag, body, name);
    }

    private void SkipShow()
    {
        _at++;
        do
        {
            _ = Expression();
            if (Accept("as"))
            {
                Expect(TokenKind.Name, "a name to show it as");
            }
        }
        while (Accept(","));
    }

    private ExpressionSyntax Expression()
    {
        if (Current.Is("let"))
        {
            var let = Let();
            Take("in");
            return Nested(() => new LetSyntax(let.Position, let, Expression()));
        }

        if (Current.Kind == TokenKind.Keyword && Current.Text is "fun" or "try" or "if" or "match")
        {
            throw Failure(DiagnosticCodes.Unsupported, Current, $"expected an expression; '{Current.Text}' is not supported");
        }

        return Chain(0);
    }

    private ExpressionSyntax Chain(int level)
    {
        if (level == s_levels.Length)
        {
            return Unary(isOperandOfTight: false);
        }

        var operands = ImmutableArray.CreateBuilder<ExpressionSyntax>();
        var (symbol, op) = s_levels[level];
        do
        {
            operands.Add(Chain(level + 1));
            if (Current.Is("++"))
            {
                throw Failure(DiagnosticCodes.Unsupported, Current, "expected an operator on sets or relations; '++', on sets of sets, is not supported");
            }
        }
        while (Accept(symbol));
        return operands.Count == 1 ? operands[0] : new ChainSyntax(operands[0].Position, op, operands.ToImmutable());
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
                _at++;
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

                _at++;
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
            return !(_tokens[_at + 1].Kind == TokenKind.Keyword && _tokens[_at + 1].Text is "acyclic" or "irreflexive" or "empty");
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

        ExpressionSyntax result = new NameSyntax(Current.Position, Current.Text);
        _at++;
        var calls = 0;
        while (Current.Kind == TokenKind.Name || StartsSimple(Current))
        {
            if (++calls > DeepestNesting)
            {
                throw TooDeep();
            }

            result = new CallSyntax(result.Position, result, Arguments());
        }

        return result;
    }

    private ImmutableArray<ExpressionSyntax> Arguments()
    {
        if (!Current.Is("("))
        {
            return [Current.Kind == TokenKind.Name ? new NameSyntax(Current.Position, _tokens[_at++].Text) : Simple()];
        }

        Take("(");
        var arguments = ImmutableArray.CreateBuilder<ExpressionSyntax>();
        if (!Current.Is(")"))
        {
            do
            {
                arguments.Add(Nested(Expression));
            }
            while (Accept(","));
        }

        Take(")");
        return arguments.ToImmutable();
    }

    private ExpressionSyntax Simple()
    {
        var start = Current;
        if (Accept("("))
        {
            var inner = Nested(Expression);
            Take(")");
            return inner;
        }

        if (Accept("begin"))
        {
            var inner = Nested(Expression);
            Take("end");
            return inner;
        }

        if (Accept("["))
        {
            var set = Nested(Expression);
            Take("]");
            return new IdentitySyntax(start.Position, set);
        }

        if (Accept("{"))
        {
            return Accept("}")
                ? new EmptySyntax(start.Position)
                : throw Failure(DiagnosticCodes.Unsupported, Current, "expected '}'; sets with listed elements are not supported");
        }

        if (Accept("_"))
        {
            return new UniverseSyntax(start.Position);
        }

        if (Accept("0"))
        {
            return new EmptySyntax(start.Position);
        }

        throw start.Kind == TokenKind.Tag
            ? Failure(DiagnosticCodes.Unsupported, start, $"expected a set or a relation; tags such as ''{start.Text}' are not supported")
            : Expected("a set or a relation");
    }

    private ExpressionSyntax Nested(Func<ExpressionSyntax> read)
    {
        if (++_depth > DeepestNesting)
        {
            throw TooDeep();
        }

        var result = read();
        _depth--;
        return result;
    }

    private bool Accept(string text)
    {
        if (!Current.Is(text))
        {
            return false;
        }

        _at++;
        return true;
    }

    private Token Take(string text)
    {
        var token = Current;
        return Accept(text) ? token : throw Expected($"'{text}'");
    }

    private Token Expect(TokenKind kind, string what)
    {
        var token = Current;
        if (token.Kind != kind)
        {
            throw Expected(what);
        }

        _at++;
        return token;
    }

    /// <summary>Moves to where the next statement seems to start, at least one token past <paramref name="failed"/>.</summary>
    private void SkipToStatement(int failed)
    {
        _depth = 0;
        _at = Math.Min(Math.Max(_at, failed + 1), _tokens.Count - 1);
        while (Current.Kind != TokenKind.End
            && !(Current.Kind == TokenKind.Keyword && Current.Text is "let" or "include" or "show" or "unshow" or "acyclic" or "irreflexive"))
        {
            _at++;
        }
    }

    private SyntaxException Expected(string what) => Failure(DiagnosticCodes.Syntax, Current, $"expected {what}, found {Current.Description}");

    private SyntaxException TooDeep() =>
        Failure(DiagnosticCodes.TooLarge, Current, $"expected at most {DeepestNesting} levels of nesting, found more");

    private static SyntaxException Failure(string code, Token at, string message) => new(new(code, at.Position, message));

    /// <summary>Leaves the statement at hand; caught where statements are read, and nowhere else.</summary>
#pragma warning disable CA1032, RCS1194 // an inner control flow of this class, never seen outside
    private sealed class SyntaxException(Diagnostic diagnostic) : Exception
    {
        internal Diagnostic Diagnostic { get; } = diagnostic;
    }
#pragma warning restore CA1032, RCS1194
}
