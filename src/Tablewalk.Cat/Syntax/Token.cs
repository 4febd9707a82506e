namespace Tablewalk.Cat.Syntax;

internal enum TokenKind
{
    End,
    Name,
    Keyword,
    String,
    Tag,
    Symbol,
}

/// <summary>A token; <paramref name="Text"/> is its spelling, of a string what is between the quotes.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, SourcePosition Position)
{
    internal bool Is(string symbolOrKeyword) => Kind is TokenKind.Symbol or TokenKind.Keyword && Text == symbolOrKeyword;

    internal string Description => Kind switch
    {
        TokenKind.End => "the end of the file",
        TokenKind.String => $"the string \"{Text}\"",
        TokenKind.Keyword => $"the keyword '{Text}'",
        TokenKind.Tag => $"the tag ''{Text}'",
        _ => $"'{Text}'",
    };
}
