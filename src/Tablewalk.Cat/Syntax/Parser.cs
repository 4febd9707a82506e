using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

/// <summary>Tokens to a file of statements; what could not be read is reported and skipped to the next statement.</summary>
internal sealed class Parser : ExpressionParser
{
    /// <summary>Words between title and statements that herd's engine once listened to.</summary>
    private static readonly string[] s_options = ["withco", "withoutco", "withinit", "withoutinit", "withsc", "withoutsc", "catdep"];

    private Parser(List<Token> tokens)
        : base(tokens)
    {
    }

    internal static CatFile Parse(string text, string file, List<Diagnostic> diagnostics)
    {
        var parser = new Parser(Lexer.Tokens(text, file, diagnostics));
        var title = parser.Title() ?? Path.GetFileNameWithoutExtension(file);
        var options = parser.Options();
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (parser.Current.Kind != TokenKind.End)
        {
            var start = parser.At;
            try
            {
                statements.Add(parser.Statement());
            }
            catch (SyntaxException e)
            {
                diagnostics.Add(e.Diagnostic);
                parser.SkipToStatement(start);
            }
        }

        return new(title, options, statements.ToImmutable());
    }

    private string? Title()
    {
        var first = Current;
        if (first.Kind is not (TokenKind.Name or TokenKind.String) || IsOption(first))
        {
            return null;
        }

        At++;
        var isArchitecture = first.Kind == TokenKind.Name && Current.Kind is TokenKind.Name or TokenKind.String && !IsOption(Current);
        return isArchitecture ? TakeAny().Text : first.Text;
    }

    private ImmutableArray<string> Options()
    {
        var options = ImmutableArray.CreateBuilder<string>();
        while (IsOption(Current))
        {
            options.Add(TakeAny().Text);
        }

        return options.ToImmutable();
    }

    private static bool IsOption(Token token) => token.Kind == TokenKind.Name && s_options.Contains(token.Text, StringComparer.Ordinal);

    private Statement Statement()
    {
        var start = Current;
        switch (start.Kind == TokenKind.Keyword ? start.Text : start.Is("~") ? "~" : "")
        {
            case "let":
                return Let();
            case "acyclic" or "irreflexive" or "empty" or "~":
                return Test(TestRole.Check);
            case "flag":
                At++;
                return Test(TestRole.Flag);
            case "undefined_unless":
                At++;
                return Test(TestRole.UndefinedUnless);
            case "assert":
                At++;
                return Test(TestRole.Assert);
            case "include":
                At++;
                var file = Expect(TokenKind.String, "a file name in quotes");
                return new IncludeStatement(file.Position, file.Text);
            case "show" or "unshow":
                At++;
                return new ShowStatement(start.Position, start.Text == "unshow", Separated(",", () => new ShownItem(Chain(), OptionalName("a name to show it as"))));
            case "procedure":
                return Procedure();
            case "call":
                At++;
                var called = Expect(TokenKind.Name, "the name of a procedure");
                return new CallStatement(called.Position, called.Text, Argument(), OptionalName("a name for the call"));
            case "forall":
                At++;
                var variable = Expect(TokenKind.Name, "a name for the elements").Text;
                Take("in");
                var set = Expression();
                Take("do");
                return new ForallStatement(start.Position, variable, set, Block("end"));
            case "with":
                At++;
                var chosen = Expect(TokenKind.Name, "a name for the choice").Text;
                Take("from");
                return new WithStatement(start.Position, chosen, Expression());
            case "enum":
                return Enumeration();
            case "debug":
                At++;
                return new DebugStatement(start.Position, Expression());
            case "instructions" or "default":
                return Instructions();
            case "if":
                return If();
            case "match":
                return Match();
            default:
                throw Expected("'let', 'acyclic', 'irreflexive', 'empty', 'include', 'show' or another statement");
        }
    }

    private LetStatement Let()
    {
        var bindings = LetBindings();
        TestStatement? when = null;
        if (bindings.IsRecursive && Accept("when"))
        {
            when = Test(TestRole.Check);
        }

        Accept("in");
        return new(bindings.Position, bindings, when);
    }

    private TestStatement Test(TestRole role)
    {
        var start = Current.Position;
        var isNegated = Accept("~");
        ConstraintKind kind = Current.Kind == TokenKind.Keyword ? Current.Text switch
        {
            "acyclic" => ConstraintKind.Acyclic,
            "irreflexive" => ConstraintKind.Irreflexive,
            "empty" => ConstraintKind.Empty,
            _ => throw Expected("'acyclic', 'irreflexive' or 'empty'"),
        }
        : throw Expected("'acyclic', 'irreflexive' or 'empty'");
        At++;
        var body = Expression();
        return new(start, kind, isNegated, role, body, OptionalName("the constraint's name"));
    }

    private ProcedureStatement Procedure()
    {
        var start = Take("procedure");
        var isRecursive = Accept("rec");
        var name = Expect(TokenKind.Name, "a name for the procedure");
        var parameter = ParameterPattern();
        Take("=");
        return new(start.Position, name.Text, isRecursive, parameter, Block("end"));
    }

    private EnumStatement Enumeration()
    {
        Take("enum");
        var name = Expect(TokenKind.Name, "a name for the tags");
        Take("=");
        Accept("||");
        return new(name.Position, name.Text, Separated("||", () => Expect(TokenKind.Tag, "a tag").Text));
    }

    private InstructionsStatement Instructions()
    {
        var start = TakeAny();
        var set = Expect(TokenKind.Name, "the name of a set of events");
        Take("[");
        ImmutableArray<ExpressionSyntax> tags = Current.Is("]") ? [] : Separated(",", Chain);
        Take("]");
        return new(start.Position, start.Text == "default", set.Text, tags);
    }

    private IfStatement If()
    {
        var start = Take("if");
        var condition = VariantCondition();
        var then = Statements(() => Current.Is("else") || Current.Is("end"));
        ImmutableArray<Statement> otherwise = Accept("else") ? Statements(() => Current.Is("end")) : [];
        Take("end");
        return new(start.Position, condition, then, otherwise);
    }

    private MatchStatement Match()
    {
        var start = Take("match");
        var subject = Expression();
        Take("with");
        Accept("||");
        var clauses = TagClauses(() => Statements(() => Current.Is("||") || Current.Is("end")));
        Take("end");
        return new(start.Position, subject, clauses);
    }

    private ImmutableArray<Statement> Block(string end)
    {
        var statements = Statements(() => Current.Is(end));
        Take(end);
        return statements;
    }

    private ImmutableArray<Statement> Statements(Func<bool> isOver)
    {
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (!isOver())
        {
            // Its tags are parted by '||' as the clauses of a match are.
            statements.Add(Current.Is("enum") ? throw Expected("a statement other than 'enum', which stands in no other one") : Nested(Statement));
        }

        return statements.ToImmutable();
    }

    /// <summary>Moves to where the next statement seems to start, at least one token past <paramref name="failed"/>.</summary>
    private void SkipToStatement(int failed)
    {
        RecoverAt(Math.Max(At, failed + 1));
        while (Current.Kind != TokenKind.End && !(Current.Kind == TokenKind.Keyword && Current.Text is
            "let" or "include" or "show" or "unshow" or "acyclic" or "irreflexive" or "procedure" or "call" or "enum" or "flag" or "forall"))
        {
            At++;
        }
    }
}
