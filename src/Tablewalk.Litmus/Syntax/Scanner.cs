using System.Globalization;

namespace Tablewalk.Litmus.Syntax;

/// <summary>
/// A place in the text of a litmus file. The format has one set of words for its head, one for code and one for conditions, so there is
/// no list of tokens: the parser asks for what may come next. Blanks and comments (<c>(* ... *)</c>, which nest) are read over.
/// </summary>
internal sealed class Scanner(string text, string fileName)
{
    private const int ShownCharacters = 20;
    private int _line = 1;
    private int _lineStart;

    public int Offset { get; private set; }

    public bool IsAtEnd => Offset >= text.Length;

    public SourcePosition Position => new(fileName, _line, Offset - _lineStart + 1);

    public char Current => Peek(0);

    public char Peek(int ahead) => Offset + ahead < text.Length ? text[Offset + ahead] : '\0';

    public bool Sees(string word) => string.CompareOrdinal(text, Offset, word, 0, word.Length) == 0;

    public void Advance(int count = 1)
    {
        for (; count > 0 && !IsAtEnd; count--)
        {
            if (text[Offset++] == '\n')
            {
                _line++;
                _lineStart = Offset;
            }
        }
    }

    /// <summary>Goes over blanks, line ends and comments.</summary>
    public void SkipBlank()
    {
        while (!IsAtEnd)
        {
            if (Sees("(*"))
            {
                SkipComment();
            }
            else if (char.IsWhiteSpace(Current))
            {
                Advance();
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Whether a mark comes next, blanks aside; goes over it if so.</summary>
    public bool TryTake(string mark)
    {
        SkipBlank();
        if (!Sees(mark))
        {
            return false;
        }

        Advance(mark.Length);
        return true;
    }

    public void Take(string mark, string purpose = "")
    {
        if (!TryTake(mark))
        {
            throw Expected($"'{mark}'{purpose}");
        }
    }

    /// <summary>The name that comes next, blanks aside, without going over it; empty if none does.</summary>
    public string PeekName(string alsoInside = "_")
    {
        SkipBlank();
        var length = 0;
        while (char.IsAsciiLetterOrDigit(Peek(length)) || (Peek(length) != '\0' && alsoInside.Contains(Peek(length), StringComparison.Ordinal)))
        {
            length++;
        }

        return length > 0 && !char.IsAsciiDigit(Current) ? text.Substring(Offset, length) : "";
    }

    public string TakeName(string what, string alsoInside = "_")
    {
        var name = PeekName(alsoInside);
        if (name.Length == 0)
        {
            throw Expected(what);
        }

        Advance(name.Length);
        return name;
    }

    /// <summary>Whether a name comes next, in any case; goes over it if so.</summary>
    public bool TryTakeWord(string word)
    {
        if (!string.Equals(PeekName(), word, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Advance(word.Length);
        return true;
    }

    public bool SeesNumber()
    {
        SkipBlank();
        return char.IsAsciiDigit(Current) || (Current == '-' && char.IsAsciiDigit(Peek(1)));
    }

    /// <summary>A number: decimal or, after <c>0x</c>, hexadecimal; from -2^63 to 2^64 - 1.</summary>
    public Int128 TakeNumber(string what)
    {
        if (!SeesNumber())
        {
            throw Expected(what);
        }

        var start = Position;
        var isNegative = Current == '-';
        Advance(isNegative ? 1 : 0);
        var isHexadecimal = Current == '0' && Peek(1) is 'x' or 'X';
        Advance(isHexadecimal ? 2 : 0);
        var length = 0;
        while (isHexadecimal ? char.IsAsciiHexDigit(Peek(length)) : char.IsAsciiDigit(Peek(length)))
        {
            length++;
        }

        var digits = text.AsSpan(Offset, length);
        if (!UInt128.TryParse(digits, isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || (isNegative ? size > (UInt128)1 << 63 : size > ulong.MaxValue))
        {
            throw new LitmusException(new(DiagnosticCodes.BadNumber, start, $"expected {what} of at most 64 bits, found '{Shorten(digits.ToString())}'"));
        }

        Advance(length);
        return isNegative ? -(Int128)size : (Int128)size;
    }

    /// <summary>A number that is small enough to count something.</summary>
    public int TakeCount(string what, int most)
    {
        SkipBlank();
        var start = Position;
        var number = TakeNumber(what);
        return number >= 0 && number <= most
            ? (int)number
            : throw new LitmusException(new(DiagnosticCodes.BadNumber, start, $"expected {what} from 0 to {most}, found {number}"));
    }

    /// <summary>What stands between quotes.</summary>
    public string TakeQuoted()
    {
        Take("\"");
        var start = Position;
        var end = text.IndexOf('"', Offset);
        if (end < 0)
        {
            throw new LitmusException(new(DiagnosticCodes.BadToken, start, "expected a closing '\"', found the end of the file"));
        }

        var inside = text[Offset..end];
        Advance(inside.Length + 1);
        return inside;
    }

    /// <summary>The rest of the line without blanks at its ends.</summary>
    public string TakeLine()
    {
        var end = text.IndexOf('\n', Offset);
        var line = text[Offset..(end < 0 ? text.Length : end)];
        Advance(line.Length);
        return line.Trim();
    }

    /// <summary>Goes to where a mark stands, over anything.</summary>
    public bool TrySkipTo(string mark)
    {
        var at = text.IndexOf(mark, Offset, StringComparison.Ordinal);
        Advance((at < 0 ? text.Length : at) - Offset);
        return at >= 0;
    }

    public LitmusException Expected(string what) => new(new(DiagnosticCodes.Syntax, Position, $"expected {what}, found {Found()}"));

    private string Found()
    {
        if (IsAtEnd)
        {
            return "the end of the file";
        }

        var length = 0;
        while (Peek(length) != '\0' && !char.IsWhiteSpace(Peek(length)) && Peek(length) is not (';' or '|' or ',') && length < ShownCharacters)
        {
            length++;
        }

        var found = text.Substring(Offset, Math.Max(1, length));
        return char.IsControl(found[0]) ? $"the character U+{(int)found[0]:X4}" : $"'{Shorten(found)}'";
    }

    private static string Shorten(string found) => found.Length > ShownCharacters ? found[..ShownCharacters] + "..." : found;

    private void SkipComment()
    {
        var start = Position;
        var depth = 0;
        do
        {
            if (IsAtEnd)
            {
                throw new LitmusException(new(DiagnosticCodes.BadToken, start, "expected '*)' at the end of this comment, found the end of the file"));
            }

            depth += Sees("(*") ? 1 : Sees("*)") ? -1 : 0;
            Advance(Sees("(*") || Sees("*)") ? 2 : 1);
        }
        while (depth > 0);
    }
}
