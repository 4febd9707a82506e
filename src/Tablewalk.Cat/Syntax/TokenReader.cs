using System.Collections.Immutable;

namespace Tablewalk.Cat.Syntax;

/// <summary>What every part of the parser does with tokens: look, take, and fail with place, expected and found.</summary>
internal abstract class TokenReader(List<Token> tokens)
{
    private protected const int DeepestNesting = 200;

    private int _depth;

    private protected int At { get; set; }

    private protected Token Current => tokens[At];

    private protected Token Following => tokens[Math.Min(At + 1, tokens.Count - 1)];

    private protected Token TakeAny() => tokens[At++];

    private protected bool Accept(string text)
    {
        if (!Current.Is(text))
        {
            return false;
        }

        At++;
        return true;
    }

    private protected Token Take(string text)
    {
        var token = Current;
        return Accept(text) ? token : throw Expected($"'{text}'");
    }

    private protected Token Expect(TokenKind kind, string what)
    {
        var token = Current;
        if (token.Kind != kind)
        {
            throw Expected(what);
        }

        At++;
        return token;
    }

    private protected string? OptionalName(string what) => Accept("as") ? Expect(TokenKind.Name, what).Text : null;

    /// <summary>Items with a separator between them, at least one.</summary>
    private protected ImmutableArray<T> Separated<T>(string separator, Func<T> read)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        do
        {
            items.Add(read());
        }
        while (Accept(separator));
        return items.ToImmutable();
    }

    private protected T Nested<T>(Func<T> read)
    {
        if (++_depth > DeepestNesting)
        {
            throw TooDeep();
        }

        var result = read();
        _depth--;
        return result;
    }

    /// <summary>Goes to a token after a failure, and out of all nesting.</summary>
    private protected void RecoverAt(int at)
    {
        _depth = 0;
        At = Math.Min(at, tokens.Count - 1);
    }

    private protected SyntaxException Expected(string what) => Failure(DiagnosticCodes.Syntax, Current, $"expected {what}, found {Current.Description}");

    private protected SyntaxException TooDeep() =>
        Failure(DiagnosticCodes.TooLarge, Current, $"expected at most {DeepestNesting} levels of nesting, found more");

    private protected static SyntaxException Failure(string code, Token at, string message) => new(new(code, at.Position, message));

    /// <summary>Leaves the statement at hand; caught where statements are read, and nowhere else.</summary>
#pragma warning disable CA1032, RCS1194 // an inner control flow of the parser, never seen outside
    private protected sealed class SyntaxException(Diagnostic diagnostic) : Exception
    {
        internal Diagnostic Diagnostic { get; } = diagnostic;
    }
#pragma warning restore CA1032, RCS1194
}
