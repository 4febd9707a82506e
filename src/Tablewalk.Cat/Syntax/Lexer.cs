namespace Tablewalk.Cat.Syntax;

/// <summary>
/// Text to tokens. Names start with a letter (or <c>_</c> and a letter), go on with letters, digits, <c>_ . -</c>, and may end in one prime.
/// Comments are <c>(* ... *)</c>, nested, and from <c>//</c> or <c>#</c> to the end of the line.
/// </summary>
internal sealed class Lexer
{
    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal)
    {
        "let", "rec", "and", "when", "acyclic", "irreflexive", "show", "unshow", "empty", "subset", "as", "fun", "in", "undefined_unless", "flag",
        "include", "begin", "end", "procedure", "call", "enum", "debug", "match", "with", "forall", "from", "do", "try", "if", "then", "else",
        "instructions", "default", "assert",
    };

    /// <summary>Longer symbols before their beginnings.</summary>
    private static readonly string[] s_symbols =
        ["||", "&&", "++", "->", "-1", "(", ")", "{", "}", "[", "]", "0", "|", "&", "*", "~", "+", "^", "\\", "?", "=", ";", ","];

    private readonly string _text;
    private readonly string _file;
    private readonly List<Diagnostic> _diagnostics;
    private int _at;
    private int _line = 1;
    private int _lineStart;

    private Lexer(string text, string file, List<Diagnostic> diagnostics) => (_text, _file, _diagnostics) = (text, file, diagnostics);

    private SourcePosition Here => new(_file, _line, _at - _lineStart + 1);

    internal static List<Token> Tokens(string text, string file, List<Diagnostic> diagnostics)
    {
        var lexer = new Lexer(text, file, diagnostics);
        var tokens = new List<Token>();
        do
        {
            tokens.Add(lexer.Next());
        }
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private Token Next()
    {
        while (true)
        {
            SkipBlanks();
            var start = Here;
            if (_at >= _text.Length)
            {
                return new(TokenKind.End, "", start);
            }

            if (Name() is { } name)
            {
                return new(s_keywords.Contains(name) ? TokenKind.Keyword : TokenKind.Name, name, start);
            }

            if (_text[_at] == '_')
            {
                _at++;
                return new(TokenKind.Symbol, "_", start);
            }

            if (_text[_at] == '"')
            {
                if (QuotedOrNull(start) is { } quoted)
                {
                    return new(TokenKind.String, quoted, start);
                }

                continue;
            }

            if (_text[_at] == '\'')
            {
                _at++;
                if (Name() is { } tag)
                {
                    return new(TokenKind.Tag, tag, start);
                }

                _at--;
            }
            else if (Array.Find(s_symbols, s => string.CompareOrdinal(_text, _at, s, 0, s.Length) == 0) is { } symbol)
            {
                _at += symbol.Length;
                return new(TokenKind.Symbol, symbol, start);
            }

            Report(start, $"expected a name, a string or an operator, found {Printable(_text[_at])}");
            _at++;
        }
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] == '\n')
            {
                EndLine();
            }
            else if (char.IsWhiteSpace(_text[_at]) || _text[_at] == '\uFEFF')
            {
                _at++;
            }
            else if (_text[_at] == '#' || LooksAt("//"))
            {
                var end = _text.IndexOf('\n', _at);
                _at = end < 0 ? _text.Length : end;
            }
            else if (LooksAt("(*"))
            {
                SkipComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipComment()
    {
        var start = Here;
        var depth = 0;
        while (_at < _text.Length)
        {
            if (LooksAt("(*"))
            {
                (depth, _at) = (depth + 1, _at + 2);
            }
            else if (LooksAt("*)"))
            {
                (depth, _at) = (depth - 1, _at + 2);
                if (depth == 0)
                {
                    return;
                }
            }
            else if (_text[_at] == '\n')
            {
                EndLine();
            }
            else
            {
                _at++;
            }
        }

        Report(start, "expected '*)' to end this comment, found the end of the file");
    }

    private string? Name()
    {
        var end = _at;
        if (end < _text.Length && _text[end] == '_')
        {
            end++;
        }

        if (end >= _text.Length || !char.IsAsciiLetter(_text[end]))
        {
            return null;
        }

        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '_' or '.' or '-'))
        {
            end++;
        }

        if (end < _text.Length && _text[end] == '\'')
        {
            end++;
        }

        var name = _text[_at..end];
        _at = end;
        return name;
    }

    private string? QuotedOrNull(SourcePosition start)
    {
        var end = _text.AsSpan(_at + 1).IndexOfAny('"', '\n');
        if (end < 0 || _text[_at + 1 + end] == '\n')
        {
            Report(start, "expected '\"' to end this string, found the end of the line");
            _at = end < 0 ? _text.Length : _at + 1 + end;
            return null;
        }

        var text = _text.Substring(_at + 1, end);
        _at += end + 2;
        return text;
    }

    private bool LooksAt(string s) => string.CompareOrdinal(_text, _at, s, 0, s.Length) == 0;

    private void EndLine()
    {
        _at++;
        _line++;
        _lineStart = _at;
    }

    private void Report(SourcePosition at, string message) => _diagnostics.Add(new(DiagnosticCodes.BadToken, at, message));

    private static string Printable(char c) => c is > ' ' and < '\x7f' ? $"'{c}'" : $"the character U+{(int)c:X4}";
}
